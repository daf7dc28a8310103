"""The page on which an organisation asks to be known otherwise."""

import pytest

from exchange.members import identity
from exchange.members.lifecycle import RequestState
from exchange.members.roles import Kind
from tests.factories import accounts
from tests.factories.members import an_exchange
from tests.web.buyers import browser

pytestmark = pytest.mark.django_db


def test_a_leader_asks_takes_back_and_is_refused_at_the_form() -> None:
    organisation = accounts.an_organisation(name="Pipeline Data")
    an_exchange().admit(organisation, Kind.SELLER)
    page = browser(accounts.owner_of(organisation), organisation)
    form = {
        "name": "Pipeline Data", "kind": organisation.kind, "country": "CN",
        "credit_code": organisation.credit_code, "reason": "The register says so.",
    }  # fmt: skip
    assert page.get("/admission/identity/").status_code == 200
    assert page.post("/admission/identity/", form).status_code == 409
    assert page.post("/admission/identity/", {**form, "name": "Pipe\u202eline"}).status_code == 422
    assert page.post("/admission/identity/", {**form, "name": "Pipeline Group"}).status_code == 302
    assert "Pipeline Group" in page.get("/admission/identity/").content.decode()
    asked = identity.requests_of(organisation.pk)[0]
    assert page.post(f"/admission/identity/{asked.public_id}/withdraw/").status_code == 302
    asked.refresh_from_db()
    assert asked.state == RequestState.WITHDRAWN
    shown = page.get(f"/organisations/{organisation.public_id}/edit/")
    assert shown.status_code == 200
