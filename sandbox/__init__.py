"""Stand-ins for the vendors Parley talks to: HTTP servers that share no code with it."""
