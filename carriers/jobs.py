"""Names of this app's tasks."""

PURGE_INBOX = "carriers.purge_inbox"
