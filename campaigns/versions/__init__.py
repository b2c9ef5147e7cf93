"""What a campaign's setup consists of, how two setups differ, and when a change takes effect. Pure."""
