"""The compliance officer's pages, by subject."""
