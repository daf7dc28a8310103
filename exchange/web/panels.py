"""Panels that pages of one thing share: its road, its timeline, labels with texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from exchange.catalog.buyable import has_part, sharing_at
from exchange.catalog.models import Product, Sharing, SharingParty, SharingRoyalty
from exchange.catalog.queries import subject_of
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission


@dataclass(frozen=True)
class Stage:
    """One stage of a road: its label, and whether it is done, now or next."""

    label: str
    state: str


@dataclass(frozen=True)
class Event:
    """One entry of a timeline."""

    title: str
    at: datetime | None
    by: str
    reason: str = ""
    tone: str = "neutral"


@dataclass(frozen=True)
class Fact:
    """A label and what stands beside it."""

    label: str
    text: str


@dataclass(frozen=True)
class Tab:
    """One of the views of a list; the address names it as `?show=`."""

    label: str
    url: str
    is_current: bool


def tabs_of(path: str, labels: Mapping[str, str], *, chosen: str) -> tuple[Tab, ...]:
    """The tabs over a list at `path`."""
    return tuple(
        Tab(label, f"{path}?show={name}", name == chosen) for name, label in labels.items()
    )


def progress(road: Sequence[Sequence[TextChoices]], current: TextChoices) -> tuple[Stage, ...]:
    """The road's stages, each named by its first state, up to where `current` lies. A state off the
    road leaves all stages to come."""
    at = next((number for number, stage in enumerate(road) if current in stage), -1)
    last = len(road) - 1
    return tuple(
        Stage(
            str((current if number == at else stage[0]).label),
            "done" if number < at or number == at == last else "now" if number == at else "next",
        )
        for number, stage in enumerate(road)
    )


@dataclass(frozen=True)
class SharePart:
    """What one party gets of a product's revenue; `royalties` for products of its that this one is made of."""

    name: str
    percent: str
    first: str
    has_agreed: bool
    royalties: tuple[str, ...] = ()


def share_part(row: SharingParty, sharing: Sharing) -> SharePart:
    """A party's part as pages say it."""
    first = ""
    if row.first_minor:
        first = _("%(amount)s, at most %(percent)s %% of the net") % {
            "amount": row.first,
            "percent": f"{row.first_percent_max.normalize():f}",
        }
    percent = f"{row.percent.normalize():f}"
    royalties = tuple(
        _royalty(one)
        for one in sharing.royalties.all()
        if one.source.seller_id == row.organisation_id
    )
    return SharePart(row.organisation.name, percent, first, row.agreed_at is not None, royalties)


def _royalty(one: SharingRoyalty) -> str:
    said = (
        [_("%(percent)s %% of the net") % {"percent": f"{one.percent.normalize():f}"}]
        if one.percent
        else []
    )
    if one.each_minor:
        said.append(_("%(amount)s of each sale") % {"amount": one.each})
    return _("Royalty for “%(product)s”: %(royalty)s") % {
        "product": title_of(one.source) or one.source.public_id,
        "royalty": ", ".join(said),
    }


@dataclass(frozen=True)
class SharesPanel:
    """How what an agreement brings is shared out; `is_frozen` once both sides have signed."""

    product_id: str
    number: int
    parties: tuple[SharePart, ...]
    is_frozen: bool


def shares_panel(
    product: Product, actor: Actor, *, signed_at: datetime | None, now: datetime
) -> SharesPanel | None:
    """The shares of an agreement about a product: those in force when it was signed, before that those in
    force now. None where the seller keeps all, and for those who may not read the seller's earnings."""
    if not policy.allowed(actor, Permission.EARNINGS_SEE, subject_of(product)):
        return None
    sharing = sharing_at(product, at=signed_at or now)
    if sharing is None:
        return None
    return SharesPanel(
        product_id=product.public_id,
        number=sharing.number,
        parties=tuple(share_part(row, sharing) for row in sharing.parties.all() if has_part(row)),
        is_frozen=signed_at is not None,
    )
