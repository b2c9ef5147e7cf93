"""Names of this app's tasks."""

MAKE_PACK = "evidence.make_pack"
LONG_WORK = frozenset({MAKE_PACK})
