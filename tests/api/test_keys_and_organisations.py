"""What keys and people reach over the API, and what stays closed to them."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, Invitation, MembershipRole
from exchange.audit.models import Record
from exchange.core.models import IdempotencyKey
from tests.api.callers import JSON, post, signed_in, with_key
from tests.factories.accounts import a_member, a_user, an_api_key, an_organisation, owner_of

pytestmark = pytest.mark.django_db
API = "/api/v1"


def code_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_a_key_says_who_it_is() -> None:
    organisation = an_organisation()
    me = with_key(organisation, "organisation:read").get(f"{API}/me").json()
    key = ApiKey.objects.get()
    assert (me["kind"], me["actor"], me["scopes"]) == (
        "key",
        f"key:{key.public_id}",
        ["organisation:read"],
    )
    assert me["organisation"]["id"] == organisation.public_id
    assert me["person"] is None


def test_a_person_says_who_they_are() -> None:
    person = a_user(name="Li Wei")
    me = signed_in(person).get(f"{API}/me").json()
    assert (me["kind"], me["person"]["id"], me["person"]["name"]) == (
        "person",
        person.public_id,
        "Li Wei",
    )


def test_a_key_without_the_scope_is_refused_with_the_scope_it_needs() -> None:
    program = with_key(an_organisation(), "ledger:read")
    assert program.get(f"{API}/me").status_code == 200  # every key may ask what it is
    response = program.get(f"{API}/organisations")
    assert code_of(response) == (403, "wrong_scope")
    assert (response.json()["needed"], response.json()["held"]) == (
        "organisation:read",
        ["ledger:read"],
    )


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_key_sees_or_makes_keys_whatever_its_scopes(method: str) -> None:
    organisation = an_organisation()
    program = with_key(organisation, "organisation:read", "organisation:write")
    path = f"{API}/organisations/{organisation.public_id}/api-keys"
    response = program.get(path) if method == "get" else post(program, path)
    assert code_of(response) == (403, "not_for_keys")
    assert ApiKey.objects.count() == 1


def test_expired_revoked_and_invented_keys_are_not_known() -> None:
    organisation = an_organisation()
    now = timezone.now()
    expired = with_key(organisation, "organisation:read", at=now - timedelta(days=31))
    assert code_of(expired.get(f"{API}/me")) == (401, "api_key_expired")
    revoked = with_key(organisation, "organisation:read")
    ApiKey.objects.update(revoked_at=now)
    assert code_of(revoked.get(f"{API}/me")) == (401, "api_key_revoked")
    invented = Client(headers={"authorization": "Bearer ask_invented"})
    response = invented.get(f"{API}/me")
    assert code_of(response) == (401, "api_key_not_accepted")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="exchange"'


def test_who_guesses_keys_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {"anon": "2/min", "user": "100/min"}
    monkeypatch.setattr("exchange.api.authentication.SimpleRateThrottle.THROTTLE_RATES", rates)
    guesser = Client(headers={"authorization": "Bearer ask_guess"})
    answers = [code_of(guesser.get(f"{API}/me"))[0] for _guess in range(3)]
    assert answers == [401, 401, 429]


def test_a_caller_that_calls_too_often_is_told_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rates = {"anon": "100/min", "user": "2/min"}
    monkeypatch.setattr("exchange.api.authentication.SimpleRateThrottle.THROTTLE_RATES", rates)
    organisation = an_organisation()
    first = with_key(organisation, "organisation:read")
    second = with_key(organisation, "organisation:read")
    answers = [first.get(f"{API}/me") for _call in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "throttled"
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 61
    assert second.get(f"{API}/me").status_code == 200


def test_other_organisations_are_not_found() -> None:
    ours, theirs = an_organisation(), an_organisation()
    callers = (with_key(ours, "organisation:read", "organisation:write"), signed_in(owner_of(ours)))
    base = f"{API}/organisations/{theirs.public_id}"
    invitation_path = f"{base}/invitations"
    for caller in callers:
        for path in (base, f"{base}/members", invitation_path):
            assert code_of(caller.get(path)) == (404, "organisation_not_found"), path
        command = {"email": "a@example.com", "role": "member"}
        assert code_of(post(caller, invitation_path, command)) == (404, "organisation_not_found")
    keys = signed_in(owner_of(ours)).get(f"{base}/api-keys")
    assert code_of(keys) == (404, "organisation_not_found")
    key = an_api_key(theirs).key
    ours_path = f"{API}/organisations/{ours.public_id}/api-keys/{key.public_id}/revoke"
    assert code_of(post(signed_in(owner_of(ours)), ours_path)) == (404, "api_key_not_found")
    key.refresh_from_db()
    assert key.revoked_at is None
    assert Invitation.objects.exists() is False
    listed = [row["id"] for row in callers[0].get(f"{API}/organisations").json()["items"]]
    assert listed == [ours.public_id]


def test_a_role_removed_counts_from_the_next_request() -> None:
    organisation = an_organisation()
    admin = a_member(organisation, role=MembershipRole.ADMIN)
    client = signed_in(admin)
    path = f"{API}/organisations/{organisation.public_id}/invitations"
    command = {"email": "a@example.com", "role": "member"}
    assert post(client, path, command, key="one").status_code == 201
    organisation.memberships.filter(user=admin).update(role=MembershipRole.MEMBER)
    response = post(client, path, command, key="two")
    assert code_of(response) == (403, "organisation_role_too_low")
    assert (response.json()["role"], response.json()["needed"]) == ("member", ["owner", "admin"])
    organisation.memberships.filter(user=admin).delete()
    assert code_of(post(client, path, command, key="three")) == (404, "organisation_not_found")
    assert Invitation.objects.count() == 1


def test_a_session_writes_only_with_its_csrf_token() -> None:
    organisation = an_organisation()
    client = signed_in(owner_of(organisation), enforce_csrf=True)
    path = f"{API}/organisations/{organisation.public_id}/invitations"
    command = {"email": "a@example.com", "role": "member"}
    assert code_of(post(client, path, command)) == (403, "csrf_failed")
    assert Invitation.objects.exists() is False
    client.get("/accounts/logout/")
    token = client.cookies["csrftoken"].value
    headers = {"x-csrftoken": token, "idempotency-key": "k"}
    answer = client.post(path, command, content_type=JSON, headers=headers)
    assert answer.status_code == 201
    program = Client(enforce_csrf_checks=True)
    secret = an_api_key(organisation, scopes=("organisation:write",), at=timezone.now()).secret
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": "k"}
    command = {"email": "b@example.com", "role": "member"}
    assert program.post(path, command, content_type=JSON, headers=headers).status_code == 201


def test_a_write_without_its_key_is_refused() -> None:
    organisation = an_organisation()
    program = with_key(organisation, "organisation:write")
    path = f"{API}/organisations/{organisation.public_id}/invitations"
    command = {"email": "a@example.com", "role": "member"}
    assert code_of(post(program, path, command, key=None)) == (400, "idempotency_key_missing")
    assert code_of(post(program, path, command, key="with blank")) == (422, "key_malformed")
    assert Invitation.objects.exists() is False


def test_a_write_sent_again_gets_its_first_answer() -> None:
    organisation = an_organisation()
    program = with_key(organisation, "organisation:write")
    path = f"{API}/organisations/{organisation.public_id}/invitations"
    command = {"email": "a@example.com", "role": "member"}
    first, again = post(program, path, command), post(program, path, command)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    other = post(program, path, {"email": "b@example.com", "role": "member"})
    assert code_of(other) == (409, "key_reused")
    somebody = with_key(organisation, "organisation:write")
    assert post(somebody, path, {"email": "b@example.com", "role": "member"}).status_code == 201
    assert Invitation.objects.count() == 2


def test_a_refused_write_leaves_its_key_free() -> None:
    organisation = an_organisation()
    member = a_member(organisation)
    program = with_key(organisation, "organisation:write")
    path = f"{API}/organisations/{organisation.public_id}/invitations"
    command = {"email": member.email, "role": "member"}
    assert code_of(post(program, path, command)) == (409, "already_member")
    assert Record.objects.exists() is False
    organisation.memberships.filter(user=member).delete()
    assert post(program, path, command).status_code == 201


def test_the_secret_of_a_key_is_in_its_first_answer_and_nowhere_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    organisation = an_organisation()
    client = signed_in(owner_of(organisation))
    path = f"{API}/organisations/{organisation.public_id}/api-keys"
    command = {"name": "Warehouse", "scopes": ["organisation:read"], "valid_days": 30}
    made = post(client, path, command).json()
    secret = made["secret"]
    program = Client(headers={"authorization": f"Bearer {secret}"})
    assert program.get(f"{API}/me").status_code == 200
    again = post(client, path, command)
    assert again.json() == {**made, "secret": None}
    assert secret not in client.get(path).content.decode()
    assert secret not in program.get(f"{API}/organisations").content.decode()
    assert secret not in str(list(IdempotencyKey.objects.values()))
    assert secret not in caplog.text
    assert ApiKey.objects.count() == 1


def test_a_key_is_revoked_over_the_api_and_then_refused() -> None:
    organisation = an_organisation()
    program = with_key(organisation, "organisation:read")
    key = ApiKey.objects.get()
    path = f"{API}/organisations/{organisation.public_id}/api-keys/{key.public_id}/revoke"
    answer = post(signed_in(owner_of(organisation)), path)
    assert answer.json()["revoked_at"] is not None
    assert code_of(program.get(f"{API}/me")) == (401, "api_key_revoked")


def test_an_invitation_is_taken_back_over_the_api() -> None:
    organisation = an_organisation()
    program = with_key(organisation, "organisation:read", "organisation:write")
    path = f"{API}/organisations/{organisation.public_id}/invitations"
    made = post(program, path, {"email": "a@example.com", "role": "member"}).json()
    taken = post(program, f"{path}/{made['id']}/revoke", key="key-2").json()
    assert taken["outcome"] == "revoked"
    assert code_of(post(program, f"{path}/{made['id']}/revoke", key="key-3")) == (
        409,
        "invitation_closed",
    )


def test_lists_are_read_page_by_page_while_rows_are_added() -> None:
    organisation = an_organisation()
    program = with_key(organisation, "organisation:read")
    emails = [owner_of(organisation).email, *(a_member(organisation).email for _n in range(4))]
    path = f"{API}/organisations/{organisation.public_id}/members?limit=2"
    seen: list[str] = []
    while path:
        page = program.get(path).json()
        seen += [row["email"] for row in page["items"]]
        if len(seen) == 2:
            emails.append(a_member(organisation).email)
        path = page["next"]
    assert seen == emails
    last = program.get(f"{API}/organisations/{organisation.public_id}/members?limit=100").json()
    assert (last["next"], last["previous"], len(last["items"])) == (None, None, 6)


def test_cursors_of_another_list_and_bent_ones_are_refused() -> None:
    organisation = an_organisation()
    a_member(organisation)
    program = with_key(organisation, "organisation:read")
    base = f"{API}/organisations/{organisation.public_id}"
    link = program.get(f"{base}/members?limit=1").json()["next"]
    cursor = link.partition("cursor=")[2].partition("&")[0]
    assert program.get(f"{base}/members?cursor={cursor}").status_code == 200
    for bent in (f"x{cursor}", cursor[:-1], ""):
        assert code_of(program.get(f"{base}/members?cursor={bent}")) == (400, "bad_cursor"), bent
    assert code_of(program.get(f"{base}/members?cursor=%00")) == (404, "no_such_page")
    assert code_of(program.get(f"{base}/invitations?cursor={cursor}")) == (400, "bad_cursor")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "", "９", "1e2"])
def test_a_page_has_a_limit(limit: str) -> None:
    response = with_key(an_organisation(), "organisation:read").get(
        f"{API}/organisations?limit={limit}"
    )
    assert code_of(response) == (400, "bad_limit")
    assert response.json()["limit_max"] == 100
