"""What everybody may know of the log's entries: place, hash, the second in which the head over it was signed, and a
coarse group. Neither the event nor the record's id, which tells its millisecond."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery, TextChoices, Value
from django.utils.translation import gettext_lazy as _

from exchange.audit.models import Head, Leaf
from exchange.audit.queries import leaf_at

PAGE_MAX = 100
SealedSince = Callable[[], datetime | None]


class Group(TextChoices):
    """What an entry is about, no finer."""

    MEMBERS = "members", _("Members")
    CATALOGUE = "catalogue", _("Catalogue")
    TRADING = "trading", _("Trading")
    MONEY = "money", _("Money")
    DELIVERY = "delivery", _("Delivery and use")
    EXCHANGE = "exchange", _("The exchange itself")


GROUPS = {
    "accounts": Group.MEMBERS,
    "members": Group.MEMBERS,
    "catalog": Group.CATALOGUE,
    "vault": Group.CATALOGUE,
    "orders": Group.TRADING,
    "contracts": Group.TRADING,
    "disputes": Group.TRADING,
    "negotiation": Group.TRADING,
    "auctions": Group.TRADING,
    "asset_sales": Group.TRADING,
    "payments": Group.MONEY,
    "ledger": Group.MONEY,
    "delivery": Group.DELIVERY,
    "metering": Group.DELIVERY,
    "core": Group.EXCHANGE,
    "notices": Group.EXCHANGE,
    "audit": Group.EXCHANGE,
}
# A bid shows in these: by its own record, and by the money that it sets aside.
SEALED_GROUPS = {Group.TRADING, Group.MONEY}
_sealed_since: dict[str, SealedSince] = {}


@dataclass(frozen=True)
class Entry:
    """One entry. `group` is None while something sealed is under way that the entry might belong to."""

    index: int
    group: Group | None
    at: datetime
    leaf_hash: str


def seal(name: str, since: SealedSince) -> None:
    """Declare since when something has been under way whose events nobody may tell from others; None when
    nothing is. For `AppConfig.ready`."""
    _sealed_since[name] = since


def leaves() -> QuerySet[Leaf]:
    """All leaves with what `entry_of` reads of them. What waits for its head is not among them."""
    begun = [at for at in (since() for since in _sealed_since.values()) if at is not None]
    signed = Head.objects.filter(tree_size__gt=OuterRef("index")).order_by("tree_size")
    return Leaf.objects.select_related("record").annotate(
        signed_at=Subquery(signed.values("at")[:1]),
        sealed_since=Value(min(begun, default=None), output_field=DateTimeField()),
    )


def entries(*, before: int | None = None, limit: int = PAGE_MAX) -> list[Entry]:
    """Entries of the log, newest first; `before` is the index at which the last page ended."""
    found = leaves().order_by("-index")
    if before is not None:
        found = found.filter(index__lt=before)
    return [entry_of(leaf) for leaf in found[: min(limit, PAGE_MAX)]]


def entry_at(index: int) -> Entry:
    """The entry at an index. Refuses NoSuchRecord."""
    leaf_at(index)  # refuses
    return entry_of(leaves().get(index=index))


def entry_of(leaf: Leaf) -> Entry:
    """A leaf of `leaves` as everybody sees it."""
    signed_at: datetime = leaf.signed_at  # type: ignore[attr-defined]  # annotated by `leaves`
    sealed_since: datetime | None = leaf.sealed_since  # type: ignore[attr-defined]  # as above
    group = GROUPS.get(leaf.record.event.partition(".")[0], Group.EXCHANGE)
    is_sealed = (
        group in SEALED_GROUPS
        and sealed_since is not None
        and signed_at >= sealed_since.replace(microsecond=0)
    )
    return Entry(
        index=leaf.index,
        group=None if is_sealed else group,
        at=signed_at.replace(microsecond=0),
        leaf_hash=bytes(leaf.hash).hex(),
    )
