"""Pacers on simulated campaigns, with bounds no pacer can pass."""
