"""Benches: what the product does, measured, beside what others do."""
