"""Buying: the checkout, orders and what a reader does on one, limits and discounts."""
