"""Who wants to take part, and what operators do about it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from exchange.console.access import actor_of
from exchange.console.acts import ReasonForm, perform_on_post, select
from exchange.console.marks import DANGER, PRIMARY, act, column
from exchange.console.readings import kinds_shown
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable
from exchange.members import admission, proposals
from exchange.members.lifecycle import ADMISSION, PROPOSABLE, AdmissionTransition, Check, Standing
from exchange.members.models import Admission, AdmissionStep
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
STEPS = {
    AdmissionTransition.QUALIFY: _("Qualify"),
    AdmissionTransition.REQUALIFY: _("Change the qualifications"),
    AdmissionTransition.SUSPEND: pgettext_lazy("member", "Suspend"),
    AdmissionTransition.RESTORE: _("Lift the restriction or suspension"),
    AdmissionTransition.EXIT: _("End the membership"),
}


class VerifyForm(forms.Form):
    checks = forms.MultipleChoiceField(
        label=_("Established"),
        choices=Check.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


class ProposeForm(ReasonForm):
    """The steps that are legal from where the admission stands and take two people."""

    transition = forms.ChoiceField(label=_("Step"), widget=select())
    kinds = forms.MultipleChoiceField(
        label=_("Qualifications"),
        help_text=_("Only for a qualification; all that the organisation shall be."),
        choices=Kind.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    field_order = ("transition", "kinds", "reason")

    def __init__(self, row: Admission, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        step = self.fields["transition"]
        if isinstance(step, forms.ChoiceField):
            legal = [name for name in ADMISSION.possible(row) if name in PROPOSABLE]
            step.choices = [(name, STEPS[AdmissionTransition(name)]) for name in legal]


class Steps(ReadOnlyRows):
    model = AdmissionStep
    fields = ("at", "transition", "source", "target", "by", "approved_by", "reason")
    fk_name = "admission"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AdmissionStep]:
        rows: QuerySet[AdmissionStep] = super().get_queryset(request)
        return rows.select_related("by", "approved_by", "admission").order_by("-at", "-pk")


@admin.register(Admission, site=console)
class AdmissionTable(ReadOnlyTable):
    """The most urgent of the exchange's turn first."""

    list_display = ("organisation", "standing_shown", "turn", "due_at", "applied_at")
    list_filter = ("turn", "standing")
    list_select_related = ("organisation",)
    search_fields = ("organisation__name__istartswith", "public_id__exact")
    search_help_text = _("Beginning of the organisation's name, or public id")
    ordering = (F("due_at").asc(nulls_last=True), "pk")
    fields = (
        "organisation", "public_id", "standing", "turn", "due_at", "wanted_shown", "legal_person",
        "contact", "applied_at",
    )  # fmt: skip
    inlines = (Steps,)
    actions_detail = ("verify", "ask", "restrict", "propose")

    @column(_("standing"), labels=STANDINGS)
    def standing_shown(self, row: Admission) -> tuple[str, str]:
        return row.standing, row.get_standing_display()

    def has_verify_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, AdmissionTransition.VERIFY)

    def has_ask_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, AdmissionTransition.ASK)

    def has_restrict_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, AdmissionTransition.RESTRICT)

    def _legal(self, request: HttpRequest, row_id: str, transition: AdmissionTransition) -> bool:
        """Whether the button makes sense here; the use case asks again."""
        row = Admission.objects.filter(pk=row_id).first()
        may = row is not None and ADMISSION.may(row, transition)
        return self.has_act_permission(request) and may

    @column(_("applied for"))
    def wanted_shown(self, row: Admission) -> str:
        return kinds_shown(row.wanted)

    @act(_("Verify"), path="verify", permission="verify", icon="fact_check", variant=PRIMARY)
    def verify(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act(
            request,
            object_id,
            lambda _row: VerifyForm(request.POST or None),
            lambda row, said, now: admission.verify(
                row.public_id,
                actor=actor_of(request),
                checks=[Check(one) for one in said["checks"]],
                now=now,
            ),
            title=_("Verify"),
            sentence=_("State what the documents establish; all of it must hold."),
        )

    @act(_("Ask for more"), path="ask", permission="ask", icon="contact_support")
    def ask(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act_with_reason(
            request,
            object_id,
            admission.ask,
            title=_("Ask for more"),
            sentence=_("The organisation is told what is missing, and it is their turn."),
        )

    @act(_("Restrict"), path="restrict", permission="restrict", icon="lock", variant=DANGER)
    def restrict(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act_with_reason(
            request,
            object_id,
            admission.restrict,
            title=_("Restrict"),
            sentence=_("The organisation stops trading at once; lifting it takes two people."),
        )

    @act(_("Propose"), path="propose", icon="group_add")
    def propose(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act(
            request,
            object_id,
            lambda row: ProposeForm(row, request.POST or None),
            lambda row, said, now: proposals.propose(
                row.public_id,
                actor=actor_of(request),
                transition=AdmissionTransition(said["transition"]),
                kinds=[Kind(kind) for kind in said["kinds"]],
                reason=said["reason"],
                now=now,
            ),
            title=_("Propose"),
            sentence=_("Nothing happens until another operator approves."),
        )

    def _act_with_reason(
        self,
        request: HttpRequest,
        object_id: str,
        use_case: Callable[..., object],
        *,
        title: str | Promise,
        sentence: str | Promise,
    ) -> HttpResponse:
        return self._act(
            request,
            object_id,
            lambda _row: ReasonForm(request.POST or None),
            lambda row, said, now: use_case(
                row.public_id, actor=actor_of(request), reason=said["reason"], now=now
            ),
            title=title,
            sentence=sentence,
        )

    def _act(
        self,
        request: HttpRequest,
        object_id: str,
        form: Callable[[Admission], forms.Form],
        perform: Callable[[Admission, dict[str, Any], datetime], object],
        *,
        title: str | Promise,
        sentence: str | Promise,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return perform_on_post(
            request,
            site=self.admin_site,
            form=form(row),
            perform=lambda said: perform(row, said, timezone.now()),
            title=f"{title}: {row.organisation}",
            sentence=sentence,
            button=title,
            done=_("Done and recorded."),
            back=reverse("console:members_admission_change", args=[row.pk]),
        )
