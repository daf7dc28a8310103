"""A price that begins later: the one before it stays open until then, to the moment."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from exchange.catalog import interest, offers, products, review, scheduled
from exchange.catalog.buyable import buyable_offer, open_offers
from exchange.catalog.difference_words import offer_changes
from exchange.catalog.errors import OfferRefused, OfferWithdrawn
from exchange.catalog.lifecycle import OfferKind, OfferState
from exchange.catalog.models import Offer, Product, SearchEntry
from exchange.catalog.search import indexing
from exchange.core import clock
from exchange.jobs import runner
from exchange.notices.models import Notice
from exchange.notices.notify import line_of
from tests.factories import accounts
from tests.factories.catalog import DAY, Stall

TURN = DAY + timedelta(days=30)
TICK = timedelta(microseconds=1)


def planned(stall: Stall, *, yuan: int = 200, at: datetime = TURN) -> tuple[Product, Offer, Offer]:
    """A listed product at 100, and the price that comes at a moment, which the exchange accepted."""
    product = stall.list()
    before = Offer.objects.get()
    after = stall.offer(product, yuan=yuan, supersedes=before.public_id, valid_from=at)
    before.refresh_from_db()
    return product, before, after


def prices(product: Product, at: datetime) -> list[int]:
    return [one.price_minor for one in open_offers(product, at=at)]


def test_the_old_price_is_open_to_the_moment_and_the_new_one_from_it(stall: Stall) -> None:
    product, before, after = planned(stall)
    assert (before.state, before.replaced_at) == (OfferState.ACTIVE, TURN)
    assert (after.state, after.valid_from) == (OfferState.ACTIVE, TURN)
    assert prices(product, TURN - TICK) == [10_000]
    assert prices(product, TURN) == [20_000]
    assert buyable_offer(before.public_id, at=TURN - TICK) == before
    with pytest.raises(OfferWithdrawn) as early:
        buyable_offer(after.public_id, at=TURN - TICK)
    assert str(early.value).startswith("This offer has not begun.")
    with pytest.raises(OfferWithdrawn) as late:
        buyable_offer(before.public_id, at=TURN)
    assert late.value.facts["offers"] == [after.public_id]


def test_the_api_says_what_is_planned_and_which_offer_ends_then(
    stall: Stall, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    product, before, after = planned(stall)
    address = reverse("api:product", args=[product.public_id])

    def prices_at(at: datetime) -> tuple[Any, Any]:
        monkeypatch.setattr(clock, "now", lambda: at)
        document = client.get(address).json()
        return document["offers"], document["planned_offers"]

    (now,), (later,) = prices_at(TURN - TICK)
    assert (now["id"], now["price_minor"]) == (before.public_id, 10_000)
    assert datetime.fromisoformat(now["valid_until"]) == TURN
    assert (later["id"], later["price_minor"]) == (after.public_id, 20_000)
    assert later["supersedes"] == before.public_id
    assert datetime.fromisoformat(later["valid_from"]) == TURN
    (now,), none = prices_at(TURN)
    assert (now["id"], now["valid_until"], none) == (after.public_id, None, [])


def test_the_clock_ends_what_is_replaced_once(stall: Stall) -> None:
    _product, before, after = planned(stall)
    assert scheduled.run_due(now=TURN - TICK) == 0
    assert scheduled.run_due(now=TURN) > 0
    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.state, before.withdrawn_at) == (OfferState.WITHDRAWN, TURN)
    assert after.state == OfferState.ACTIVE
    assert not Offer.objects.filter(state=OfferState.ACTIVE, replaced_at__isnull=False).exists()


def test_the_search_and_watchers_follow_at_the_moment(
    stall: Stall, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> None:
    now = DAY
    monkeypatch.setattr(clock, "now", lambda: now)
    product, _before, _after = planned(stall)
    person = accounts.a_user()
    interest.watch(user_id=person.pk, product=product, now=DAY)
    runner.drain(worker="test", limit=50)
    Notice.objects.all().delete()
    entry = SearchEntry.objects.get(product=product)
    assert (entry.price_order, entry.stale_at) == (10_000, TURN)
    now = TURN
    assert scheduled.run_due(now=TURN) > 0
    entry.refresh_from_db()
    assert (entry.price_order, entry.card["price_minor"], entry.stale_at) == (20_000, 20_000, None)
    runner.drain(worker="test", limit=50)
    notice = Notice.objects.get(user=person)
    assert notice.kind == "catalog.product.priced"
    assert "CN¥200.00 without tax" in line_of(notice.kind, notice.facts)
    assert scheduled.run_due(now=TURN) == 0


def test_an_offer_that_ends_by_its_date_leaves_the_search_by_the_clock(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = DAY
    monkeypatch.setattr(clock, "now", lambda: now)
    product = stall.list()
    stall.offer(product, yuan=50, valid_until=TURN)
    entry = SearchEntry.objects.get(product=product)
    assert (entry.price_order, entry.stale_at) == (5_000, TURN)
    now = TURN
    assert scheduled.run_due(now=TURN) == 1
    entry.refresh_from_db()
    assert (entry.price_order, entry.stale_at) == (10_000, None)


def test_a_planned_change_is_taken_back_and_the_old_price_stays(stall: Stall) -> None:
    product, before, after = planned(stall)
    offers.withdraw_offer(after.public_id, actor=stall.selling, now=TURN - TICK)
    before.refresh_from_db()
    assert (before.state, before.replaced_at) == (OfferState.ACTIVE, None)
    assert prices(product, TURN) == [10_000]
    assert scheduled.run_due(now=TURN) == 0


def test_once_it_has_begun_taking_it_back_does_not_bring_the_old_price_again(stall: Stall) -> None:
    product, before, after = planned(stall)
    offers.withdraw_offer(after.public_id, actor=stall.selling, now=TURN)
    before.refresh_from_db()
    assert before.state == OfferState.WITHDRAWN
    assert prices(product, TURN) == []


def test_one_change_is_planned_at_a_time_and_begins_within_a_year(stall: Stall) -> None:
    product, before, after = planned(stall)
    for supersedes, words in (
        (before, "A change of this offer is planned already."),
        (after, "The offer that this one takes the place of is not open."),
    ):
        with pytest.raises(OfferRefused) as refused:
            stall.offer(product, supersedes=supersedes.public_id)
        assert str(refused.value).startswith(words)
        assert refused.value.facts["field"] == "supersedes"
    for moment in (DAY, DAY - TICK, DAY + timedelta(days=367)):
        with pytest.raises(OfferRefused) as refused:
            stall.offer(product, valid_from=moment)
        assert refused.value.facts["field"] == "valid_from"
    assert Offer.objects.count() == 2


def test_a_change_that_is_accepted_after_its_moment_begins_with_that(stall: Stall) -> None:
    product = stall.list()
    before = Offer.objects.get()
    command = offers.command_like(before)
    asked: dict[str, Any] = {**vars(command), "supersedes": before.public_id, "plan": None}
    after, _price = offers.add_offer(
        product.public_id,
        actor=stall.selling,
        command=offers.OfferRequest(**{**asked, "valid_from": DAY + TICK}),
        now=DAY,
    )
    assert prices(product, DAY + TICK) == [10_000]  # nobody has accepted it
    products.propose_change(product.public_id, actor=stall.selling, now=DAY)
    late = DAY + timedelta(days=1)
    review.accept_change(product.public_id, actor=stall.reviewing, now=late)
    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.state, before.withdrawn_at) == (OfferState.WITHDRAWN, late)
    assert after.state == OfferState.ACTIVE


def test_the_reviewer_reads_when_a_price_begins(stall: Stall) -> None:
    product = stall.list()
    before = Offer.objects.get()
    at = clock.now() + timedelta(days=40)
    offers.add_offer(
        product.public_id,
        actor=stall.selling,
        command=offers.OfferRequest(
            name="Once", kind=OfferKind(before.kind), price=before.price, valid_from=at,
            supersedes=before.public_id,
        ),
        now=clock.now(),
    )  # fmt: skip
    (change,) = offer_changes(product)
    assert change.before == "CN¥100.00"
    assert change.now.startswith("CN¥100.00 from ")


def test_in_a_draft_a_replaced_offer_is_kept_while_another_names_it(stall: Stall) -> None:
    product = stall.complete()
    before = Offer.objects.get()
    after = stall.offer(product, yuan=200, supersedes=before.public_id, valid_from=TURN)
    offers.withdraw_offer(before.public_id, actor=stall.selling, now=DAY)
    before.refresh_from_db()
    assert before.state == OfferState.WITHDRAWN
    offers.withdraw_offer(after.public_id, actor=stall.selling, now=DAY)
    assert list(Offer.objects.values_list("pk", flat=True)) == [before.pk]


def replaced_at(offer: Offer, moment: datetime | None) -> None:
    """Write the moment past the use case, as far as the end of a transaction."""
    with transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(replaced_at=moment)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("moment", [None, TURN - TICK, TURN + TICK])
def test_the_database_knows_no_gap_and_no_overlap(stall: Stall, moment: datetime | None) -> None:
    _product, before, _after = planned(stall)
    with pytest.raises(IntegrityError, match="does not end when"):
        replaced_at(before, moment)
    before.refresh_from_db()
    assert before.replaced_at == TURN


def test_a_new_copy_has_what_is_on_offer_now(stall: Stall) -> None:
    product, _before, _after = planned(stall)
    copied = products.duplicate(product.public_id, actor=stall.selling, now=DAY)
    assert [one.price_minor for one in copied.offers.all()] == [10_000]


def test_a_price_told_is_the_least_at_once() -> None:
    card: dict[str, Any] = {"price_minor": 100, "currency": "CNY", "period": ""}
    other = indexing._has_another_price
    assert not other(card, card)
    assert other(card, {**card, "price_minor": 200})
    assert not other(card, {**card, "price_minor": None})
