"""Personal values that have not been erased."""

from exchange.audit.models import Disclosure


def values_of(public_id: str) -> dict[str, str]:
    """The values behind a record's commitments, by field; what was erased is absent."""
    return dict(
        Disclosure.objects.filter(record__public_id=public_id).values_list("field", "value")
    )
