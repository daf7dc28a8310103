"""The pages of admission and of the team, with and without what they need."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import MembershipRole, Organisation
from exchange.members.models import Admission, AdmissionDocument, ApprovalRequest, RoleGrant
from exchange.members.roles import Kind, Role
from tests.factories import accounts
from tests.factories.members import PDF, a_role, an_application, an_exchange, newest
from tests.web.buyers import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> Organisation:
    return accounts.an_organisation()


@pytest.fixture
def owner(organisation: Organisation) -> Client:
    return browser(accounts.owner_of(organisation), organisation)


def test_applying_leads_to_the_page_that_says_whose_turn_it_is(
    owner: Client, organisation: Organisation
) -> None:
    assert owner.get("/admission/").headers["Location"] == "/admission/apply/"
    sent = owner.post("/admission/apply/", {"kinds": ["seller"], "legal_person": "Wang Fang"})
    assert (sent.status_code, sent.headers["Location"]) == (302, "/admission/")
    shown = owner.get("/admission/").content.decode()
    assert "The exchange is checking your credit code" in shown
    assert "Still missing:" in shown
    assert newest(organisation).wanted == ["seller"]
    again = owner.post("/admission/apply/", {"kinds": ["seller"], "legal_person": "Wang Fang"})
    assert again.status_code == 403
    assert Admission.objects.count() == 1


def test_a_document_is_handed_in_and_comes_back_as_a_download(
    owner: Client, organisation: Organisation
) -> None:
    an_application(organisation)
    file = SimpleUploadedFile("../营业 执照.pdf", PDF + b" two", content_type="text/html")
    assert owner.post("/admission/documents/", {"kind": "other", "file": file}).status_code == 302
    document = AdmissionDocument.objects.get(kind="other")
    answer = owner.get(f"/admission/documents/{document.public_id}/")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert b"".join(answer) == PDF + b" two"


def test_a_bad_document_is_refused_on_the_page_with_its_reason(
    owner: Client, organisation: Organisation
) -> None:
    an_application(organisation)
    file = SimpleUploadedFile("page.pdf", b"<html>")
    answer = owner.post("/admission/documents/", {"kind": "other", "file": file})
    assert answer.status_code == 422
    assert "The content of the file is not what its name says." in answer.content.decode()
    assert not AdmissionDocument.objects.filter(kind="other").exists()


def test_a_role_is_given_and_taken_away_without_any_script(
    organisation: Organisation, owner: Client
) -> None:
    an_exchange().admit(organisation, Kind.SELLER)
    person = accounts.a_member(organisation)
    given = owner.post(
        "/team/roles/", {"user": person.public_id, "role": "data_owner", "reason": "Their data."}
    )
    assert given.headers["Location"] == "/team/"
    shown = owner.get("/team/").content.decode()
    assert "A data owner does not approve the price of its own data." in shown
    grant = RoleGrant.objects.get(user=person)
    address = f"/team/roles/{grant.public_id}/revoke/"
    assert re.search(rf'<form method="post" action="{address}"', shown)
    assert owner.post(address, {"reason": "Done."}).status_code == 302
    grant.refresh_from_db()
    assert grant.revoke_reason == "Done."


def test_an_operator_who_is_no_owner_proposes_who_works_for_the_exchange() -> None:
    exchange = an_exchange()
    operator = accounts.a_member(exchange.organisation)
    a_role(exchange.organisation, operator, Role.OPERATOR)
    person = accounts.a_member(exchange.organisation)
    client = browser(operator, exchange.organisation)
    page = client.get("/team/").content.decode()
    assert '<option value="support">' in page
    assert '<option value="finance">' not in page
    sent = {"user": person.public_id, "role": "support", "reason": "Answers buyers."}
    assert client.post("/team/roles/", sent).status_code == 302
    assert ApprovalRequest.objects.get().about == f"{person.public_id}:support"


def test_a_role_removed_while_its_session_lives_ends_with_the_next_request(
    organisation: Organisation,
) -> None:
    an_exchange().admit(organisation, Kind.SELLER)
    person = accounts.a_member(organisation, role=MembershipRole.ADMIN)
    client = browser(person, organisation)
    colleague = accounts.a_member(organisation)
    grant = a_role(organisation, colleague, Role.DATA_OWNER)
    address = f"/team/roles/{grant.public_id}/revoke/"
    assert client.get("/team/").status_code == 200
    organisation.memberships.filter(user=person).update(role="member")
    assert client.post(address, {"reason": "Still me?"}).status_code == 403
    organisation.memberships.filter(user=person).delete()
    assert client.post(address, {"reason": "And now?"}).status_code == 404
    grant.refresh_from_db()
    assert grant.valid_until is None
