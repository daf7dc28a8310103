"""The attacker's steps of buying and selling."""

from decimal import Decimal
from io import BytesIO
from typing import Any

from exchange.catalog import demands, interest, offers, products, questions
from exchange.catalog.demands import Wanted
from exchange.catalog.lifecycle import ListingState, OfferKind, ProductKind
from exchange.catalog.models import Demand, Offer
from exchange.catalog.offers import OfferRequest
from exchange.catalog.search.requests import SearchRequest
from exchange.delivery import fetching
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import Entitlement
from exchange.disputes.models import Dispute
from exchange.journeys import checkout, disputes
from exchange.members import saved_views
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.negotiation import rounds
from exchange.orders import discount_tiers, limits, reviews
from exchange.orders.lifecycle import OrderTransition, PaymentMethod, PriceGround
from exchange.orders.models import DiscountTier, Order, Review, Ruling
from exchange.orders.queries import subject_of
from exchange.payments.models import Payment
from exchange.vault import files, uploads
from exchange.vault.models import DataTable
from pricing.money import Money
from tests.attack.acting import buying, listed, operating, own, selling
from tests.attack.arguments import WORDS, fresh, spoken
from tests.attack.engine import Attack
from tests.attack.town_wares import DETAILS
from tests.factories.orders import a_command, pay
from tests.factories.vault import csv_of

P = Permission


@own("journeys.checkout.checkout")
def buy(attack: Attack) -> None:
    rows = Offer.objects.filter(product__state=ListingState.LISTED, withdrawn_at=None)
    offer, actor = attack.pick(rows.exclude(kind="metered")), buying(attack)
    method = attack.random.choice(
        (
            PaymentMethod.WALLET,
            PaymentMethod.WALLET,
            PaymentMethod.CARD,
            PaymentMethod.BANK_TRANSFER,
        )
    )
    command = a_command(actor, offer, at=attack.now, method=method)
    checkout.checkout(command, actor=actor, now=attack.now)


@own("metering.subscriptions.begin")
def subscribe(attack: Attack) -> None:
    offer, actor = attack.pick(Offer.objects.filter(kind="metered")), buying(attack)
    command = a_command(actor, offer, at=attack.now, method=PaymentMethod.NONE)
    checkout.checkout(command, actor=actor, now=attack.now)


@own("journeys.checkout.confirm")
def confirm(attack: Attack) -> None:
    order = attack.pick(Order.objects.filter(state="created"))
    actor = attack.somebody(P.ORDER_CONFIRM, subject_of(order), is_whole=True)
    checkout.confirm(order.public_id, actor=actor, now=attack.now)


@own("payments.collection.apply")
def money_comes(attack: Attack) -> None:
    payment = attack.pick(Payment.objects.filter(state="waiting"))
    pay(payment.order, at=attack.now, number=fresh(attack, "n"))


@own("orders.limits.set_limit")
def set_limit(attack: Attack) -> None:
    limit = Money(attack.random.choice((0, 100_00, 1_000_00)), "CNY")
    limits.set_limit(actor=buying(attack, P.LIMIT_SET), limit=limit, now=attack.now)


@own("orders.limits.lift_limit")
def lift_limit(attack: Attack) -> None:
    """Alone: two people do so by a request (`steps_money.py`)."""
    limits.lift_limit(actor=buying(attack, P.LIMIT_SET), currency="CNY", now=attack.now)


@own("journeys.disputes.rule_on")
def rule_on(attack: Attack) -> None:
    order = attack.pick(Order.objects.filter(state="objected"))
    disputes.rule_on(
        order.public_id,
        actor=operating(attack, P.ORDER_MODERATE),
        transition=attack.random.choice((OrderTransition.RELEASE, OrderTransition.REFUND)),
        reason_code=attack.random.choice(("as_described", "not_as_described")),
        reason=WORDS,
        now=attack.now,
    )


@own("journeys.disputes.approve")
def approve_ruling(attack: Attack) -> None:
    ruling = attack.pick(Ruling.objects.filter(decision="open"))
    actor = operating(attack, P.RULING_DECIDE)
    disputes.approve(ruling.public_id, actor=actor, now=attack.now)


@own("journeys.disputes.accept_ruling")
def accept_ruling(attack: Attack) -> None:
    dispute = attack.pick(Dispute.objects.filter(state="ruled"))
    disputes.accept_ruling(dispute.public_id, actor=_either(attack, dispute), now=attack.now)


@own("journeys.disputes.withdraw_appeal")
def withdraw_appeal(attack: Attack) -> None:
    dispute = attack.pick(Dispute.objects.filter(state="appealed"))
    disputes.withdraw_appeal(dispute.public_id, actor=_either(attack, dispute), now=attack.now)


@own("journeys.disputes.withdraw")
def withdraw_dispute(attack: Attack) -> None:
    dispute = attack.pick(Dispute.objects.exclude(state="ended"))
    actor = buying(attack, P.DISPUTE_SPEAK)
    disputes.withdraw(dispute.public_id, actor=actor, now=attack.now)


@own("journeys.disputes.concede")
def concede_dispute(attack: Attack) -> None:
    dispute = attack.pick(Dispute.objects.exclude(state="ended"))
    disputes.concede(
        dispute.public_id, actor=selling(attack, dispute.respondent_id), now=attack.now
    )


@own("journeys.disputes.take_offer")
def take_offer(attack: Attack) -> None:
    dispute = attack.pick(Dispute.objects.exclude(state="ended").exclude(offer_number=None))
    actor = _either(attack, dispute)
    number = dispute.offer_number or 1
    disputes.take_offer(dispute.public_id, number=number, actor=actor, now=attack.now)


def _either(attack: Attack, dispute: Dispute) -> Actor:
    """Somebody of one of the sides."""
    side = dispute.respondent_id if attack.random.random() < 0.5 else dispute.claimant_id
    return attack.somebody(P.DISPUTE_SPEAK, Subject(organisation_id=side))


@own("orders.reviews.write_review")
def review(attack: Attack) -> None:
    order = attack.pick(
        Order.objects.filter(
            state__in=("accepted", "settled", "invoiced", "certificate_issued", "closed")
        )
    )
    reviews.write_review(
        actor=attack.somebody(P.REVIEW_WRITE, Subject(organisation_id=order.buyer_id)),
        product_id=order.product.public_id,
        order_id=order.public_id,
        stars=attack.random.randint(1, 5),
        text=WORDS + " It is complete.",
        now=attack.now,
    )


@own("orders.reviews.reply_to_review")
def reply(attack: Attack) -> None:
    found = attack.pick(Review.objects.all())
    actor = attack.somebody(P.DEMAND_ANSWER, Subject(organisation_id=found.order.seller_id))
    reviews.reply_to_review(found.public_id, actor=actor, text=WORDS, now=attack.now)


@own("catalog.questions.ask")
def ask(attack: Attack) -> None:
    names = ("buyer", "other_buyer", "third_buyer", "agent", "restricted", "two_hats", "seller")
    house = attack.town.house(attack.random.choice(names))
    questions.ask(
        product_id=listed(attack).public_id,
        text=fresh(attack, "How often is it read?"),
        shows_name=attack.random.random() < 0.5,
        actor=attack.somebody(P.QUESTION_ASK, Subject(organisation_id=house.pk)),
        now=attack.now,
    )


@own("orders.discount_tiers.grant")
def discount(attack: Attack) -> None:
    discount_tiers.grant(
        actor=selling(attack),
        buyer_id=attack.random.choice(attack.people)[1].public_id,
        name=fresh(attack, "tier"),
        percent=Decimal(attack.random.randint(1, 30)),
        ground=attack.random.choice(list(PriceGround)),
        words=WORDS,
        now=attack.now,
    )


@own("orders.discount_tiers.end")
def end_discount(attack: Attack) -> None:
    tier = attack.pick(DiscountTier.objects.filter(ended_at=None))
    actor = selling(attack, tier.seller_id)
    discount_tiers.end(actor=actor, tier_id=tier.public_id, now=attack.now)


@own("delivery.fetching._count")
def fetch(attack: Attack) -> None:
    held = attack.pick(Entitlement.objects.filter(state="active"))
    tables = DataTable.objects.filter(uses__revision__product=held.product)
    actor = attack.somebody(P.ROWS_SEE, Subject(organisation_id=held.organisation_id))
    fetching.fetch(
        held.public_id,
        actor=actor,
        table=attack.pick(tables.distinct()).public_id,
        form=attack.random.choice(list(Form)),
        now=attack.now,
    ).begin()


@own("catalog.products.draft_product")
def draft(attack: Attack) -> None:
    values = {**DETAILS, "title": fresh(attack, "Readings")}
    who: dict[str, Any] = {"actor": selling(attack), "now": attack.now}
    made = products.draft_product(kind=ProductKind.DATASET, values=values, **who)
    price = Money(attack.random.randint(1, 300) * 100, "CNY")
    one = OfferRequest(name="One", kind=OfferKind.ONE_OFF, price=price)
    offers.add_offer(made.public_id, command=one, **who)


@own("catalog.offers.withdraw_offer")
def withdraw_offer(attack: Attack) -> None:
    rows = Offer.objects.filter(withdrawn_at=None, reserved_for=None)
    offer = attack.pick(rows.exclude(product__title="Meters"))
    actor = attack.somebody(P.LISTING_END, Subject(organisation_id=offer.product.seller_id))
    offers.withdraw_offer(offer.public_id, actor=actor, now=attack.now)


@own("catalog.demands.post_demand")
def post_demand(attack: Attack) -> None:
    wanted = Wanted(title=fresh(attack, "Wanted"), description="Readings of " + WORDS)
    demands.post_demand(actor=buying(attack, P.DEMAND_POST), wanted=wanted, now=attack.now)


@own("catalog.demands.answer_demand", "negotiation.rounds.answer_demand")
def answer_demand(attack: Attack) -> None:
    product, demand = listed(attack), attack.pick(Demand.objects.filter(state="open"))
    said: dict[str, Any] = {
        "actor": selling(attack, product.seller_id),
        "demand_id": demand.public_id,
        "product_id": product.public_id,
        "now": attack.now,
    }
    if attack.random.random() < 0.5:
        demands.answer_demand(note=WORDS, **said)
    else:
        rounds.answer_demand(spoken=spoken(attack), **said)


@own("catalog.interest.watch", "catalog.interest.save_search")
def interested(attack: Attack) -> None:
    user, _organisation = attack.random.choice(attack.people)
    interest.watch(user_id=user.pk, product=listed(attack), now=attack.now)
    interest.save_search(
        user_id=user.pk, name="", command=SearchRequest(text=fresh(attack, "word")), now=attack.now
    )


@own(
    "members.saved_views.save_view",
    "members.saved_views.rename_view",
    "members.saved_views.remove_view",
)
def keep_views(attack: Attack) -> None:
    owner = attack.anybody()
    view = saved_views.save_view(
        actor=owner,
        list_name="desk:catalog.product",
        name=fresh(attack, "view"),
        query="state__exact=draft",
        now=attack.now,
    )
    other = attack.random.choice((owner, owner, attack.anybody()))
    name = attack.random.choice((fresh(attack, "view"), fresh(attack, "view"), ""))
    saved_views.rename_view(view.public_id, actor=other, name=name, now=attack.now)
    saved_views.remove_view(view.public_id, actor=other, now=attack.now)


@own("vault.files.keep_staged", "vault.file_reading.begin_reading")
def keep_file(attack: Attack) -> None:
    content = BytesIO(csv_of(attack.random.randrange(10**6)))
    actor = attack.somebody(P.FILE_KEEP, Subject(organisation_id=attack.town.house("seller").pk))
    files.keep(actor=actor, name="meters.csv", content=content, now=attack.now)


@own("vault.uploads.begin_upload")
def upload(attack: Attack) -> None:
    actor = attack.somebody(P.FILE_KEEP, Subject(organisation_id=attack.town.house("seller").pk))
    uploads.begin_upload(actor=actor, name="m.csv", declared_bytes=100, now=attack.now)
