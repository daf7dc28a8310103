"""What disputes say of a seller, and that it ages out."""

from datetime import timedelta

import pytest

from exchange.disputes import answers, opening
from exchange.disputes.statistics import WINDOW, disputes_of_seller
from exchange.journeys import disputes
from tests.factories.members import minutes
from tests.factories.orders import DAY, a_market

pytestmark = pytest.mark.django_db


def test_disputes_of_a_seller_are_counted_against_its_trades_and_age_out() -> None:
    market = a_market()
    _quiet, lost, won = (market.delivered(100) for _each in range(3))
    for order, days in ((lost, 1), (won, 2)):
        dispute = opening.open_dispute(
            order.public_id, kind="below_quality", reason="Gaps.", actor=market.buying, now=DAY
        )
        answers.answer(
            dispute.public_id,
            actor=market.selling,
            reason="No.",
            now=DAY + timedelta(days=days),
        )
        if order == lost:
            disputes.concede(dispute.public_id, actor=market.selling, now=DAY + timedelta(days=3))
    counted = disputes_of_seller(market.seller.pk, now=DAY + timedelta(days=4))
    assert (counted.trades, counted.disputes, counted.lost) == (3, 2, 1)
    assert counted.per_hundred == "66.7"
    assert counted.answer_days == 2  # a day and a half, begun
    assert disputes_of_seller(market.buyer.pk, now=DAY).trades == 0
    gone = disputes_of_seller(market.seller.pk, now=DAY + WINDOW + minutes(1))
    assert (gone.trades, gone.disputes, gone.answer_days) == (0, 0, None)
