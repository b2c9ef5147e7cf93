"""Names of this app's tasks."""

MANAGE_PARTITIONS = "compliance.manage_partitions"
RUN_REPLAY = "compliance.run_replay"
IMPORT_REGISTRY = "compliance.import_registry"
LONG_WORK = frozenset({RUN_REPLAY, IMPORT_REGISTRY})
CLOSE_DAYS = "compliance.close_days"
