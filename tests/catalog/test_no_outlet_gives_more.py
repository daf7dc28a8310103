"""For random deliveries, grades and flags, no outlet gives a value that the rule forbids."""

import random
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from exchange.catalog.disclosure import Asker, Part, leaving
from exchange.catalog.lifecycle import Delivery, Grade
from exchange.catalog.models import ColumnFlag, Product, RevisionTable
from exchange.catalog.search.indexing import index_product
from exchange.members.roles import Role
from tests.factories import accounts
from tests.factories.catalog import DAY, Stall, a_stall
from tests.factories.listings import a_column, a_document, a_listing
from tests.factories.members import a_role

pytestmark = pytest.mark.django_db
ROUNDS = 25
NAMES = ("alpha", "beta", "gamma", "delta")


def marked(name: str, **fields: Any) -> dict[str, Any]:
    """A column each of whose values says whose it is."""
    mark = f"{name}-VALUE"
    return a_column(
        name,
        original_name=name.upper(),
        type="text",
        unit=None,
        example=mark,
        min=mark,
        max=mark,
        mean=mark,
        quantiles={"50": mark},
        top=[[mark, 5]],
        histogram=None,
        mixed={"kind": "numbers_among_text", "rows": 1, "examples": [mark]},
        **fields,
    )


def the_document(found: list[str]) -> dict[str, Any]:
    return a_document(
        *(marked(name) for name in NAMES),
        marked("alpha__text") | {"original_name": "ALPHA"},
        coverage={
            "time": {"column": "beta", "from": "beta-VALUE", "until": "beta-VALUE", "rhythm_seconds": None},
            "region": {"columns": ["gamma"], "box": None, "values": ["gamma-VALUE"]},
        },
        findings=[
            {"column": one, "kind": "phone", "share": "0.5", "basis": "values", "example": f"{one}-VALUE"}
            for one in found
        ],
        preview={
            "columns": [*NAMES, "alpha__text"],
            "rows": [[*(f"{name}-VALUE" for name in NAMES), "alpha-VALUE"]],
        },
    )  # fmt: skip


@pytest.fixture
def stall(tmp_path: Path, settings: Settings) -> Stall:
    settings.SECOND_FACTOR_REQUIRED = False
    return a_stall()


def test_no_outlet_gives_a_value_that_the_rule_forbids(stall: Stall) -> None:
    draw = random.Random(14)  # noqa: S311 - a draw that can be repeated
    owner = accounts.owner_of(stall.seller)
    a_role(stall.seller, owner, Role.DATA_OWNER)
    clients = {
        "anonymous": Client(),
        "member": signed_in(accounts.a_user()),
        "owner": signed_in(owner),
        "operator": signed_in(stall.exchange.first),
    }
    gave = 0
    for _round in range(ROUNDS):
        product = a_product(stall, draw)
        if product is None:
            continue
        cache.clear()
        flagged = flag(product, draw)
        allowed = Part.VALUES in leaving(product, asker=Asker.ANYBODY)
        for name, client in clients.items():
            for address, text in outlets(product, client, name):
                for column in NAMES:
                    if column in flagged or not allowed:
                        assert f"{column}-VALUE" not in text, (name, address, column, flagged)
                    else:
                        gave += f"{column}-VALUE" in text
    assert gave > ROUNDS


def a_product(stall: Stall, draw: random.Random) -> Product | None:
    """A listing of a random kind; None where the database knows no such one."""
    found = draw.sample(NAMES, draw.randint(0, 2))
    product = a_listing(seller=stall.seller, document=the_document(found))
    try:
        with transaction.atomic():
            Product.objects.filter(pk=product.pk).update(
                delivery=draw.choice(Delivery.values), grade=draw.choice(Grade.values)
            )
    except IntegrityError:
        return None
    product.refresh_from_db()
    index_product(product=product)
    return product


def flag(product: Product, draw: random.Random) -> set[str]:
    """Random flags by everybody who may, as the rule reads them, and what is held back by them."""
    row = RevisionTable.objects.select_related("revision").get(revision__product=product)
    flagged = {one["column"] for one in row.document["findings"]}
    for column in draw.sample(NAMES, draw.randint(0, 3)):
        ColumnFlag.objects.create(
            product=product,
            column=column.upper(),
            party=draw.choice(["seller", "operator"]),
            reason="x",
            created_at=DAY,
        )
        flagged.add(column)
    return flagged


def outlets(product: Product, client: Client, name: str) -> list[tuple[str, str]]:
    """Everything that shows anything of a table's document to this visitor."""
    table = RevisionTable.objects.get(revision__product=product).table
    addresses = [
        reverse("api:product", args=[product.public_id]),
        reverse("api:products"),
        reverse("web:product", args=[product.public_id]),
        reverse("web:product_sample", args=[product.public_id, table.public_id]),
        reverse("web:catalogue"),
        f"{reverse('web:compare')}?id={product.public_id}",
    ]
    if name == "owner":
        addresses += [
            reverse(f"web:{one}", args=[product.public_id])
            for one in ("sell_check", "sell_publish", "sell_product", "sell_personal")
        ]
    if name == "operator":
        addresses.append(f"/console/catalog/product/{product.pk}/change/")
    return [(one, text_of(client, one)) for one in addresses]


def text_of(client: Client, address: str) -> str:
    answer: Any = client.get(address)
    assert answer.status_code in {200, 404}, (address, answer.status_code)
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
