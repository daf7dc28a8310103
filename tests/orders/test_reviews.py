"""Reviews by buyers: after acceptance, once, with one reply."""

import pytest

from accounts.models import Organisation, User
from exchange.core.refusals import NotAllowed
from exchange.journeys import acceptance
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from exchange.notices.models import Notice
from exchange.orders import reviews
from exchange.orders.models import Order, Review
from exchange.orders.reviews import AlreadyReplied, AlreadyReviewed, NotBought, ReviewIncomplete
from tests.factories import accounts
from tests.factories.accounts import NOON
from tests.factories.members import Exchange, a_role, acting, minutes
from tests.factories.orders import DAY, a_market

LATER = NOON + minutes(60)


def agent(exchange: Exchange, kind: Kind, role: Role, name: str = "") -> tuple[Organisation, Actor]:
    organisation = accounts.an_organisation(name=name or None)
    exchange.admit(organisation, kind)
    person = accounts.a_member(organisation)
    a_role(organisation, person, role)
    return organisation, acting(person, organisation, at=LATER)


def reviewed(buyer: Actor, order: Order, *, stars: int = 4) -> Review:
    return reviews.write_review(
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
    assert reviews.orders_to_review(market.buying, order.product) == [order.public_id]
    review = reviewed(market.buying, order)
    assert reviews.orders_to_review(market.buying, order.product) == []
    assert Notice.objects.get(kind="catalog.product.reviewed").user == keeper
    with pytest.raises(AlreadyReviewed):
        reviewed(market.buying, order, stars=1)

    def reply() -> Review:
        return reviews.reply_to_review(
            review.public_id, actor=market.selling, text="Thank you.", now=DAY
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
        reviews.write_review(
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


def test_who_belongs_to_the_seller_too_does_not_review_what_it_sells(db: None) -> None:
    market = a_market()
    order = market.delivered()
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    accounts.a_member(market.seller, user=User.objects.get(pk=market.buying.user_id or 0))
    both = acting(User.objects.get(pk=market.buying.user_id or 0), market.buyer, at=LATER)
    assert reviews.orders_to_review(both, order.product) == []
    with pytest.raises(NotAllowed) as refused:
        reviewed(both, order)
    assert refused.value.facts["reason"] == "both_sides"
    assert not Review.objects.exists()
