"""The lifecycle of an entitlement, and the forms in which tables are fetched."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.moves import lifecycle


class EntitlementState(TextChoices):
    """Where an entitlement stands."""

    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")


class Form(TextChoices):
    """In which form a table is downloaded."""

    ORIGINAL = "original", _("Original file")
    PARQUET = "parquet", _("Parquet")
    CSV = "csv", _("CSV")


S = EntitlementState
ENTITLEMENT_MOVES: Mapping[EntitlementState, frozenset[EntitlementState]] = lifecycle(
    name="delivery.entitlement",
    title=_("Entitlement"),
    start=S.ACTIVE,
    moves={
        S.ACTIVE: frozenset({S.SUSPENDED, S.REVOKED, S.EXPIRED}),
        S.SUSPENDED: frozenset({S.ACTIVE, S.REVOKED, S.EXPIRED}),
        S.REVOKED: frozenset(),
        S.EXPIRED: frozenset({S.REVOKED}),
    },
)
