"""The news that watchers and searchers get, and what they keep."""

import pytest
from django.db import transaction
from django.utils import translation

from accounts.models import User
from exchange.catalog import interest
from exchange.catalog.interest import ListFull, NothingToSave
from exchange.catalog.models import Product, SavedSearch, Watch
from exchange.catalog.search.indexing import index_product
from exchange.catalog.search.requests import PriceRange, SearchRequest, command_of
from exchange.core.refusals import NotFound
from exchange.jobs import runner
from exchange.notices.models import Notice
from exchange.notices.notify import line_of
from tests.factories import accounts
from tests.factories.accounts import NOON
from tests.factories.listings import a_document, a_listing, a_revision


def saved(user: User, text: str = "", **chosen: list[str]) -> SavedSearch:
    return interest.save_search(
        user_id=user.pk,
        name=text or "Mine",
        command=command_of(text=text, chosen=chosen),
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


def test_a_saved_search_keeps_its_prices_and_leaves_open_data_out(transactional_db: None) -> None:
    person = accounts.a_user()
    command = command_of(
        text="", chosen={}, price=PriceRange("CNY", None, 500), has_elsewhere=False
    )
    kept = interest.save_search(user_id=person.pk, name="", command=command, now=NOON)
    fitting = [
        [one.pk for one in interest.searches_fitting(a_listing(**about))]
        for about in (
            {"price_minor": 500},
            {"price_minor": 501},
            {"price_minor": 0},
            {"price_minor": 0, "delivery": "file"},
            {"price_minor": None},
        )
    ]
    assert fitting == [[kept.pk], [], [], [kept.pk], []]


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
        user_id=person.pk, name="New name", command=command_of(text="charging", chosen={}), now=NOON
    )
    assert (again.pk, again.name) == (first.pk, "New name")
    with pytest.raises(NothingToSave):
        interest.save_search(user_id=person.pk, name="All", command=SearchRequest(), now=NOON)
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
