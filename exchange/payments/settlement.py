"""What becomes of an order's money at its end: shared out, made available to its sellers, given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import structlog
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit import log
from exchange.catalog.buyable import has_part
from exchange.catalog.models import Sharing as Agreement
from exchange.catalog.royalties import Upstream, upstream_of
from exchange.catalog.sharing import frozen_sharing
from exchange.core.calendar import add_working_days
from exchange.core.lifecycle import Doer
from exchange.core.rules import rule
from exchange.core.use_case import use_case
from exchange.ledger import books
from exchange.ledger.entries import Entry, EntryRequest, Posting
from exchange.members import standing
from exchange.members.standing import Business
from exchange.orders.models import Order
from exchange.payments import chart, fees, invoices, refunds
from exchange.payments.allocation import RefundAllocation, Split, split
from exchange.payments.chart import Chart
from exchange.payments.distribution_lifecycle import RELEASED
from exchange.payments.errors import NotPaid
from exchange.payments.fees import FeeSchedule
from exchange.payments.lifecycle import ChargebackState
from exchange.payments.models import Chargeback, Document, Refund, Settlement, SettlementShare
from pricing.money import Money
from pricing.worth.proceeds import Cost, Fee, Terms
from pricing.worth.shares import fixed_shares

SCOPE = "payments.settlement"
CLEARING_SCOPE = "payments.clearing"
CLEARING_DAYS = "settlement.clearing_days"
BATCH_MAX = 500
HUNDRED = Decimal(100)
PARTS_OF_PERCENT = 10_000

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Party:
    """Who shares. `percent` is of what is left after the first amounts; `first_minor` is taken before, of a
    sale in the currency of the shares, and is at most `first_percent_max` of its net."""

    organisation: Organisation
    percent: Decimal = HUNDRED
    first_minor: int = 0
    first_percent_max: Decimal = HUNDRED

    @property
    def weight(self) -> int:
        """The percentage in whole ten-thousandths."""
        return int(self.percent * PARTS_OF_PERCENT)


@dataclass(frozen=True)
class Sharing:
    """The parties of an order's money in the order in which ties are broken. `currency` is that of first
    amounts, `agreement` names what was frozen; both are empty where the seller keeps all. `upstream` are
    those who get royalties, which come before all first amounts. `by_month`: what is settled is available once
    the parties have confirmed the distribution of its month."""

    parties: tuple[Party, ...]
    currency: str = ""
    agreement: str = ""
    upstream: Upstream | None = None
    by_month: bool = False

    def waterfall(self, fee: Fee, *, net: Money) -> Terms:
        """The rule of `pricing` for a sale."""
        currency = net.currency
        firsts = self.parties if currency == self.currency else ()
        royalties = self.upstream.of(net) if self.upstream else {}
        return Terms(
            shares=fixed_shares({_name(one): f"{one.percent / HUNDRED:f}" for one in self.parties}),
            fee=fee,
            costs=[
                *(Cost(owner, amount) for owner, amount in royalties.items() if amount.minor),
                *(
                    Cost(
                        _name(one),
                        Money(one.first_minor, currency),
                        Fraction(one.first_percent_max) / 100,
                    )
                    for one in firsts
                    if one.first_minor
                ),
            ],
        )


def _name(party: Party) -> str:
    return party.organisation.public_id


def shared_by(agreement: Agreement | None, *, seller: Organisation, at: datetime) -> Sharing:
    """Who shares by an agreement, with royalties as they go upstream at a moment; the seller alone without one.
    The seller comes first, whatever it gets."""
    if agreement is None:
        return Sharing((Party(seller),))
    parties = [
        Party(row.organisation, row.percent, row.first_minor, row.first_percent_max)
        for row in agreement.parties.all()
        if has_part(row) or row.organisation_id == seller.pk
    ]
    upstream = upstream_of(agreement, at=at)
    known = {party.organisation.pk for party in parties}
    owners = upstream.owners if upstream else ()
    parties += [Party(owner, Decimal(0)) for owner in owners if owner.pk not in known]
    return Sharing(
        tuple(parties), agreement.currency, agreement.public_id, upstream, agreement.by_month
    )


def settle(order: Order, *, actor: Doer, now: datetime) -> Settlement:
    """Share out what is held for a locked order: tax, service fee, the sellers' parts.

    The fee is by the schedule of the day on which the order was placed, and the parties those of its
    terms. What was refunded before stands beside each part, and is not shared out. The sellers may have
    their money after the clearing time. Settling again gives the first settlement. Raises NotPaid unless
    exactly the order's total less those refunds is held, and PartyNotInStanding while a party is
    suspended: the money stays held until that is lifted.
    """
    done = settlement_of(order, lock=True)
    if done is not None:
        return done
    standing.check(order.seller_id, order.buyer_id, business=Business.OWED)
    accounts = Chart(currency=order.currency, actor=actor, now=now)
    fees_then, among = fees.schedule_of(order), sharing_of(order)
    parts = _split(order, fees_then, among)
    given = _given_before(order, parts)
    held = books.available(chart.escrow(order.public_id), order.currency)
    left = parts.less(given)
    if held != left.gross or order.total.minor == 0:
        raise NotPaid(
            _("The money of this order is not held in full."),
            held_minor=held.minor,
            expected_minor=left.gross.minor,
        )
    settlement = _write(order, parts, given, among, fees_then, actor=actor, now=now)
    _share_out(order, left, among.parties, accounts)
    # A series is locked after the accounts.
    receivers = [party.organisation for party in among.parties]
    invoices.issue_statements(settlement, receivers, actor=actor, now=now)
    log.record(
        event="payments.settlement.made",
        actor=actor.name,
        subject=f"settlement:{settlement.public_id}",
        facts=_facts(settlement),
        at=now,
    )
    return settlement


def settle_with_invoice(order: Order, *, actor: Doer, now: datetime) -> Document:
    """Share out what is held for a locked order, and give the buyer its invoice, with the credit notes
    of what was refunded before."""
    settle(order, actor=actor, now=now)
    invoice = invoices.issue_invoice(order, actor=actor, now=now)
    for taken in refunds_before(order):
        if isinstance(taken, Refund) or taken.state == ChargebackState.LOST:
            invoices.issue_credit_note(order, refund=taken, actor=actor, now=now)
    return invoice


def split_of(order: Order) -> Split:
    """How an order's money is shared out at its release: frozen with the order."""
    return _split(order, fees.schedule_of(order), sharing_of(order))


def _split(order: Order, schedule: FeeSchedule, among: Sharing) -> Split:
    waterfall = among.waterfall(schedule.fee_in(order.currency), net=order.net)
    return split(net=order.net, tax=order.tax, terms=waterfall)


def part_of(order: Order, organisation_id: int) -> Money:
    """What a party gets of the money that is held for an order, after what was given back of it before."""
    among = sharing_of(order)
    parts = _split(order, fees.schedule_of(order), among)
    left = parts.less(_given_before(order, parts))
    found = zip(among.parties, left.shares, strict=True)
    mine = [share for party, share in found if party.organisation.pk == organisation_id]
    return mine[0] if mine else Money(0, order.currency)


def sharing_of(order: Order) -> Sharing:
    """Who shares an order's money: by its frozen terms, upstream as it was when it was placed."""
    agreement = frozen_sharing(order.terms["shares"]) if "shares" in order.terms else None
    return shared_by(agreement, seller=order.seller, at=order.created_at)


def parties_of(order: Order) -> tuple[Party, ...]:
    """The same, in the order of the parts."""
    return sharing_of(order).parties


def _given_before(order: Order, parts: Split) -> RefundAllocation:
    """What each part gave back while the money was held."""
    given = parts.untouched
    for refund in refunds_before(order):
        given += refunds.allocation_of(refund, shares_count=len(parts.shares))
    return given


def refunds_before(order: Order) -> list[Refund | Chargeback]:
    """What an order that is not settled gave or sets aside, the oldest first: refunds, and chargebacks that
    are not won. A refund that failed counts: its money stays set aside until it is tried again."""
    refunded = Refund.objects.filter(payment__order=order).order_by("pk")
    charged = Chargeback.objects.filter(payment__order=order).exclude(state=ChargebackState.WON)
    return [*refunded, *charged.order_by("pk")]


def settlement_of(order: Order, *, lock: bool = False) -> Settlement | None:
    """The order's settlement, if it was settled."""
    rows = Settlement.objects.select_related("buyer", "seller").filter(order=order)
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    return rows.first()


def clearing_moment(now: datetime) -> datetime:
    """When what is settled now may be paid out: as the day after the last clearing day begins."""
    days = rule(key=CLEARING_DAYS, at=now).as_int()
    if not days:
        return now
    today = timezone.localtime(now).date()
    last = add_working_days(today, days, counting_start=False).day
    return timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))


def _write(
    order: Order,
    parts: Split,
    given: RefundAllocation,
    among: Sharing,
    fees_then: FeeSchedule,
    *,
    actor: Doer,
    now: datetime,
) -> Settlement:
    """The settlement with its shares. The database refuses parts that do not sum."""
    settlement = Settlement.objects.create(
        order=order,
        title=order.title,
        buyer=order.buyer,
        seller=order.seller,
        currency=parts.gross.currency,
        gross_minor=parts.gross.minor,
        tax_minor=parts.tax.minor,
        fee_minor=parts.fee.minor,
        fee_tax_minor=parts.fee_tax.minor,
        pool_minor=parts.pool.minor,
        tax_refunded_minor=given.tax.minor,
        fee_refunded_minor=given.fee.minor,
        fee_tax_refunded_minor=given.fee_tax.minor,
        fee_rate=fees_then.rate,
        rule_version=fees_then.source,
        document=_document(order, parts, given, among, fees_then),
        by=actor.name,
        settled_at=now,
        clears_at=clearing_moment(now),
        by_month=among.by_month,
    )
    SettlementShare.objects.bulk_create(
        SettlementShare(
            settlement=settlement,
            position=position,
            organisation=party.organisation,
            weight=party.weight,
            currency=share.currency,
            amount_minor=share.minor,
            refunded_minor=refunded.minor,
        )
        for position, (party, share, refunded) in enumerate(
            zip(among.parties, parts.shares, given.shares, strict=True)
        )
    )
    return settlement


def _share_out(order: Order, left: Split, among: Sequence[Party], accounts: Chart) -> None:
    source = accounts.escrow(order)
    steps: list[Entry] = [
        EntryRequest(
            debit=source, credit=accounts.pending(party.organisation), amount=share, kind="share"
        )
        for party, share in zip(among, left.shares, strict=True)
        if share.minor
    ]
    # What every order touches comes last, so that it is locked for the shortest time.
    if left.tax.minor:
        steps.append(EntryRequest(debit=source, credit=accounts.tax(), amount=left.tax, kind="tax"))
    of_fee = (
        (accounts.fee_tax, left.fee_tax, "fee_tax"),
        (accounts.fee, left.fee - left.fee_tax, "fee"),
    )
    steps += [
        EntryRequest(debit=source, credit=account(), amount=part, kind=kind)
        for account, part, kind in of_fee
        if part.minor
    ]
    if not steps:  # all of it is with the payer's bank
        return
    accounts.post(
        Posting(
            scope=SCOPE,
            key=f"{order.public_id}:release",
            kind="payments.order.released",
            transfers=steps,
            subject=f"order:{order.public_id}",
        )
    )


def clear_due(*, actor: Doer, now: datetime) -> int:
    """Make what has cleared available, each settlement in a transaction of its own; say how many. Those of
    suspended owners, and those of months that are not confirmed, are left out here, too, so that they keep no
    other one waiting."""
    resting = SettlementShare.objects.filter(
        organisation__in=standing.suspended().values("organisation")
    )
    due = Settlement.objects.filter(
        Q(by_month=False) | Q(distribution__state__in=RELEASED),
        cleared_at=None, clears_at__lte=now, disputed_at=None,
    )  # fmt: skip
    due = due.exclude(Exists(resting.filter(settlement=OuterRef("pk"))))
    cleared = 0
    for settlement in due.select_related("order").order_by("clears_at", "pk")[:BATCH_MAX]:
        try:
            cleared += _clear(settlement.order, actor=actor, now=now)
        except Exception:
            logger.exception("payments.clearing.stuck", settlement=settlement.public_id)
    return cleared


@use_case()
def _clear(order: Order, *, actor: Doer, now: datetime) -> bool:
    settlement = settlement_of(order, lock=True)
    if settlement is None or settlement.cleared_at or settlement.disputed_at:
        return False
    if not settlement.is_confirmed:
        return False
    shares = settlement.shares.select_related("organisation").order_by("position")
    owners = {share.organisation_id for share in shares}
    if standing.are(owners, Business.OWED) != owners:  # it clears once that is lifted
        return False
    accounts = Chart(currency=settlement.currency, actor=actor, now=now)
    steps: list[Entry] = []
    for share in shares:
        left = Money(share.amount_minor - share.refunded_minor, share.currency)
        steps += _passing_on(accounts, share.organisation, left)
    settlement.cleared_at = now
    settlement.save(update_fields=["cleared_at"])
    log.record(
        event="payments.settlement.cleared",
        actor=actor.name,
        subject=f"settlement:{settlement.public_id}",
        facts={"order": order.public_id},
        at=now,
    )
    if steps:
        accounts.post(
            Posting(
                scope=CLEARING_SCOPE,
                key=order.public_id,
                kind="payments.seller.cleared",
                transfers=steps,
                subject=f"order:{order.public_id}",
            )
        )
    return True


def _passing_on(accounts: Chart, seller: Organisation, left: Money) -> list[Entry]:
    """From pending to available, after what the seller owes us."""
    code = chart.receivable(seller.public_id, accounts.currency)
    kept = min(accounts.balance(code), left)
    free = left - kept
    source = accounts.pending(seller)
    steps: list[Entry] = []
    if kept.minor:
        steps.append(EntryRequest(debit=source, credit=accounts.receivable(seller), amount=kept))
    if free.minor:
        steps.append(EntryRequest(debit=source, credit=accounts.available(seller), amount=free))
    return steps


def _document(
    order: Order,
    parts: Split,
    given: RefundAllocation,
    among: Sharing,
    fees_then: FeeSchedule,
) -> dict[str, Any]:
    return {
        "format": "assay.settlement/2",
        "order": order.public_id,
        "terms": order.terms_hash,
        "currency": order.currency,
        "gross_minor": parts.gross.minor,
        "tax_minor": parts.tax.minor,
        "fee_minor": parts.fee.minor,
        "fee_tax_minor": parts.fee_tax.minor,
        "fee_rule": fees_then.source,
        **fees_then.facts_in(order.currency),
        "refunded_minor": given.of_sale.minor,
        "tax_refunded_minor": given.tax.minor,
        "fee_refunded_minor": given.fee.minor,
        "fee_tax_refunded_minor": given.fee_tax.minor,
        **({"sharing": among.agreement} if among.agreement else {}),
        **({"by_month": True} if among.by_month else {}),
        "shares": [
            {
                "party": invoices.party(party.organisation),
                "weight": party.weight,
                "percent": f"{party.percent.normalize():f}",
                "first_minor": first.minor,
                "amount_minor": share.minor,
                "refunded_minor": refunded.minor,
            }
            for party, first, share, refunded in zip(
                among.parties, parts.firsts, parts.shares, given.shares, strict=True
            )
        ],
    }


def _facts(settlement: Settlement) -> dict[str, str]:
    return {
        "order": settlement.order.public_id,
        "currency": settlement.currency,
        "gross_minor": str(settlement.gross_minor),
        "tax_minor": str(settlement.tax_minor),
        "fee_minor": str(settlement.fee_minor),
        "fee_tax_minor": str(settlement.fee_tax_minor),
        "pool_minor": str(settlement.pool_minor),
        "fee_rule": settlement.rule_version,
    }
