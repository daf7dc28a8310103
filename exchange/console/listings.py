"""Listings: the review queue, one listing with everything a decision rests on, and the decisions."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.catalog import flags, review
from exchange.catalog.lifecycle import (
    FLAG,
    LISTING,
    FlagState,
    FlagTransition,
    ListingState,
    ListingTransition,
    Turn,
)
from exchange.catalog.lifecycle import ListingTransition as X
from exchange.catalog.listing import Said
from exchange.catalog.models import ColumnFlag, ListingStep, Product
from exchange.console.access import actor_of
from exchange.console.acts import themed
from exchange.console.listing_forms import (
    STAGES,
    ChecklistForm,
    ColumnForm,
    ListingReasonForm,
    WholeReviewForm,
    said_of,
)
from exchange.console.listing_readings import review_of
from exchange.console.marks import DANGER, PRIMARY, SUCCESS, Text, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable, first, state_column, where
from exchange.core import clock
from exchange.core.fields import ReasonForm
from exchange.members.actors import Actor

STATES = {
    ListingState.SUBMITTED.value: "warning",
    ListingState.COMPLIANCE_REVIEW.value: "warning",
    ListingState.QUALITY_REVIEW.value: "warning",
    ListingState.PRICE_REVIEW.value: "warning",
    ListingState.APPROVED.value: "info",
    ListingState.RETURNED.value: "info",
    ListingState.LISTED.value: "success",
    ListingState.PAUSED.value: "warning",
    ListingState.SUSPENDED.value: "danger",
    ListingState.REJECTED.value: "danger",
}


in_review = where(state__in=list(STAGES))
change_waits = where(change_proposed=True)


def _approved_by(request: HttpRequest, row_id: str) -> bool:
    """Whether the reader gave the first of two approvals: the second is another's."""
    mine = Product.objects.filter(pk=row_id, first_approved_by=actor_of(request).user_id)
    return mine.exists()


class Steps(ReadOnlyRows):
    model = ListingStep
    fields = ("at", "transition", "target", "actor", "approved_by", "reason_code", "reason")
    fk_name = "product"
    related = ("approved_by", "product")
    ordering = ("-number",)


@admin.register(Product, site=console)
class ProductTable(ReadOnlyTable):
    """What waits for the exchange is one filter away, the most urgent first."""

    when_empty = _("Sellers hand in products for review. You review them here when one does.")
    list_display = (
        "title_shown",
        "seller",
        "kind",
        "state_shown",
        "grade",
        "turn",
        "due_at",
        "listed_at",
    )
    list_filter = ("turn", "state", "change_proposed", "grade", "kind")
    list_select_related = ("seller",)
    member_fields = ("seller",)
    search_fields = ("public_id__exact", "title__istartswith", "seller__name__istartswith")
    search_help_text = _("Public id, or the beginning of the title or of the seller's name")
    ordering = (first(turn=Turn.OPERATOR), F("due_at").asc(nulls_last=True), "-pk")
    fields = (
        "title_shown", "public_id", "seller", "kind", "state", "grade", "delivery", "due_at",
        "source_statement", "personal_statement", "review_shown",
    )  # fmt: skip
    inlines = (Steps,)
    change_form_outer_after_template = "console/listing_after.html"
    actions_detail = (
        "advance", "whole", "accept_change", "decline_change", "send_back", "reject", "suspend",
        "resume", "delist", "flag_column",
    )  # fmt: skip

    @column(_("product"))
    def title_shown(self, row: Product) -> str:
        return str(row)

    state_shown = state_column(STATES)

    def beside(self, request: HttpRequest, row: Product) -> dict[str, Any]:
        """The whole checklist below the data and the findings, while nothing of it is passed."""
        if not self.has_whole_permission(request, str(row.pk)):
            return {}
        whole = reverse("console:catalog_product_whole", args=[row.pk])
        return {"whole_url": whole, "whole_form": themed(WholeReviewForm())}

    @column(pgettext_lazy("listing", "review"))
    def review_shown(self, row: Product) -> SafeString:
        shown = review_of(row, at=clock.now())
        return render_to_string("console/listing_review.html", {"review": shown})

    def has_advance_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return in_review(self, request, row_id) and not _approved_by(request, row_id)

    def has_accept_change_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return change_waits(self, request, row_id) and not _approved_by(request, row_id)

    has_whole_permission = where(state=ListingState.SUBMITTED)
    has_send_back_permission = where(state__in=LISTING.transitions[X.RETURN].sources)
    has_suspend_permission = where(state__in=LISTING.transitions[X.SUSPEND].sources)
    has_resume_permission = where(state__in=LISTING.transitions[X.RESUME].sources)
    has_delist_permission = where(state__in=LISTING.transitions[X.DELIST].sources)
    has_flag_column_permission = where(listed_at__isnull=False)
    has_decline_change_permission = change_waits

    @act(
        _("Go on with the review"),
        path="advance",
        permission="advance",
        icon="fact_check",
        variant=PRIMARY,
    )
    def advance(self, request: HttpRequest, object_id: str) -> HttpResponse:
        stage = STAGES.get(ListingState(self.row(request, object_id).state))
        if stage is None:
            raise Http404
        move, title, sentence = stage
        form = checklist(request, [move])
        return self._decide(request, object_id, STAGE_DECISIONS[move], form, title, sentence)

    @act(
        _("Whole review at once"),
        path="whole",
        permission="whole",
        icon="done_all",
        variant=SUCCESS,
    )
    def whole(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request, object_id, _whole, WholeReviewForm, _("Whole review at once"),
            _("Confirm every point of all stages. Each stage is recorded, and the product is listed."),
        )  # fmt: skip

    @act(
        _("Accept the change"),
        path="accept-change",
        permission="accept_change",
        icon="check",
        variant=SUCCESS,
    )
    def accept_change(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request, object_id, review.accept_change, checklist(request, []), _("Accept the change"),
            _("Buyers see the changed listing at once; orders keep what they were made on."),
        )  # fmt: skip

    @act(
        _("Decline the change"),
        path="decline-change",
        permission="decline_change",
        icon="close",
        variant=DANGER,
    )
    def decline_change(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request, object_id, review.decline_change, reasons(X.DECLINE_CHANGE), _("Decline the change"),
            _("The listing stays as it is. The seller reads your reason."),
        )  # fmt: skip

    @act(_("Return for changes"), path="return", permission="send_back", icon="undo")
    def send_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request, object_id, review.return_listing, reasons(X.RETURN), _("Return for changes"),
            _("It is the seller's turn: they read your reason, correct it and submit it again."),
        )  # fmt: skip

    @act(_("Reject"), path="reject", permission="send_back", icon="block", variant=DANGER)
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request, object_id, review.reject, reasons(X.REJECT), _("Reject"),
            _("The product is refused for good."),
        )  # fmt: skip

    @act(
        pgettext_lazy("listing", "Suspend"),
        path="suspend",
        permission="suspend",
        icon="pause",
        variant=DANGER,
    )
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request, object_id, review.suspend, reasons(X.SUSPEND), _("Suspend the listing"),
            _("Nobody new can buy it at once. Buyers keep what they bought."),
        )  # fmt: skip

    @act(_("List again"), path="resume", permission="resume", icon="play_arrow", variant=SUCCESS)
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request, object_id, review.resume, reasons(X.RESUME), _("List again"),
            _("It is as it was before: buyers can find and buy it, or its seller has it paused."),
        )  # fmt: skip

    @act(_("Take off the list"), path="delist", permission="delist", icon="delete", variant=DANGER)
    def delist(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request, object_id, review.delist, reasons(X.DELIST), _("Take off the list"),
            _("For good. Buyers keep what they bought, until their access ends."),
        )  # fmt: skip

    @act(
        _("Hold a column back"), path="flag-column", permission="flag_column", icon="visibility_off"
    )
    def flag_column(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request, object_id, flags.flag_column, partial(ColumnForm, row),
            title=str(_("Hold a column back")) + f": {row}", button=_("Hold it back"),
            sentence=_("No value of it is shown to anybody any more, in any revision."),
        )  # fmt: skip

    def _decide(
        self,
        request: HttpRequest,
        object_id: str,
        decide: Callable[..., object],
        form: Callable[..., forms.Form],
        button: Text,
        sentence: Text,
    ) -> HttpResponse:
        title = f"{button}: {self.row(request, object_id)}"

        def perform(product_id: str, *, actor: Actor, now: datetime, **given: Any) -> object:
            return decide(product_id, actor=actor, said=said_of(given), now=now)

        return self.perform(
            request, object_id, perform, form, title=title, sentence=sentence, button=button
        )


@admin.register(ColumnFlag, site=console)
class FlagTable(ReadOnlyTable):
    """Personal columns; what sellers ask to show again waits for an operator."""

    when_empty = _("Readers report products. You look at the reports here when one does.")
    list_display = ("column", "product", "party", "state_shown", "created_at")
    list_filter = ("state", "party")
    list_select_related = ("product",)
    search_fields = ("product__public_id__exact", "column__istartswith")
    search_help_text = _("Public id of the product, or beginning of the column")
    fields = (
        "product", "column", "party", "state", "reason", "lift_reason", "answer", "created_at", "lifted_at",
    )  # fmt: skip
    actions_detail = ("lift", "keep")

    state_shown = state_column(
        {
            FlagState.FLAGGED.value: "info",
            FlagState.LIFT_ASKED.value: "warning",
            FlagState.LIFTED.value: "success",
        }
    )

    has_lift_permission = where(state__in=FLAG.transitions[FlagTransition.LIFT].sources)
    has_keep_permission = where(state=FlagState.LIFT_ASKED)

    @act(_("Show the column"), path="lift", permission="lift", icon="visibility", variant=SUCCESS)
    def lift(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, flags.lift_flag, ReasonForm,
            title=str(_("Show the column")) + f": {self.row(request, object_id)}",
            sentence=_("You found that it is not personal: everybody sees its values at once."),
            button=_("Show the column"),
        )  # fmt: skip

    @act(_("Keep it back"), path="keep", permission="keep", icon="visibility_off", variant=DANGER)
    def keep(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, flags.keep_flag, ReasonForm,
            title=str(_("Keep it back")) + f": {self.row(request, object_id)}",
            sentence=_("No value of it is shown. The seller reads your reason."),
            button=_("Keep it back"),
        )  # fmt: skip


def checklist(
    request: HttpRequest, moves: Iterable[ListingTransition]
) -> Callable[..., forms.Form]:
    """The form with the points of those steps; sent without a point, it is still sent."""
    points = request.POST if request.method == "POST" else None
    return lambda _sent: ChecklistForm(moves, points)


def reasons(move: ListingTransition) -> Callable[..., forms.Form]:
    """The form with the reasons for that step."""
    return partial(ListingReasonForm, move)


def _whole(product_id: str, *, said: Said, **asked: Any) -> Product:
    return review.pass_whole_review(product_id, checklist=said.checklist, **asked)


STAGE_DECISIONS: Mapping[ListingTransition, Callable[..., object]] = {
    X.TAKE_UP: review.take_up,
    X.PASS_COMPLIANCE: review.pass_compliance,
    X.PASS_QUALITY: review.pass_quality,
    X.APPROVE: review.approve,
}
