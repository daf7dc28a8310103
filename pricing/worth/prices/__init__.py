"""Prices of what a buyer learns: cells, views, bundles, versions, privacy budgets."""
