"""What must hold: after every step, and once everything has come to rest.

The letters are those of docs/settlement: L the books, O orders, P payouts, W messages, J jobs, M metered
use, A auctions. Each law is computed anew from rows, beside what the rooms keep themselves.
"""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Count, F, Q, Sum

from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Auction
from exchange.core.models import OutboxJob
from exchange.core.outbox_lifecycle import OutboxState
from exchange.ledger import checks
from exchange.ledger.models import ExternalRef
from exchange.metering import bills
from exchange.metering.models import UsageBill, UsageDay, UsageEvent
from exchange.orders.lifecycle import ENDED
from exchange.payments import chart, reconciliation
from exchange.payments.card_lifecycle import SavedCardState
from exchange.payments.gateway.sandbox.models import Line, Thing
from exchange.payments.lifecycle import (
    ChargebackState,
    DifferenceKind,
    PaymentState,
    PayoutState,
    RefundState,
    WithdrawalState,
)
from exchange.payments.models import (
    CardTopUp,
    Chargeback,
    Difference,
    Document,
    Payment,
    Payout,
    PayoutHold,
    ProviderEvent,
    Refund,
    SavedCard,
    Settlement,
    SettlementShare,
    Withdrawal,
)
from tests.factories.payments import on
from tests.simulation.world import CNY, World

LOST = ChargebackState.LOST
GONE = (RefundState.SUCCEEDED, RefundState.SET_OFF)
UNDECIDED = [ChargebackState.OPENED, ChargebackState.EVIDENCE_SENT]

QUICK = """
    SELECT 'L1: debits and credits differ in ' || currency FROM ledger_account GROUP BY currency
    HAVING sum(dr_minor) <> sum(cr_minor)
        OR sum(dr_pending_minor) <> sum(cr_pending_minor)
    UNION ALL
    SELECT 'L3: ' || code || ' is below zero' FROM ledger_account
    WHERE (guard = 1 AND dr_minor + dr_pending_minor > cr_minor)
        OR (guard = 2 AND cr_minor + cr_pending_minor > dr_minor)
    UNION ALL
    SELECT 'O3: more given back than was received: ' || public_id FROM payments_payment
    WHERE refunded_minor > amount_minor OR (refunded_minor > 0 AND received_at IS NULL)
    UNION ALL
    SELECT 'O3: a share below zero in settlement ' || settlement_id FROM payments_settlementshare
    WHERE refunded_minor > amount_minor OR refunded_minor < 0
    UNION ALL
    SELECT 'P2: two transfers for ' || "group" FROM payment_sandbox_thing WHERE kind = 'transfer'
    GROUP BY "group" HAVING count(*) > 1
    UNION ALL
    SELECT 'W2: two refunds for ' || (body #>> '{metadata,refund}') FROM payment_sandbox_thing
    WHERE kind = 'refund' AND body ->> 'status' <> 'failed' AND body #>> '{metadata,refund}' IS NOT NULL
    GROUP BY body #>> '{metadata,refund}' HAVING count(*) > 1
    UNION ALL
    SELECT 'O1: two payments received for order ' || order_id FROM payments_payment
    WHERE received_at IS NOT NULL GROUP BY order_id HAVING count(*) > 1
"""


def after_step() -> list[str]:
    """What is wrong now: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(QUICK)
        return [str(row[0]) for row in cursor.fetchall()]


def at_rest(world: World) -> list[str]:
    """What is wrong once all work is done."""
    return [
        *_books(), *_orders(), *_payouts(), *_held_payouts(), *_cards(), *_saved_cards(), *_work(), *_use(),
        *_sales(), *_provider(world),
    ]  # fmt: skip


def _books() -> Iterator[str]:
    for finding in checks.run().findings:
        for one in finding.differences:
            yield f"{finding.law}: {one.subject}: {one.detail}"


def _orders() -> Iterator[str]:
    """O1, O3, O4, O6: captured = held + released + given back of the sale; what is settled holds nothing."""
    for payment in Payment.objects.select_related("order"):
        if payment.received_at is not None:
            yield from _received(payment)
        elif payment.state == PaymentState.CANCELLED:
            held = on(chart.escrow(payment.order.public_id))
            if held and not Payment.objects.filter(order=payment.order, received_at__isnull=False):
                yield f"O1: {held} held for {payment.order.public_id}, whose payment is cancelled"
    for payment in Payment.objects.filter(order__state__in=ENDED, state=PaymentState.WAITING):
        yield f"O1: {payment.public_id} waits for an order that has ended"
    yield from _kept_by_exchange()
    yield from _lost_by_exchange()
    goodwill = sum(Refund.objects.values_list("exchange_minor", flat=True))
    if on(chart.goodwill(CNY)) != goodwill:
        yield f"O6: {goodwill} of goodwill given, the books say {on(chart.goodwill(CNY))}"


def _kept_by_exchange() -> Iterator[str]:
    """O6: the books hold the tax and the fee of all that was settled, less what of them went back; the fee's own
    tax is apart from both."""
    if Chargeback.objects.filter(state__in=UNDECIDED).exists():
        return
    kept = Settlement.objects.aggregate(
        tax=Sum(F("tax_minor") - F("tax_refunded_minor"), default=0),
        fee=Sum(F("fee_minor") - F("fee_refunded_minor"), default=0),
        fee_tax=Sum(F("fee_tax_minor") - F("fee_tax_refunded_minor"), default=0),
    )
    wanted = (kept["tax"], kept["fee_tax"], kept["fee"] - kept["fee_tax"])
    booked = (on(chart.tax(CNY)), on(chart.fee_tax(CNY)), on(chart.fee(CNY)))
    if booked != wanted:
        yield f"O6: tax and fee of settlements are {wanted}, the books say {booked}"


def _lost_by_exchange() -> Iterator[str]:
    """O7: the exchange bears of a lost chargeback what was refunded besides, and nothing that a refund still
    holds."""
    lost = Chargeback.objects.filter(state=LOST)
    borne = sum(one.uncovered.minor for one in lost)
    if on(chart.bad_debt(CNY)) != borne:
        yield f"O7: {borne} is lost by chargebacks, the books say {on(chart.bad_debt(CNY))}"
    for one in lost.filter(payment__refunds__state=RefundState.FAILED).distinct():
        if one.uncovered.minor:
            yield f"O7: {one.public_id} is borne by the exchange, and a refund of its payment failed"


def _received(payment: Payment) -> Iterator[str]:
    """What came for one order, and where it is."""
    name, held = payment.order.public_id, on(chart.escrow(payment.order.public_id))
    refunds = list(Refund.objects.filter(payment=payment))
    every = sum(one.amount_minor for one in refunds)
    if payment.refunded_minor != every:
        yield f"O3: {name}: {payment.refunded_minor} refunded, refunds are {every}"
    gone = sum(_has_left(one, escrow=chart.escrow(name)) for one in refunds)
    of_sale = sum(one.of_sale.minor for one in refunds)
    taken = {
        state: sum(
            one.of_sale.minor
            for one in Chargeback.objects.filter(payment=payment, state__in=states)
        )
        for state, states in (("lost", [LOST]), ("open", UNDECIDED))
    }
    settlement = Settlement.objects.filter(order=payment.order).first()
    if settlement is None:
        if payment.amount_minor != held + gone + taken["lost"]:
            yield f"O1: {name} received {payment.amount_minor}, holds {held}, gave {gone}"
        return
    back = settlement.tax_refunded_minor + settlement.fee_refunded_minor
    back += settlement.shares.aggregate(s=Sum("refunded_minor"))["s"] or 0
    if held > of_sale - gone + taken["open"]:
        yield f"O4: {held} still held for {name}, which is settled"
    if back != of_sale + taken["lost"] + taken["open"]:
        yield f"O3: {name}: parts gave {back}, refunds are {of_sale}, chargebacks {taken}"
    if not taken["open"]:
        yield from _documented(payment, settlement, of_sale + taken["lost"])


def _has_left(refund: Refund, *, escrow: str) -> int:
    """What a refund took of what is held: all once it is given, or where it was set aside elsewhere."""
    if refund.state in GONE or refund.source != escrow:
        return refund.of_sale.minor
    return refund.set_off_minor


def _documented(payment: Payment, settlement: Settlement, of_sale: int) -> Iterator[str]:
    """The credit notes say what was given back, with its tax to the unit."""
    notes = [
        one.content for one in Document.objects.filter(order=payment.order, kind="credit_note")
    ]
    if sum(note["total_minor"] for note in notes) != of_sale:
        yield f"O3: {payment.order.public_id}: credit notes differ from {of_sale}"
    if sum(note["tax_minor"] for note in notes) != settlement.tax_refunded_minor:
        yield f"O6: {payment.order.public_id}: the tax of its credit notes is not what went back"
    for note in notes:
        if note["net_minor"] + note["tax_minor"] + note["rounding_minor"] != note["total_minor"]:
            yield f"O6: a credit note of {payment.order.public_id} does not sum"


def _payouts() -> Iterator[str]:
    """P1, P2: never more than was earned, and none is left half way."""
    sent = Q(state__in=[PayoutState.SENT, PayoutState.PAID])
    for row in Payout.objects.filter(sent).values("organisation").annotate(s=Sum("amount_minor")):
        earned = SettlementShare.objects.filter(organisation=row["organisation"])
        total = earned.aggregate(s=Sum("amount_minor"))["s"] or 0
        if row["s"] > total:
            yield f"P1: {row['organisation']} was paid {row['s']} and earned {total}"
    for payout in Payout.objects.filter(state__in=[PayoutState.PROMISED, PayoutState.FAILED]):
        yield f"P2: {payout.public_id} is left {payout.state}"
    turned_back = Thing.objects.filter(kind="payout", body__status="failed").values_list("group")
    for payout in Payout.objects.filter(public_id__in=turned_back):
        if payout.state != PayoutState.RETURNED:
            yield f"P1: {payout.public_id} was turned back and is {payout.state}"


def _held_payouts() -> Iterator[str]:
    """P3: nothing is promised while the seller's payouts are held."""
    for hold in PayoutHold.objects.all():
        within = Payout.objects.filter(
            organisation=hold.organisation, currency=hold.currency, created_at__gt=hold.held_at
        ).exclude(state=PayoutState.REFUSED)
        if hold.released_at is not None:
            within = within.filter(created_at__lt=hold.released_at)
        for payout in within:
            yield f"P3: {payout.public_id} was promised although {hold.public_id} held it"


def _cards() -> Iterator[str]:
    """W1, P2: what a card has given to a wallet is there, went back or was taken back."""
    for top_up in CardTopUp.objects.exclude(received_at=None):
        sent = Withdrawal.objects.filter(top_up=top_up, state=WithdrawalState.SENT)
        total = sum(sent.values_list("amount_minor", flat=True))
        if top_up.refunded_minor != total:
            yield f"W1: {top_up.public_id}: {top_up.refunded_minor} sent back, withdrawals are {total}"
        if top_up.refunded_minor + top_up.disputed_minor > top_up.amount_minor:
            yield f"W1: more than was paid has left {top_up.public_id}"
    for asked in Withdrawal.objects.filter(top_up__isnull=False, state=WithdrawalState.PROMISED):
        yield f"P2: {asked.public_id} is neither at the card nor back"


def _saved_cards() -> Iterator[str]:
    """W1, J1: whoever has cards has a default, no attempt on one is left open, and none waits for a payment that has
    ended."""
    for payment in Payment.objects.filter(is_trying=True):
        yield f"J1: an attempt for {payment.public_id} is left open"
    for card in SavedCard.objects.filter(state=SavedCardState.ASKED, payment__isnull=False):
        if card.payment and card.payment.state in {PaymentState.RECEIVED, PaymentState.CANCELLED}:
            yield f"W1: {card.public_id} is to be saved with a payment that has ended"
    for owner in SavedCard.objects.filter(state=SavedCardState.SAVED).values("organisation"):
        if not SavedCard.objects.filter(is_default=True, **owner).exists():
            yield f"W1: {owner['organisation']} has cards and no default"


def _work() -> Iterator[str]:
    """J1, W2: every promise is kept, every message that came was dealt with."""
    left = OutboxJob.objects.exclude(state=OutboxState.DONE).exclude(
        topic="catalog.product.indexed"
    )
    for job in left:
        yield f"J1: {job.topic} {job.dedupe_key} is {job.state}: {job.last_error}"
    for event in ProviderEvent.objects.filter(state="received"):
        yield f"W2: {event.kind} {event.event_id} came and nobody dealt with it"


def _use() -> Iterator[str]:
    """M1, M2, M4: what is billed is what was used, and a bill that is closed keeps its bytes."""
    used = UsageEvent.objects.aggregate(s=Sum("quantity"))["s"] or 0
    counted = UsageDay.objects.aggregate(s=Sum("quantity"))["s"] or 0
    if used != counted:
        yield f"M1: {used} used, {counted} counted by day"
    for bill in UsageBill.objects.filter(final_at__isnull=False).select_related("period"):
        if bytes(bill.document) != bills.drawn(bill.period).content:
            yield f"M4: bill {bill.public_id} drawn again is another"


def _sales() -> Iterator[str]:
    """A1: one winner at most, and no deposit of a loser is kept."""
    many = Auction.objects.filter(kind__in=[Kind.ENGLISH, Kind.FIRST_PRICE, Kind.SECOND_PRICE])
    for auction in many.annotate(winners=Count("awards")).filter(winners__gt=1):
        yield f"A1: {auction.winners} winners of {auction.public_id}"


def _provider(world: World) -> Iterator[str]:
    """P4, P5: every line of the provider is in the books once, and nothing else is."""
    report = reconciliation.reconcile(currency=CNY, now=world.now, whole=True)
    for one in report.found:
        yield f"P5: {one.kind} {one.subject} {one.amount} {one.detail}"
    lines = Line.objects.filter(account="")
    facts = ExternalRef.objects.filter(psp="test").count()
    if facts != lines.count() + lines.filter(fee__gt=0).count():
        yield f"P5: {lines.count()} lines of the provider, {facts} facts of the books"
    for intent in Thing.objects.filter(kind="payment_intent", body__status="requires_capture"):
        yield f"O1: {intent.pk} is authorised, and neither taken nor let go"
    for open_one in Difference.objects.filter(closed_at=None, kind=DifferenceKind.PROVIDER_ONLY):
        yield f"P5: open difference {open_one.subject}"
