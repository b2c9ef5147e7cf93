"""Stand-in for a small CRM as many are: a REST API without ids of others' and without times of change."""
