"""Whoever reads pages and says what they mean."""
