"""A campaign's day, drawn with a seed and driven by the same pacers as the real ones."""
