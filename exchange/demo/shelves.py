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
from exchange.demo.wares import WARES, Ware
from exchange.vault import file_reading, files
from exchange.vault.lifecycle import FileState
from pricing.money import Money

POINTS = tuple(point.code for points in CHECKLISTS.values() for point in points)
SOURCE = "Made by a seeded generator of the demo: it describes nobody and nothing real."
CURRENCY = "CNY"

Told = Callable[[str], None]


def stock(listed_at: datetime, *, recently: datetime, tell: Told = lambda _line: None) -> None:
    """Publish every ware that is not there yet. What is still under review came in `recently`."""
    for ware in WARES:
        if Product.objects.filter(origin=origin(ware)).exists():
            continue
        tell(ware.title)
        _publish(ware, listed_at if ware.story == "listed" else recently)


def product_of(key: str) -> Product:
    """The product of a ware."""
    return Product.objects.get(origin=f"demo:{key}")


def origin(ware: Ware) -> str:
    return f"demo:{ware.key}"


@transaction.atomic
def _publish(ware: Ware, now: datetime) -> None:
    seller = acting(ware.seller, now)
    product = products.draft_product(
        actor=seller,
        kind=ware.kind,
        values=_details(ware),
        now=now,
        synthetic=True,
        origin=origin(ware),
    )
    if ware.file:
        kept = files.keep(
            actor=seller,
            name=f"{ware.file}_synthetic.csv",
            content=BytesIO(synthetic.csv_of(ware.file)),
            now=now,
        )
        if kept.file.state == FileState.STORED:  # another ware may have brought the same file
            file_reading.read_now(kept.file.pk, now=now)
        revisions.attach_file(product.public_id, actor=seller, file_id=kept.file.public_id, now=now)
    for price in ware.prices:
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
    if ware.story == "listed":
        _list(product, now)
    elif ware.story == "in_review":
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


def _details(ware: Ware) -> dict[str, object]:
    template = LICENCE_TEMPLATES[ware.licence]
    return {
        "title": ware.title,
        "title_zh": ware.title_zh,
        "summary": ware.summary,
        "summary_zh": ware.summary_zh,
        "description": f"{ware.summary}\n\n{SOURCE}",
        "description_zh": ware.summary_zh,
        "industry": ware.industry,
        "region": ware.region,
        "rhythm": ware.rhythm,
        "scenarios": list(ware.scenarios),
        "keywords": list(ware.keywords),
        "licence": {
            "template": ware.licence,
            "allowed": list(_codes(template["allowed"])),
            "forbidden": list(_codes(template["forbidden"])),
            "attribution": template["attribution"],
            "text": "",
        },
        "refund_policy": str(ware.refund_policy),
        "source_statement": SOURCE,
        "grade": str(ware.grade),
        "delivery": str(ware.delivery),
        "external_url": ware.url if ware.delivery in {Delivery.EXTERNAL, Delivery.API} else "",
        "parts": _parts(ware),
    }


def _codes(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple) else ()


def _parts(ware: Ware) -> list[dict[str, object]]:
    """A bundle's listed products, and the machine that they come with."""
    if not ware.parts:
        return []
    return [
        {"name": "4LZ-10", "count": 1},
        *({"product": product_of(key).public_id, "count": 1} for key in ware.parts),
    ]
