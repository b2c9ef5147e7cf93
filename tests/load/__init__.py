"""Measurements run by hand; their figures stand in docs/measurements.md."""
