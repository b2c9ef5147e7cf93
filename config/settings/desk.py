"""The agents' desk: when a page counts as gone, and how long somebody whose agent's line broke off is kept."""

from config import env

# Without a sign of life from the agent's page for so long they are away: no card, no call of the dialer comes to them.
DESK_AWAY_SECONDS = env.env_float("PARLEY_DESK_AWAY_SECONDS", 30.0)
# Still without one after this, a card goes back to the list and the agent is signed off; never during a call.
DESK_SIGN_OFF_SECONDS = env.env_float("PARLEY_DESK_SIGN_OFF_SECONDS", 75.0)
# An agent's line broke off in mid-call: so long the person waits for the same agent, then for any free one, and in all this long.
LOST_LINE_RETURN_SECONDS = env.env_float("PARLEY_LOST_LINE_RETURN_SECONDS", 20.0)
LOST_LINE_WAIT_SECONDS = env.env_float("PARLEY_LOST_LINE_WAIT_SECONDS", 120.0)
