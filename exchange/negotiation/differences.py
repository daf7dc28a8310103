"""What one proposal changes of the terms of the one before."""

from collections.abc import Mapping
from typing import Any


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Field by field, `{"field", "before", "after"}`, in the order of the fields' names."""
    return [
        {"field": field, "before": before.get(field), "after": after.get(field)}
        for field in sorted(before.keys() | after.keys())
        if before.get(field) != after.get(field)
    ]
