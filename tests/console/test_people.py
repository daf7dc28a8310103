"""A person's page in the console: the account is taken out of use there, and brought back."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from exchange.members.models import Deactivation
from exchange.members.roles import Kind
from exchange.notices.models import Notice
from tests.console.conftest import approve_newest
from tests.factories import accounts
from tests.factories.members import Exchange

pytestmark = pytest.mark.django_db
WHY = {"reason": "The mailbox of this person was taken over."}


def address_of(person: User, act: str = "change") -> str:
    return reverse(f"console:accounts_user_{act}", args=[person.pk])


def test_an_account_is_taken_out_of_use_and_brought_back(
    exchange: Exchange, operator: Client, second_operator: Client
) -> None:
    seller = accounts.an_organisation(name="Seller")
    exchange.admit(seller, Kind.SELLER)
    person = accounts.a_member(seller, user=accounts.a_user(name="Wu Fan"))
    assert address_of(person, "deactivate") in operator.get(address_of(person)).content.decode()
    form = operator.get(address_of(person, "deactivate"))
    assert "signed out everywhere" in form.content.decode()
    assert "leaves_no_owner" not in form.context["form"].fields
    short = operator.post(address_of(person, "deactivate"), {"reason": "x"})
    assert short.status_code == 422
    assert "at least 10 letters" in short.content.decode()
    assert operator.post(address_of(person, "deactivate"), WHY).status_code == 302
    page = operator.get(address_of(person)).content.decode()
    assert WHY["reason"] in page
    assert address_of(person, "deactivate") not in page
    of_member = reverse("console:accounts_organisation_change", args=[seller.pk])
    shown = operator.get(of_member).content.decode()
    assert "Accounts out of use" in shown
    assert f"Wu Fan · {person.email}" in shown
    listed = reverse("console:members_deactivation_changelist")
    assert person.email in operator.get(listed).content.decode()
    asked = operator.post(address_of(person, "restore"), {"reason": "It was all a mistake."})
    assert asked.status_code == 302
    told = Notice.objects.get(kind="members.approval.requested")
    assert told.user == exchange.second
    assert "Wu Fan" in second_operator.get("/notices/").content.decode()
    assert second_operator.get(told.url).status_code == 200
    approve_newest(second_operator)
    assert User.objects.get(pk=person.pk).is_active is True
    assert Deactivation.objects.get().restored_by == exchange.second


def test_what_follows_for_an_only_owner_is_said_and_ticked(
    exchange: Exchange, operator: Client
) -> None:
    seller = accounts.an_organisation(name="Seller")
    exchange.admit(seller, Kind.SELLER)
    owner = accounts.owner_of(seller)
    form = operator.get(address_of(owner, "deactivate")).content.decode()
    assert "is the only owner of “Seller”" in form
    refused = operator.post(address_of(owner, "deactivate"), WHY)
    assert refused.status_code == 422
    assert User.objects.get(pk=owner.pk).is_active is True
    said = {**WHY, "leaves_no_owner": "on"}
    assert operator.post(address_of(owner, "deactivate"), said).status_code == 302
    assert User.objects.get(pk=owner.pk).is_active is False


def test_a_regulator_reads_and_takes_nobody_out(exchange: Exchange, regulator: Client) -> None:
    person = accounts.a_user()
    assert regulator.get(address_of(person)).status_code == 200
    assert regulator.post(address_of(person, "deactivate"), WHY).status_code == 403
    assert User.objects.get(pk=person.pk).is_active is True


def test_people_are_called_people_where_their_list_is_named(operator: Client) -> None:
    page = operator.get(reverse("console:accounts_user_changelist")).content.decode()
    assert "People" in page
    assert "users" not in page.lower()
