"""Auctions in the console: where they stand, what the exchange may do to them, and what came out."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.auctions import moderation
from exchange.auctions.lifecycle import AUCTION, AuctionState, AuctionTransition
from exchange.auctions.models import Auction, AuctionStep, Award, Bidder, Evidence
from exchange.console.access import actor_of
from exchange.console.acts import ReasonForm, perform_on_post, text_input
from exchange.console.marks import DANGER, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable
from exchange.members import relations
from exchange.members.models import RelatedParty, RelationKind

STATES = {
    AuctionState.OPEN.value: "success",
    AuctionState.PAUSED.value: "warning",
    AuctionState.REVEALING.value: "info",
    AuctionState.CLOSED.value: "info",
    AuctionState.CANCELLED.value: "danger",
}


class ExtensionForm(ReasonForm):
    closes_at = forms.DateTimeField(label=_("New end"), widget=text_input(type="datetime-local"))
    field_order = ("closes_at", "reason")


class Steps(ReadOnlyRows):
    model = AuctionStep
    fields = ("at", "transition", "target", "actor", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuctionStep]:
        rows: QuerySet[AuctionStep] = super().get_queryset(request)
        return rows.select_related("auction").order_by("-number")


class Bidders(ReadOnlyRows):
    """With their deposits; what was bid is in the evidence, after the close."""

    model = Bidder
    fields = ("number", "organisation", "deposit", "registered_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bidder]:
        rows: QuerySet[Bidder] = super().get_queryset(request)
        return rows.select_related("auction", "organisation", "deposit").order_by("number")


class Awards(ReadOnlyRows):
    model = Award
    fields = ("bidder", "product", "quantity", "payment_minor", "order", "waits_for")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Award]:
        rows: QuerySet[Award] = super().get_queryset(request)
        return rows.select_related("auction", "bidder", "product", "order").order_by("pk")


@admin.register(Auction, site=console)
class AuctionTable(ReadOnlyTable):
    """Newest first. Secret reserves and maxima are not shown here either."""

    list_display = ("title", "state_shown", "kind", "organiser", "closes_at", "bids_count")
    list_filter = ("state", "kind")
    list_select_related = ("organiser",)
    search_fields = ("public_id__exact", "title__istartswith", "organiser__name__istartswith")
    search_help_text = _("Public id, beginning of the title or of the organiser's name")
    ordering = ("-pk",)
    fields = (
        "title", "public_id", "kind", "state", "organiser", "product", "currency", "opening_minor",
        "increments", "quantity", "options", "deposit_minor", "exclusive", "opens_at",
        "closes_at", "first_closes_at", "closes_by", "reveal_until", "price_minor", "bids_count",
        "bidders_count", "settled_at", "evidence_shown",
    )  # fmt: skip
    inlines = (Steps, Bidders, Awards)
    actions_detail = ("pause", "resume", "extend", "cancel")

    @column(_("state"), labels=STATES)
    def state_shown(self, row: Auction) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @column(_("evidence"))
    def evidence_shown(self, row: Auction) -> str:
        found = Evidence.objects.filter(auction=row).only("digest").first()
        return found.digest if found else str(_("Not yet"))

    def has_pause_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, AuctionTransition.PAUSE)

    def has_resume_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, AuctionTransition.RESUME)

    def has_extend_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, AuctionTransition.EXTEND)

    def has_cancel_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, AuctionTransition.CANCEL)

    def _legal(self, request: HttpRequest, row_id: str, name: AuctionTransition) -> bool:
        row = Auction.objects.filter(pk=row_id).first()
        may = row is not None and AUCTION.may(row, name)
        return may and self.has_act_permission(request)

    @act(_("Pause"), permission="pause", path="pause", icon="pause")
    def pause(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(
            request, object_id, moderation.pause, ReasonForm(request.POST or None),
            title=_("Pause the auction"),
            sentence=_("No bids are taken until it goes on; the end moves by as long."),
        )  # fmt: skip

    @act(_("Go on"), permission="resume", path="resume", icon="play_arrow")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(
            request, object_id, moderation.resume, ReasonForm(request.POST or None),
            title=_("Let bidding go on"),
            sentence=_("The end moves by as long as the auction was paused."),
        )  # fmt: skip

    @act(_("Move the end"), permission="extend", path="extend", icon="more_time")
    def extend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(
            request, object_id, moderation.extend, ExtensionForm(request.POST or None),
            title=_("Move the end"),
            sentence=_("The end moves to a later moment, for everybody at once."),
        )  # fmt: skip

    @act(_("Cancel"), permission="cancel", path="cancel", icon="cancel", variant=DANGER)
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do(
            request, object_id, moderation.cancel, ReasonForm(request.POST or None),
            title=_("Cancel the auction"),
            sentence=_("Nothing is sold, and all deposits are given back. This is final."),
        )  # fmt: skip

    def _do(
        self,
        request: HttpRequest,
        object_id: str,
        use_case: Callable[..., Auction],
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
            back=reverse("console:auctions_auction_change", args=[object_id]),
        )


class RelationForm(ReasonForm):
    organisation_id = forms.CharField(
        label=_("Public id of the organisation"), max_length=40, widget=text_input()
    )
    other_id = forms.CharField(
        label=_("Public id of the other"), max_length=40, widget=text_input()
    )
    kind = forms.ChoiceField(label=_("Relation"), choices=RelationKind.choices)
    field_order = ("organisation_id", "other_id", "kind", "reason")


class EmptyForm(forms.Form):
    """Nothing to fill in."""


@admin.register(RelatedParty, site=console)
class RelatedPartyTable(ReadOnlyTable):
    """Organisations that do not bid in each other's auctions."""

    list_display = ("organisation", "other", "kind", "declared_at", "ended_at")
    list_select_related = ("organisation", "other")
    search_fields = ("organisation__name__istartswith", "other__name__istartswith")
    search_help_text = _("Beginning of a name")
    ordering = ("-pk",)
    fields = (
        "public_id", "organisation", "other", "kind", "reason", "declared_by", "declared_at",
        "ended_at",
    )  # fmt: skip
    actions_list = ("declare",)
    actions_detail = ("end",)

    @act(_("Declare a relation"), path="declare", icon="link")
    def declare(self, request: HttpRequest) -> HttpResponse:
        return perform_on_post(
            request,
            site=console,
            form=RelationForm(request.POST or None),
            perform=lambda given: relations.declare(
                actor=actor_of(request),
                now=timezone.now(),
                **{**given, "kind": RelationKind(given["kind"])},
            ),
            title=_("Declare a relation"),
            sentence=_("From now on neither bids in an auction of the other."),
            button=_("Declare a relation"),
            done=_("Done and recorded."),
            back=reverse("console:members_relatedparty_changelist"),
        )

    @act(_("Note the end"), path="end", icon="link_off")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return perform_on_post(
            request,
            site=console,
            form=EmptyForm(request.POST or None),
            perform=lambda _given: relations.end(
                actor=actor_of(request), relation_id=row.public_id, now=timezone.now()
            ),
            title=_("Note the end of the relation"),
            sentence=_("From now on they may bid in each other's auctions."),
            button=_("Note the end"),
            done=_("Done and recorded."),
            back=reverse("console:members_relatedparty_changelist"),
        )
