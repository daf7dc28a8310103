"""Views of lists that people keep: each person's own, for one organisation, and not without end."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from exchange.core.refusals import NotFound
from exchange.members import saved_views
from exchange.members.actors import Actor
from exchange.members.models import VIEWS_MAX, SavedView
from exchange.members.saved_views import ViewNameTaken, ViewRefused, ViewsFull
from tests.factories import accounts
from tests.factories.members import NOON, acting
from tests.races.test_admission_races import at_once

LIST = "desk:orders.order"


def someone() -> Actor:
    organisation = accounts.an_organisation()
    return acting(accounts.owner_of(organisation), organisation)


def save(actor: Actor, name: str = "Waiting", **said: str) -> SavedView:
    given = {"list_name": LIST, "query": "turn__exact=seller", **said}
    return saved_views.save_view(actor=actor, name=name, now=NOON, **given)


def names(actor: Actor, list_name: str = LIST) -> list[str]:
    return [view.name for view in saved_views.views_of(actor, list_name)]


@pytest.mark.django_db
def test_a_view_is_kept_for_its_person_list_and_organisation_alone() -> None:
    actor, other = someone(), someone()
    save(actor, "  Waiting \n for us ")
    save(actor, "Paid", query="state__exact=paid")
    save(actor, "Waiting for us", list_name="desk:catalog.product")
    assert names(actor) == ["Waiting for us", "Paid"]
    assert names(actor, "desk:catalog.product") == ["Waiting for us"]
    assert names(other) == []
    elsewhere = accounts.an_organisation()
    person = accounts.a_member(elsewhere, user=SavedView.objects.all()[0].user)
    assert names(acting(person, elsewhere)) == []


@pytest.mark.django_db
def test_a_view_of_somebody_else_is_neither_read_renamed_nor_removed() -> None:
    actor, other = someone(), someone()
    view = save(actor)
    with pytest.raises(NotFound):
        saved_views.view_of(other, view.public_id)
    with pytest.raises(NotFound):
        saved_views.rename_view(view.public_id, actor=other, name="Taken", now=NOON)
    with pytest.raises(NotFound):
        saved_views.remove_view(view.public_id, actor=other, now=NOON)
    assert names(actor) == ["Waiting"]


@pytest.mark.django_db
def test_a_view_is_renamed_and_removed() -> None:
    actor = someone()
    view = save(actor)
    saved_views.rename_view(view.public_id, actor=actor, name="Our turn", now=NOON)
    assert names(actor) == ["Our turn"]
    saved_views.rename_view(view.public_id, actor=actor, name="Our turn", now=NOON)
    saved_views.remove_view(view.public_id, actor=actor, now=NOON)
    assert names(actor) == []


@pytest.mark.django_db
def test_two_views_of_one_list_have_two_names() -> None:
    actor = someone()
    save(actor, "Waiting")
    other = save(actor, "Paid")
    with pytest.raises(ViewNameTaken) as refused:
        save(actor, "Waiting", query="state__exact=paid")
    assert refused.value.facts == {"field": "name"}
    with pytest.raises(ViewNameTaken):
        saved_views.rename_view(other.public_id, actor=actor, name="Waiting", now=NOON)
    assert names(actor) == ["Waiting", "Paid"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "query"),
    [("", "a=1"), (" ", "a=1"), ("x" * 61, "a=1"), ("Name", ""), ("Name", "a" * 1001)],
)
def test_a_view_needs_a_name_and_something_to_ask(name: str, query: str) -> None:
    actor = someone()
    with pytest.raises(ViewRefused):
        save(actor, name, query=query)
    assert SavedView.objects.exists() is False


@pytest.mark.django_db
def test_one_keeps_at_most_twenty_views_of_a_list_and_a_place_is_taken_again() -> None:
    actor = someone()
    kept = [save(actor, f"View {number}") for number in range(VIEWS_MAX)]
    with pytest.raises(ViewsFull) as refused:
        save(actor, "One more")
    assert refused.value.facts == {"limit": 20}
    saved_views.remove_view(kept[3].public_id, actor=actor, now=NOON)
    assert save(actor, "One more").place == 4
    assert SavedView.objects.count() == VIEWS_MAX


@pytest.mark.django_db
def test_the_database_keeps_places_names_and_the_limit() -> None:
    view = save(someone())
    wrongs: tuple[dict[str, Any], ...] = (
        {"place": VIEWS_MAX + 1}, {"place": 0}, {"name": ""}, {"query": ""},
    )  # fmt: skip
    for wrong in wrongs:
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.filter(pk=view.pk).update(**wrong)
    for place, name in ((1, "Other"), (2, "Waiting")):
        view.pk, view.public_id, view.place, view.name = None, f"vew_other{place}", place, name
        with pytest.raises(IntegrityError), transaction.atomic():
            view.save(force_insert=True)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_given_once() -> None:
    actor = someone()
    for number in range(VIEWS_MAX - 1):
        save(actor, f"View {number}")
    outcomes = at_once(lambda: save(actor, "One"), lambda: save(actor, "Other"))
    assert outcomes == ["done", "views_full"]
    assert SavedView.objects.count() == VIEWS_MAX
