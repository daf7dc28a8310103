"""Refills of auctions and of sales of state assets."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from exchange.asset_sales import bidders, results, rounds
from exchange.asset_sales.lifecycle import AssetSaleState
from exchange.asset_sales.models import AssetSale
from exchange.auctions import bid_rings, bidding, envelopes, moderation, sealing
from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Auction
from exchange.auctions.requests import AuctionRequest, BidRequest, checked_rows
from exchange.auctions.scheduling import schedule
from exchange.catalog import file_answers, offers
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Product
from exchange.catalog.offers import OfferRequest, reserve_offer
from exchange.disputes import opening
from exchange.journeys import awards, delivery, disputes
from exchange.journeys.checkout import place_agreed
from exchange.journeys.scheduled import run_asset_sales
from exchange.members import proposals, relations
from exchange.members.lifecycle import AdmissionTransition
from exchange.members.models import RelationKind
from exchange.orders import placing, rulings
from exchange.orders.lifecycle import OrderTransition, PaymentMethod
from exchange.vault import file_reading, files
from exchange.vault.models import DataFile
from exchange.vault.reading.questions import Answers
from pricing.money import Money
from tests.attack.arguments import WORDS, fresh
from tests.attack.engine import tell_time
from tests.attack.refills import Supply, refills
from tests.attack.refills_deals import bought, paid
from tests.factories import listings
from tests.factories.asset_sales import YUAN, StateHouse, a_pdf
from tests.factories.auctions import ENGLISH
from tests.factories.members import newest
from tests.factories.vault import TOWNS, csv_of

NONCE = "0f" * 16
A_DAY = 86_400
STEPS_OF_SALE = 3
WAITED_FOR = timedelta(days=45)
ROWS = ({"price": 10_000},)
MILLION = 1_000_000


@refills
def sell_state_assets(supply: Supply) -> None:
    """Sales with two bidders, one and none go to their ends; others are announced, filed and planned."""
    state = _house(supply)
    parties: tuple[tuple[str, ...], ...] = (("buyer", "second"), ("buyer",), ())
    begun = [_announced(supply, state, names) for names in parties]
    for _step in range(STEPS_OF_SALE):
        for asset_sale in begun:
            with supply.thing("went on"):
                _wait(supply, asset_sale)
                _go_on(supply, state, asset_sale)
    for names in parties[::2]:
        with supply.thing("announced"):
            _announced(supply, state, names)
    state.product = supply.listing("state", price_minor=None)
    with supply.thing("planned"):
        state.planned(at=supply.attack.now)
    supply.listing("state", price_minor=None)


@refills
def sell_to_a_relative(supply: Supply) -> None:
    """The one bidder is related to the seller: the committee lets the sale go on."""
    state = _house(supply)
    name = "second"
    why: dict[str, Any] = {"reason": WORDS}
    relative = state.agents[name][1]
    tie = relations.declare(
        organisation_id=state.seller.public_id, other_id=relative.public_id,
        kind=RelationKind.COMMON_CONTROL, **why, **supply.operating(),
    )  # fmt: skip
    with supply.thing("related"):
        filed = state.filed(at=supply.attack.now)
        announced = state.announce(filed, MILLION, days=20, at=supply.attack.now)
        bidder = state.register(name, announced, MILLION, disclosure=WORDS, at=supply.attack.now)
        state.examine(bidder, at=supply.attack.now)
        _wait(supply, filed)
        results.agree(filed.public_id, **supply.doing("state"))
        results.approve_related(filed.public_id, **why, **supply.doing("committee"))
    relations.end(tie.public_id, **supply.operating())


def _announced(supply: Supply, state: StateHouse, names: tuple[str, ...]) -> AssetSale:
    state.product = supply.listing("state", price_minor=None)
    filed = state.filed(at=supply.attack.now)
    announced = state.announce(filed, MILLION, days=20, at=supply.attack.now)
    for name in names:
        bidder = state.register(name, announced, MILLION, at=supply.attack.now)
        state.examine(bidder, at=supply.attack.now)
    return filed


def _wait(supply: Supply, asset_sale: AssetSale) -> None:
    """Time goes on to when something of the sale is due, unless that is long from now."""
    asset_sale.refresh_from_db()
    due, now = asset_sale.due_at, supply.attack.now
    if due is not None and now < due < now + WAITED_FOR:
        supply.attack.now = due
    tell_time(supply.attack)
    run_asset_sales(now=supply.attack.now)
    asset_sale.refresh_from_db()


def _house(supply: Supply) -> StateHouse:
    house = supply.people["state"].organisation
    assert house is not None
    product = listings.a_listing(seller=house, price_minor=None, title="State")
    state = StateHouse(
        exchange=supply.attack.town.exchange, seller=house, product=product,
        deciding=supply.actor("committee"),
    )  # fmt: skip
    for name in ("buyer", "second"):
        person = supply.people[name]
        assert person.organisation is not None
        state.agents[name] = (person.user, person.organisation)
    return state


def _go_on(supply: Supply, state: StateHouse, asset_sale: AssetSale) -> None:
    """The next step of the sale, of those that its people take."""
    name = asset_sale.public_id
    if asset_sale.state == AssetSaleState.NO_BUYER:
        rounds.consent(
            name, floor_minor=MILLION * YUAN // 2, proof=a_pdf(), **supply.doing("committee")
        )
    elif asset_sale.state == AssetSaleState.BIDDING:
        announced = asset_sale.announcements.latest("number")
        for number, buyer in enumerate(("buyer", "second"), start=1):
            bidders.bid(
                announced.public_id, amount_minor=announced.floor_minor + number * MILLION * 5,
                **supply.doing(buyer),
            )  # fmt: skip
    elif asset_sale.state == AssetSaleState.ONE_BUYER:
        results.agree(name, **supply.doing("state"))
    elif asset_sale.state == AssetSaleState.WON:
        results.publish(name, **supply.operating())


@refills
def hold_auctions(supply: Supply) -> None:
    """Auctions with a deposit, with sealed bids that are withdrawn or revealed."""
    tell_time(supply.attack)
    with supply.thing("deposit"):
        dear = _auction(supply, Kind.ENGLISH, deposit_minor=5_000)
        bidding.register(dear.public_id, **supply.doing("agent"))
    with supply.thing("withdrawn"):
        sealed = _auction(supply, Kind.FIRST_PRICE)
        for name in ("agent", "second"):
            _bid(supply, sealed, name)
        envelopes.withdraw(sealed.public_id, reason=WORDS, **supply.doing("agent"))
    with supply.thing("revealed"):
        _revealed(supply)
    with supply.thing("forfeited"):
        _kept_silent(supply)
    bid_rings.look(**supply.operating())


@refills
def oversee(supply: Supply) -> None:
    """What operators do with what runs, and what is taken back or not agreed to."""
    tell_time(supply.attack)
    now = supply.attack.now
    why: dict[str, Any] = {"reason": WORDS}
    with supply.thing("auction"):
        running = _auction(supply, Kind.ENGLISH).public_id
        awards.run_due(now=now)
        moderation.pause(running, **why, **supply.operating())
        moderation.resume(running, **why, **supply.operating(2))
        later = now + timedelta(hours=9)
        moderation.extend(running, closes_at=later, **why, **supply.operating())
        moderation.cancel(running, **why, **supply.operating())
    with supply.thing("sale"):
        state = _house(supply)
        filed = state.filed(at=now)
        state.announce(filed, MILLION, days=20, at=now)
        rounds.suspend(filed.public_id, **why, **supply.operating())
        rounds.resume(filed.public_id, **why, **supply.operating(2))
    product = supply.listing(refund_policy="inspection", price_minor=20_000_000)
    with supply.thing("ruling"):
        order = bought(supply, product)
        placing.cancel(order.public_id, **why, **supply.doing("agent"))
        order = paid(supply, bought(supply, product))
        opening.open_dispute(
            order.public_id, kind="not_as_described", **why, **supply.doing("agent")
        )
        disputes.rule_on(
            order.public_id, transition=OrderTransition.REFUND, reason_code="not_as_described",
            **why, **supply.operating(),
        )  # fmt: skip
        rulings.decline(order.rulings.get(decision="open").public_id, **supply.operating(2))
    with supply.thing("file"):
        file = keep_unread(supply)
        files.stop_reading(file.public_id, **supply.doing("seller"))
    with supply.thing("file"):
        _answer_towns(supply)
    house = supply.people["second"].organisation
    assert house is not None
    for decide, number in ((proposals.decline, 2), (proposals.withdraw, 1)):
        with supply.thing("proposal"):
            asked = proposals.propose(
                newest(house).public_id, transition=AdmissionTransition.SUSPEND, **why,
                **supply.operating(),
            )  # fmt: skip
            decide(asked.public_id, note=WORDS, **supply.operating(number))


def _answer_towns(supply: Supply) -> None:
    """A file of towns that could be in two encodings is read, and answered."""
    number = supply.attack.random.randrange(10**6)
    content = BytesIO(TOWNS + f";{number}\n".encode())
    file = files.keep(name="towns.csv", content=content, **supply.doing("seller")).file
    file_reading.read_now(file.pk, now=supply.attack.now)
    file.refresh_from_db()
    for question in file_reading.questions_of(file):
        said = Answers({(question.asked, question.place): question.taken})
        file_answers.answer(file.public_id, said=said, **supply.doing("seller"))


def keep_unread(supply: Supply) -> DataFile:
    """A file that waits to be read."""
    content = BytesIO(csv_of(supply.attack.random.randrange(10**6)))
    return files.keep(name="m.csv", content=content, **supply.doing("seller")).file


@refills
def keep_out(supply: Supply) -> None:
    """An exclusive licence that an order kept waiting stands in the way of, and one that stands in the way
    of an order which is paid late."""
    tell_time(supply.attack)
    with supply.thing("obstacle"):
        product = supply.listing()
        auction = _auction(supply, Kind.FIRST_PRICE, product=product, exclusive=True)
        _agreed(supply, product)
        _bid(supply, auction, "second")
        _closed(supply, auction)
    with supply.thing("late"):
        product = supply.listing(price_minor=None)
        offer = listings.an_offer(product, price_minor=10_000, access_days=1)
        order = bought(supply, product, method=PaymentMethod.BANK_TRANSFER)
        offers.withdraw_offer(offer.public_id, **supply.doing("seller"))
        supply.attack.now += timedelta(days=1, hours=1)
        tell_time(supply.attack)
        auction = _auction(supply, Kind.FIRST_PRICE, product=product, exclusive=True)
        _bid(supply, auction, "second")
        _closed(supply, auction)
        paid(supply, order)
        delivery.deliver_again(order.public_id, **supply.operating())


def _agreed(supply: Supply, product: Product) -> None:
    """An order for what was agreed before, which waits for its money."""
    agent = supply.people["agent"]
    assert agent.organisation is not None
    command = OfferRequest(name="Agreed", kind=OfferKind.ONE_OFF, price=Money(5_000, "CNY"))
    offer = reserve_offer(
        product_id=product.public_id, command=command, reserved_for_id=agent.organisation.pk,
        basis=fresh(supply.attack, "test:"), by_id=None, actor=placing.CLOCK, now=supply.attack.now,
    )  # fmt: skip
    place_agreed(
        offer=offer, buyer_id=agent.organisation.pk, by_id=agent.user.pk,
        method=PaymentMethod.BANK_TRANSFER, **supply.doing("agent"),
    )  # fmt: skip


def _auction(
    supply: Supply, kind: Kind, *, product: Product | None = None, **terms: Any
) -> Auction:
    product = product or supply.listing(price_minor=None)
    fields = {**(ENGLISH if kind is Kind.ENGLISH else {}), **terms}
    now = supply.attack.now
    request = AuctionRequest(
        **{
            "kind": kind, "currency": "CNY", "product_id": product.public_id, "title": "",
            "opens_at": now - timedelta(seconds=1), "closes_at": now + timedelta(hours=1), **fields,
        }
    )  # fmt: skip
    return schedule(request, **supply.doing("seller"))


def _bid(supply: Supply, auction: Auction, name: str, **sealed: Any) -> None:
    request = BidRequest(currency="CNY", rows=() if sealed else ROWS, **sealed)
    bidding.place(auction.public_id, request, **supply.doing(name))


def _closed(supply: Supply, auction: Auction) -> None:
    """An hour later, when the auction has closed."""
    auction.refresh_from_db()
    supply.attack.now = auction.closes_at + timedelta(minutes=1)
    tell_time(supply.attack)
    awards.run_due(now=supply.attack.now)


def _revealed(supply: Supply) -> None:
    auction = _auction(supply, Kind.FIRST_PRICE, reveal_seconds=A_DAY)
    _commit(supply, auction)
    _closed(supply, auction)
    envelopes.reveal(auction.public_id, rows=ROWS, nonce=NONCE, **supply.doing("agent"))


def _kept_silent(supply: Supply) -> None:
    """A bid that is never revealed costs its deposit."""
    auction = _auction(supply, Kind.FIRST_PRICE, reveal_seconds=A_DAY, deposit_minor=5_000)
    bidding.register(auction.public_id, **supply.doing("agent"))
    _commit(supply, auction)
    _closed(supply, auction)
    supply.attack.now += timedelta(seconds=A_DAY)
    tell_time(supply.attack)
    awards.run_due(now=supply.attack.now)


def _commit(supply: Supply, auction: Auction) -> None:
    house = supply.people["buyer"].organisation
    assert house is not None
    kept = sealing.commitment(
        auction_id=auction.public_id, bidder=house.public_id, rows=checked_rows(auction, ROWS),
        nonce=NONCE,
    )  # fmt: skip
    _bid(supply, auction, "agent", commitment=kept)
