"""Public ids. They are made in `accounts`, which may not look up to here, and are the same everywhere."""

from accounts.ids import PublicIdField, new_id

__all__ = ["PublicIdField", "new_id"]
