"""What documents that can be computed again need: numbers as text, and the first field that differs."""

from collections.abc import Mapping
from typing import Any

from pricing.charges.exact import refuse
from pricing.documents import canonical
from pricing.refusals import PricingRefusal

SHOWN_MAX = 80
DEPTH_MAX = 20


def as_text(value: object) -> Any:
    """JSON values with every number as text, so that bytes do not depend on how it was read."""
    if isinstance(value, Mapping):
        return {str(key): as_text(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_text(entry) for entry in value]
    return value if value is None or isinstance(value, str | bool) else str(value)


def in_name_order(value: object, depth: int = 0) -> Any:
    """JSON values with every object's fields by name: the order of writing says nothing in JSON.

    So ties in a split go by the party's name, and a document read back gives the same bytes. Raises
    BadValue for a document nested more than twenty deep.
    """
    if depth > DEPTH_MAX:
        refuse("document", "nested deeper", f"at most {DEPTH_MAX} levels")
    if isinstance(value, Mapping):
        return {key: in_name_order(value[key], depth + 1) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [in_name_order(entry, depth + 1) for entry in value]
    return value


def check_unchanged(
    given: Mapping[str, Any], again: Mapping[str, Any], differs: type[PricingRefusal]
) -> None:
    """Raise `differs` for the first field that is not what computing it again gives."""
    for name in sorted(set(again) | set(given)):
        if name in given and name in again and canonical(given[name]) == canonical(again[name]):
            continue
        raise differs(
            f"The field {name} is not what the rest of the document gives.",
            field=name,
            value=str(given.get(name))[:SHOWN_MAX],
            accepted=str(again.get(name))[:SHOWN_MAX],
        )
