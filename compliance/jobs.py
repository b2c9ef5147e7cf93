"""Names of this app's tasks."""

MANAGE_PARTITIONS = "compliance.manage_partitions"
CLOSE_DAYS = "compliance.close_days"
