"""The desk with all its tables; importing them registers them."""

from exchange.console.desk import imports, money, palette, products, sales, stock
from exchange.console.desk.site import desk
from exchange.console.saved_views import keep_views_in

keep_views_in(desk)

__all__ = ["desk", "imports", "money", "palette", "products", "sales", "stock"]
