"""Sales of state assets as those see them who may know of them."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange.asset_sales.lifecycle import IN_PREPARATION, Standing
from exchange.asset_sales.models import Announcement, AssetSale, Bidder, Valuation
from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission


def subject_of(asset_sale: AssetSale) -> Subject:
    """The asset sale as policy knows things: the seller's; who prepared it may not decide on it."""
    return Subject(
        organisation_id=asset_sale.seller_id,
        made_by=frozenset({asset_sale.prepared_by_id}),
        conflicted=frozenset(asset_sale.conflicts.values_list("user_id", flat=True)),
    )


def asset_sale_seen_by(actor: Actor, public_id: str) -> AssetSale:
    """The asset sale as its seller and overseers see it. Raises NotFound to all others."""
    found = _rows().filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such asset sale."))
    policy.require(actor, Permission.ASSET_SALE_SEE, subject_of(found))
    return found


def asset_sales_of(organisation_id: int) -> QuerySet[AssetSale]:
    """What an organisation disposes of, newest first."""
    return _rows().filter(seller_id=organisation_id).order_by("-pk")


def announced() -> QuerySet[Announcement]:
    """The last round of each asset sale that was announced: what everybody may read. Newest first."""
    return (
        Announcement.objects.select_related(
            "asset_sale__seller", "asset_sale__product", "asset_sale__winner",
            "asset_sale__order", "valuation",
        )
        .exclude(asset_sale__state__in=sorted(IN_PREPARATION))
        .order_by("-pk")
    )  # fmt: skip


def announcement_named(public_id: str) -> Announcement:
    """An announcement by its public id. Raises NotFound."""
    found = announced().filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such announcement."))
    return found


def round_of(asset_sale: AssetSale) -> Announcement:
    """The round that runs, or ran last. Raises NotFound before the first announcement."""
    found = asset_sale.announcements.filter(number=asset_sale.round).first()
    if found is None:
        raise NotFound(_("There is no such announcement."))
    return found


def valuation_of(asset_sale: AssetSale) -> Valuation | None:
    """The valuation that counts: the last."""
    return asset_sale.valuations.order_by("-number").first()


def qualified(announcement: Announcement) -> list[Bidder]:
    """Bidders who may buy, by number."""
    rows = announcement.bidders.filter(standing=Standing.QUALIFIED)
    return list(rows.select_related("organisation").order_by("number"))


def _rows() -> QuerySet[AssetSale]:
    return AssetSale.objects.select_related("seller", "product", "winner", "order", "prepared_by")
