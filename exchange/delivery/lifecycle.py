"""The lifecycle of an entitlement as a table, and the forms in which tables are fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.delivery.models import Comparison, Entitlement


class EntitlementState(TextChoices):
    """Where an entitlement stands."""

    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")


class EntitlementTransition(TextChoices):
    """What can happen to an entitlement."""

    GRANT = "grant", _("Granted")
    SUSPEND = "suspend", _("Suspended")
    RESUME = "resume", _("Resumed")
    REVOKE = "revoke", _("Revoked")
    EXPIRE = "expire", _("Expired")
    DELIVER_ANEW = "deliver_anew", _("Delivered again")
    EXTEND = "extend", _("Extended")


class ComparisonState(TextChoices):
    """Where a comparison of what was delivered with what was promised stands."""

    ASKED = "asked", _("Waiting to be read")
    READING = "reading", _("Being read")
    MADE = "made", _("Made")
    FAILED = "failed", pgettext_lazy("comparison", "Failed")


class ComparisonTransition(TextChoices):
    """What can happen to a comparison."""

    ASK = "ask", _("Asked for")
    BEGIN = "begin", _("Reading begun")
    MAKE = "make", _("Made")
    FAIL = "fail", pgettext_lazy("comparison", "Failed")


class Form(TextChoices):
    """In which form a table is downloaded."""

    ORIGINAL = "original", _("Original file")
    PARQUET = "parquet", _("Parquet")
    CSV = "csv", _("CSV")


S, X = EntitlementState, EntitlementTransition
ENTITLEMENT: Lifecycle[Entitlement] = Lifecycle(
    "delivery.entitlement",
    S,
    title=_("Entitlement"),
    start=S.ACTIVE,
    transitions=(
        Transition(X.GRANT, NEW, S.ACTIVE, event="delivery.entitlement.granted"),
        Transition(
            X.SUSPEND, S.ACTIVE, S.SUSPENDED, needs_reason=True,
            event="delivery.entitlement.suspended",
        ),
        Transition(
            X.RESUME, S.SUSPENDED, S.ACTIVE, needs_reason=True,
            event="delivery.entitlement.resumed",
        ),
        Transition(
            X.REVOKE, (S.ACTIVE, S.SUSPENDED, S.EXPIRED), S.REVOKED, needs_reason=True,
            event="delivery.entitlement.revoked",
        ),
        Transition(
            X.EXPIRE, (S.ACTIVE, S.SUSPENDED), S.EXPIRED, event="delivery.entitlement.expired"
        ),
        Transition(
            X.DELIVER_ANEW, (S.ACTIVE, S.EXPIRED), S.ACTIVE,
            event="delivery.entitlement.delivered_anew",
        ),
        Transition(
            X.EXTEND, (S.ACTIVE, S.EXPIRED), S.ACTIVE, event="delivery.entitlement.extended"
        ),
    ),
    when_due={S.ACTIVE: X.EXPIRE, S.SUSPENDED: X.EXPIRE},
    live=False,
)  # fmt: skip

C, Y = ComparisonState, ComparisonTransition
COMPARISON: Lifecycle[Comparison] = Lifecycle(
    "delivery.comparison",
    C,
    title=_("Delivery beside the promise"),
    start=C.ASKED,
    transitions=(
        Transition(Y.ASK, NEW, C.ASKED, event="delivery.comparison.asked"),
        # From READING: a worker begins anew what one that vanished had begun.
        Transition(Y.BEGIN, (C.ASKED, C.READING), C.READING),
        Transition(Y.MAKE, C.READING, C.MADE, event="delivery.comparison.made"),
        Transition(
            Y.FAIL, C.READING, C.FAILED, needs_reason=True, event="delivery.comparison.failed"
        ),
    ),
    live=False,
)
