"""Entitlements, for whoever policy has let through."""

from datetime import datetime

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.delivery.errors import (
    EntitlementExpired,
    EntitlementNotBegun,
    EntitlementRevoked,
    EntitlementSuspended,
)
from exchange.delivery.models import Delivery, Entitlement
from exchange.delivery.states import EntitlementState


def entitlements_of(organisation_id: int) -> QuerySet[Entitlement]:
    """What the organisation may fetch or could once, newest first."""
    return (
        Entitlement.objects.filter(organisation_id=organisation_id)
        .select_related("product", "product__seller", "organisation")
        .order_by("-id")
    )


def entitlement_of(organisation_id: int | None, public_id: str) -> Entitlement:
    """One of the organisation's entitlements. Raises NotFound for anybody else's."""
    found = (
        None
        if organisation_id is None
        else entitlements_of(organisation_id).filter(public_id=public_id).first()
    )
    if found is None:
        raise NotFound(_("There is no such purchase."))
    return found


def entitlement_of_order(order_ref: str) -> Entitlement | None:
    """The entitlement that an order brought, if it did."""
    return Entitlement.objects.filter(order_ref=order_ref).select_related("product").first()


def check_open(entitlement: Entitlement, *, at: datetime) -> None:
    """Raise the refusal that says why the entitlement opens nothing at this moment, if it does not."""
    if entitlement.state == EntitlementState.REVOKED:
        raise EntitlementRevoked(
            _("The right to this data was taken back: %(reason)s") % {"reason": entitlement.reason},
            reason=entitlement.reason,
        )
    if entitlement.state == EntitlementState.SUSPENDED:
        raise EntitlementSuspended(
            _("The right to this data rests for the moment: %(reason)s")
            % {"reason": entitlement.reason},
            reason=entitlement.reason,
        )
    until = entitlement.valid_until
    if entitlement.state == EntitlementState.EXPIRED or (until is not None and until <= at):
        raise EntitlementExpired(
            _("The right to this data has ended. Buy or renew it to go on."),
            valid_until=None if until is None else until.isoformat(),
        )
    if at < entitlement.valid_from:
        raise EntitlementNotBegun(
            _("The right to this data begins later."),
            valid_from=entitlement.valid_from.isoformat(),
        )


def deliveries_of(entitlement: Entitlement) -> dict[tuple[int, int], Delivery]:
    """What was fetched already, by the numeric ids of revision and table."""
    rows = Delivery.objects.filter(entitlement=entitlement)
    return {(row.revision_id, row.table_id): row for row in rows}


def tables_fetched(order_ref: str) -> int:
    """How many tables were fetched under what the order gave."""
    return Delivery.objects.filter(entitlement__order_ref=order_ref).count()


def bytes_sent(entitlement: Entitlement) -> int:
    """How much was sent under the entitlement in all."""
    total = Delivery.objects.filter(entitlement=entitlement).aggregate(sum=Sum("bytes_sent"))
    return int(total["sum"] or 0)
