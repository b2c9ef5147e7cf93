"""The demo's people; shown on the sign-in page in demo mode only."""

DEMO_PASSWORD = "parley-demo-2026"  # noqa: S105 - printed on the demo's own sign-in page
DEMO_LOGINS = [
    {"username": "rosa", "password": DEMO_PASSWORD, "role": "Agent"},
    {"username": "jonas", "password": DEMO_PASSWORD, "role": "Agent"},
    {"username": "mona", "password": DEMO_PASSWORD, "role": "Campaign manager"},
    {"username": "sol", "password": DEMO_PASSWORD, "role": "Supervisor"},
    {"username": "rhea", "password": DEMO_PASSWORD, "role": "Researcher"},
    {"username": "cora", "password": DEMO_PASSWORD, "role": "Compliance officer"},
    {"username": "ada", "password": DEMO_PASSWORD, "role": "Administrator"},
]
