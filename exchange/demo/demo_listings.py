"""Puts the wares of the demo on the shelves, as sellers and operators do."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO

from django.db import transaction

from exchange.catalog import offers, products, review, revisions
from exchange.catalog.choices import LICENCE_TEMPLATES
from exchange.catalog.lifecycle import Delivery, Future, OfferKind
from exchange.catalog.listing import Said
from exchange.catalog.models import Product
from exchange.catalog.offers import OfferRequest
from exchange.catalog.reasons import CHECKLISTS
from exchange.demo import synthetic
from exchange.demo.acting import acting
from exchange.demo.demo_products import DEMO_PRODUCTS, DemoProduct
from exchange.vault import file_reading, files
from exchange.vault.lifecycle import FileState
from pricing.money import Money

POINTS = tuple(point.code for points in CHECKLISTS.values() for point in points)
SOURCE = "Made by a seeded generator of the demo: it describes nobody and nothing real."
CURRENCY = "CNY"

Told = Callable[[str], None]


def stock(listed_at: datetime, *, recently: datetime, tell: Told = lambda _line: None) -> None:
    """Publish every ware that is not there yet. What is still under review came in `recently`."""
    for demo_product in DEMO_PRODUCTS:
        if Product.objects.filter(origin=origin(demo_product)).exists():
            continue
        tell(demo_product.title)
        _publish(demo_product, listed_at if demo_product.story == "listed" else recently)


def product_of(key: str) -> Product:
    """The product of a ware."""
    return Product.objects.get(origin=f"demo:{key}")


def origin(demo_product: DemoProduct) -> str:
    return f"demo:{demo_product.key}"


@transaction.atomic
def _publish(demo_product: DemoProduct, now: datetime) -> None:
    seller = acting(demo_product.seller, now)
    product = products.draft_product(
        actor=seller,
        kind=demo_product.kind,
        values=_details(demo_product),
        now=now,
        synthetic=True,
        origin=origin(demo_product),
    )
    if demo_product.file:
        kept = files.keep(
            actor=seller,
            name=f"{demo_product.file}_synthetic.csv",
            content=BytesIO(synthetic.csv_of(demo_product.file)),
            now=now,
        )
        if kept.file.state == FileState.STORED:  # another ware may have brought the same file
            file_reading.read_now(kept.file.pk, now=now)
        revisions.attach_file(product.public_id, actor=seller, file_id=kept.file.public_id, now=now)
    for price in demo_product.prices:
        offers.add_offer(
            product.public_id,
            actor=seller,
            command=OfferRequest(
                name=price.name,
                kind=price.kind,
                price=Money(price.price_minor, CURRENCY),
                period=str(price.period or ""),
                future=Future.ALL if price.kind is OfferKind.SUBSCRIPTION else Future.NONE,
            ),
            now=now,
        )
    products.submit(product.public_id, actor=seller, now=now)
    if demo_product.story == "listed":
        _list(product, now)
    elif demo_product.story == "in_review":
        review.take_up(product.public_id, actor=acting("operator", now), now=now)
    else:
        _return(product, now)


def _list(product: Product, now: datetime) -> None:
    """The whole review, by the operator."""
    review.pass_whole_review(
        product.public_id, actor=acting("operator", now), checklist=POINTS, now=now
    )


def _return(product: Product, now: datetime) -> None:
    operator = acting("operator", now)
    review.take_up(product.public_id, actor=operator, now=now)
    review.return_listing(
        product.public_id,
        actor=operator,
        said=Said(
            reason_code="source_unproven",
            reason="Please say which meters the readings come from, and under which contract.",
        ),
        now=now,
    )


def _details(demo_product: DemoProduct) -> dict[str, object]:
    template = LICENCE_TEMPLATES[demo_product.licence]
    return {
        "title": demo_product.title,
        "title_zh": demo_product.title_zh,
        "summary": demo_product.summary,
        "summary_zh": demo_product.summary_zh,
        "description": f"{demo_product.summary}\n\n{SOURCE}",
        "description_zh": demo_product.summary_zh,
        "industry": demo_product.industry,
        "region": demo_product.region,
        "rhythm": demo_product.rhythm,
        "scenarios": list(demo_product.scenarios),
        "keywords": list(demo_product.keywords),
        "licence": {
            "template": demo_product.licence,
            "allowed": list(_codes(template["allowed"])),
            "forbidden": list(_codes(template["forbidden"])),
            "attribution": template["attribution"],
            "text": "",
        },
        "refund_policy": str(demo_product.refund_policy),
        "source_statement": SOURCE,
        "grade": str(demo_product.grade),
        "delivery": str(demo_product.delivery),
        "external_url": demo_product.url
        if demo_product.delivery in {Delivery.EXTERNAL, Delivery.API}
        else "",
        "parts": _parts(demo_product),
    }


def _codes(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple) else ()


def _parts(demo_product: DemoProduct) -> list[dict[str, object]]:
    """A bundle's listed products, and the machine that they come with."""
    if not demo_product.parts:
        return []
    return [
        {"name": "4LZ-10", "count": 1},
        *({"product": product_of(key).public_id, "count": 1} for key in demo_product.parts),
    ]
