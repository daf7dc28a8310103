"""What the seller has on the shelves, product by product: offers, revisions, what is used by the meter; and
who works for it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from exchange.catalog.lifecycle import OfferKind, OfferState, RevisionState
from exchange.catalog.models import Offer, Revision
from exchange.console.desk.sales import moment_cell
from exchange.console.desk.site import desk
from exchange.console.desk.tables import RowsOfPages
from exchange.console.marks import Text, column
from exchange.console.tables import state_column
from exchange.core.formatting import NOTHING, money_shown
from exchange.core.titles import title_of
from exchange.metering.models import MeteredSubscription
from pricing.money import Money

OFFERED: Mapping[str, str] = {
    OfferState.PROPOSED.value: "warning",
    OfferState.ACTIVE.value: "success",
}
PUBLISHED: Mapping[str, str] = {
    RevisionState.DRAFT.value: "warning",
    RevisionState.PUBLISHED.value: "success",
    RevisionState.REVOKED.value: "danger",
}
OF_PRODUCT = (
    "product__public_id__exact",
    "product__title__icontains",
    "product__title_zh__icontains",
)


@admin.register(Offer, site=desk)
class OfferTable(RowsOfPages):
    """Offers of every product, the newest first. Each row leads to its product."""

    when_empty = _("Offers appear here when you give a product its price.")
    owner = "product__seller"
    list_display = (
        "title_shown", "name", "kind", "state_shown", "price_shown", "period", "reserved_for", "valid_from",
        "valid_until",
    )  # fmt: skip
    list_filter = ("state", "kind", ("reserved_for", admin.EmptyFieldListFilter))
    list_select_related = ("product", "reserved_for")
    search_fields = ("public_id__exact", "name__icontains", *OF_PRODUCT)
    search_help_text = _("Number of the offer or of a product, or a part of a name or title")
    date_hierarchy = "valid_from"
    ordering = ("-pk",)
    csv = {
        "offer_id": lambda row: row.public_id,
        "product_id": lambda row: row.product.public_id,
        "title": lambda row: row.product.title,
        "name": lambda row: row.name,
        "kind": lambda row: row.kind,
        "state": lambda row: row.state,
        "currency": lambda row: row.currency,
        "price": lambda row: row.price.decimal,
        "period": lambda row: row.period,
        "reserved_for": lambda row: row.reserved_for.name if row.reserved_for else "",
        "valid_from": lambda row: moment_cell(row.valid_from),
        "valid_until": lambda row: moment_cell(row.valid_until),
        "withdrawn_at": lambda row: moment_cell(row.withdrawn_at),
    }

    state_shown = state_column(OFFERED)

    def page_of(self, row: Any) -> str:
        return reverse("desk:catalog_product_change", args=[row.product.public_id])

    @column(_("product"))
    def title_shown(self, row: Offer) -> str:
        return title_of(row.product)

    @column(_("price"))
    def price_shown(self, row: Offer) -> str:
        """What is paid at once or by the period; what is used has no price of its own."""
        return NOTHING if row.kind == OfferKind.METERED else money_shown(row.price)


@admin.register(Revision, site=desk)
class RevisionTable(RowsOfPages):
    """Revisions of every product, the newest first. Each row leads to its product."""

    when_empty = _("Revisions appear here once a product has data.")
    owner = "product__seller"
    list_display = (
        "title_shown", "number", "state_shown", "note", "created_at", "published_at", "revoked_at",
    )  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("product",)
    search_fields = ("public_id__exact", "note__icontains", *OF_PRODUCT)
    search_help_text = _("Number of the revision or of a product, or a part of a note or title")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    csv = {
        "revision_id": lambda row: row.public_id,
        "product_id": lambda row: row.product.public_id,
        "title": lambda row: row.product.title,
        "number": lambda row: row.number,
        "state": lambda row: row.state,
        "note": lambda row: row.note,
        "created_at": lambda row: moment_cell(row.created_at),
        "published_at": lambda row: moment_cell(row.published_at),
        "revoked_at": lambda row: moment_cell(row.revoked_at),
        "revoked_reason": lambda row: row.revoked_reason,
    }

    state_shown = state_column(PUBLISHED)

    def page_of(self, row: Any) -> str:
        return reverse("desk:catalog_product_change", args=[row.product.public_id])

    @column(_("product"))
    def title_shown(self, row: Revision) -> str:
        return title_of(row.product)


@admin.register(MeteredSubscription, site=desk)
class MeterTable(RowsOfPages):
    """What buyers use and pay by the meter, the newest first. Each row leads to its meter."""

    when_empty = _("Meters begin when a buyer orders an offer that is paid by use.")
    page_name = "web:usage_meter"
    list_display = (
        "title_shown", "buyer", "running_shown", "period", "cap_shown", "began_at", "ends_at",
    )  # fmt: skip
    list_filter = ("period", "currency", ("ends_at", admin.EmptyFieldListFilter))
    list_select_related = ("buyer", "order")
    search_fields = (
        "public_id__exact", "order__public_id__exact", "order__title__icontains",
        "order__title_zh__icontains", "buyer__name__icontains",
    )  # fmt: skip
    search_help_text = _(
        "Number of the meter or of the order, or a part of the title or of the buyer's name"
    )
    date_hierarchy = "began_at"
    ordering = ("-pk",)
    csv = {
        "subscription_id": lambda row: row.public_id,
        "order_id": lambda row: row.order.public_id,
        "title": lambda row: row.order.title,
        "buyer": lambda row: row.buyer.name,
        "period": lambda row: row.period,
        "currency": lambda row: row.currency,
        "limit": lambda row: getattr(_cap(row), "decimal", ""),
        "began_at": lambda row: moment_cell(row.began_at),
        "ends_at": lambda row: moment_cell(row.ends_at),
    }

    @column(_("product"))
    def title_shown(self, row: MeteredSubscription) -> str:
        return title_of(row.order)

    @column(_("state"), labels={"running": "success"})
    def running_shown(self, row: MeteredSubscription) -> tuple[str, object]:
        return ("running", _("Running")) if row.ends_at is None else ("ended", _("Ended"))

    @column(_("limit of the buyer"))
    def cap_shown(self, row: MeteredSubscription) -> str:
        cap = _cap(row)
        return NOTHING if cap is None else money_shown(cap)


@admin.register(Membership, site=desk)
class TeamTable(RowsOfPages):
    """Who works for the organisation. Each row leads to its page, where people are invited and given roles."""

    when_empty = _("Invite colleagues on the page of your organisation.")
    owner = "organisation"
    list_display = ("person_shown", "mail_shown", "role", "joined_at")
    list_filter = ("role",)
    list_select_related = ("user", "organisation")
    search_fields = ("user__name__icontains", "user__email__icontains")
    search_help_text = _("A part of a name or of a mail address")
    date_hierarchy = "joined_at"
    ordering = ("-pk",)
    csv = {
        "name": lambda row: row.user.name,
        "mail": lambda row: row.user.email,
        "role": lambda row: row.role,
        "joined_at": lambda row: moment_cell(row.joined_at),
    }

    def page_of(self, row: Any) -> str:
        return reverse("web:organisation", args=[row.organisation.public_id])

    def ways(self, request: HttpRequest) -> list[tuple[Text, str]]:
        mine = self.get_queryset(request).select_related("organisation").first()
        if mine is None:
            return []
        return [(_("Invite people and give roles"), self.page_of(mine))]

    @column(_("person"))
    def person_shown(self, row: Membership) -> str:
        return row.user.name

    @column(_("mail"))
    def mail_shown(self, row: Membership) -> str:
        return row.user.email


def _cap(row: MeteredSubscription) -> Money | None:
    """What the buyer lets a period cost at most."""
    minor = row.cap_minor
    return None if minor is None else Money(minor, row.currency)
