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
# (number, place): the caller ids of the demo; the sandbox carrier is told the same numbers by config/run.py.
DEMO_CALLER_IDS = [
    ("+14075550100", "Orlando"),
    ("+12125550100", "New York"),
    ("+13125550100", "Chicago"),
    ("+13035550100", "Denver"),
    ("+12065550100", "Seattle"),
    ("+17135550100", "Houston"),
]
