"""Negotiations over a price, terms or a private offer."""
