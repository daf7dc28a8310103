"""Metered usage: what was used, what it costs, its receipts."""
