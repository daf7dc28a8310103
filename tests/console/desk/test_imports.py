"""Products begun from a table, with an answer for each of its lines."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from exchange.catalog.models import Product
from exchange.catalog.sheets import LINES_MAX
from tests.factories.catalog import Stall

pytestmark = pytest.mark.django_db

TABLE = """kind,title,title_zh,summary,industry,keywords,price,currency,period
dataset,Pressure of the main,干线压力,Hourly.,oil_gas,pressure; gas,1200.50,CNY,P1M
dataset,Open flow,,Daily.,oil_gas,,0,,
spaceship,Nothing,,,,,,,
dataset,Wrong industry,,,nonsense,,,,
dataset,Wrong price,,,,,twelve,CNY,
dataset,,,,,,,,
"""


LIST = """# A comment
products:
  - kind: dataset
    title: Pressure of the main
    title_zh: 干线压力
    industry: oil_gas
    scenarios: [Forecast demand; by hour, Plan repairs]
    keywords: pressure; gas
    price: 1200.50
    period: P1M
  - {kind: dataset, title: "no", price: 0}
  - kind: spaceship
    title: Nothing
  - title: Without a kind
"""


def hand_in(client: Client, content: bytes, name: str = "products.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("desk:import_products"), {"file": file})


def said(answer: Any) -> dict[int, str]:
    return {number: str(words) for number, _title, words in answer.context["table"]["rows"]}


def test_each_line_becomes_a_draft_or_is_told_why_not(stall: Stall, seller: Client) -> None:
    assert seller.get(reverse("desk:import_products")).status_code == 200
    answer = hand_in(seller, TABLE.encode())
    assert answer.status_code == 200
    told = said(answer)
    main, flow = Product.objects.filter(seller=stall.seller).order_by("pk")
    assert reverse("desk:sell_data", args=[main.public_id]) in told[2]
    assert reverse("desk:sell_data", args=[flow.public_id]) in told[3]
    assert told[4].startswith("kind: The kind is one of: dataset, api,")
    assert told[5].startswith("industry: Choose one of the listed values. (")
    assert "“twelve” is not an amount in CNY." in told[6]
    assert told[7] == "title: Give the product a title."
    assert (main.title_zh, main.keywords, main.state) == ("干线压力", ["pressure", "gas"], "draft")
    offer = main.offers.get()
    assert (offer.kind, offer.price_minor, offer.period) == ("subscription", 120_050, "P1M")
    assert flow.offers.get().kind == "free"


def test_the_same_table_again_begins_nothing_twice(stall: Stall, seller: Client) -> None:
    hand_in(seller, TABLE.encode())
    again = said(hand_in(seller, TABLE.encode()))
    assert again[2] == again[3] == "title: You have a product of this title."
    assert Product.objects.filter(seller=stall.seller).count() == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"kind,colour\ndataset,red\n", "The table needs the columns kind, title"),
        (b"kind,title\n", f"from 1 to {LINES_MAX} lines"),
        (b"kind,title\n" + b"dataset,One\n" * (LINES_MAX + 1), f"from 1 to {LINES_MAX} lines"),
        (b"\xff\xff\xff\xff", "no table in CSV"),
        (b"x" * 1_000_001, "at most 1,000,000 bytes"),
    ],
)
def test_what_is_no_table_of_products_is_refused_as_a_whole(
    stall: Stall, seller: Client, content: bytes, sentence: str
) -> None:
    answer = hand_in(seller, content)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Product.objects.filter(seller=stall.seller).exists()


def test_a_list_in_yaml_is_answered_by_its_lines(stall: Stall, seller: Client) -> None:
    told = said(hand_in(seller, LIST.encode(), "Products.YAML"))
    assert sorted(told) == [3, 11, 12, 14]
    main, free = Product.objects.filter(seller=stall.seller).order_by("pk")
    assert reverse("desk:sell_data", args=[main.public_id]) in told[3]
    assert main.scenarios == ["Forecast demand; by hour", "Plan repairs"]
    assert (main.title_zh, main.keywords) == ("干线压力", ["pressure", "gas"])
    offer = main.offers.get()
    assert (offer.kind, offer.price_minor, offer.period) == ("subscription", 120_050, "P1M")
    assert (free.title, free.offers.get().kind) == ("no", "free")
    assert told[12].startswith("kind: The kind is one of: dataset, api,")
    assert told[14].startswith("kind: The kind is one of: dataset, api,")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("kind: dataset", "no list of products in YAML"),
        ("just words", "no list of products in YAML"),
        ("# nothing", "no list of products in YAML"),
        ("- [a, b]", "Line 1 is no text"),
        ("- title: One\n  title: Two", "Line 2 is no text, or says something for the second time."),
        ("- title: {a: b}", "Line 1 is no text"),
        ("- title: [One]", "Line 1 is no text"),
        ("- colour: red", "The table needs the columns kind, title"),
        ("- title: One\n  kind: 'dataset", "cannot be read as YAML at line 2"),
        ("- &one {title: One}\n- *one", "Line 2 is no text"),
        ("- title: One\n---\n- title: Two", "no list of products in YAML"),
        ("- title: !!python/object/apply:os.system [echo]", "Line 1 is no text"),
        ("[" * 200_000, "Line 1 is no text"),
        ("- title: One\n" * (LINES_MAX + 1), f"from 1 to {LINES_MAX} lines"),
        ("#" * 300_001, "at most 300,000 bytes"),
    ],
)
def test_what_is_no_list_of_products_is_refused_as_a_whole(
    stall: Stall, seller: Client, content: str, sentence: str
) -> None:
    answer = hand_in(seller, content.encode(), "products.yml")
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Product.objects.filter(seller=stall.seller).exists()


def test_who_may_not_offer_begins_nothing(stall: Stall, colleague: Client) -> None:
    assert hand_in(colleague, TABLE.encode()).status_code == 403
    assert not Product.objects.filter(seller=stall.seller).exists()
