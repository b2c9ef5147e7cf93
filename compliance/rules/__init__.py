"""The rules: pure functions from facts to a decision. Nothing here imports Django, reads a clock or touches a database."""
