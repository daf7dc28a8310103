"""Settlements: written once at the release, cleared once, their refunds counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.payments.errors import SharesMalformed
from exchange.payments.models import Settlement, SettlementShare
from exchange.payments.splitting import GivenBack, Split
from pricing.money import MINOR_MAX

PARTIES_MAX = 50


@dataclass(frozen=True)
class Party:
    """Who shares, and in which proportion."""

    organisation: Organisation
    weight: int


@dataclass(frozen=True)
class Trade:
    """What is settled: the order, its parties, the rule that fixed the fee."""

    order_ref: str
    title: str
    buyer: Organisation
    seller: Organisation
    fee_rate: Decimal
    rule_version: str


def parties(*, seller: Organisation, frozen: Sequence[Mapping[str, Any]]) -> list[Party]:
    """The parties of an order's frozen shares, or its seller alone. Raises SharesMalformed."""
    if not frozen:
        return [Party(seller, 1)]
    known = Organisation.objects.in_bulk(
        [str(row.get("organisation")) for row in frozen], field_name="public_id"
    )
    found = [
        Party(known[row["organisation"]], row["weight"])
        for row in frozen
        if row.get("organisation") in known and _is_weight(row.get("weight"))
    ]
    named = {party.organisation.pk for party in found}
    if len(found) != len(frozen) or len(named) != len(found) or len(found) > PARTIES_MAX:
        raise SharesMalformed(
            _("Each share names one party and a whole weight."), maximum=PARTIES_MAX
        )
    if not any(party.weight for party in found):
        raise SharesMalformed(_("At least one share must be above zero."))
    return found


def _is_weight(value: object) -> bool:
    return type(value) is int and 0 <= value <= MINOR_MAX


def write(
    *,
    trade: Trade,
    split: Split,
    among: Sequence[Party],
    document: Mapping[str, Any],
    actor: str,
    now: datetime,
    clears_at: datetime,
) -> Settlement:
    """Write the settlement with its shares. The database refuses parts that do not sum."""
    settlement = Settlement.objects.create(
        order_ref=trade.order_ref,
        title=trade.title,
        buyer=trade.buyer,
        seller=trade.seller,
        currency=split.gross.currency,
        gross_minor=split.gross.minor,
        tax_minor=split.tax.minor,
        fee_minor=split.fee.minor,
        pool_minor=split.pool.minor,
        fee_rate=trade.fee_rate,
        rule_version=trade.rule_version,
        document=dict(document),
        by=actor,
        settled_at=now,
        clears_at=clears_at,
    )
    SettlementShare.objects.bulk_create(
        SettlementShare(
            settlement=settlement,
            position=position,
            organisation=party.organisation,
            weight=party.weight,
            currency=share.currency,
            amount_minor=share.minor,
        )
        for position, (party, share) in enumerate(zip(among, split.shares, strict=True))
    )
    return settlement


def locked(order_ref: str) -> Settlement | None:
    """The order's settlement, locked, if it was settled."""
    return (
        Settlement.objects.select_for_update(no_key=True, of=("self",))
        .select_related("buyer", "seller")
        .filter(order_ref=order_ref)
        .first()
    )


def count_refund(*, settlement: Settlement, given: GivenBack) -> None:
    """Write down what each part gives back. The database refuses more than a part got."""
    settlement.tax_refunded_minor += given.tax.minor
    settlement.fee_refunded_minor += given.fee.minor
    settlement.save(update_fields=["tax_refunded_minor", "fee_refunded_minor"])
    for share, part in zip(settlement.shares.order_by("position"), given.shares, strict=True):
        if part.minor:
            SettlementShare.objects.filter(pk=share.pk).update(
                refunded_minor=F("refunded_minor") + part.minor
            )


def clear(*, settlement: Settlement, now: datetime) -> None:
    """Its sellers may have their money."""
    settlement.cleared_at = now
    settlement.save(update_fields=["cleared_at"])
