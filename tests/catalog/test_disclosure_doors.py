"""Every door to a product's data, for every delivery and grade: what it shows and what it hands out.

One product is changed from case to case; the buyer's entitlement and a link are from a time in which
files left. A product of core data is never listed, and one of important data only for the sandbox.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from exchange.catalog.lifecycle import Delivery, Grade
from exchange.catalog.models import Product
from exchange.catalog.search.indexing import index_product
from exchange.delivery import fetching, links
from exchange.delivery.lifecycle import Form
from exchange.members.permissions import SCOPE_DELIVERY
from exchange.members.roles import Kind, Role
from tests.api.callers import JSON, with_key
from tests.factories import accounts
from tests.factories.delivery import Counter, a_counter
from tests.factories.listings import an_offer
from tests.factories.members import a_role

pytestmark = pytest.mark.django_db
MARK = "ZEBRA"
# Values stand in a preview, an example and the frequent values; 73900099 is an extreme one.
CONTENT = b"meter,kwh\n" + b"".join(b"ZEBRA%d,739000%02d\n" % (row % 5, row) for row in range(100))
SENTENCES = {
    "data_stays": "no file of it can be downloaded",
    "trusted_space_not_open": "the trusted space for working on it is not open yet",
}


@dataclass(frozen=True)
class Seen:
    """What the doors give: `values` and `rows` to whoever looks, `files` to the buyer, `order` to
    whoever wants to buy."""

    values: bool
    rows: int
    sample: int
    files: str
    order: str


SOLD = Seen(values=True, rows=20, sample=200, files="", order="")
SHOWN = Seen(values=True, rows=20, sample=200, files="data_stays", order="")
SOLD_UNSEEN = Seen(values=False, rows=0, sample=404, files="", order="")
COUNTED = Seen(values=False, rows=0, sample=404, files="data_stays", order="")
STAYS = Seen(values=False, rows=0, sample=404, files="data_stays", order="trusted_space_not_open")
EXPECTED: dict[tuple[str, str], Seen] = {
    ("file", "general_1"): SOLD,
    ("file", "general_2"): SOLD,
    ("file", "general_3"): SOLD_UNSEEN,
    ("file", "general_4"): COUNTED,
    ("api", "general_1"): SHOWN,
    ("api", "general_2"): SHOWN,
    ("api", "general_3"): COUNTED,
    ("api", "general_4"): COUNTED,
    ("external", "general_1"): SHOWN,
    ("external", "general_2"): SHOWN,
    ("external", "general_3"): COUNTED,
    ("external", "general_4"): COUNTED,
    ("service", "general_1"): SHOWN,
    ("service", "general_2"): SHOWN,
    ("service", "general_3"): COUNTED,
    ("service", "general_4"): COUNTED,
    ("sandbox", "general_1"): STAYS,
    ("sandbox", "general_2"): STAYS,
    ("sandbox", "general_3"): STAYS,
    ("sandbox", "general_4"): STAYS,
    ("sandbox", "important"): STAYS,
}
NEVER_LISTED = {
    *((way, "important") for way in Delivery.values if way != "sandbox"),
    *((way, "core") for way in Delivery.values),
}


@dataclass(frozen=True)
class World:
    """The product, everybody who knocks, and a link from before."""

    counter: Counter
    offer_id: str
    visitor: Client
    buyer: Client
    program: Client
    seller: Client
    operator: Client
    old_link: str

    @property
    def product(self) -> Product:
        return self.counter.product

    @property
    def table(self) -> str:
        return self.counter.table.public_id

    @property
    def right(self) -> str:
        return self.counter.entitlement.public_id


@pytest.fixture
def world(tmp_path: Path, settings: Settings) -> World:
    settings.VAULT_ROOT = str(tmp_path / "vault")
    settings.SECOND_FACTOR_REQUIRED = False
    counter = a_counter(content=CONTENT, days=365 * 100)
    counter.exchange.admit(counter.product.seller, Kind.SELLER)
    owner = accounts.owner_of(counter.product.seller)
    a_role(counter.product.seller, owner, Role.DATA_OWNER)
    link = fetching.make_link(
        counter.entitlement.public_id,
        actor=counter.fetching,
        table=counter.table.public_id,
        form=Form.CSV,
        now=timezone.now(),
    )
    return World(
        counter=counter,
        offer_id=an_offer(counter.product, price_minor=10_000).public_id,
        visitor=Client(),
        buyer=_signed_in(counter.agent),
        program=with_key(counter.buyer, SCOPE_DELIVERY, "orders:write", "orders:buy"),
        seller=_signed_in(owner),
        operator=_signed_in(counter.exchange.first),
        old_link=reverse("web:download", args=[links.sign(link)]),
    )


def test_each_door_gives_what_the_rule_lets_leave(world: World) -> None:
    walked: dict[tuple[str, str], Seen] = {}
    never: set[tuple[str, str]] = set()
    for delivery in Delivery.values:
        for grade in Grade.values:
            if _becomes(world.product, delivery, grade):
                walked[delivery, grade] = _walk(world)
            else:
                never.add((delivery, grade))
    assert walked == EXPECTED
    assert never == NEVER_LISTED


def _becomes(product: Product, delivery: str, grade: str) -> bool:
    """Whether the database lets the listed product be such a one."""
    try:
        with transaction.atomic():
            Product.objects.filter(pk=product.pk).update(delivery=delivery, grade=grade)
    except IntegrityError:
        return False
    product.refresh_from_db()
    index_product(product=product)
    return True


def _walk(world: World) -> Seen:
    cache.clear()
    shown = _api(world.visitor, reverse("api:product", args=[world.product.public_id]))
    table = shown["tables"][0]
    return Seen(
        values=_same({MARK in str(shown), *_pages(world)}),
        rows=len(table["document"]["preview"]["rows"]),
        sample=_sample(world, has_sample=_same({table["has_sample"], *_cards(world)})),
        files=_same(_files(world)),
        order=_same({shown["order_obstacle"], *_orders(world)}),
    )


def _pages(world: World) -> list[bool]:
    """Whether values stand on the product's page for anybody, and on what its seller and operators
    look at before they let it go on."""
    page = reverse("web:product", args=[world.product.public_id])
    seen = [_text(client, page) for client in (world.visitor, world.seller, world.operator)]
    seen.append(_text(world.seller, reverse("web:sell_check", args=[world.product.public_id])))
    withheld = [("Only counts of this data are public" in text) for text in seen]
    assert withheld == [MARK not in text for text in seen]
    assert [("73900099" in text) for text in seen] == [MARK in text for text in seen]
    review = f"/console/catalog/product/{world.product.pk}/change/"
    assert MARK not in _text(world.operator, review)
    return [MARK in text for text in seen]


def _cards(world: World) -> list[bool]:
    """Whether the search and the comparison promise a sample; neither ever has a value."""
    listed = _api(world.visitor, reverse("api:products"))
    compared = _text(world.visitor, f"{reverse('web:compare')}?id={world.product.public_id}")
    catalogue = _text(world.visitor, reverse("web:catalogue"))
    assert MARK not in f"{listed}{compared}{catalogue}"
    return [listed["items"][0]["has_sample"], listed["facets"].get("sample") == {"yes": 1}]


def _sample(world: World, *, has_sample: bool) -> int:
    address = reverse("web:product_sample", args=[world.product.public_id, world.table])
    answers = [client.get(address) for client in (world.visitor, world.seller, world.operator)]
    holds = {MARK.encode() in _content(answer) for answer in answers}
    assert holds == {has_sample}
    return int(_same({answer.status_code for answer in answers}))


def _files(world: World) -> list[str]:
    """The refusal of each way to a file of what was bought, empty where it is handed out."""
    api = {"entitlement_id": world.right, "table_id": world.table}
    content = [
        world.program.get(reverse("api:table-content", kwargs={**api, "form": form}))
        for form in ("csv", "parquet")
    ]
    wanted = {"table": world.table, "form": "parquet"}
    link = world.program.post(reverse("api:links", args=[world.right]), wanted, content_type=JSON)
    fetched = world.buyer.get(reverse("web:purchase_fetch", args=[world.right, world.table, "csv"]))
    codes = [
        _code(answer) for answer in (*content, world.visitor.get(world.old_link), link, fetched)
    ]
    codes.append(_code(world.visitor.head(world.old_link, headers={"range": "bytes=0-9"})))
    forms = _api(world.program, reverse("api:entitlement", args=[world.right]))["tables"][0]
    page = _text(world.buyer, reverse("web:entitlement", args=[world.right]))
    offered = {bool(forms["downloads"]), "SHA-256" in page, "import duckdb" in page}
    assert _same(offered) == (codes[0] == "")
    return codes


def _orders(world: World) -> list[str]:
    """The refusal of the checkout's page, of its terms and of an order, empty where one can buy."""
    page = world.buyer.get(reverse("web:checkout", args=[world.offer_id]))
    terms = world.buyer.get(reverse("api:offer-terms", args=[world.offer_id]))
    product = _text(world.visitor, reverse("web:product", args=[world.product.public_id]))
    is_open = reverse("web:checkout", args=[world.offer_id]) in product
    assert is_open == (SENTENCES["trusted_space_not_open"] not in product)
    assert is_open == (page.status_code == 200)
    return [_code(page), _code(terms)]


def _signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def _api(client: Client, address: str) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def _code(answer: Any) -> str:
    """The code of a refusal, of a page by its sentence; empty for what was done."""
    content = _content(answer)
    if answer.status_code < 400:
        return ""
    if answer["Content-Type"].startswith("text/html"):
        return next(code for code, words in SENTENCES.items() if words in content.decode())
    return str(json.loads(content)["code"]) if content else "data_stays"


def _content(answer: Any) -> bytes:
    """All of an answer, so that its file is closed."""
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def _same(answers: Any) -> Any:
    """The one answer that all doors give."""
    found = set(answers)
    assert len(found) == 1, found
    return found.pop()


def test_the_world_was_sold_as_a_file(world: World) -> None:
    """Else the walk would begin with nothing to lose."""
    assert _content(world.visitor.get(world.old_link)) == CONTENT
    assert world.counter.table.sample is not None
    assert world.counter.entitlement.valid_until is not None
    assert world.counter.entitlement.valid_until > timezone.now() + timedelta(days=1)
