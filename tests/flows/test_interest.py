"""Reviews by buyers, and the news that watchers and searchers get."""

import pytest
from django.db import transaction
from django.utils import translation

from accounts.models import Organisation, User
from exchange.catalog.actions import interest
from exchange.catalog.actions.indexing import index_product
from exchange.catalog.actions.interest import ListFull, NothingToSave
from exchange.catalog.actions.reviews import AlreadyReplied, AlreadyReviewed, ReviewIncomplete
from exchange.catalog.models import Product, Review, SavedSearch, Watch
from exchange.catalog.search.wishes import Wish, wish_of
from exchange.core.refusals import NotFound
from exchange.flows import interest as flow
from exchange.flows.interest import NotBought
from exchange.jobs import runner
from exchange.journeys import acceptance
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from exchange.notices.models import Notice
from exchange.notices.wording import line_of
from exchange.orders.models import Order
from tests.factories import accounts
from tests.factories.accounts import NOON
from tests.factories.listings import a_document, a_listing, a_revision
from tests.factories.members import Exchange, a_role, acting, an_exchange, minutes
from tests.factories.orders import DAY, a_market

LATER = NOON + minutes(60)


@pytest.fixture
def exchange(db: None) -> Exchange:
    return an_exchange()


def agent(exchange: Exchange, kind: Kind, role: Role, name: str = "") -> tuple[Organisation, Actor]:
    organisation = accounts.an_organisation(name=name or None)
    exchange.admit(organisation, kind)
    person = accounts.a_member(organisation)
    a_role(organisation, person, role)
    return organisation, acting(person, organisation, at=LATER)


@pytest.fixture
def buyer(exchange: Exchange) -> Actor:
    return agent(exchange, Kind.BUYER, Role.BUYER_AGENT, "Buyer")[1]


@pytest.fixture
def seller(exchange: Exchange) -> Actor:
    return agent(exchange, Kind.SELLER, Role.DATA_OWNER, "Seller")[1]


def house(actor: Actor) -> Organisation:
    assert actor.organisation_id is not None
    return Organisation.objects.get(pk=actor.organisation_id)


def reviewed(buyer: Actor, order: Order, *, stars: int = 4) -> Review:
    return flow.write_review(
        actor=buyer,
        product_id=order.product.public_id,
        order_id=order.public_id,
        stars=stars,
        text="Complete and on time.",
        now=DAY,
    )


def test_a_buyer_reviews_an_accepted_order_once_and_the_seller_replies_once(db: None) -> None:
    market = a_market()
    keeper = accounts.a_member(market.seller)
    a_role(market.seller, keeper, Role.DATA_OWNER)
    order = market.delivered()
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    assert flow.orders_to_review(market.buying, order.product) == [order.public_id]
    review = reviewed(market.buying, order)
    assert flow.orders_to_review(market.buying, order.product) == []
    assert Notice.objects.get(kind="catalog.product.reviewed").user == keeper
    with pytest.raises(AlreadyReviewed):
        reviewed(market.buying, order, stars=1)

    def reply() -> Review:
        return flow.reply_to_review(
            actor=market.selling, review_id=review.public_id, text="Thank you.", now=DAY
        )

    assert reply().reply == "Thank you."
    with pytest.raises(AlreadyReplied):
        reply()
    assert Review.objects.get().stars == 4


def test_who_has_not_bought_and_accepted_does_not_review(db: None) -> None:
    market = a_market()
    order = market.delivered()
    with pytest.raises(NotBought):
        reviewed(market.buying, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    stranger = agent(market.exchange, Kind.BUYER, Role.BUYER_AGENT)[1]
    with pytest.raises(NotBought):
        reviewed(stranger, order)
    with pytest.raises(NotBought):
        flow.write_review(
            actor=market.buying,
            product_id=market.offer().product.public_id,
            order_id=order.public_id,
            stars=4,
            text="Another product.",
            now=DAY,
        )
    with pytest.raises(ReviewIncomplete):
        reviewed(market.buying, order, stars=6)
    assert not Review.objects.exists()


def saved(user: User, text: str = "", **chosen: list[str]) -> SavedSearch:
    return interest.save_search(
        user_id=user.pk,
        name=text or "Mine",
        wish=wish_of(text=text, chosen=chosen),
        now=NOON,
    )


def test_a_new_listing_is_told_to_those_whose_search_it_fits(transactional_db: None) -> None:
    fits, other_word, other_region = accounts.a_user(), accounts.a_user(), accounts.a_user()
    saved(fits, "充电", region=["CN-BJ", "CN-TJ"], kind=["dataset"])
    saved(other_word, "battery")
    saved(other_region, "充电", region=["CN-SH"])
    a_listing(title="Charging", title_zh="充电站读数", region="CN-BJ", kind="dataset")
    runner.drain(worker="test", limit=20)
    (notice,) = Notice.objects.filter(kind="catalog.search.matched")
    assert notice.user == fits
    both = {"en": "Charging", "zh": "充电站读数"}
    assert notice.facts == {"product": both, "search": "充电"}
    for language, title in {"en": "Charging", "zh-hans": "充电站读数"}.items():
        with translation.override(language):
            assert title in line_of(notice.kind, notice.facts)


def test_a_product_that_comes_back_is_not_told_as_new_again(transactional_db: None) -> None:
    person = accounts.a_user()
    saved(person, kind=["dataset"])
    product = a_listing()
    runner.drain(worker="test", limit=20)
    product.search_entry.delete()
    with transaction.atomic():
        index_product(product=Product.objects.get(pk=product.pk))
    runner.drain(worker="test", limit=20)
    assert Notice.objects.filter(kind="catalog.search.matched").count() == 1


def test_watchers_are_told_of_a_new_revision(transactional_db: None) -> None:
    person = accounts.a_user()
    product = a_listing(title="Masts")
    runner.drain(worker="test", limit=20)
    interest.watch(user_id=person.pk, product=product, now=NOON)
    interest.watch(user_id=person.pk, product=product, now=NOON)
    with transaction.atomic():
        a_revision(product, document=a_document())
        index_product(product=product)
    runner.drain(worker="test", limit=20)
    (notice,) = Notice.objects.filter(user=person)
    assert (notice.kind, notice.facts) == (
        "catalog.product.revised",
        {"product": "Masts", "revision": 1},
    )
    interest.unwatch(user_id=person.pk, product=product)
    assert not Watch.objects.exists()


def test_saving_the_same_search_again_renames_it(db: None) -> None:
    person = accounts.a_user()
    first = saved(person, "charging")
    again = interest.save_search(
        user_id=person.pk, name="New name", wish=wish_of(text="charging", chosen={}), now=NOON
    )
    assert (again.pk, again.name) == (first.pk, "New name")
    with pytest.raises(NothingToSave):
        interest.save_search(user_id=person.pk, name="All", wish=Wish(), now=NOON)
    with pytest.raises(NotFound):
        interest.delete_search(user_id=accounts.a_user().pk, search_id=first.public_id)
    interest.delete_search(user_id=person.pk, search_id=first.public_id)
    assert not SavedSearch.objects.exists()


def test_lists_have_an_end(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interest, "WATCHES_MAX", 1)
    monkeypatch.setattr(interest, "SEARCHES_MAX", 1)
    person = accounts.a_user()
    interest.watch(user_id=person.pk, product=a_listing(), now=NOON)
    saved(person, "one")
    with pytest.raises(ListFull):
        interest.watch(user_id=person.pk, product=a_listing(), now=NOON)
    with pytest.raises(ListFull):
        saved(person, "two")
    assert (Watch.objects.count(), SavedSearch.objects.count()) == (1, 1)
