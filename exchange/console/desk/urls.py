"""The desk with all its tables; importing them registers them."""

from exchange.console.desk import money, products, sales
from exchange.console.desk.site import desk

__all__ = ["desk", "money", "products", "sales"]
