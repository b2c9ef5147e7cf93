"""Names of this app's tasks."""

APPLY_IMPORT = "campaigns.apply_import"
RESUME_IMPORTS = "campaigns.resume_imports"
RELEASE_CALLBACKS = "campaigns.release_callbacks"
TRY_IMPORT = "campaigns.try_import"
FOLLOW_SEGMENTS = "campaigns.follow_segments"
RUN_BULK = "campaigns.run_bulk"
FIND_DUPLICATES = "campaigns.find_duplicates"
MERGE_SURE = "campaigns.merge_sure"
MAIL_NOTICES = "campaigns.mail_notices"
RUN_LOOKUP = "campaigns.run_lookup"
KEEP_TIMES = "campaigns.keep_times"
KEEP_QUICK = "campaigns.keep_quick_fields"

PACER_TOPIC = "pacer"  # of hints to look at a campaign now: core.realtime

LONG_WORK = frozenset({RUN_BULK})  # core.background jobs of the pages of this app
LONG_DUPLICATES = frozenset(
    {FIND_DUPLICATES, MERGE_SURE}
)  # those of the pages about people who are there twice
