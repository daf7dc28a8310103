"""Money, uses and papers of the town: what has come in, what waits for an operator, what was issued."""

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from accounts.organisations import Profile
from exchange.asset_sales.models import Document as SaleDocument
from exchange.auctions import bidding
from exchange.audit import log
from exchange.audit.models import Record
from exchange.audit.sequencer import sequence_batch
from exchange.catalog import flags, questions, sharing
from exchange.catalog.models import Product
from exchange.catalog.sharing import ShareRequest
from exchange.core import outbox
from exchange.core.models import OutboxJob
from exchange.delivery import fetching
from exchange.delivery.lifecycle import Form
from exchange.disputes import opening
from exchange.journeys import acceptance, billing, disputes
from exchange.ledger.models import Account
from exchange.members import deactivation, identity, proposals, relations
from exchange.members.lifecycle import AdmissionTransition
from exchange.members.models import TieKind
from exchange.members.roles import Kind, Role
from exchange.metering import intake, receipts
from exchange.metering.models import UsageReceipt
from exchange.notices import banners
from exchange.notices.banner_lifecycle import Level
from exchange.notices.models import Notice
from exchange.orders.lifecycle import OrderState, OrderTransition, PaymentMethod
from exchange.orders.models import Ruling
from exchange.payments import (
    bank,
    by_hand,
    card_pages,
    distributions,
    payout_accounts,
    payout_holds,
    reactions,
)
from exchange.payments.bank import BankLine
from exchange.payments.gateway.sandbox import cards, messages
from exchange.payments.models import Document, Payment
from pricing.money import Money
from tests.attack.town_deals import bought
from tests.factories import accounts
from tests.factories.members import an_application
from tests.factories.payments import SECRET, hear, work
from tests.factories.sharing import a_distribution

if TYPE_CHECKING:
    from tests.attack.town import Town


def keep(town: "Town") -> None:
    """What stands in the books and with the operators."""
    things = town.things
    opened = bought(town, "buyer", "offer", paid=False)
    payment = Payment.objects.get(order=opened)
    card_pages.open_card_page(actor=town.actor("buyer"), payment_id=payment.public_id, now=town.now)
    things["opened_payment"] = payment.public_id
    _from_the_bank(town)
    _used(town)
    _through_the_provider(town)
    _for_operators(town)
    _papers(town)
    _asked_for(town)


def _from_the_bank(town: "Town") -> None:
    things = town.things
    waiting = bought(town, "buyer", "offer", paid=False, method=PaymentMethod.BANK_TRANSFER)
    things["bank_order"] = waiting.public_id
    line = BankLine(
        bank_ref="TOWN-1",
        received_on=town.now.date(),
        amount=Money(10_600, "CNY"),
        payer_name="Somebody",
        text="without a reference",
    )
    transfer, _is_new = bank.enter(line, actor=town.exchange.cashier, now=town.now)
    things["incoming"] = str(transfer.pk)
    bidding.register(things["deposit_auction"], actor=town.actor("other_buyer"), now=town.now)
    payout_accounts.give_account(
        actor=town.actor("seller"), currency="CNY", holder="Pipeline Data",
        number="6222021234567890", now=town.now,
    )  # fmt: skip


def _through_the_provider(town: "Town") -> None:
    """A payment by card that the provider told of, a refund and a payout."""
    order = bought(town, "buyer", "offer", paid=False)
    payment = Payment.objects.get(order=order)
    card_pages.open_card_page(actor=town.actor("buyer"), payment_id=payment.public_id, now=town.now)
    payment.refresh_from_db()
    cards.pay(payment.provider_ref or "", card_code="good")
    for _round in range(4):
        messages.deliver_due(lambda one: hear(one, at=town.now), secret=SECRET, limit=500)
        work()
    order.refresh_from_db()
    if order.state == OrderState.DELIVERED:
        acceptance.accept(order.public_id, actor=town.actor("buyer"), now=town.now)
    refunded = bought(town, "buyer", "offer")
    opening.open_dispute(
        refunded.public_id,
        kind="not_as_described",
        actor=town.actor("buyer"),
        reason="Half is missing.",
        now=town.now,
    )
    disputes.rule_on(
        refunded.public_id,
        actor=town.operating,
        transition=OrderTransition.REFUND,
        reason_code="not_as_described",
        reason="Half of it is missing.",
        now=town.now,
    )
    ruling = refunded.rulings.get(decision="open").public_id
    disputes.approve(ruling, actor=town.approving, now=town.now)
    town.things["decided_dispute"] = refunded.disputes.get().public_id
    disputes.accept_ruling(town.things["decided_dispute"], actor=town.actor("seller"), now=town.now)
    reactions.run_due(now=town.now + timedelta(days=30))


def _used(town: "Town") -> None:
    """Use of three days ago, its receipt, and a bill of its period."""
    line = {
        "subscription": town.things["metered"],
        "source": "gateway",
        "event_id": "e1",
        "meter": "rows",
        "quantity": 100,
        "at": (town.now + timedelta(minutes=1)).isoformat(),
    }
    intake.report([line], actor=town.actor("seller"), now=town.now + timedelta(minutes=2))
    receipts.make_due(now=town.now + timedelta(days=1) + receipts.SETTLED_AFTER)
    billing.run_due(now=town.now + timedelta(days=36))


def _for_operators(town: "Town") -> None:
    things = town.things
    applied = an_application(accounts.an_organisation(name="Applicant"), Kind.BUYER)
    things["applied"] = str(applied.pk)
    asked = proposals.propose(
        town.house("other_seller").admissions.get().public_id,
        transition=AdmissionTransition.SUSPEND,
        actor=town.operating,
        reason="To be decided.",
        now=town.now,
    )
    things["proposal"] = str(asked.pk)
    outbox.emit(topic="test.town", key="1", payload={})
    OutboxJob.objects.filter(topic="test.town").update(state="dead", finished_at=town.now)
    things["dead_job"] = str(OutboxJob.objects.get(topic="test.town").pk)


def _papers(town: "Town") -> None:
    things = town.things
    seller, buyer = town.house("seller"), town.people["buyer"]
    things["day"] = UsageReceipt.objects.order_by("pk")[0].day
    ruled = Ruling.objects.filter(order__public_id=things["ruled_order"])
    things["ruling"] = ruled.get().public_id
    things["admitted"] = str(town.house("third_buyer").admissions.get().pk)
    things["account"] = Account.objects.filter(owner=seller).order_by("pk")[0].public_id
    invoice = Document.objects.filter(receiver=buyer.organisation).order_by("pk").first()
    things["invoice"] = invoice.number if invoice else ""
    notice = Notice.objects.filter(user=buyer.user).order_by("pk").first()
    things["notice"] = notice.public_id if notice else ""
    asset_sale = things["asset_sale"]
    things["sale_document"] = (
        SaleDocument.objects.filter(asset_sale__public_id=asset_sale).order_by("pk")[0].public_id
    )
    _record(town)
    sequence_batch(town.now)
    things["record"] = _record_of(town)


def _asked_for(town: "Town") -> None:
    """A link that was handed out, a column held back, another name asked for."""
    who: dict[str, Any] = {"now": town.now}
    link = fetching.make_link(
        town.things["right"], table=town.things["table"], form=Form.CSV,
        spend_max_minor=None, actor=town.actor("buyer"), **who,
    )  # fmt: skip
    town.things["link"] = link.public_id
    flag = flags.flag_own_column(
        town.things["product"], column="kwh", reason="It may tell who was at home.",
        actor=town.actor("seller"), **who,
    )  # fmt: skip
    town.things["flag"] = str(flag.pk)
    asked: dict[str, Any] = {
        "column": "at",
        "reason": "It is the meter's clock.",
        "actor": town.actor("seller"),
    }
    flags.flag_own_column(town.things["product"], **asked, **who)
    flag = flags.ask_lift(town.things["product"], **asked, **who)
    town.things["asked_flag"] = str(flag.pk)
    question = questions.ask(
        product_id=town.things["product"], text="How often is it read?", shows_name=False,
        actor=town.actor("buyer"), **who,
    )  # fmt: skip
    town.things["question"] = question.public_id
    asked_to_share = sharing.propose(
        town.things["product"], percent=Decimal(70), currency="CNY",
        shares=[ShareRequest(town.house("other_seller").public_id, Decimal(30))],
        actor=town.actor("seller"), **who,
    )  # fmt: skip
    town.things["sharing"] = asked_to_share.public_id
    _by_month(town)
    house = town.house("seller")
    profile = Profile(name="Pipe Data", kind=house.kind, credit_code=house.credit_code or "")
    request = identity.ask(
        profile=profile, reason="We changed our name.", actor=town.actor("seller"), **who
    )
    town.things["identity"] = request.public_id
    tie = relations.declare_tie(
        user_id=town.people["newcomer"].user.public_id, kind=TieKind.OTHER, reason="Owns a part.",
        organisation_id=town.house("other_seller").public_id, actor=town.operating, **who,
    )  # fmt: skip
    town.things["tie"] = str(tie.pk)
    person, left = (accounts.a_member(town.house("other_seller")) for _ in range(2))
    deactivation.deactivate(
        left.public_id, reason="The person left the house.", actor=town.operating, **who
    )
    town.things["person"], town.things["out_of_use"] = str(person.pk), str(left.pk)
    banner = banners.show(
        text="Payouts are late today.", text_zh="今天的出款会晚一些。", level=Level.WARN, valid_from=town.now,
        valid_until=town.now + timedelta(days=365), actor=town.operating, **who,
    )  # fmt: skip
    town.things["banner"] = str(banner.pk)
    moved = by_hand.ask_to_top_up(
        amount=Money(1_000_000, "CNY"),
        actor=town.exchange.acting_as(Role.EXCHANGE_FINANCE, 2),
        **who,
    )
    town.things["approval"] = str(moved.pk)
    held = payout_holds.hold(
        town.house("other_seller").public_id, currency="JPY", actor=town.exchange.cashier,
        reason="Its papers are looked at.", **who,
    )  # fmt: skip
    town.things["payout_hold"] = str(held.pk)


def _by_month(town: "Town") -> None:
    """Months of shared sales: one to be sent, one with its party, one that this objects to."""
    parts = {town.house("seller"): 70, town.house("other_seller"): 30}
    product = Product.objects.get(public_id=town.things["product"])
    for month, name in enumerate(("distribution", "sent_month", "objected_month"), start=1):
        made = a_distribution(product, parts, first_day=date(2025, month, 1), at=town.now)
        town.things[name] = made.public_id
        town.things[f"{name}_row"] = str(made.pk)
    who: dict[str, Any] = {"actor": town.actor("seller"), "now": town.now}
    for name in ("sent_month", "objected_month"):
        distributions.review(town.things[name], **who)
    distributions.object_to(
        town.things["objected_month"], reason="We built more of it.",
        actor=town.actor("other_seller"), now=town.now,
    )  # fmt: skip


def _record(town: "Town") -> None:
    log.record(
        event="orders.limit.set",
        actor="test:1",
        subject=f"organisation:{town.house('buyer').public_id}",
        facts={"currency": "CNY", "limit_minor": "100"},
        at=town.now,
    )


def _record_of(town: "Town") -> str:
    """A record that concerns the buyer alone: of a limit that it set."""
    buyer = town.house("buyer").public_id
    found = Record.objects.filter(event="orders.limit.set", subject=f"organisation:{buyer}")
    return found.order_by("pk")[0].public_id
