"""Listings: the review queue, one listing with everything a decision rests on, and the decisions."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.catalog import review
from exchange.catalog.lifecycle import LISTING, ListingState, ListingTransition
from exchange.catalog.listing import Said
from exchange.catalog.models import ListingStep, Product
from exchange.catalog.reasons import CHECKLISTS
from exchange.console.access import actor_of
from exchange.console.acts import perform_on_post
from exchange.console.listing_forms import STAGES, ChecklistForm, ListingReasonForm, Words, said_of
from exchange.console.listing_readings import review_of
from exchange.console.marks import DANGER, PRIMARY, SUCCESS, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable

STATES = {
    ListingState.SUBMITTED.value: "warning",
    ListingState.COMPLIANCE_REVIEW.value: "warning",
    ListingState.QUALITY_REVIEW.value: "warning",
    ListingState.PRICE_REVIEW.value: "warning",
    ListingState.APPROVED.value: "info",
    ListingState.RETURNED.value: "info",
    ListingState.LISTED.value: "success",
    ListingState.SUSPENDED.value: "danger",
    ListingState.REJECTED.value: "danger",
}


class Steps(ReadOnlyRows):
    model = ListingStep
    fields = ("at", "transition", "target", "by", "approved_by", "reason_code", "reason")
    fk_name = "product"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListingStep]:
        rows: QuerySet[ListingStep] = super().get_queryset(request)
        return rows.select_related("by", "approved_by", "product").order_by("-number")


@admin.register(Product, site=console)
class ProductTable(ReadOnlyTable):
    """What waits for the exchange is one filter away, the most urgent first."""

    list_display = ("title_shown", "seller", "kind", "state_shown", "grade", "turn", "due_at")
    list_filter = ("turn", "state", "change_proposed", "grade", "kind")
    list_select_related = ("seller",)
    search_fields = ("public_id__exact", "title__istartswith", "seller__name__istartswith")
    search_help_text = _("Public id, or the beginning of the title or of the seller's name")
    ordering = (F("due_at").asc(nulls_last=True), "-pk")
    fields = (
        "title_shown", "public_id", "seller", "kind", "state", "grade", "delivery", "due_at",
        "source_statement", "personal_statement", "review_shown",
    )  # fmt: skip
    inlines = (Steps,)
    actions_detail = (
        "advance", "whole", "accept_change", "decline_change", "send_back", "reject", "suspend",
        "resume", "delist",
    )  # fmt: skip

    @column(_("product"))
    def title_shown(self, row: Product) -> str:
        return str(row)

    @column(_("state"), labels=STATES)
    def state_shown(self, row: Product) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @column(pgettext_lazy("listing", "review"))
    def review_shown(self, row: Product) -> SafeString:
        shown = review_of(row, at=timezone.now())
        return render_to_string("console/listing_review.html", {"review": shown})

    def has_advance_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._in_states(request, row_id, STAGES)

    def has_whole_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._in_states(request, row_id, [ListingState.SUBMITTED])

    def has_send_back_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._in_states(
            request, row_id, LISTING.transitions[ListingTransition.RETURN].sources
        )

    def has_suspend_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._in_states(
            request, row_id, LISTING.transitions[ListingTransition.SUSPEND].sources
        )

    def has_resume_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._in_states(
            request, row_id, LISTING.transitions[ListingTransition.RESUME].sources
        )

    def has_delist_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._in_states(
            request, row_id, LISTING.transitions[ListingTransition.DELIST].sources
        )

    def has_change_decision_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        waiting = Product.objects.filter(pk=row_id, change_proposed=True)
        return self.has_act_permission(request) and waiting.exists()

    def _in_states(self, request: HttpRequest, row_id: str, states: Any) -> bool:
        """Whether the button makes sense here; the flow asks again."""
        here = Product.objects.filter(pk=row_id, state__in=list(states))
        return self.has_act_permission(request) and here.exists()

    @act(
        _("Go on with the review"),
        path="advance",
        permission="advance",
        icon="fact_check",
        variant=PRIMARY,
    )
    def advance(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self._row(request, object_id)
        stage = STAGES.get(ListingState(row.state))
        if stage is None:
            raise Http404
        move, title, sentence = stage
        form = ChecklistForm([move], request.POST if request.method == "POST" else None)
        return self._perform(request, row, form, _stage_flow(move), title, sentence)

    @act(
        _("Whole review at once"),
        path="whole",
        permission="whole",
        icon="done_all",
        variant=SUCCESS,
    )
    def whole(self, request: HttpRequest, object_id: str) -> HttpResponse:
        form = ChecklistForm(CHECKLISTS, request.POST if request.method == "POST" else None)
        return self._perform(
            request,
            self._row(request, object_id),
            form,
            _whole,
            _("Whole review at once"),
            _(
                "Confirm every point of all stages. Each stage is recorded, and the product is listed."
            ),
        )

    @act(
        _("Accept the change"),
        path="accept-change",
        permission="change_decision",
        icon="check",
        variant=SUCCESS,
    )
    def accept_change(self, request: HttpRequest, object_id: str) -> HttpResponse:
        form = ChecklistForm([], request.POST if request.method == "POST" else None)
        return self._perform(
            request,
            self._row(request, object_id),
            form,
            review.accept_change,
            _("Accept the change"),
            _("Buyers see the changed listing at once; orders keep what they were made on."),
        )

    @act(
        _("Decline the change"),
        path="decline-change",
        permission="change_decision",
        icon="close",
        variant=DANGER,
    )
    def decline_change(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._reasoned(
            request, object_id, ListingTransition.DECLINE_CHANGE, review.decline_change, _("Decline the change"),
            _("The listing stays as it is. The seller reads your reason."),
        )  # fmt: skip

    @act(_("Return for changes"), path="return", permission="send_back", icon="undo")
    def send_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._reasoned(
            request, object_id, ListingTransition.RETURN, review.return_listing, _("Return for changes"),
            _("It is the seller's turn: they read your reason, correct it and submit it again."),
        )  # fmt: skip

    @act(_("Reject"), path="reject", permission="send_back", icon="block", variant=DANGER)
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._reasoned(
            request, object_id, ListingTransition.REJECT, review.reject, _("Reject"),
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
        return self._reasoned(
            request, object_id, ListingTransition.SUSPEND, review.suspend, _("Suspend the listing"),
            _("Nobody new can buy it at once. Buyers keep what they bought."),
        )  # fmt: skip

    @act(_("List again"), path="resume", permission="resume", icon="play_arrow", variant=SUCCESS)
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._reasoned(
            request,
            object_id,
            ListingTransition.RESUME,
            review.resume,
            _("List again"),
            _("Buyers can find and buy it again."),
        )

    @act(_("Take off the list"), path="delist", permission="delist", icon="delete", variant=DANGER)
    def delist(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._reasoned(
            request, object_id, ListingTransition.DELIST, review.delist, _("Take off the list"),
            _("For good. Buyers keep what they bought, until their access ends."),
        )  # fmt: skip

    def _reasoned(
        self,
        request: HttpRequest,
        object_id: str,
        move: ListingTransition,
        decide: Callable[..., object],
        title: Words,
        sentence: Words,
    ) -> HttpResponse:
        form = ListingReasonForm(move, request.POST or None)
        row = self._row(request, object_id)
        return self._perform(request, row, form, decide, title, sentence)

    def _row(self, request: HttpRequest, object_id: str) -> Product:
        row = self.get_object(request, object_id)
        if not isinstance(row, Product):
            raise Http404
        return row

    def _perform(
        self,
        request: HttpRequest,
        row: Product,
        form: forms.Form,
        decide: Callable[..., object],
        title: Words,
        sentence: Words,
    ) -> HttpResponse:
        return perform_on_post(
            request,
            site=self.admin_site,
            form=form,
            perform=lambda said: decide(
                row.public_id,
                actor=actor_of(request),
                said=said_of(said),
                now=timezone.now(),
            ),
            title=f"{title}: {row}",
            sentence=sentence,
            button=title,
            done=_("Done and recorded."),
            back=reverse("console:catalog_product_change", args=[row.pk]),
        )


def _stage_flow(move: ListingTransition) -> Callable[..., object]:
    stages: dict[ListingTransition, Callable[..., object]] = {
        ListingTransition.TAKE_UP: review.take_up,
        ListingTransition.PASS_COMPLIANCE: review.pass_compliance,
        ListingTransition.PASS_QUALITY: review.pass_quality,
        ListingTransition.APPROVE: review.approve,
    }
    return stages[move]


def _whole(product_id: str, *, said: Said, **asked: Any) -> Product:
    return review.pass_whole_review(product_id, checklist=said.checklist, **asked)
