"""What becomes of an order's money at its end: shared out, invoiced, or given back."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.audit.actions import log
from exchange.core.queries.calendar import add_working_days
from exchange.core.queries.rules import rule
from exchange.flows import invoices, refunds
from exchange.flows.settlement_books import Chart, balance
from exchange.flows.settlement_books import available as available_on
from exchange.ledger import books
from exchange.ledger.entries import Entry, Move, Posting
from exchange.orders.models import Order
from exchange.payments import chart as codes
from exchange.payments.actions import settlements as acts
from exchange.payments.actions.documents import party
from exchange.payments.errors import NothingRefundable, NotPaid
from exchange.payments.models import Document, Refund, Settlement, SettlementShare
from exchange.payments.splitting import GivenBack, Split, give_back, split
from pricing.money import Money

SCOPE = "payments.settlement"
FEE_RATE = "fee.service_rate"
CLEARING_DAYS = "settlement.clearing_days"

issue_invoice = invoices.issue_invoice
issue_credit_note = invoices.issue_credit_note


@transaction.atomic
def settle(*, order: Order, actor: str, now: datetime) -> Settlement:
    """Share out what is held for a locked order: tax, service fee, the sellers' parts.

    The fee rate is that of the day on which the order was placed, and the parties those of its
    terms. The sellers may have their money after the clearing time. Settling again gives the first
    settlement. Raises NotPaid unless exactly the order's total is held.
    """
    done = acts.locked(order.public_id)
    if done is not None:
        return done
    held = balance(codes.escrow(order.public_id), order.currency)
    if held != order.total or held.minor == 0:
        raise NotPaid(
            _("The money of this order is not held in full."),
            held_minor=held.minor,
            expected_minor=order.total_minor,
        )
    rate = rule(key=FEE_RATE, at=order.created_at)
    among = acts.parties(seller=order.seller, frozen=order.terms.get("shares", []))
    parts = split(
        gross=order.total,
        tax=order.tax,
        fee_rate=rate.as_decimal(),
        weights=[one.weight for one in among],
    )
    settlement = acts.write(
        trade=acts.Trade(
            order_ref=order.public_id,
            title=order.title,
            buyer=order.buyer,
            seller=order.seller,
            fee_rate=rate.as_decimal(),
            rule_version=rate.version,
        ),
        split=parts,
        among=among,
        document=_document(order, parts, among, rate.version),
        actor=actor,
        now=now,
        clears_at=clearing_moment(now),
    )
    invoices.issue_statement(settlement=settlement, actor=actor, now=now)
    _share_out(order, parts, among, actor=actor, now=now)
    log.record(
        event="payments.settlement.made",
        actor=actor,
        subject=f"settlement:{settlement.public_id}",
        facts=_facts(settlement),
        at=now,
    )
    return settlement


def clearing_moment(now: datetime) -> datetime:
    """When what is settled now may be paid out: as the day after the last clearing day begins."""
    days = rule(key=CLEARING_DAYS, at=now).as_int()
    if not days:
        return now
    today = timezone.localtime(now).date()
    last = add_working_days(today, days, counting_start=False).day
    return timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))


def _share_out(
    order: Order, parts: Split, among: Sequence[acts.Party], *, actor: str, now: datetime
) -> None:
    chart = Chart(currency=order.currency, actor=actor, now=now)
    source = chart.escrow(order.public_id, buyer=order.buyer)
    steps: list[Entry] = [
        Move(debit=source, credit=chart.pending(one.organisation), amount=share, kind="share")
        for one, share in zip(among, parts.shares, strict=True)
        if share.minor
    ]
    # What every order touches comes last, so that it is locked for the shortest time.
    if parts.tax.minor:
        steps.append(Move(debit=source, credit=chart.tax(), amount=parts.tax, kind="tax"))
    if parts.fee.minor:
        steps.append(Move(debit=source, credit=chart.fee(), amount=parts.fee, kind="fee"))
    books.post(
        Posting(
            scope=SCOPE,
            key=f"{order.public_id}:release",
            kind="payments.order.released",
            transfers=steps,
            subject=f"order:{order.public_id}",
        ),
        actor=actor,
        now=now,
    )


@transaction.atomic
def refund(
    *, order: Order, reason: str, actor: str, now: datetime, amount: Money | None = None
) -> Refund:
    """Give the buyer of a locked order money back: all that is left, or `amount` of it.

    Before the release it comes from what is held, and only in full. Afterwards every part gives in
    proportion to what it still has, and a credit note corrects the invoice. Raises NotPaid and
    NothingRefundable.
    """
    payment = refunds.locked_payment(order.public_id)
    if payment is None:
        raise NotPaid(_("Nothing was paid for this order."), order=order.public_id)
    settlement = acts.locked(order.public_id)
    wanted = payment.refundable if amount is None else amount
    if settlement is None:
        if wanted != payment.refundable or not wanted.minor:
            raise NothingRefundable(
                _("Before the release an order is refunded in full."),
                refundable_minor=payment.refundable.minor,
                currency=payment.currency,
            )
        return refunds.promise(payment=payment, amount=wanted, reason=reason, actor=actor, now=now)
    shares = list(settlement.shares.select_related("organisation").order_by("position"))
    if not 0 < wanted.minor <= payment.refundable.minor:
        raise NothingRefundable(
            _("At most %(amount)s can be refunded.") % {"amount": payment.refundable},
            refundable_minor=payment.refundable.minor,
            currency=payment.currency,
        )
    given = give_back(
        refund=wanted,
        tax_left=Money(settlement.tax_minor - settlement.tax_refunded_minor, order.currency),
        fee_left=Money(settlement.fee_minor - settlement.fee_refunded_minor, order.currency),
        shares_left=[Money(s.amount_minor - s.refunded_minor, s.currency) for s in shares],
    )
    acts.count_refund(settlement=settlement, given=given)
    made = refunds.promise(
        payment=payment,
        amount=wanted,
        reason=reason,
        actor=actor,
        now=now,
        taken_from=_taken_from(settlement, shares, given, actor=actor, now=now),
    )
    issue_credit_note(order=order, refund=made, given=given, actor=actor, now=now)
    return made


def _taken_from(
    settlement: Settlement,
    shares: Sequence[SettlementShare],
    given: GivenBack,
    *,
    actor: str,
    now: datetime,
) -> list[tuple[str, Money]]:
    """Which accounts give how much. What a seller was paid already, it owes us."""
    chart = Chart(currency=settlement.currency, actor=actor, now=now)
    found: list[tuple[str, Money]] = []
    for share, part in zip(shares, given.shares, strict=True):
        if settlement.cleared_at is None:
            found.append((chart.pending(share.organisation), part))
            continue
        code = chart.available(share.organisation)
        there = min(part, available_on(code, settlement.currency))
        found += [(code, there), (chart.receivable(share.organisation), part - there)]
    found += [(chart.tax(), given.tax), (chart.fee(), given.fee)]
    return [(code, part) for code, part in found if part.minor]


def statement_of(order_ref: str) -> Document | None:
    """The settlement statement of an order."""
    return Document.objects.filter(kind="statement", order_ref=order_ref).first()


def _document(
    order: Order, parts: Split, among: Sequence[acts.Party], rule_version: str
) -> dict[str, Any]:
    return {
        "format": "assay.settlement/1",
        "order": order.public_id,
        "terms": order.terms_hash,
        "currency": order.currency,
        "gross_minor": parts.gross.minor,
        "tax_minor": parts.tax.minor,
        "fee_minor": parts.fee.minor,
        "fee_rule": rule_version,
        "shares": [
            {
                "party": party(one.organisation),
                "weight": one.weight,
                "amount_minor": share.minor,
            }
            for one, share in zip(among, parts.shares, strict=True)
        ],
    }


def _facts(settlement: Settlement) -> dict[str, str]:
    return {
        "order": settlement.order_ref,
        "currency": settlement.currency,
        "gross_minor": str(settlement.gross_minor),
        "tax_minor": str(settlement.tax_minor),
        "fee_minor": str(settlement.fee_minor),
        "pool_minor": str(settlement.pool_minor),
        "fee_rule": settlement.rule_version,
    }
