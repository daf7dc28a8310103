"""Auctions in the console: where they stand, what the exchange may do to them, and what came out."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exchange.auctions import moderation
from exchange.auctions.lifecycle import AUCTION, AuctionState, AuctionTransition
from exchange.auctions.models import Auction, AuctionStep, Award, Bidder, Evidence
from exchange.console.acts import moment_input
from exchange.console.marks import DANGER, act, column
from exchange.console.readings import increments_shown, terms_shown
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable, legal, state_column
from exchange.core.fields import FullReasonForm, MomentField, ReasonForm, text_field
from exchange.core.formatting import NOTHING
from exchange.members import relations
from exchange.members.models import (
    RELATION_REASON_CHARS_MAX,
    PersonalTie,
    RelatedParty,
    RelationKind,
    TieKind,
)

STATES = {
    AuctionState.OPEN.value: "success",
    AuctionState.PAUSED.value: "warning",
    AuctionState.REVEALING.value: "info",
    AuctionState.CLOSED.value: "info",
    AuctionState.CANCELLED.value: "danger",
}


class ExtensionForm(ReasonForm):
    closes_at = MomentField(label=_("New end"), widget=moment_input())
    field_order = ("closes_at", "reason")


class Steps(ReadOnlyRows):
    model = AuctionStep
    fields = ("at", "transition", "target", "actor", "reason")
    related = ("auction",)
    ordering = ("-number",)


class Bidders(ReadOnlyRows):
    """With their deposits; what was bid is in the evidence, after the close."""

    model = Bidder
    fields = ("number", "organisation", "deposit", "registered_at")
    related = ("auction", "organisation", "deposit")
    ordering = ("number",)


class Awards(ReadOnlyRows):
    model = Award
    fields = ("bidder", "product", "quantity", "payment_minor", "order", "waits_for")
    related = ("auction", "bidder", "product", "order")
    ordering = ("pk",)


@admin.register(Auction, site=console)
class AuctionTable(ReadOnlyTable):
    """Newest first. Secret reserves and maxima are not shown here either."""

    when_empty = _("Organisers schedule auctions on the page of a product.")
    list_display = ("title", "state_shown", "kind", "organiser", "closes_at", "bids_count")
    list_filter = ("state", "kind")
    list_select_related = ("organiser",)
    member_fields = ("organiser",)
    search_fields = ("public_id__exact", "title__istartswith", "organiser__name__istartswith")
    search_help_text = _("Public id, beginning of the title or of the organiser's name")
    ordering = ("-pk",)
    fields = (
        "title", "public_id", "kind", "state", "organiser", "product", "currency", "opening_minor",
        "increments_shown", "quantity", "terms_shown", "deposit_minor", "exclusive", "opens_at",
        "closes_at", "first_closes_at", "closes_by", "reveal_until", "price_minor", "bids_count",
        "bidders_count", "settled_at", "evidence_shown",
    )  # fmt: skip
    inlines = (Steps, Bidders, Awards)
    actions_detail = ("pause", "resume", "extend", "cancel")

    state_shown = state_column(STATES)

    @column(_("increments"))
    def increments_shown(self, row: Auction) -> str:
        return increments_shown(row.increments, row.currency) or NOTHING

    @column(_("further terms"))
    def terms_shown(self, row: Auction) -> str:
        return terms_shown(row.options, row.currency) or NOTHING

    @column(_("evidence"))
    def evidence_shown(self, row: Auction) -> str:
        found = Evidence.objects.filter(auction=row).only("digest").first()
        return found.digest if found else str(_("Not yet"))

    has_pause_permission = legal(AUCTION, AuctionTransition.PAUSE)
    has_resume_permission = legal(AUCTION, AuctionTransition.RESUME)
    has_extend_permission = legal(AUCTION, AuctionTransition.EXTEND)
    has_cancel_permission = legal(AUCTION, AuctionTransition.CANCEL)

    @act(_("Pause"), permission="pause", path="pause", icon="pause")
    def pause(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, moderation.pause, ReasonForm,
            title=_("Pause the auction"),
            sentence=_("No bids are taken until it goes on; the end moves by as long."),
        )  # fmt: skip

    @act(_("Go on"), permission="resume", path="resume", icon="play_arrow")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, moderation.resume, ReasonForm,
            title=_("Let bidding go on"),
            sentence=_("The end moves by as long as the auction was paused."),
        )  # fmt: skip

    @act(_("Move the end"), permission="extend", path="extend", icon="more_time")
    def extend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, moderation.extend, ExtensionForm,
            title=_("Move the end"),
            sentence=_("The end moves to a later moment, for everybody at once."),
        )  # fmt: skip

    @act(_("Cancel"), permission="cancel", path="cancel", icon="cancel", variant=DANGER)
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, moderation.cancel, FullReasonForm,
            title=_("Cancel the auction"),
            sentence=_("Nothing is sold, and all deposits are given back. This is final."),
        )  # fmt: skip


class RelationForm(ReasonForm):
    organisation_id = forms.CharField(label=_("Public id of the organisation"), max_length=40)
    other_id = forms.CharField(label=_("Public id of the other"), max_length=40)
    kind = forms.TypedChoiceField(
        label=_("Relation"), choices=RelationKind.choices, coerce=RelationKind
    )
    reason = text_field(_("Reason"), chars_max=RELATION_REASON_CHARS_MAX)
    field_order = ("organisation_id", "other_id", "kind", "reason")


@admin.register(RelatedParty, site=console)
class RelatedPartyTable(ReadOnlyTable):
    """Organisations that do not bid in each other's auctions."""

    when_empty = _("Declare organisations that belong together with the button above.")
    list_display = ("organisation", "other", "kind", "declared_at", "ended_at")
    list_select_related = ("organisation", "other")
    member_fields = ("organisation", "other")
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
        return self.perform_on_list(
            request, relations.declare, RelationForm,
            title=_("Declare a relation"),
            sentence=_("From now on neither bids in an auction of the other."),
        )  # fmt: skip

    @act(_("Note the end"), path="end", icon="link_off")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, relations.end,
            title=_("Note the end of the relation"),
            sentence=_("From now on they may bid in each other's auctions."),
            button=_("Note the end"),
            back=self.address(),
        )  # fmt: skip


class TieForm(ReasonForm):
    user_id = forms.CharField(label=_("Public id of the person"), max_length=40)
    organisation_id = forms.CharField(label=_("Public id of the organisation"), max_length=40)
    kind = forms.TypedChoiceField(label=_("Tie"), choices=TieKind.choices, coerce=TieKind)
    reason = text_field(_("Reason"), chars_max=RELATION_REASON_CHARS_MAX)
    field_order = ("user_id", "organisation_id", "kind", "reason")


@admin.register(PersonalTie, site=console)
class PersonalTieTable(ReadOnlyTable):
    """People who do not act on matters of an organisation that they are tied to."""

    when_empty = _("Declare a person's tie to an organisation with the button above.")
    list_display = ("user", "organisation", "kind", "declared_at", "ended_at")
    list_select_related = ("user", "organisation")
    member_fields = ("organisation",)
    search_fields = ("user__email__istartswith", "organisation__name__istartswith")
    search_help_text = _("Beginning of the e-mail address or of the organisation's name")
    ordering = ("-pk",)
    fields = (
        "public_id", "user", "organisation", "kind", "reason", "declared_by", "declared_at",
        "ended_at",
    )  # fmt: skip
    actions_list = ("declare",)
    actions_detail = ("end",)

    @act(_("Declare a tie"), path="declare", icon="link")
    def declare(self, request: HttpRequest) -> HttpResponse:
        return self.perform_on_list(
            request, relations.declare_tie, TieForm,
            title=_("Declare a tie"),
            sentence=_("From now on it bars the person as a membership would."),
        )  # fmt: skip

    @act(_("Note the end"), path="end", icon="link_off")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, relations.end_tie,
            title=_("Note the end of the tie"),
            sentence=_("From now on it bars the person no more."),
            button=_("Note the end"),
            back=self.address(),
        )  # fmt: skip
