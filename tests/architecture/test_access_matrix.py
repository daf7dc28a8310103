"""Every visitor knocks at every door: no address without a row, no answer but the one the row states."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from http.cookies import SimpleCookie

import pytest
from django.db import transaction
from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from tests.architecture import visitors
from tests.architecture.access_matrix import CLOSED, MATRIX, Route
from tests.architecture.visitors import Visitor, World
from tests.attack.table import DOORS

METHODS = ("get", "post", "put", "patch", "delete")
# For methods that nothing here is meant for, those who may least and most suffice.
ENDS = (Visitor.ANONYMOUS, Visitor.OPERATOR)
HEADERS = {"Idempotency-Key": "matrix-1", "Accept": "*/*"}


def names_of(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, bool]]:
    """Each address by its name, and whether it has one; an unnamed one by its pattern."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from names_of(entry, inner)
        elif isinstance(entry, URLPattern):
            name = entry.name or f"unnamed {entry.pattern}"
            yield ":".join((*spaces, name)), entry.name is not None


ADDRESSES = sorted({name for name, _named in names_of(get_resolver())})


def row_of(name: str) -> Route | None:
    """The address's own row, else the first whose pattern fits."""
    if name in MATRIX:
        return MATRIX[name]
    return next((row for pattern, row in MATRIX.items() if fnmatchcase(name, pattern)), None)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Built once; every test of this module works on it inside its own savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield visitors.build()
        transaction.set_rollback(True)


def address_of(name: str, route: Route, world: World) -> str:
    resolved = {
        part: world.names.get(value) or (world.row(value) if "." in value else value)
        for part, value in route.names.items()
    }
    return reverse(name, kwargs=resolved or None)


def knock(world: World, visitor: Visitor, method: str, address: str, route: Route) -> int:
    """The status of one request, whose effects are undone."""
    client = world.clients[visitor]
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        ask = getattr(client, method)
        answer: HttpResponseBase = (
            ask(address, headers=HEADERS)
            if method == "get"
            else ask(address, data={}, headers=HEADERS, **_kind(method, address))
        )
        status = answer.status_code
        if isinstance(answer, StreamingHttpResponse):
            list(answer)  # a file is closed when it has been read
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)  # who signed out, or changed the language, did not
    return status


def _kind(method: str, address: str) -> dict[str, str]:
    """Pages are sent forms, the API is sent JSON."""
    form = method == "post" and not address.startswith("/api/")
    return {} if form else {"content_type": "application/json"}


def test_every_address_is_in_the_matrix_or_has_a_door() -> None:
    doors = {door.name for door in DOORS}
    missing = [name for name in ADDRESSES if row_of(name) is None and name not in doors]
    assert missing == [], (
        "Add a door to tests/attack, or a row to access_matrix.py where no thing is."
    )


def test_no_row_is_left_over() -> None:
    unused = [
        pattern
        for pattern in MATRIX
        if pattern not in ADDRESSES and not any(fnmatchcase(name, pattern) for name in ADDRESSES)
    ]
    assert unused == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in ADDRESSES if row_of(name) is not None])
def test_each_visitor_gets_the_answer_of_the_matrix(world: World, name: str) -> None:
    route = row_of(name)
    assert route is not None
    if route.elsewhere:
        pytest.skip(route.elsewhere)
    address = address_of(name, route, world)
    wrong: list[str] = []
    for method in METHODS[:2] if route.library_form else METHODS:
        expected = route.expected(method)
        for visitor in Visitor:
            if method not in ("get", "post") and visitor not in ENDS:
                continue
            status = knock(world, visitor, method, address, route)
            fits = status in CLOSED if expected is None else status == expected[visitor]
            if not fits:
                wanted = "closed" if expected is None else expected[visitor]
                wrong.append(f"{method} {address} as {visitor}: {status}, not {wanted}")
    assert wrong == []
