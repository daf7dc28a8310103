"""Who wants to take part, and what operators do about it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.console.marks import DANGER, PRIMARY, Text, act, column
from exchange.console.readings import kinds_shown
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable, first, legal, state_column
from exchange.core import clock
from exchange.core.fields import FullReasonForm, ReasonForm
from exchange.journeys.standing import touched
from exchange.members import admission, names, proposals
from exchange.members.lifecycle import (
    ADMISSION,
    EVIDENCE,
    PROPOSABLE,
    AdmissionTransition,
    Check,
    Standing,
    Turn,
)
from exchange.members.models import Admission, AdmissionDocument, AdmissionStep
from exchange.members.roles import Kind

STANDINGS = {
    Standing.APPLIED.value: "warning",
    Standing.VERIFIED.value: "warning",
    Standing.QUALIFIED.value: "info",
    Standing.ACTIVE.value: "success",
    Standing.RESTRICTED.value: "danger",
    Standing.SUSPENDED.value: "danger",
}


# What can be proposed, as what is to be done: the lifecycle's labels say what was done.
STEPS: Mapping[AdmissionTransition, Text] = {
    AdmissionTransition.QUALIFY: _("Qualify"),
    AdmissionTransition.REQUALIFY: _("Change the qualifications"),
    AdmissionTransition.SUSPEND: pgettext_lazy("member", "Suspend"),
    AdmissionTransition.RESTORE: _("Lift the restriction or suspension"),
    AdmissionTransition.EXIT: _("End the membership"),
}


def proposable(row: Admission) -> list[AdmissionTransition]:
    """The steps that are legal from where the admission stands and take two people."""
    return [AdmissionTransition(name) for name in ADMISSION.possible(row) if name in PROPOSABLE]


def evidence_of(row: Admission) -> list[tuple[Check, list[AdmissionDocument]]]:
    """The documents that each check rests on."""
    handed_in = list(row.documents.order_by("pk"))
    return [(check, [one for one in handed_in if one.kind == EVIDENCE[check]]) for check in Check]


class VerifyForm(forms.Form):
    checks = forms.TypedMultipleChoiceField(
        label=_("Established"), choices=Check.choices, coerce=Check
    )


class ProposeForm(ReasonForm):
    """The steps that are legal from where the admission stands and take two people."""

    transition = forms.TypedChoiceField(label=_("Step"), coerce=AdmissionTransition)
    kinds = forms.TypedMultipleChoiceField(
        label=_("Qualifications"),
        help_text=_("Only for a qualification; all that the organisation shall be."),
        choices=Kind.choices,
        coerce=Kind,
        required=False,
    )
    field_order = ("transition", "kinds", "reason")

    def __init__(self, row: Admission, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        step = self.fields["transition"]
        if isinstance(step, forms.ChoiceField):
            step.choices = [(name.value, str(STEPS[name])) for name in proposable(row)]


class Steps(ReadOnlyRows):
    model = AdmissionStep
    fields = ("at", "transition", "source", "target", "actor", "approved_by", "reason")
    fk_name = "admission"
    related = ("approved_by", "admission")
    ordering = ("-at", "-pk")


def file_link(row: AdmissionDocument) -> SafeString:
    """The document's name, which opens it."""
    address = reverse("web:admission_document", args=[row.public_id])
    return format_html('<a class="underline" href="{}">{}</a>', address, row.name)


class Documents(ReadOnlyRows):
    """What was handed in, to be read beside the checks."""

    model = AdmissionDocument
    fields = ("kind", "file_shown", "size_bytes", "uploaded_by", "uploaded_at")
    related = ("uploaded_by", "admission")
    ordering = ("uploaded_at", "pk")

    @column(_("file"))
    def file_shown(self, row: AdmissionDocument) -> str:
        return file_link(row)


@admin.register(Admission, site=console)
class AdmissionTable(ReadOnlyTable):
    """The most urgent of the exchange's turn first."""

    when_empty = _(
        "Organisations apply for admission. You check their documents here when one does."
    )
    list_display = ("organisation", "standing_shown", "turn", "due_at", "applied_at")
    list_filter = ("turn", "standing")
    list_select_related = ("organisation",)
    member_fields = ("organisation",)
    search_fields = ("organisation__name__istartswith", "public_id__exact")
    search_help_text = _("Beginning of the organisation's name, or public id")
    ordering = (first(turn=Turn.OPERATOR), F("due_at").asc(nulls_last=True), "pk")
    fields = (
        "organisation", "public_id", "standing", "turn", "due_at", "wanted_shown", "legal_person",
        "contact", "applied_at",
    )  # fmt: skip
    inlines = (Documents, Steps)
    actions_detail = ("verify", "ask", "restrict", "propose")

    standing_shown = state_column(STANDINGS, field="standing", title=_("standing"))

    has_verify_permission = legal(ADMISSION, AdmissionTransition.VERIFY)
    has_ask_permission = legal(ADMISSION, AdmissionTransition.ASK)
    has_restrict_permission = legal(ADMISSION, AdmissionTransition.RESTRICT)

    @column(_("applied for"))
    def wanted_shown(self, row: Admission) -> str:
        return kinds_shown(row.wanted)

    @act(_("Verify"), path="verify", permission="verify", icon="fact_check", variant=PRIMARY)
    def verify(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._perform(
            request, object_id, admission.verify, VerifyForm, _("Verify"),
            _("State what the documents establish; all of it must hold."),
            context=self._evidence(request, object_id),
        )  # fmt: skip

    @act(_("Ask for more"), path="ask", permission="ask", icon="contact_support")
    def ask(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._perform(
            request, object_id, admission.ask, ReasonForm, _("Ask for more"),
            _("The organisation is told what is missing, and it is their turn."),
        )  # fmt: skip

    @act(_("Restrict"), path="restrict", permission="restrict", icon="lock", variant=DANGER)
    def restrict(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._perform(
            request, object_id, admission.restrict, FullReasonForm, _("Restrict"),
            _("The organisation stops trading at once; lifting it takes two people."),
            context=self._touched(request, object_id),
        )  # fmt: skip

    @act(_("Propose"), path="propose", icon="group_add")
    def propose(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = {"transition": request.GET.get("step", "")}
        form = partial(ProposeForm, self.row(request, object_id), initial=asked)
        return self._perform(
            request, object_id, proposals.propose, form, _("Propose"),
            _("Nothing happens until another operator approves."),
            context=self._touched(request, object_id),
        )  # fmt: skip

    def acts_on(self, request: HttpRequest, row: Admission) -> list[tuple[Text, str]]:
        """What the reader may do about the admission, each with its page. A step that takes two people leads to
        its proposal."""
        every = self.get_actions_detail(request, row.pk)
        pages = {
            one.action_name: reverse(f"console:{one.action_name}", args=[row.pk]) for one in every
        }
        propose = pages.pop(f"{self._route()}_propose", None)
        acts = [
            (one.description, pages[one.action_name]) for one in every if one.action_name in pages
        ]
        steps = proposable(row) if propose else []
        return [*acts, *((STEPS[step], f"{propose}?step={step.value}") for step in steps)]

    def _perform(
        self,
        request: HttpRequest,
        object_id: str,
        use_case: Callable[..., object],
        form: Callable[..., forms.Form],
        button: Text,
        sentence: Text,
        context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """It leads back to the member's page."""
        organisation = self.row(request, object_id).organisation
        return self.perform(
            request, object_id, use_case, form, title=f"{button}: {organisation}",
            sentence=sentence, button=button, context=context,
            back=reverse("console:accounts_organisation_change", args=[organisation.pk]),
        )  # fmt: skip

    def _touched(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        organisation_id = self.row(request, object_id).organisation_id
        return {"touched": touched(organisation_id, now=clock.now())}

    def _evidence(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """The documents that each check rests on, and the members whose names look alike."""
        row = self.row(request, object_id)
        return {
            "organisation": row.organisation,
            "legal_person": row.legal_person,
            "evidence": [(check.label, found) for check, found in evidence_of(row)],
            "like": names.like(row.organisation.name, organisation_id=row.organisation_id),
        }


@admin.register(AdmissionStep, site=console)
class StepTable(ReadOnlyTable):
    """What happened to admissions, newest first: the history of every member's standing."""

    when_empty = _("Each step of an admission stands here, with who made it and why.")
    list_display = ("at", "admission", "transition", "target", "actor", "approved_by", "reason")
    list_filter = ("transition",)
    list_select_related = ("admission__organisation", "approved_by")
    member_fields = ("admission__organisation",)
    search_fields = ("public_id__exact", "admission__organisation__name__istartswith")
    search_help_text = _("Public id, or beginning of the organisation's name")
    ordering = ("-pk",)
    fields = (
        "at", "public_id", "admission", "number", "transition", "source", "target", "actor",
        "approved_by", "reason",
    )  # fmt: skip


@admin.register(AdmissionDocument, site=console)
class DocumentTable(ReadOnlyTable):
    """What organisations handed in with their applications, newest first."""

    when_empty = _("Organisations hand documents in when they apply for admission.")
    list_display = ("kind", "admission", "file_shown", "uploaded_by", "uploaded_at")
    list_filter = ("kind",)
    list_select_related = ("admission__organisation", "uploaded_by")
    member_fields = ("admission__organisation",)
    search_fields = ("public_id__exact", "admission__organisation__name__istartswith")
    search_help_text = _("Public id, or beginning of the organisation's name")
    ordering = ("-pk",)
    fields = (
        "kind", "public_id", "admission", "file_shown", "media_type", "size_bytes", "sha256",
        "uploaded_by", "uploaded_at",
    )  # fmt: skip

    @column(_("file"))
    def file_shown(self, row: AdmissionDocument) -> SafeString:
        return file_link(row)
