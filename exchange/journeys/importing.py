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
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.catalog import offers, products, review
from exchange.catalog.details import check_details
from exchange.catalog.facts import details_of
from exchange.catalog.lifecycle import Future, ListingState, OfferKind, ProductKind
from exchange.catalog.models import Product
from exchange.catalog.offers import OfferRequest
from exchange.catalog.open_data import details_of_record
from exchange.catalog.reasons import CHECKLISTS
from exchange.core import currencies
from exchange.core.refusals import NotAllowed, Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import presence_of_organisation, system_actor
from exchange.members.lifecycle import Standing
from exchange.members.roles import Kind
from pricing.money import Money

IMPORT = system_actor("import")
ORIGIN_PREFIX = "open-data:"
FILE_BYTES_MAX = 1024 * 1024
_CONFIRMED = tuple(point.code for points in CHECKLISTS.values() for point in points)
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


@use_case()
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
    product = products.begin(
        seller_id=seller.pk, kind=ProductKind.DATASET, values=values, origin=origin, actor=IMPORT,
        now=now,
    )  # fmt: skip
    free = Money(0, currencies.home())
    open_data = OfferRequest(name="Open data", kind=OfferKind.FREE, price=free, future=Future.ALL)
    offers.add_offer(product, open_data, actor=IMPORT, now=now)
    products.submit(product, actor=IMPORT, now=now)
    review.pass_whole_review(product, actor=IMPORT, checklist=_CONFIRMED, notify=False, now=now)


def _change(product: Product, values: dict[str, Any], now: datetime) -> None:
    """What the file says now, through the same two steps as any change of a listing."""
    changed = products.save_draft(product.public_id, actor=IMPORT, values=values, now=now)
    products.propose_change(changed, actor=IMPORT, now=now)
    review.accept_change(changed, actor=IMPORT, notify=False, now=now)
