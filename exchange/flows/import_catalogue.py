"""Listing the records of an open-data registry: free, delivered at their own place, by legal steps.

The exchange's own import makes every step; the log names it. It passes the gates that everybody
passes, and nothing of a record that fails remains.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.catalog.actions import offers, products, review, walking
from exchange.catalog.actions.listing import Said
from exchange.catalog.actions.offers import OfferWish
from exchange.catalog.details import check_details
from exchange.catalog.models import Product
from exchange.catalog.open_data import details_of_record
from exchange.catalog.queries.listings import details_of
from exchange.catalog.reasons import CHECKLISTS
from exchange.catalog.states import Future, ListingState, Move, OfferKind, ProductKind
from exchange.core.refusals import NotAllowed, Refusal
from exchange.flows.listing_recording import record_offer, record_step
from exchange.members.lifecycle import Standing
from exchange.members.presence import presence_of_organisation
from exchange.members.roles import Kind
from pricing.money import Money

ACTOR = "system:import"
ORIGIN_PREFIX = "open-data:"
FILE_BYTES_MAX = 1024 * 1024
_ROAD = (
    Move.SUBMIT, Move.TAKE_UP, Move.PASS_COMPLIANCE, Move.PASS_QUALITY, Move.APPROVE, Move.LIST,
)  # fmt: skip
_CONFIRMED = Said(checklist=tuple(point.code for points in CHECKLISTS.values() for point in points))
# libyaml is five times as fast; a PyYAML built without it has the plain one.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class SellerNotAdmitted(NotAllowed):
    """Only an active seller lists products, by import too."""

    code = "seller_not_admitted"


class Outcome(StrEnum):
    """What became of one record."""

    LISTED = "listed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    BROKEN = "broken"


@dataclass(frozen=True)
class Report:
    """One file's outcome, with the reason where it was not listed, or a remark."""

    file: str
    outcome: Outcome
    reason: str = ""


def import_files(files: Iterable[Path], *, seller: Organisation, now: datetime) -> Iterator[Report]:
    """Import file by file, each in a transaction of its own, and report each as it is done.

    A second run changes nothing but what changed in the files. Raises SellerNotAdmitted.
    """
    check_seller(seller, now=now)
    known = _Known()
    for path in files:
        yield _import_file(path, seller, known, now)


def check_seller(seller: Organisation, *, now: datetime) -> None:
    """Raise SellerNotAdmitted unless the organisation may sell."""
    presence = presence_of_organisation(organisation_id=seller.pk, at=now)
    if presence.standing is not Standing.ACTIVE or not presence.kinds & {
        Kind.SELLER,
        Kind.DATA_DEALER,
    }:
        raise SellerNotAdmitted(
            _("%(organisation)s is not an active seller of this exchange.")
            % {"organisation": seller.name},
            organisation=seller.public_id,
        )


class _Known:
    """What this run has read: contents, and titles with the file that had them first."""

    def __init__(self) -> None:
        self.contents: dict[str, str] = {}
        self.titles: dict[str, str] = {}


def _import_file(path: Path, seller: Organisation, known: _Known, now: datetime) -> Report:
    try:
        content = _content(path)
        twin = known.contents.setdefault(hashlib.sha256(content).hexdigest(), path.name)
        if twin != path.name:
            reason = _("The same record as %(file)s.") % {"file": twin}
            return Report(path.name, Outcome.DUPLICATE, reason)
        values = check_details(details_of_record(yaml.load(content, Loader=_Loader)))  # noqa: S506 - a safe loader
        outcome = _import_record(ORIGIN_PREFIX + path.stem, values, seller, now)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        return Report(path.name, Outcome.BROKEN, " ".join(str(error).split())[:300])
    except (Refusal, OSError) as refusal:
        return Report(path.name, Outcome.BROKEN, str(refusal))
    namesake = known.titles.setdefault(values["title"].casefold(), path.name)
    remark = _("It has the title of %(file)s.") % {"file": namesake}
    return Report(path.name, outcome, remark if namesake != path.name else "")


def _content(path: Path) -> bytes:
    if path.stat().st_size > FILE_BYTES_MAX:
        raise OSError(_("The file is larger than %(limit)d bytes.") % {"limit": FILE_BYTES_MAX})
    return path.read_bytes()


@transaction.atomic
def _import_record(
    origin: str, values: dict[str, Any], seller: Organisation, now: datetime
) -> Outcome:
    product = Product.objects.filter(origin=origin).select_related("seller").first()
    if product is None:
        _list(origin, values, seller, now)
        return Outcome.LISTED
    if product.seller_id != seller.pk:
        raise NotAllowed(
            _("Another seller has imported this record: %(seller)s.")
            % {"seller": product.seller.name}
        )
    here = details_of(product)
    if product.state != ListingState.LISTED or all(
        here[field] == value for field, value in values.items()
    ):
        return Outcome.UNCHANGED
    _change(product, values, now)
    return Outcome.CHANGED


def _list(origin: str, values: dict[str, Any], seller: Organisation, now: datetime) -> None:
    drafted = products.draft_product(
        seller_id=seller.pk,
        kind=ProductKind.DATASET,
        values=values,
        actor=ACTOR,
        by_id=None,
        now=now,
        origin=origin,
    )
    record_step(drafted, tells=False)
    product = drafted.product
    offer, _price = offers.add_offer(
        product_id=product.public_id,
        wish=OfferWish(
            name="Open data", kind=OfferKind.FREE, price=Money(0, "CNY"), future=Future.ALL
        ),
        by_id=None,
        now=now,
    )
    record_offer(offer, event="catalog.offer.made", actor=ACTOR, now=now)
    # The index follows the product as it is in the end, so the last step alone brings it up to date.
    *first, last = walking.walk(product=product, moves=_ROAD, actor=ACTOR, said=_CONFIRMED, now=now)
    for step in first:
        record_step(step, tells=False, follows=False)
    record_step(last, tells=False)


def _change(product: Product, values: dict[str, Any], now: datetime) -> None:
    """What the file says now, through the same two steps as any change of a listing."""
    products.save_details(product_id=product.public_id, values=values, now=now)
    for step in (
        products.propose_change(product_id=product.public_id, actor=ACTOR, by_id=None, now=now),
        review.accept_change(product_id=product.public_id, actor=ACTOR, by_id=None, now=now),
    ):
        record_step(step, tells=False)
