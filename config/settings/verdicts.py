"""How long verdicts are kept."""

from config import env

# Years after the end of its month a verdict is kept; the law asks for five (16 CFR 310.5), core/checks.py refuses less.
VERDICT_RETENTION_YEARS = env.env_int("PARLEY_VERDICT_RETENTION_YEARS", 6)
