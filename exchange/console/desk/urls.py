"""The desk with all its tables; importing them registers them."""

from exchange.console.desk import products
from exchange.console.desk.site import desk

__all__ = ["desk", "products"]
