"""What if: stored facts decided again under changed rules. See docs/adr/0008."""
