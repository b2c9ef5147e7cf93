"""Names of this app's tasks."""

APPLY_IMPORT = "campaigns.apply_import"
RESUME_IMPORTS = "campaigns.resume_imports"
RELEASE_CALLBACKS = "campaigns.release_callbacks"
