"""Do-not-call registries as files: one bit for each possible number, immutable, checked. No Django (docs/adr/0007)."""
