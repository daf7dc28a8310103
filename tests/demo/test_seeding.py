"""The invented exchange is made through real flows, once."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.models import Organisation, User
from exchange.audit.models import Record
from exchange.demo import seeding
from exchange.demo.personas import HOUSES, shown_people
from exchange.ledger.models import Account, Posting
from exchange.members.models import Admission, RoleGrant
from exchange.members.states import Standing

NOW = timezone.now()  # holds run out by the clock of the database

pytestmark = [pytest.mark.usefixtures("_story"), pytest.mark.xdist_group("story")]


@pytest.fixture(scope="module")
def _story(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One seeded exchange for the whole module, taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert seeding.seed(NOW) is True
        yield
        transaction.set_rollback(True)


def test_there_is_an_admission_in_every_stage() -> None:
    standings = list(Admission.objects.values_list("standing", flat=True))
    assert standings.count(Standing.ACTIVE) == len(HOUSES) - 2
    assert sorted(set(standings)) == [Standing.ACTIVE, Standing.APPLIED, Standing.VERIFIED]
    assert RoleGrant.objects.count() == sum(len(p.roles) for h in HOUSES for p in h.people)


def test_every_invented_organisation_says_so_in_its_name() -> None:
    names = Organisation.objects.values_list("name", flat=True)
    assert [name for name in names if "synthetic" not in name or "示例" not in name] == []


def test_seeding_again_changes_nothing() -> None:
    before = (User.objects.count(), Record.objects.count(), Posting.objects.count())
    assert seeding.seed(NOW) is False
    assert (User.objects.count(), Record.objects.count(), Posting.objects.count()) == before


def test_the_sale_of_the_story_is_split_to_the_last_cent() -> None:
    balances = {account.code: account.balance.minor for account in Account.objects.all()}
    assert balances["escrow:order:demo-1"] == 0
    assert (balances["tax:CN"], balances["fee:income"]) == (600_000, 200_000)
    assert balances["wallet:dem0gr1d"] == 9_800_000
    assert Account.objects.get(code="wallet:dem0bank").available.minor == 795_760_000


@override_settings(ROOT_URLCONF="exchange.demo.urls", SECOND_FACTOR_REQUIRED=False)
def test_a_visitor_steps_into_each_persona_with_one_click(client: Client) -> None:
    for _house, person in shown_people():
        assert client.post("/demo/step-into/", {"persona": person.key}).status_code == 302
        assert client.session["_auth_user_id"] == str(User.objects.get(email=person.email).pk)
    assert client.post("/demo/step-into/", {"persona": "seller.security"}).status_code == 404


def test_outside_the_demo_nobody_steps_into_anything(client: Client) -> None:
    assert client.post("/demo/step-into/", {"persona": "operator"}).status_code == 404
