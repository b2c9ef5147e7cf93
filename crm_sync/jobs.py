"""Names of this app's tasks."""

PUSH_DUE = "crm_sync.push_due"
FREE_STUCK = "crm_sync.free_stuck"
POLL_LISTS = "crm_sync.poll_lists"
FORGET_OLD = "crm_sync.forget_old"
RECONCILE = "crm_sync.reconcile"
RECONCILE_ALL = "crm_sync.reconcile_all"
IMPORT_LIST = "crm_sync.import_list"
