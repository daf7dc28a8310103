"""The desk with all its tables; importing them registers them."""

from exchange.console.desk import imports, money, products, sales
from exchange.console.desk.site import desk

__all__ = ["desk", "imports", "money", "products", "sales"]
