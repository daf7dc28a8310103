"""State-asset sales in the console: where they stand, who bids, and what the exchange decides."""

from functools import partial

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exchange.asset_sales import bidders, results, rounds
from exchange.asset_sales.lifecycle import ASSET_SALE, AssetSaleState, AssetSaleTransition, Standing
from exchange.asset_sales.models import Announcement, AssetSale, AssetSaleStep, Bidder
from exchange.console.marks import DANGER, PRIMARY, act
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable, legal, state_column, where
from exchange.core.fields import ReasonForm

STATES = {
    AssetSaleState.ANNOUNCED.value: "success",
    AssetSaleState.BIDDING.value: "success",
    AssetSaleState.QUALIFYING.value: "warning",
    AssetSaleState.WON.value: "warning",
    AssetSaleState.SUSPENDED.value: "warning",
    AssetSaleState.CANCELLED.value: "danger",
}
STANDINGS = {Standing.QUALIFIED.value: "success", Standing.REJECTED.value: "danger"}


class Steps(ReadOnlyRows):
    model = AssetSaleStep
    fields = ("at", "transition", "target", "actor", "reason")
    related = ("asset_sale",)
    ordering = ("-number",)


class Rounds(ReadOnlyRows):
    model = Announcement
    fields = ("number", "kind", "floor_minor", "deposit_minor", "days", "ends_at", "bidders_count")
    related = ("asset_sale",)
    ordering = ("-number",)


@admin.register(AssetSale, site=console)
class AssetSaleTable(ReadOnlyTable):
    """Newest first."""

    when_empty = _("Sellers of state assets prepare sales on their own pages.")
    list_display = ("product", "state_shown", "turn", "seller", "due_at", "round")
    list_filter = ("state",)
    list_select_related = ("product", "seller")
    member_fields = ("seller", "winner")
    search_fields = ("public_id__exact", "seller__name__istartswith")
    search_help_text = _("Public id, or beginning of the seller's name")
    ordering = ("-pk",)
    fields = (
        "public_id", "product", "seller", "deal_nature", "state", "turn", "due_at", "filing_no",
        "first_announced_at", "round", "winner", "price_minor", "currency", "order",
    )  # fmt: skip
    inlines = (Steps, Rounds)
    actions_detail = ("suspend", "resume", "publish")

    state_shown = state_column(STATES)

    has_suspend_permission = legal(ASSET_SALE, AssetSaleTransition.SUSPEND)
    has_resume_permission = legal(ASSET_SALE, AssetSaleTransition.RESUME)
    has_publish_permission = legal(ASSET_SALE, AssetSaleTransition.PUBLISH)

    @act(_("Suspend"), permission="suspend", path="suspend", icon="pause")
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, rounds.suspend, ReasonForm,
            title=_("Suspend the announcement"),
            sentence=_("Nobody registers, and no working day counts, until it goes on."),
        )  # fmt: skip

    @act(_("Go on"), permission="resume", path="resume", icon="play_arrow")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, rounds.resume, ReasonForm,
            title=_("Let the announcement go on"),
            sentence=_("The end moves by the working days that were lost."),
        )  # fmt: skip

    @act(
        _("Publish the result"),
        permission="publish",
        path="publish",
        icon="campaign",
        variant=PRIMARY,
    )  # one decorator
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, results.publish,
            title=_("Publish the result"),
            sentence=_("Everybody reads buyer and price; after the notice the contract follows."),
        )  # fmt: skip


@admin.register(Bidder, site=console)
class BidderTable(ReadOnlyTable):
    """Who registered, with what they say of their relation to the seller. Prices stay secret here too."""

    when_empty = _(
        "Bidders register for a sale of state assets. You check them here when one does."
    )
    list_display = ("organisation", "announcement", "standing_shown", "related", "registered_at")
    list_filter = ("standing", "related")
    list_select_related = ("organisation", "announcement")
    member_fields = ("organisation",)
    search_fields = ("public_id__exact", "organisation__name__istartswith")
    search_help_text = _("Public id, or beginning of the bidder's name")
    ordering = ("-pk",)
    fields = (
        "public_id", "announcement", "number", "organisation", "related", "disclosure",
        "standing", "reason", "deposit", "registered_at", "decided_at",
    )  # fmt: skip
    actions_detail = ("qualify", "reject")

    standing_shown = state_column(STANDINGS, field="standing", title=_("standing"))

    has_decide_permission = where(standing=Standing.REGISTERED)

    @act(_("Qualify"), permission="decide", path="qualify", icon="check", variant=PRIMARY)
    def qualify(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, partial(bidders.examine, standing=Standing.QUALIFIED, reason=""),
            title=_("Qualify the bidder"),
            sentence=_("It may buy: its binding price counts from now on."),
        )  # fmt: skip

    @act(_("Reject"), permission="decide", path="reject", icon="block", variant=DANGER)
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, partial(bidders.examine, standing=Standing.REJECTED), ReasonForm,
            title=_("Reject the bidder"),
            sentence=_("Its deposit goes back at once. It reads the reason."),
        )  # fmt: skip
