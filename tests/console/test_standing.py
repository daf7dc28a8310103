"""What an operator sees before a restriction or suspension, beside the checks, and of a change of identity."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.organisations import Profile
from exchange.members import identity
from exchange.members.roles import Kind
from exchange.notices.models import Notice
from tests.factories import accounts, members
from tests.factories.members import NOON, Exchange, acting, an_application, minutes

pytestmark = pytest.mark.django_db


def test_restricting_and_suspending_show_what_they_touch(
    exchange: Exchange, operator: Client
) -> None:
    held = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    for act in ("restrict", "propose"):
        page = operator.get(reverse(f"console:members_admission_{act}", args=[held.pk]))
        assert page.status_code == 200
        assert "What this touches now" in page.content.decode()
        assert "Auctions that it holds" in page.content.decode()


def test_the_documents_and_likenesses_stand_beside_the_checks(
    exchange: Exchange, operator: Client
) -> None:
    exchange.admit(accounts.an_organisation(name="Bank of the North"), Kind.SELLER)
    applied = an_application(accounts.an_organisation(name="Another Bank"))
    shown = operator.get(reverse("console:members_admission_verify", args=[applied.pk]))
    document = applied.documents.order_by("pk")[0]
    assert reverse("web:admission_document", args=[document.public_id]) in shown.content.decode()


def test_a_change_of_identity_is_approved_here(exchange: Exchange, operator: Client) -> None:
    organisation = accounts.an_organisation(name="Pipeline Data")
    exchange.admit(organisation, Kind.SELLER)
    asked = identity.ask(
        profile=Profile(
            name="Pipeline Group", kind="private", credit_code=organisation.credit_code or ""
        ),
        reason="A merger.",
        actor=acting(accounts.owner_of(organisation), organisation),
        now=NOON + minutes(30),
    )
    row = operator.get(reverse("console:members_identityrequest_change", args=[asked.pk]))
    assert "Pipeline Group" in row.content.decode()
    address = reverse("console:members_identityrequest_approve", args=[asked.pk])
    assert operator.get(address).status_code == 200
    assert operator.post(address, {"sent": "1"}).status_code == 302
    organisation.refresh_from_db()
    assert organisation.name == "Pipeline Group"
    assert members.newest(organisation).standing == "active"


def test_operators_are_told_who_applies(exchange: Exchange) -> None:
    members.an_application(accounts.an_organisation(name="Harbour City Gas"))
    told = Notice.objects.filter(kind="members.admission.applied")
    assert {one.user_id for one in told} >= {exchange.first.pk, exchange.second.pk}
    newest = told.latest("pk")
    assert newest.facts["organisation"] == "Harbour City Gas"
    assert newest.url == reverse("console:members_admission_changelist")
