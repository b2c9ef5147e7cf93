"""Names of this app's tasks."""

APPLY_IMPORT = "campaigns.apply_import"
RESUME_IMPORTS = "campaigns.resume_imports"
FOLLOW_SEGMENTS = "campaigns.follow_segments"
RUN_BULK = "campaigns.run_bulk"

LONG_WORK = frozenset({RUN_BULK})  # core.background jobs of the pages of this app
