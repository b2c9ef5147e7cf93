"""Names of this app's tasks."""

APPLY_IMPORT = "campaigns.apply_import"
RESUME_IMPORTS = "campaigns.resume_imports"
TRY_IMPORT = "campaigns.try_import"
