"""Browsers of a trade's parties, and what they read and fill in."""

import html
import re
from typing import Any

from django.test import Client

from accounts.models import Organisation, User
from accounts.sign_in import SESSION_KEY
from exchange.auctions.models import Auction


def browser(user: User, organisation: Organisation) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SESSION_KEY] = organisation.public_id
    session.save()
    return client


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", answer.content.decode()))


def closed_up(page: str) -> str:
    """`page` without the white space beside its tags, which shows nowhere beside a block."""
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", re.sub(r"\s+", " ", page))


def filled(client: Client, path: str, **said: Any) -> dict[str, Any]:
    """What the form on the page holds, with what a person adds."""
    page = client.get(path).content.decode()
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    held = {name: html.unescape(value) for name, value in hidden}
    return {**held, "agree": "on", **said}


def bid_by_form(client: Client, auction: Auction, **said: object) -> tuple[int, str]:
    """Look at the bid, then place it: the last status and page."""
    address = f"/auctions/{auction.public_id}/"
    said = filled(client, address, **said)
    said.pop("agree")
    looked = client.post(f"{address}bid/", said)
    if looked.status_code != 200:
        return looked.status_code, looked.content.decode()
    answer = client.post(f"{address}bid/", {**said, "confirmed": "1"})
    return answer.status_code, answer.content.decode()
