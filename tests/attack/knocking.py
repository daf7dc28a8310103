"""One knock at a door: a real request of one visitor, whose effects are undone."""

import html
import re
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from django.apps import apps
from django.core.cache import cache
from django.db import transaction
from django.db.models import Max
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from exchange.audit.models import Record
from tests.attack.doors import Door
from tests.attack.town import Town

REDIRECTS = range(300, 400)


@dataclass(frozen=True)
class Answer:
    """What a visitor got. `to_sign_in`: sent to sign in, or to give a second factor first."""

    status: int
    to_sign_in: bool
    text: str
    in_vain: bool = False  # an act of the console that was sent and did nothing: its page says why

    @property
    def is_in(self) -> bool:
        """Whether the door opened."""
        if self.in_vain:
            return False
        return 200 <= self.status < 400 and not self.to_sign_in


def address_of(town: Town, door: Door) -> str:
    """The door's address. `=word` stands for itself, `app.model` for its first row's key,
    `app.model:thing` for that of the row with the thing's public id."""
    return reverse(
        door.name, kwargs={part: _named(town, value) for part, value in door.names.items()} or None
    )


def _named(town: Town, value: str) -> Any:
    if value.startswith("="):
        return value[1:]
    if "." not in value:
        return town.things[value]
    label, _colon, thing = value.partition(":")
    rows = apps.get_model(label)._default_manager.order_by("pk")
    found = rows.filter(public_id=town.things[thing]).first() if thing else rows.first()
    if found is None:
        raise KeyError(value)
    return found.pk


def nowhere(town: Town, door: Door, address: str) -> str:
    """The same address with a thing that is not there."""
    for value in door.names.values():
        named = "" if value.startswith("=") else str(_named(town, value))
        prefix, joint, rest = named.partition("_")
        if joint:
            address = address.replace(named, prefix + joint + "0" * len(rest))
        elif named.isdigit():  # a row's number; a day stays one, so that the address is still one
            address = address.replace(f"/{named}/", "/999999999/")
    return address


def knock(
    town: Town, client: Client, door: Door, address: str, *, method: str = "",
    body: Mapping[str, Any] | None = None, keep: bool = False,
) -> Answer:  # fmt: skip
    """One request, rolled back unless what it did is to be kept. Its transactions are its own then, as they are
    in production, and the locks of one are not held in the next."""
    method = method or door.method
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    cache.clear()
    with nullcontext() if keep else transaction.atomic():
        before = _youngest_record()
        response: Any = _send(
            client, method, address, _body(town, door) if body is None else body, door
        )
        if isinstance(response, StreamingHttpResponse):
            list(response)  # a file is closed when it has been read
            text = ""
        else:
            text = _words(response.content)
        acted = _youngest_record() > before
        if not keep:
            transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)  # who signed out, or changed the language, did not
    where = response.headers.get("Location", "")
    to_sign_in = response.status_code in REDIRECTS and where.startswith("/accounts/")
    in_vain = method == "post" and door.name.startswith("console:") and not acted
    return Answer(response.status_code, to_sign_in, text, in_vain)


def _youngest_record() -> int:
    return Record.objects.aggregate(youngest=Max("pk"))["youngest"] or 0


def _body(town: Town, door: Door) -> Any:
    return door.body(town) if callable(door.body) else dict(door.body)


def _send(client: Client, method: str, address: str, body: Any, door: Door) -> Any:
    headers = {"Idempotency-Key": "town-1", "Accept": "*/*", **door.headers}
    ask = getattr(client, method)
    if method in ("get", "head", "options"):
        return ask(address, headers=headers)
    if method == "post" and not address.startswith("/api/"):
        # What binds is read back and sent once more: here at once.
        return ask(address, data={"confirmed": "1", **body}, headers=headers)
    kind = door.headers.get("Content-Type", "application/json")
    return ask(address, data=body, headers=headers, content_type=kind)


def _words(content: bytes) -> str:
    page = re.sub(
        r"<(script|style|head|nav|header).*?</\1>",
        " ",
        content.decode(errors="replace"),
        flags=re.DOTALL,
    )
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
