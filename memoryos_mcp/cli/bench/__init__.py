"""Measurements of the whole: recall on real conversations, scale, start-up. Nothing here is needed to serve."""
