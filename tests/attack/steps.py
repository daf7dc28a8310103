"""The attacker's steps: one for each use case that somebody acts in, and those of clock and provider.

Use cases of a lifecycle get a step by themselves: any row, in a state in which the step went well
before, by somebody of those whom it concerns. The others have their own below.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from accounts.models import Membership, MembershipRole, Organisation
from accounts.organisations import Profile
from exchange.asset_sales import bidders, preparing
from exchange.asset_sales.models import Announcement
from exchange.auctions import bidding, envelopes, scheduling
from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Auction
from exchange.auctions.requests import AuctionRequest, BidRequest
from exchange.catalog import demands, interest, offers, products
from exchange.catalog.demands import Wanted
from exchange.catalog.lifecycle import DealNature, ListingState, ProductKind
from exchange.catalog.models import Demand, Offer, Product
from exchange.catalog.search.requests import SearchRequest
from exchange.contracts import performance as contract_time
from exchange.contracts.models import Contract
from exchange.core.refusals import Refusal
from exchange.delivery import fetching
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import Entitlement
from exchange.journeys import agreements, awards, billing, checkout, disputes, renewals, scheduled
from exchange.members import admission, identity, relations, team
from exchange.members.actors import Subject
from exchange.members.models import RelatedParty, RelationKind, RoleGrant
from exchange.members.permissions import Permission
from exchange.members.roles import Kind as Qualification
from exchange.members.roles import Role
from exchange.metering import caps, intake, subscriptions
from exchange.metering.models import MeteredSubscription
from exchange.negotiation import deciding, rounds
from exchange.orders import discount_tiers, limits, reviews
from exchange.orders.lifecycle import OrderTransition, PaymentMethod, PriceGround
from exchange.orders.models import DiscountTier, Order, Review, Ruling
from exchange.payments import bank, payout_accounts, reactions, refunds, top_up, withdrawals
from exchange.payments.bank import BankLine
from exchange.payments.models import IncomingTransfer, Payment, Refund
from exchange.vault import files, uploads
from exchange.vault.models import DataTable
from pricing.money import Money
from tests.attack import visitors
from tests.attack.arguments import DETAILS, WORDS, YUAN, fresh, member_of, spoken, told
from tests.attack.doors_api import API
from tests.attack.doors_web import WEB
from tests.attack.engine import LIKELY, Attack, NothingThere, UseCase
from tests.attack.knocking import address_of, knock
from tests.factories import accounts
from tests.factories.auctions import ENGLISH
from tests.factories.orders import a_command, pay
from tests.factories.vault import csv_of

P = Permission
Step = Callable[[Attack], object]
OWN: dict[str, Step] = {}
OVER_HTTP = "http.any"
CHANGING = [door for door in (*WEB, *API) if door.method != "get"]
LEARNED: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [1, 2]))


def of_lifecycle(case: UseCase) -> Step:
    """A step on any row of the use case's lifecycle."""

    def step(attack: Attack) -> object:
        lifecycle = case.lifecycle
        assert lifecycle is not None
        rows = lifecycle.model._default_manager.all()
        states = sorted(rows.values_list(lifecycle.state_field, flat=True).distinct())
        if attack.random.random() < LIKELY:
            states = [one for one in states if one in case.sources] or states
        if not states:
            raise NothingThere(case.name)
        seen = LEARNED[case.name]
        weights = [seen[state][0] / seen[state][1] for state in states]
        state = attack.random.choices(states, weights)[0]
        seen[state][1] += 1
        row = attack.pick(rows.filter(**{lifecycle.state_field: state}))
        subject = lifecycle.concerns(row) if lifecycle.concerns else None
        actor = attack.somebody(case.permission, subject)
        call = case.call
        result = call(row, actor=actor, now=attack.now, **told(attack, case, row))
        seen[state][0] += 1
        return result

    return step


def own(*names: str) -> Callable[[Step], Step]:
    """A step of these use cases."""

    def keep(step: Step) -> Step:
        for name in names:
            OWN[name] = step
        return step

    return keep


def steps(cases: dict[str, UseCase]) -> dict[str, Step]:
    """All steps, by the use case that each is for."""
    made = {
        name: of_lifecycle(case)
        for name, case in cases.items()
        if case.acts and case.lifecycle is not None and name not in OWN
    }
    return {**made, **OWN}


def listed(attack: Attack, **which: Any) -> Product:
    found: Product = attack.pick(Product.objects.filter(state=ListingState.LISTED, **which))
    return found


def buying(attack: Attack, permission: Permission = P.TRADE_BUY) -> Any:
    """Somebody who may buy, likely: any buyer's agent."""
    names = ("buyer", "other_buyer", "third_buyer", "agent", "restricted", "two_hats")
    house = attack.town.house(attack.random.choice(names))
    return attack.somebody(permission, Subject(organisation_id=house.pk))


def selling(attack: Attack, seller_id: int | None = None) -> Any:
    names = ("seller", "other_seller", "state_seller", "suspended")
    house = seller_id or attack.town.house(attack.random.choice(names)).pk
    return attack.somebody(P.OFFER_MAKE, Subject(organisation_id=house))


def operating(attack: Attack, permission: Permission = P.PAYMENTS_RUN) -> Any:
    """Somebody with the permission; for money by hand a cashier who approves what another asked for."""
    if permission is P.PAYMENTS_RUN:
        return attack.town.exchange.cashier
    return attack.somebody(permission, None)


# Buying.


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
    actor = attack.somebody(P.ORDER_CONFIRM, Subject(organisation_id=order.buyer_id))
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
    seconded = replace(buying(attack, P.LIMIT_SET), proposer_id=attack.town.exchange.first.pk)
    limits.lift_limit(actor=seconded, currency="CNY", now=attack.now)


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


# Selling.


@own("catalog.products.draft_product")
def draft(attack: Attack) -> None:
    values = {**DETAILS, "title": fresh(attack, "Readings")}
    products.draft_product(
        actor=selling(attack), kind=ProductKind.DATASET, values=values, now=attack.now
    )


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


@own("vault.files.keep_staged", "vault.file_reading.begin_reading")
def keep_file(attack: Attack) -> None:
    content = BytesIO(csv_of(attack.random.randrange(10**6)))
    actor = attack.somebody(P.FILE_KEEP, Subject(organisation_id=attack.town.house("seller").pk))
    files.keep(actor=actor, name="meters.csv", content=content, now=attack.now)


@own("vault.uploads.begin_upload")
def upload(attack: Attack) -> None:
    actor = attack.somebody(P.FILE_KEEP, Subject(organisation_id=attack.town.house("seller").pk))
    uploads.begin_upload(actor=actor, name="m.csv", declared_bytes=100, now=attack.now)


# Negotiating and auctions.


@own("negotiation.rounds.ask")
def ask(attack: Attack) -> None:
    rounds.ask(
        actor=buying(attack),
        product_id=listed(attack).public_id,
        spoken=spoken(attack, may_ask=True),
        now=attack.now,
    )


@own("negotiation.rounds.offer_privately")
def offer_privately(attack: Attack) -> None:
    product = listed(attack)
    rounds.offer_privately(
        actor=selling(attack, product.seller_id),
        product_id=product.public_id,
        buyer_id=attack.random.choice(attack.people)[1].public_id,
        spoken=spoken(attack),
        now=attack.now,
    )


@own("negotiation.rounds.request_offer")
def request_offer(attack: Attack) -> None:
    offer = attack.pick(Offer.objects.filter(needs_approval=True, withdrawn_at=None))
    rounds.request_offer(
        actor=buying(attack), offer_id=offer.public_id, words=WORDS, now=attack.now
    )


@own("journeys.agreements.sign")
def sign(attack: Attack) -> None:
    contract = attack.pick(Contract.objects.filter(state="signing"))
    sides = frozenset({contract.buyer_id, contract.seller_id})
    actor = attack.somebody(P.CONTRACT_SIGN, Subject(organisation_id=None, engaged=sides))
    agreements.sign(
        contract.public_id, actor=actor, seen_hash=contract.document_hash, now=attack.now
    )


@own("auctions.scheduling.schedule", "auctions.scheduling.announce", "auctions.scheduling.draft")
def schedule(attack: Attack) -> None:
    product = listed(attack)
    kind = attack.random.choice((Kind.ENGLISH, Kind.FIRST_PRICE, Kind.SECOND_PRICE))
    terms = dict(ENGLISH) if kind is Kind.ENGLISH else {}
    if attack.random.random() < 0.3:
        terms["deposit_minor"] = 1_000
    request = AuctionRequest(
        kind=kind, currency="CNY", product_id=product.public_id, title="",
        opens_at=attack.now + timedelta(seconds=attack.random.choice((0, 3_600))),
        closes_at=attack.now + timedelta(hours=attack.random.randint(2, 40)), **terms,
    )  # fmt: skip
    scheduling.schedule(request, actor=selling(attack, product.seller_id), now=attack.now)


@own("auctions.bidding.place")
def bid(attack: Attack) -> None:
    auction = attack.pick(Auction.objects.filter(state=AuctionState.OPEN))
    price = max(auction.price_minor or 0, 10_000) + 500 * attack.random.randint(1, 9)
    if auction.kind == Kind.ENGLISH:
        request = BidRequest(currency="CNY", amount_minor=price // 1_000 * 1_000 + 1_000)
    else:
        request = BidRequest(currency="CNY", rows=({"price": price},))
    bidding.place(auction.public_id, request, actor=buying(attack, P.AUCTION_BID), now=attack.now)


@own("auctions.bidding.register")
def register(attack: Attack) -> None:
    auction = attack.pick(Auction.objects.filter(state=AuctionState.OPEN, deposit_minor__gt=0))
    bidding.register(auction.public_id, actor=buying(attack, P.AUCTION_BID), now=attack.now)


@own("auctions.envelopes.withdraw")
def withdraw_bid(attack: Attack) -> None:
    auction = attack.pick(
        Auction.objects.filter(state=AuctionState.OPEN).exclude(kind=Kind.ENGLISH)
    )
    envelopes.withdraw(
        auction.public_id, actor=buying(attack, P.AUCTION_BID), reason=WORDS, now=attack.now
    )


@own("asset_sales.preparing.plan")
def plan_sale(attack: Attack) -> None:
    product = listed(attack, seller__kind="state_owned")
    actor = attack.somebody(P.ASSET_SALE_PREPARE, Subject(organisation_id=product.seller_id))
    preparing.plan(product.public_id, nature=DealNature.TRANSFER, actor=actor, now=attack.now)


@own("asset_sales.bidders.register")
def register_for_sale(attack: Attack) -> None:
    announced = attack.pick(Announcement.objects.filter(asset_sale__state="announced"))
    bidders.register(
        announced.public_id,
        offer_minor=announced.floor_minor + 100 * attack.random.randint(0, 9),
        disclosure=WORDS,
        actor=buying(attack, P.ASSET_SALE_BID),
        now=attack.now,
    )


@own("asset_sales.bidders.bid")
def bid_for_sale(attack: Attack) -> None:
    announced = attack.pick(Announcement.objects.filter(asset_sale__state="bidding"))
    bidders.bid(
        announced.public_id,
        amount_minor=announced.floor_minor + 1_000_000 * attack.random.randint(1, 30),
        actor=buying(attack, P.ASSET_SALE_BID),
        now=attack.now,
    )


# Members.


@own("members.admission.apply")
def apply(attack: Attack) -> None:
    user, organisation = attack.random.choice(attack.people)
    if attack.random.random() < 0.7:
        organisation = accounts.an_organisation(name=fresh(attack, "House"))
        user = accounts.owner_of(organisation)
        attack.refresh()
    admission.apply(
        actor=attack.acting(user, organisation),
        kinds=[attack.random.choice((Qualification.BUYER, Qualification.SELLER))],
        legal_person="Wang Fang",
        now=attack.now,
    )


@own("members.team.grant_role")
def grant_role(attack: Attack) -> None:
    _user, organisation = attack.random.choice(attack.people)
    role = attack.random.choice([role for role in Role if role is not Role.OPERATOR])
    team.grant_role(
        actor=attack.somebody(P.ROLE_GRANT, Subject(organisation_id=organisation.pk)),
        user_id=member_of(attack, organisation.pk),
        role=role,
        reason=WORDS,
        now=attack.now,
    )


@own("members.team.revoke_role")
def revoke_role(attack: Attack) -> None:
    grant = attack.pick(RoleGrant.objects.filter(valid_until=None).exclude(role=Role.OPERATOR))
    actor = attack.somebody(P.ROLE_REVOKE, Subject(organisation_id=grant.organisation_id))
    team.revoke_role(actor=actor, grant_id=grant.public_id, reason=WORDS, now=attack.now)


@own("members.identity.ask")
def ask_for_another_name(attack: Attack) -> None:
    user, organisation = attack.random.choice(attack.people)
    profile = Profile(
        name=fresh(attack, "House"), kind="private", credit_code=organisation.credit_code or ""
    )
    identity.ask(
        profile=profile, reason=WORDS, actor=attack.acting(user, organisation), now=attack.now
    )


@own("members.relations.declare")
def declare_relation(attack: Attack) -> None:
    one, other = (attack.random.choice(attack.people)[1].public_id for _ in range(2))
    relations.declare(
        actor=operating(attack, P.CONSOLE_CHANGE),
        organisation_id=one,
        other_id=other,
        kind=RelationKind.OTHER,
        reason=WORDS,
        now=attack.now,
    )


@own("members.relations.end")
def end_relation(attack: Attack) -> None:
    relation = attack.pick(RelatedParty.objects.filter(ended_at=None))
    relations.end(relation.public_id, actor=operating(attack, P.CONSOLE_CHANGE), now=attack.now)


@own("accounts.join")
def join(attack: Attack) -> None:
    """Anybody becomes a member of any house that is not the exchange: as by an invitation."""
    user, _mine = attack.random.choice(attack.people)
    houses = Organisation.objects.exclude(pk=attack.town.exchange.organisation.pk)
    house = attack.pick(houses)
    if Membership.objects.filter(user=user, organisation=house).exists():
        raise NothingThere("another house")
    role = attack.random.choice(list(MembershipRole))
    Membership.objects.create(user=user, organisation=house, role=role, joined_at=attack.now)
    attack.refresh()


# Uses.


@own("metering.intake.report")
def report(attack: Attack) -> None:
    held = attack.pick(MeteredSubscription.objects.all())
    line = {
        "subscription": held.public_id, "source": "gateway", "event_id": fresh(attack, "e"),
        "meter": "rows", "quantity": attack.random.randint(1, 50), "at": attack.now.isoformat(),
    }  # fmt: skip
    actor = attack.somebody(P.USAGE_REPORT, Subject(organisation_id=held.seller_id))
    intake.report([line], actor=actor, now=attack.now)


@own("metering.caps.set_cap")
def set_cap(attack: Attack) -> None:
    held = attack.pick(MeteredSubscription.objects.all())
    caps.set_cap(
        held.public_id,
        actor=attack.somebody(P.USAGE_CAP_SET, Subject(organisation_id=held.buyer_id)),
        cap_minor=attack.random.choice((10_000, 100_000)),
        soft_minor=5_000,
        now=attack.now,
    )


@own("metering.subscriptions.end")
def end_use(attack: Attack) -> None:
    held = attack.pick(MeteredSubscription.objects.all())
    actor = attack.somebody(P.USAGE_CAP_SET, Subject(organisation_id=held.buyer_id))
    subscriptions.end(held.public_id, actor=actor, now=attack.now)


# Money by hand.


@own("payments.bank.enter")
def enter_line(attack: Attack) -> None:
    waiting = Payment.objects.filter(
        state="waiting", order__payment_method=PaymentMethod.BANK_TRANSFER
    )
    payment = waiting.order_by("?").first() if attack.random.random() < 0.3 else None
    line = BankLine(
        bank_ref=fresh(attack, "L"),
        received_on=attack.now.date(),
        amount=payment.amount if payment else Money(attack.random.randint(1, 900) * YUAN, "CNY"),
        payer_name="Somebody",
        text="no reference",
    )
    bank.enter(line, actor=operating(attack), now=attack.now)


@own("payments.bank.match")
def match(attack: Attack) -> None:
    transfer = attack.pick(IncomingTransfer.objects.all())
    payment = attack.pick(Payment.objects.filter(state="waiting"))
    bank.match(
        transfer.public_id, payment_id=payment.public_id, actor=operating(attack), now=attack.now
    )


@own("payments.refunds.note_sent_by_bank", "payments.refunds.retry")
def refund_by_bank(attack: Attack) -> None:
    refund = attack.pick(Refund.objects.exclude(state="succeeded"))
    if attack.random.random() < 0.5:
        refunds.retry(refund.public_id, actor=operating(attack), now=attack.now)
        return
    refunds.note_sent_by_bank(
        refund.public_id, actor=operating(attack), bank_ref=fresh(attack, "R"), now=attack.now
    )


@own("payments.top_up.top_up")
def fill_up(attack: Attack) -> None:
    amount = Money(attack.random.randint(1, 9) * YUAN, "CNY")
    top_up.top_up(actor=operating(attack), amount=amount, now=attack.now)


@own("payments.withdrawals.ask")
def withdraw_money(attack: Attack) -> None:
    withdrawals.ask(
        actor=buying(attack, P.WALLET_USE),
        amount=Money(attack.random.randint(1, 9) * YUAN, "CNY"),
        token=fresh(attack, "w"),
        now=attack.now,
    )


@own("payments.payout_accounts._write")
def name_account(attack: Attack) -> None:
    house = attack.town.house(attack.random.choice(("seller", "other_seller"))).pk
    payout_accounts.give_account(
        actor=attack.somebody(P.PAYOUT_ACCOUNT_SET, Subject(organisation_id=house)),
        currency="CNY",
        holder="Pipeline Data",
        number=f"62220212345{attack.random.randrange(10**5):05d}",
        now=attack.now,
    )


# The doors.


@own(OVER_HTTP)
def over_http(attack: Attack) -> None:
    """Somebody sends a form or a call that its owner's is answered with."""
    if not attack.clients:
        attack.clients = visitors.clients_of(attack.town)
    door = attack.random.choice(CHANGING)
    likely = attack.random.random() < LIKELY
    who = door.owner if likely else attack.random.choice(sorted(attack.clients))
    fresh_token = {"Idempotency-Key": fresh(attack, "key")}
    door = replace(door, headers={**door.headers, **fresh_token})
    address = address_of(attack.town, door)
    answer = knock(attack.town, attack.clients[who], door, address, keep=True)
    if not answer.is_in:
        raise Shut(f"{answer.status}")


class Shut(Refusal):
    """The door did not open."""

    code = "door_shut"


# Time.


@own("core.scheduled._run_one")
def time_goes_on(attack: Attack) -> None:
    """The sweeps of the clock, hours later."""
    attack.now += timedelta(hours=attack.random.choice((1, 12, 30)))
    sweeps: tuple[Callable[..., object], ...] = (
        awards.run_due, scheduled.run_orders, scheduled.run_asset_sales, renewals.run_due,
        contract_time.run_due, deciding.run_due, billing.run_due, reactions.run_due,
    )  # fmt: skip
    attack.random.choice(sweeps)(now=attack.now)
