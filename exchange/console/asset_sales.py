"""State-asset sales in the console: where they stand, who bids, and what the exchange decides."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.asset_sales import bidders, results, rounds
from exchange.asset_sales.lifecycle import ASSET_SALE, AssetSaleState, AssetSaleTransition, Standing
from exchange.asset_sales.models import Announcement, AssetSale, AssetSaleStep, Bidder
from exchange.console.access import actor_of
from exchange.console.acts import ReasonForm, perform_on_post
from exchange.console.marks import DANGER, PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable

STATES = {
    AssetSaleState.ANNOUNCED.value: "success",
    AssetSaleState.BIDDING.value: "success",
    AssetSaleState.QUALIFYING.value: "warning",
    AssetSaleState.WON.value: "warning",
    AssetSaleState.SUSPENDED.value: "warning",
    AssetSaleState.CANCELLED.value: "danger",
}
STANDINGS = {Standing.QUALIFIED.value: "success", Standing.REJECTED.value: "danger"}


class EmptyForm(forms.Form):
    """Nothing to fill in."""


class Steps(ReadOnlyRows):
    model = AssetSaleStep
    fields = ("at", "transition", "target", "actor", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssetSaleStep]:
        rows: QuerySet[AssetSaleStep] = super().get_queryset(request)
        return rows.select_related("asset_sale").order_by("-number")


class Rounds(ReadOnlyRows):
    model = Announcement
    fields = ("number", "kind", "floor_minor", "deposit_minor", "days", "ends_at", "bidders_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Announcement]:
        rows: QuerySet[Announcement] = super().get_queryset(request)
        return rows.select_related("asset_sale").order_by("-number")


@admin.register(AssetSale, site=console)
class AssetSaleTable(ReadOnlyTable):
    """Newest first."""

    list_display = ("product", "state_shown", "turn", "seller", "due_at", "round")
    list_filter = ("state",)
    list_select_related = ("product", "seller")
    search_fields = ("public_id__exact", "seller__name__istartswith")
    search_help_text = _("Public id, or beginning of the seller's name")
    ordering = ("-pk",)
    fields = (
        "public_id", "product", "seller", "deal_nature", "state", "turn", "due_at", "filing_no",
        "first_announced_at", "round", "winner", "price_minor", "currency", "order",
    )  # fmt: skip
    inlines = (Steps, Rounds)
    actions_detail = ("suspend", "resume", "publish")

    @column(_("state"), labels=STATES)
    def state_shown(self, row: AssetSale) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def has_suspend_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, AssetSaleTransition.SUSPEND)

    def has_resume_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, AssetSaleTransition.RESUME)

    def has_publish_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, AssetSaleTransition.PUBLISH)

    def _legal(self, request: HttpRequest, row_id: str, transition: str) -> bool:
        found = AssetSale.objects.filter(pk=row_id).first()
        is_legal = found is not None and ASSET_SALE.may(found, transition)
        return self.has_act_permission(request) and is_legal

    @act(_("Suspend"), permission="suspend", path="suspend", icon="pause")
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(
            request, object_id, rounds.suspend, ReasonForm(request.POST or None),
            title=_("Suspend the announcement"),
            sentence=_("Nobody registers, and no working day counts, until it goes on."),
        )  # fmt: skip

    @act(_("Go on"), permission="resume", path="resume", icon="play_arrow")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(
            request, object_id, rounds.resume, ReasonForm(request.POST or None),
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
        return self._do(
            request, object_id, results.publish, EmptyForm(request.POST or None),
            title=_("Publish the result"),
            sentence=_("Everybody reads buyer and price; after the notice the contract follows."),
        )  # fmt: skip

    def _do(
        self,
        request: HttpRequest,
        object_id: str,
        use_case: Callable[..., AssetSale],
        form: forms.Form,
        *,
        title: Any,
        sentence: Any,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return perform_on_post(
            request,
            site=console,
            form=form,
            perform=lambda given: use_case(
                row.public_id, actor=actor_of(request), now=timezone.now(), **given
            ),
            title=title,
            sentence=sentence,
            button=title,
            done=_("Done and recorded."),
            back=reverse("console:asset_sales_assetsale_change", args=[object_id]),
        )


@admin.register(Bidder, site=console)
class BidderTable(ReadOnlyTable):
    """Who registered, with what they say of their relation to the seller. Prices stay secret here too."""

    list_display = ("organisation", "announcement", "standing_shown", "related", "registered_at")
    list_filter = ("standing", "related")
    list_select_related = ("organisation", "announcement")
    search_fields = ("public_id__exact", "organisation__name__istartswith")
    search_help_text = _("Public id, or beginning of the bidder's name")
    ordering = ("-pk",)
    fields = (
        "public_id", "announcement", "number", "organisation", "related", "disclosure",
        "standing", "reason", "deposit", "registered_at", "decided_at",
    )  # fmt: skip
    actions_detail = ("qualify", "reject")

    @column(_("standing"), labels=STANDINGS)
    def standing_shown(self, row: Bidder) -> tuple[str, str]:
        return row.standing, row.get_standing_display()

    def has_decide_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        found = Bidder.objects.filter(pk=row_id, standing=Standing.REGISTERED)
        return self.has_act_permission(request) and found.exists()

    @act(_("Qualify"), permission="decide", path="qualify", icon="check", variant=PRIMARY)
    def qualify(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(
            request, object_id, Standing.QUALIFIED, EmptyForm(request.POST or None),
            title=_("Qualify the bidder"),
            sentence=_("It may buy: its binding price counts from now on."),
        )  # fmt: skip

    @act(_("Reject"), permission="decide", path="reject", icon="block", variant=DANGER)
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(
            request, object_id, Standing.REJECTED, ReasonForm(request.POST or None),
            title=_("Reject the bidder"),
            sentence=_("Its deposit goes back at once. It reads the reason."),
        )  # fmt: skip

    def _do(
        self,
        request: HttpRequest,
        object_id: str,
        standing: Standing,
        form: forms.Form,
        *,
        title: Any,
        sentence: Any,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return perform_on_post(
            request,
            site=console,
            form=form,
            perform=lambda given: bidders.examine(
                row.public_id,
                actor=actor_of(request),
                standing=standing,
                reason=given.get("reason", ""),
                now=timezone.now(),
            ),
            title=title,
            sentence=sentence,
            button=title,
            done=_("Done and recorded."),
            back=reverse("console:asset_sales_bidder_change", args=[object_id]),
        )
