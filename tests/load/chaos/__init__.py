"""Calls while processes are killed and webhooks get lost: `make chaos-calls`."""
