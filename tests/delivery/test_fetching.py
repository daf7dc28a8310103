"""Links and the counter: what they open, and what they do not open any more."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ApiKey, Membership
from exchange.audit.models import Record
from exchange.core.refusals import NotAllowed, NotFound
from exchange.delivery import entitlements, fetching, links
from exchange.delivery.errors import LinkExpired, LinkUnknown, NotCovered
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import Delivery, DownloadLink
from exchange.members.actors import Actor, actor_from_key
from exchange.members.models import RoleGrant
from tests.factories import accounts
from tests.factories.delivery import BOUGHT, CLOCK, Counter, a_counter, withdraw
from tests.factories.members import acting
from tests.factories.vault import CSV

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter() -> Counter:
    return a_counter(days=365 * 100)


def link_of(counter: Counter, *, form: Form = Form.CSV, actor: Actor | None = None) -> str:
    """The address of a fresh link."""
    link = fetching.make_link(
        counter.entitlement.public_id,
        actor=actor or counter.fetching,
        table=counter.table.public_id,
        form=form,
        now=timezone.now(),
    )
    return reverse("web:download", args=[links.sign(link)])


def made_link(counter: Counter, *, at: datetime, actor: Actor | None = None) -> DownloadLink:
    return fetching.make_link(
        counter.entitlement.public_id,
        table=counter.table.public_id,
        form=Form.CSV,
        actor=actor or counter.fetching,
        now=at,
    )


def content_of(answer: Any) -> bytes:
    return b"".join(cast("Iterator[bytes]", answer.streaming_content))


def test_a_link_needs_no_sign_in_and_brings_the_file(counter: Counter, client: Client) -> None:
    answer = client.get(link_of(counter))
    assert answer.status_code == 200
    assert content_of(answer) == CSV
    assert answer["ETag"] == f'"{counter.file.blob.sha256}"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "meters.csv" in answer["Content-Disposition"]


def test_a_link_that_a_program_made_brings_the_file(counter: Counter, client: Client) -> None:
    key = accounts.an_api_key(counter.buyer, scopes=("delivery:read",), at=timezone.now()).key
    program = actor_from_key(
        key_id=key.public_id,
        maker_id=key.created_by_id,
        organisation_id=counter.buyer.pk,
        scopes=frozenset(key.scopes),
        at=timezone.now(),
    )
    assert content_of(client.get(link_of(counter, actor=program))) == CSV


def test_however_many_requests_a_download_takes_it_is_one_delivery(
    counter: Counter, client: Client
) -> None:
    address = link_of(counter)
    pieces = [
        content_of(client.get(address, headers={"Range": f"bytes={start}-{start + 99}"}))
        for start in range(0, len(CSV), 100)
    ]
    assert b"".join(pieces) == CSV
    content_of(client.get(link_of(counter, form=Form.PARQUET)))
    delivery = Delivery.objects.get()
    parquet = counter.table.parquet.size_bytes
    assert (delivery.requests, delivery.bytes_sent) == (len(pieces) + 1, len(CSV) + parquet)
    assert Record.objects.filter(event="delivery.table.delivered").count() == 1


def test_a_look_is_no_delivery(counter: Counter, client: Client) -> None:
    answer = client.head(link_of(counter))
    assert (answer.status_code, answer["Content-Length"]) == (200, str(len(CSV)))
    assert Delivery.objects.exists() is False


def test_a_range_beyond_the_end_is_refused_with_the_size(counter: Counter, client: Client) -> None:
    answer = client.get(link_of(counter), headers={"Range": f"bytes={len(CSV)}-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(CSV)}")


@pytest.mark.parametrize(
    ("act", "status", "code"),
    [
        (entitlements.revoke, 403, "entitlement_revoked"),
        (entitlements.suspend, 403, "entitlement_suspended"),
    ],
)
def test_a_link_given_before_opens_nothing_after_the_right_is_gone(
    counter: Counter, client: Client, act: Any, status: int, code: str
) -> None:
    address = link_of(counter)
    operator = counter.exchange.proposer
    act(counter.entitlement.public_id, reason="Refunded.", actor=operator, now=BOUGHT)
    answer = client.get(address, headers={"Range": "bytes=5-9"})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert (answer.json()["code"], answer.json()["reason"]) == (code, "Refunded.")
    page = client.get(address, headers={"Accept": "text/html"})
    assert page.status_code == status
    assert "Refunded." in page.content.decode()
    assert Delivery.objects.exists() is False


def test_a_link_opens_nothing_after_the_revision_was_revoked(
    counter: Counter, client: Client
) -> None:
    address = link_of(counter)
    withdraw(counter.revision)
    assert client.get(address).json()["code"] == "not_covered"


def test_a_link_opens_nothing_after_the_end_of_the_right(counter: Counter) -> None:
    far = BOUGHT + timedelta(days=365 * 100)
    token = links.sign(made_link(counter, at=BOUGHT))
    DownloadLink.objects.update(expires_at=far + timedelta(minutes=5))
    with pytest.raises(Exception, match="has ended") as refused:
        fetching.fetch_by_link(token, address="192.0.2.1", now=far)
    assert getattr(refused.value, "code", "") == "entitlement_expired"


def test_a_link_lives_for_minutes(counter: Counter, settings: Settings) -> None:
    settings.DELIVERY_LINK_SECONDS = 600
    link = made_link(counter, at=BOUGHT)
    token = links.sign(link)
    assert links.read(token, now=BOUGHT + timedelta(seconds=599)) == link
    with pytest.raises(LinkExpired):
        links.read(token, now=BOUGHT + timedelta(seconds=600))


@pytest.mark.parametrize(
    "bend",
    [
        pytest.param(lambda it: it[:-1], id="shortened"),
        pytest.param(lambda it: "A" + it, id="lengthened"),
        pytest.param(lambda _it: "x", id="invented"),
        pytest.param(str.upper, id="shouted"),
    ],
)
def test_a_link_that_was_changed_opens_nothing(counter: Counter, bend: Any) -> None:
    token = links.sign(made_link(counter, at=BOUGHT))
    with pytest.raises(LinkUnknown):
        links.read(bend(token), now=BOUGHT)


def test_who_may_not_see_rows_gets_no_link(counter: Counter) -> None:
    colleague = acting(accounts.a_member(counter.buyer), counter.buyer)
    with pytest.raises(NotAllowed):
        link_of(counter, actor=colleague)
    stranger = accounts.an_organisation()
    with pytest.raises(NotFound):
        link_of(counter, actor=acting(accounts.owner_of(stranger), stranger))


def test_no_link_is_made_for_what_is_not_covered(counter: Counter) -> None:
    with pytest.raises(NotCovered):
        link_of(counter, form=Form.ORIGINAL)


def test_a_proxy_in_front_is_told_where_the_content_lies(
    counter: Counter, client: Client, settings: Settings
) -> None:
    settings.DELIVERY_ACCEL_PREFIX = "/vault/"
    sha256 = counter.file.blob.sha256
    answer = client.get(link_of(counter))
    assert answer["X-Accel-Redirect"] == f"/vault/{sha256[:2]}/{sha256[2:4]}/{sha256}"
    assert Delivery.objects.get().bytes_sent == len(CSV)


def test_a_page_of_the_purchase_shows_files_and_ways_to_fetch_them(
    counter: Counter, client: Client
) -> None:
    client.force_login(counter.agent, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("web:entitlement", args=[counter.entitlement.public_id]))
    shown = page.content.decode()
    assert page.status_code == 200
    assert "Revision 1" in shown
    assert "duckdb" in shown.lower()
    assert f"{counter.table.public_id}.parquet" in shown
    button = reverse(
        "web:purchase_fetch",
        args=[counter.entitlement.public_id, counter.table.public_id, "csv"],
    )
    for _again in range(2):
        assert content_of(client.get(button, follow=True)) == CSV
    assert DownloadLink.objects.count() == 1
    listed = client.get(reverse("web:purchases")).content.decode()
    assert counter.product.title in listed


def test_a_page_of_a_right_that_is_gone_says_why_and_offers_nothing(
    counter: Counter, client: Client
) -> None:
    entitlements.revoke_order(
        counter.entitlement.order, reason="Refunded.", actor=CLOCK, now=BOUGHT
    )
    client.force_login(counter.agent, backend="django.contrib.auth.backends.ModelBackend")
    shown = client.get(
        reverse("web:entitlement", args=[counter.entitlement.public_id])
    ).content.decode()
    assert "Refunded." in shown
    assert "Revision 1" not in shown


def test_a_program_lists_and_fetches_with_its_key(counter: Counter, client: Client) -> None:
    key = accounts.an_api_key(counter.buyer, scopes=("delivery:read",), at=timezone.now())
    mine = Client(headers={"Authorization": f"Bearer {key.secret}"})
    entitlement, table = counter.entitlement.public_id, counter.table.public_id
    (listed,) = mine.get("/api/v1/entitlements").json()["items"]
    assert (listed["id"], listed["state"]) == (entitlement, "active")
    (open_now,) = mine.get(f"/api/v1/entitlements/{entitlement}").json()["tables"]
    assert [form["form"] for form in open_now["downloads"]] == ["csv", "parquet"]
    direct = mine.get(
        f"/api/v1/entitlements/{entitlement}/tables/{table}.parquet",
        headers={"Range": "bytes=0-3"},
    )
    assert (direct.status_code, content_of(direct)) == (206, b"PAR1")
    beyond = mine.get(
        f"/api/v1/entitlements/{entitlement}/tables/{table}.csv",
        headers={"Range": f"bytes={len(CSV)}-"},
    )
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(CSV)}")
    assert beyond.json()["code"] == "range_not_satisfiable"
    made = mine.post(
        f"/api/v1/entitlements/{entitlement}/links",
        {"table": table, "form": "csv"},
        content_type="application/json",
    )
    assert made.status_code == 201
    assert content_of(client.get(made.json()["url"])) == CSV


def test_a_key_without_the_scope_fetches_nothing(counter: Counter) -> None:
    key = accounts.an_api_key(counter.buyer, scopes=("ledger:read",), at=timezone.now())
    answer = Client(headers={"Authorization": f"Bearer {key.secret}"}).get(
        f"/api/v1/entitlements/{counter.entitlement.public_id}"
        f"/tables/{counter.table.public_id}.parquet"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_scope")
    assert Delivery.objects.exists() is False


def test_a_link_is_followed_again_by_its_owner_while_it_is_good_for_long(counter: Counter) -> None:
    now = timezone.now()

    def followed(form: Form = Form.CSV, at: datetime = now) -> DownloadLink:
        return fetching.link_to_follow(
            counter.entitlement.public_id, table=counter.table.public_id, form=form,
            actor=counter.fetching, now=at,
        )  # fmt: skip

    first = followed()
    assert followed() == first
    assert followed(Form.PARQUET) != first
    late = followed(at=now + timedelta(minutes=6))  # of ten
    assert late not in (first, followed(Form.PARQUET))
    DownloadLink.objects.filter(pk=late.pk).update(spend_max_minor=1)
    assert followed(at=now + timedelta(minutes=6)) != late


def test_links_are_forgotten_some_days_after_their_end(counter: Counter, client: Client) -> None:
    content_of(client.get(link_of(counter)))
    link = DownloadLink.objects.get()
    assert links.purge(now=link.expires_at + timedelta(days=7)) == 0
    assert links.purge(now=link.expires_at + timedelta(days=7, seconds=1)) == 1
    assert DownloadLink.objects.exists() is False


def test_links_are_listed_for_those_alone_who_may_fetch(counter: Counter) -> None:
    made_link(counter, at=timezone.now())
    at = f"/api/v1/entitlements/{counter.entitlement.public_id}/links"
    member, agent = Client(), Client()
    for client, user in ((member, accounts.a_member(counter.buyer)), (agent, counter.agent)):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(at.removesuffix("/links")).status_code == 200
    refused = member.get(at)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert len(agent.get(at).json()) == 1


def test_a_link_ends_with_its_owners_right_to_fetch(counter: Counter, client: Client) -> None:
    address = link_of(counter)
    RoleGrant.objects.filter(user=counter.agent).update(
        valid_until=timezone.now(), revoked_by=counter.agent
    )
    assert client.get(address).json()["code"] == "link_ended"


def test_a_link_ends_with_its_owners_membership(counter: Counter, client: Client) -> None:
    address = link_of(counter)
    Membership.objects.filter(user=counter.agent).delete()
    assert client.get(address).json()["code"] == "link_ended"


def test_a_link_of_a_key_ends_with_the_key(counter: Counter, client: Client) -> None:
    key = accounts.an_api_key(counter.buyer, scopes=("delivery:read",), at=timezone.now())
    mine = Client(headers={"Authorization": f"Bearer {key.secret}"})
    at = f"/api/v1/entitlements/{counter.entitlement.public_id}/links"
    made = mine.post(at, {"table": counter.table.public_id, "form": "csv"}, "application/json")
    assert made.status_code == 201
    assert made.json()["made_by"] == key.key.public_id
    assert content_of(client.get(made.json()["url"])) == CSV
    (listed,) = mine.get(at).json()
    assert (listed["holders_count"], listed["requests"], listed["bytes_sent"]) == (1, 1, len(CSV))
    ApiKey.objects.update(revoked_at=timezone.now())
    assert client.get(made.json()["url"]).json()["code"] == "link_ended"


def test_a_link_that_was_taken_back_opens_nothing(counter: Counter, client: Client) -> None:
    address = link_of(counter)
    client.force_login(counter.agent, backend="django.contrib.auth.backends.ModelBackend")
    for holder in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
        content_of(client.get(address, REMOTE_ADDR=holder))
    right = counter.entitlement.public_id
    shown = client.get(reverse("web:entitlement", args=[right])).content.decode()
    assert "2 addresses" in shown
    link = DownloadLink.objects.get()
    client.post(reverse("web:purchase_link_end", args=[right, link.public_id]))
    assert client.get(address).json()["code"] == "link_ended"
    assert Record.objects.filter(event="delivery.link.ended").count() == 1


def test_nobody_else_takes_a_link_back(counter: Counter) -> None:
    link = made_link(counter, at=BOUGHT)
    stranger = accounts.an_organisation()
    with pytest.raises(NotFound):
        links.end(link.public_id, actor=acting(accounts.owner_of(stranger), stranger), now=BOUGHT)


def test_a_page_makes_a_link_to_hand_on(counter: Counter, client: Client) -> None:
    client.force_login(counter.agent, backend="django.contrib.auth.backends.ModelBackend")
    at = reverse("web:purchase_link", args=[counter.entitlement.public_id])
    assert client.post(at, {"file": "tab_other:csv"}).status_code == 422
    made = client.post(at, {"file": f"{counter.table.public_id}:csv"}, follow=True)
    assert "/d/lnk_" in made.content.decode()
