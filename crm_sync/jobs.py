"""Names of this app's tasks."""

PUSH_DUE = "crm_sync.push_due"
FREE_STUCK = "crm_sync.free_stuck"
IMPORT_LIST = "crm_sync.import_list"
