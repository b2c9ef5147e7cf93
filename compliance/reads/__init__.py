"""Reads for the officer's lists: dataclasses, keyset pages, a fixed number of queries each. Nothing here writes."""
