"""Refills of the shop: reviews and changes of listings, negotiations, limits, fetched files."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from exchange.catalog import dictionary, flags, offers, products, review, revisions, sharing
from exchange.catalog.dictionary import Correction, TableCorrection
from exchange.catalog.lifecycle import Delivery, OfferKind, ProductKind
from exchange.catalog.listing import Said
from exchange.catalog.models import Offer, Product
from exchange.catalog.offers import OfferRequest
from exchange.catalog.sharing import ShareRequest
from exchange.contracts.models import Contract
from exchange.delivery import entitlements, fetching, links
from exchange.delivery.lifecycle import Form
from exchange.journeys import agreements, checkout, importing
from exchange.members import approvals, relations
from exchange.members.actors import Actor
from exchange.members.models import TieKind
from exchange.negotiation import deciding, rounds
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries import newest_proposal
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms
from exchange.orders import limits, placing
from exchange.orders.models import Order
from exchange.payments.lifecycle import PaymentState
from exchange.payments.models import Payment
from pricing.charges.plans import read_plan
from pricing.money import Money
from tests.attack.arguments import POINTS, WORDS, fresh
from tests.attack.refills import Supply, refills
from tests.attack.town_wares import DETAILS, PLAN
from tests.factories import listings
from tests.factories.delivery import a_revision
from tests.factories.orders import a_command, pay
from tests.factories.vault import a_read_file, csv_of

CONFIRMED = Said(checklist=POINTS)


def _said(code: str) -> Said:
    return Said(code, WORDS, POINTS)


@refills
def review_listings(supply: Supply) -> None:
    """One product goes through its stages one by one, one is refused, one is taken off and put back, one
    is paused."""
    with supply.thing("reviewed"):
        product = submitted(supply)
        review.take_up(product, **supply.operating())
        for stage in (review.pass_compliance, review.pass_quality, review.approve):
            stage(product, said=CONFIRMED, **supply.operating())
        review.suspend(product, said=_said("complaint"), **supply.operating())
        review.resume(product, said=_said("settled"), **supply.operating(2))
    with supply.thing("paused"):
        paused, selling = _reviewed(supply), supply.doing("seller")
        products.pause(paused, **selling)
        review.suspend(paused, said=_said("complaint"), **supply.operating())
        review.resume(paused, said=_said("settled"), **supply.operating(2))
        products.relist(paused, **selling)
        products.pause(_reviewed(supply), **selling)  # which others list again
    with supply.thing("rejected"):
        product = submitted(supply)
        review.take_up(product, **supply.operating())
        review.reject(product, said=_said("banned"), **supply.operating())
    with supply.thing("quality"):
        product = submitted(supply)
        review.take_up(product, **supply.operating())
        review.pass_compliance(product, said=CONFIRMED, **supply.operating(2))


def submitted(supply: Supply, *, file_id: str = "", who: dict[str, Any] | None = None) -> str:
    """A product of one offer that waits for its review, of the seller or of who does it."""
    values = {**DETAILS, "title": fresh(supply.attack, "Readings")}
    if file_id:
        values |= {"delivery": "file", "external_url": ""}
    who = who or supply.doing("seller")
    made = products.draft_product(kind=ProductKind.DATASET, values=values, **who)
    if file_id:
        revisions.attach_file(made.public_id, file_id=file_id, **who)
        _explained(supply, made.public_id)
    one = OfferRequest(name="One", kind=OfferKind.ONE_OFF, price=Money(10_000, "CNY"))
    offers.add_offer(made.public_id, command=one, **who)
    products.submit(made.public_id, **who)
    return made.public_id


def _explained(supply: Supply, product: str) -> None:
    """What looks like a person in the data is explained."""
    meter = Correction("meter", personal=False, why="Numbers of devices.")
    said = (TableCorrection(0, (meter,)),)
    dictionary.correct_dictionary(product, corrections=said, **supply.doing("seller"))


def _reviewed(supply: Supply, *, file_id: str = "") -> str:
    name = submitted(supply, file_id=file_id)
    review.pass_whole_review(name, checklist=POINTS, **supply.operating())
    return name


def _file(supply: Supply) -> str:
    house = supply.people["seller"].organisation
    assert house is not None
    content = csv_of(supply.attack.random.randrange(10**6))
    return str(a_read_file(house, content=content).public_id)


@refills
def change_listings(supply: Supply) -> None:
    """Changes that are accepted, declined and taken back; new data; columns that are held back."""
    listed = _reviewed(supply)
    answers: tuple[tuple[str, Callable[[], object]], ...] = (
        ("accepted", lambda: review.accept_change(listed, **supply.operating())),
        ("declined", lambda: review.decline_change(listed, said=_said("other"), **supply.operating())),
        ("taken back", lambda: products.take_change_back(listed, **supply.doing("seller"))),
    )  # fmt: skip
    for word, answer in answers:
        with supply.thing(word):
            values = {"summary": f"Readings, {word}."}
            products.save_draft(listed, values=values, **supply.doing("seller"))
            products.propose_change(listed, **supply.doing("seller"))
            answer()
    with supply.thing("new data"):
        name, selling = _reviewed(supply, file_id=_file(supply)), supply.doing("seller")
        revisions.attach_file(name, file_id=_file(supply), **selling)
        _explained(supply, name)
        revisions.publish_revision(name, **selling)
    with supply.thing("flags"):
        name, selling = _of_a_file(supply).public_id, supply.doing("seller")
        flags.flag_own_column(name, column="kwh", reason=WORDS, **selling)
        asked = flags.ask_lift(name, column="kwh", reason=WORDS, **selling)
        flags.keep_flag(asked.public_id, reason=WORDS, **supply.operating())
        flags.flag_own_column(name, column="meter", reason=WORDS, **selling)
        asked = flags.ask_lift(name, column="meter", reason=WORDS, **selling)
        flags.lift_flag(asked.public_id, reason=WORDS, **supply.operating())
        flags.flag_own_column(name, column="at", reason=WORDS, **selling)
    with supply.thing("shares"):
        name, selling = _of_a_file(supply).public_id, supply.doing("seller")
        house = supply.people["state"].organisation
        assert house is not None
        part: dict[str, Any] = {
            "percent": Decimal(70), "shares": [ShareRequest(house.public_id, Decimal(30))],
            "currency": "CNY", **selling,
        }  # fmt: skip
        taken_back = sharing.propose(name, **part)
        sharing.withdraw(taken_back.public_id, **selling)
        declined = sharing.propose(name, **part)
        answering = supply.doing("state")
        sharing.decline(declined.public_id, reason=WORDS, **answering)
        agreed = sharing.propose(name, **part)
        sharing.agree(agreed.public_id, **answering)
    with supply.thing("imported"):
        values = {**DETAILS, "title": fresh(supply.attack, "Open data")}
        house = supply.people["seller"].organisation
        assert house is not None
        importing._import_record(
            fresh(supply.attack, "registry:"), values, house, supply.attack.now
        )


def _of_a_file(supply: Supply, **fields: Any) -> Product:
    """A listed product with one revision of its own."""
    product = supply.listing(delivery=Delivery.FILE, refund_policy="inspection", **fields)
    content = csv_of(supply.attack.random.randrange(10**6))
    a_revision(product, a_read_file(product.seller, content=content))
    return product


@refills
def negotiate(supply: Supply) -> None:
    """What is asked for, countered, agreed, signed and called off; approved by a second person; taken
    back."""
    with supply.thing("agreed"):
        agreed = _asked(supply, _of_a_file(supply, price_minor=None))
        _countered(supply, agreed)
        deciding.accept(agreed.public_id, answers=_newest(agreed), **supply.doing("agent"))
        order = _signed(supply, agreed)
        if order is not None:
            paid(supply, order)
            _fetched(supply, order)
    with supply.thing("framework"):
        framed = _asked(supply, supply.listing(price_minor=None), calls_max=3, calls_days=60)
        deciding.accept(framed.public_id, answers=_newest(framed), **supply.doing("seller"))
        _signed(supply, framed)
        contract = Contract.objects.get(negotiation=framed)
        agreements.call_off(contract.public_id, number=2, **supply.doing("buyer"))
    with supply.thing("approved"):
        _limited(supply)
        dear = _asked(supply, supply.listing(price_minor=None))
        _countered(supply, dear)
        deciding.accept(dear.public_id, answers=_newest(dear), **supply.doing("agent"))
        deciding.approve(dear.public_id, **supply.doing("buyer"))
    with supply.thing("lifted"):
        _unlimited(supply)
    with supply.thing("withdrawn"):
        asked = _asked(supply, supply.listing(price_minor=None))
        deciding.withdraw(asked.public_id, reason=WORDS, **supply.doing("agent"))
    with supply.thing("declined"):
        asked = _asked(supply, supply.listing(price_minor=None))
        deciding.decline(asked.public_id, reason=WORDS, **supply.doing("seller"))
    with supply.thing("open"):
        _asked(supply, supply.listing(price_minor=None))


def _terms(minor: int, **more: Any) -> Spoken:
    return Spoken(Terms(currency="CNY", price_minor=minor, **more))


def _asked(supply: Supply, product: Product, **more: Any) -> Negotiation:
    return rounds.ask(
        product_id=product.public_id, spoken=_terms(50_000, **more), **supply.doing("agent")
    )


def _newest(negotiation: Negotiation) -> str:
    return str(newest_proposal(Negotiation.objects.get(pk=negotiation.pk)).document_hash)


def _countered(supply: Supply, negotiation: Negotiation) -> None:
    rounds.counter(
        negotiation.public_id, answers=_newest(negotiation), spoken=_terms(60_000),
        **supply.doing("seller"),
    )  # fmt: skip


def _signed(supply: Supply, negotiation: Negotiation) -> Order | None:
    contract = Contract.objects.get(negotiation=negotiation)
    for name in ("seller", "buyer"):
        agreements.sign(contract.public_id, seen_hash=contract.document_hash, **supply.doing(name))
    return Order.objects.filter(contract=contract).first()


def _limited(supply: Supply) -> None:
    limits.set_limit(limit=Money(100, "CNY"), **supply.doing("buyer"))


def _unlimited(supply: Supply) -> None:
    """The limit is lifted by two of the house."""
    asked = limits.ask(currency="CNY", limit=None, reason=WORDS, **supply.doing("buyer"))
    approvals.approve(asked.public_id, **supply.doing("finance"))


def paid(supply: Supply, order: Order) -> Order:
    """The order, whose money came from the wallet or comes by card now."""
    if Payment.objects.filter(order=order, state=PaymentState.WAITING).exists():
        pay(order, at=supply.attack.now, number=fresh(supply.attack, "s"))
    order.refresh_from_db()
    return order


def bought(supply: Supply, product: Product, *, by: str = "agent", **command: Any) -> Order:
    """An order of the buyer for the first offer of the product."""
    actor: Actor = supply.actor(by)
    offer = product.offers.order_by("pk")[0]
    asked = a_command(actor, offer, at=supply.attack.now, **command)
    return checkout.checkout(asked, actor=actor, now=supply.attack.now)


def _fetched(supply: Supply, order: Order) -> None:
    right = entitlements.entitlement_of_order(order)
    if right is None:
        return
    table = order.product.revisions.get().tables.get().table.public_id
    asked: dict[str, Any] = {"table": table, "form": Form.CSV, **supply.doing("agent")}
    fetch = fetching.fetch(right.public_id, **asked)
    fetch.begin()
    fetch.count(100)
    link = fetching.make_link(right.public_id, spend_max_minor=None, **asked)
    links.end(link.public_id, **supply.doing("agent"))


@refills
def buy_within_limits(supply: Supply) -> None:
    """Orders that a second person confirms or declines, and one that nobody has answered."""
    product = supply.listing()
    with supply.thing("confirmed"):
        _limited(supply)
        checkout.confirm(bought(supply, product).public_id, **supply.doing("buyer"))
        placing.decline(bought(supply, product).public_id, reason=WORDS, **supply.doing("buyer"))
        bought(supply, product)
    with supply.thing("lifted"):
        _unlimited(supply)
    with supply.thing("fetched"):
        _fetched(supply, paid(supply, bought(supply, _of_a_file(supply))))
    with supply.thing("tied"):
        person, house = supply.people["committee"].user, supply.people["seller"].organisation
        assert house is not None
        tie = relations.declare_tie(
            user_id=person.public_id, organisation_id=house.public_id, kind=TieKind.OTHER,
            reason=WORDS, **supply.operating(),
        )  # fmt: skip
        relations.end_tie(tie.public_id, **supply.operating())


def metered_offer(supply: Supply, **fields: Any) -> Offer:
    """What is paid by use, of a new listing of a file."""
    product = _of_a_file(supply, price_minor=None, **fields)
    digest = read_plan(PLAN).digest
    return listings.an_offer(product, period="P1M", kind="metered", plan=PLAN, plan_digest=digest)
