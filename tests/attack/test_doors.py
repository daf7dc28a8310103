"""Every visitor knocks at every door of the town: a real thing of somebody's, a body that is accepted.

The owner gets in, so that a no to the others means something. Who is not named gets nothing, leaves
nothing behind and, where the thing is not everybody's to know, learns nothing.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from exchange.audit.models import Record
from exchange.web.live.hub import Reader
from exchange.web.live.router import FEEDS, LiveRouter
from tests.attack import town, visitors
from tests.attack.doors import BETWEEN, PARTIES, Door
from tests.attack.knocking import Answer, address_of, knock, nowhere
from tests.attack.table import DOORS
from tests.attack.town import Town
from tests.attack.visitors import ANONYMOUS, DEAD_KEYS, KEYS, Clients
from tests.attack.without import WITHOUT

STAFF = frozenset({"operator", "second_operator", "regulator"})
READING = ("head", "options")
CHANGING = ("put", "patch", "delete", "post")
# Who may know of a thing and yet not do what is tried: the owner's own house, whoever oversees.
TELLING = frozenset({403, 409, 422})
SHUT = frozenset({401, 403, 404, 405})
OK = 200


@pytest.fixture(scope="module")
def built(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[Town, Clients]]:
    """Built once; every door is tried on it inside its own savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = town.build()
        yield made, visitors.clients_of(made)
        transaction.set_rollback(True)


PEOPLE = ("seller", "other_seller", "buyer", "other_buyer", "agent", "two_hats", "suspended",
          "restricted", "newcomer", "outsider", "operator", "second_operator", "regulator",
          ANONYMOUS)  # fmt: skip
AT_THE_CONSOLE = ("operator", "second_operator", "regulator", "seller", "two_hats", ANONYMOUS)


def knocking_at(door: Door, clients: Clients) -> list[str]:
    """Who knocks: on pages a key is nobody's, so one suffices."""
    if door.name.startswith("console:"):
        usual = {*AT_THE_CONSOLE}
    elif door.name.startswith("api:"):
        usual = {*PEOPLE, *KEYS, *DEAD_KEYS}
    else:
        usual = {*PEOPLE, "foreign_key"}
    return [name for name in clients if name in usual | door.opens | {door.owner}]


def misses(door: Door, who: str, answer: Answer, made: Town) -> str:
    """What is wrong with an answer; nothing if it is right."""
    wanted = who == door.owner or who in door.opens
    if answer.is_in != wanted:
        return f"{who}: {answer.status}, {'shut' if wanted else 'OPEN'} {answer.text[:600]}"
    if wanted or answer.to_sign_in or answer.in_vain or answer.status in (401, 404):
        return ""
    if answer.status in TELLING and (door.known or may_know(door, who, made)):
        return ""
    return f"{who}: {answer.status} tells that the thing is there"


def may_know(door: Door, who: str, made: Town) -> bool:
    """Whether the visitor oversees, or is of the house of somebody for whom the door opens."""
    if who in STAFF:
        return True
    if who in (ANONYMOUS, "suspended_key") or (
        who in {*KEYS, *DEAD_KEYS} and not door.name.startswith("api:")
    ):
        return True  # nobody: refused before anything is looked for
    parties = PARTIES if BETWEEN & set(door.names.values()) else ()
    inside = {house_of(made, name) for name in (door.owner, *door.opens, *parties)}
    return house_of(made, who) in inside - {None}


def house_of(made: Town, who: str) -> int | None:
    person = made.people.get(KEYS.get(who, who))
    organisation = person.organisation if person else None
    return organisation.pk if organisation else None


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.label.replace(" ", "-"))
def test_a_door_opens_to_its_owner_and_to_nobody_who_is_not_named(
    built: tuple[Town, Clients], door: Door
) -> None:
    made, clients = built
    address, wrong = address_of(made, door), []
    records = Record.objects.count()
    for who in knocking_at(door, clients):
        answer = knock(made, clients[who], door, address)
        problem = misses(door, who, answer, made)
        if problem and not answer.is_in and answer.status in TELLING:
            # Told nothing, if a thing that is not there is refused alike.
            elsewhere = knock(made, clients[who], door, nowhere(made, door, address))
            problem = "" if elsewhere.status == answer.status else problem
        if problem:
            wrong.append(problem)
    assert wrong == []
    assert Record.objects.count() == records


@pytest.mark.django_db
@pytest.mark.parametrize(
    "door",
    [door for door in DOORS if door.method == "get" and not door.name.startswith("console:")],
    ids=lambda door: door.label.replace(" ", "-"),
)
def test_other_methods_open_no_more_than_reading_does(
    built: tuple[Town, Clients], door: Door
) -> None:
    made, clients = built
    address, wrong = address_of(made, door), []
    strangers = ("other_seller", "two_hats", "suspended", ANONYMOUS, "foreign_key", "expired_key")
    for who in strangers:
        if who == door.owner or who in door.opens:
            continue
        for method in READING + CHANGING:
            if method == "post" and any(
                other.method == "post" and other.name == door.name for other in DOORS
            ):
                continue
            answer = knock(made, clients[who], door, address, method=method, body={})
            if answer.is_in and not (
                method == "options" and tells_nothing(made, clients[who], door, answer)
            ):
                wrong.append(f"{method} as {who}: {answer.status}")
    assert wrong == []


def tells_nothing(made: Town, client: Client, door: Door, answer: Answer) -> bool:
    """Whether OPTIONS was answered with nothing, or with what is said of a thing that is not there too."""
    if answer.status == OK and not answer.text.strip():
        return True
    elsewhere = nowhere(made, door, address_of(made, door))
    return knock(made, client, door, elsewhere, method="options", body={}) == answer


def test_every_address_with_a_thing_in_it_has_a_door() -> None:
    """A new address brings somebody's thing with it, or stands in `without.py` with its reason."""
    named = {door.name for door in DOORS}
    missing = sorted(set(addresses(get_resolver())) - named - set(WITHOUT))
    assert missing == []
    assert sorted(set(WITHOUT) & named) == []


def addresses(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """The names of the addresses that take a parameter."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            if entry.namespace or "allauth" not in str(entry.urlconf_name):
                yield from addresses(entry, inner)
        elif entry.name and entry.pattern.regex.groupindex:
            yield ":".join((*spaces, entry.name))


class NoHub:
    """A hub that hears nothing: who may read is asked of Django all the same."""

    async def join(self, topic: str) -> Reader:
        return Reader(topic)

    def leave(self, _reader: Reader) -> None:
        return


def streamed(client: Client, path: str) -> int:
    """The status of a stream whose reader leaves at once."""
    sent: list[int] = []

    async def django(scope: Any, _receive: Any, send: Any) -> None:
        answer = await sync_to_async(client.get, thread_sensitive=True)(scope["path"])
        await send({"type": "http.response.start", "status": answer.status_code, "headers": []})
        await send({"type": "http.response.body", "body": answer.content})

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            sent.append(message["status"])

    router = LiveRouter(django)
    router.hub = NoHub()  # type: ignore[assignment]
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    async_to_sync(router)(scope, receive, send)
    return sent[0]


LIVE = {
    "orders": "web:order_version",
    "auctions": "web:auction_version",
    "usage": "web:usage_version",
}


@pytest.mark.django_db
@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.topic)
def test_a_stream_opens_to_those_who_see_its_page(built: tuple[Town, Clients], feed: Any) -> None:
    made, clients = built
    kind = feed.version_address.split("/")[1]
    door = next(one for one in DOORS if one.name == LIVE[kind])
    (thing,) = door.names.values()
    path = f"/live/{kind}/{made.things[thing]}"
    opens = {who for who in knocking_at(door, clients) if streamed(clients[who], path) == OK}
    assert opens == {door.owner, *door.opens}
