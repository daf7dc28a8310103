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
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from exchange.console.access import actor_of
from exchange.console.acts import ReasonForm, perform_on_post, select
from exchange.console.marks import DANGER, PRIMARY, act, column
from exchange.console.readings import kinds_shown
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable
from exchange.flows import admission as admissions
from exchange.flows import approvals
from exchange.members.actors import Actor
from exchange.members.models import Admission, AdmissionStep, Proposal
from exchange.members.roles import Kind
from exchange.members.states import MOVES, PROPOSABLE, Check, Move, Standing

STANDINGS = {
    Standing.APPLIED.value: "warning",
    Standing.VERIFIED.value: "warning",
    Standing.QUALIFIED.value: "info",
    Standing.ACTIVE.value: "success",
    Standing.RESTRICTED.value: "danger",
    Standing.SUSPENDED.value: "danger",
}


class VerifyForm(forms.Form):
    checks = forms.MultipleChoiceField(
        label=_("Established"),
        choices=Check.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


class ProposeForm(ReasonForm):
    """The moves that are legal from where the admission stands and take two people."""

    move = forms.ChoiceField(label=_("Step"), widget=select())
    kinds = forms.MultipleChoiceField(
        label=_("Qualifications"),
        help_text=_("Only for a qualification; all that the organisation shall be."),
        choices=Kind.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    field_order = ("move", "kinds", "reason")

    def __init__(self, standing: Standing, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        legal = [move for move in Move if move in PROPOSABLE and standing in MOVES[move].sources]
        move = self.fields["move"]
        if isinstance(move, forms.ChoiceField):
            move.choices = [(one.value, one.label) for one in legal]


class Steps(ReadOnlyRows):
    model = AdmissionStep
    fields = ("at", "move", "came_from", "to_standing", "by", "approved_by", "reason")
    fk_name = "admission"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AdmissionStep]:
        rows: QuerySet[AdmissionStep] = super().get_queryset(request)
        return rows.select_related("by", "approved_by", "admission").order_by("-at", "-pk")

    @column(_("from"))
    def came_from(self, row: AdmissionStep) -> str:
        return str(Standing(row.from_standing).label) if row.from_standing else "–"


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
        return self._legal(request, row_id, Move.VERIFY)

    def has_ask_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, Move.ASK)

    def has_restrict_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        return self._legal(request, row_id, Move.RESTRICT)

    def _legal(self, request: HttpRequest, row_id: str, move: Move) -> bool:
        """Whether the button makes sense here; the flow asks again."""
        here = Admission.objects.filter(pk=row_id, standing__in=MOVES[move].sources)
        return self.has_act_permission(request) and here.exists()

    @column(_("applied for"))
    def wanted_shown(self, row: Admission) -> str:
        return kinds_shown(row.wanted)

    @act(_("Verify"), path="verify", permission="verify", icon="fact_check", variant=PRIMARY)
    def verify(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act(
            request,
            object_id,
            lambda _row: VerifyForm(request.POST or None),
            lambda row, said, now: admissions.verify(
                actor=actor_of(request),
                admission_id=row.public_id,
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
            admissions.ask,
            title=_("Ask for more"),
            sentence=_("The organisation is told what is missing, and it is their turn."),
        )

    @act(_("Restrict"), path="restrict", permission="restrict", icon="lock", variant=DANGER)
    def restrict(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act_with_reason(
            request,
            object_id,
            admissions.restrict,
            title=_("Restrict"),
            sentence=_("The organisation stops trading at once; lifting it takes two people."),
        )

    @act(_("Propose"), path="propose", icon="group_add")
    def propose(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._act(
            request,
            object_id,
            lambda row: ProposeForm(Standing(row.standing), request.POST or None),
            lambda row, said, now: _propose(actor_of(request), row.public_id, said, now),
            title=_("Propose"),
            sentence=_("Nothing happens until another operator approves."),
        )

    def _act_with_reason(
        self,
        request: HttpRequest,
        object_id: str,
        flow: Callable[..., object],
        *,
        title: str | Promise,
        sentence: str | Promise,
    ) -> HttpResponse:
        return self._act(
            request,
            object_id,
            lambda _row: ReasonForm(request.POST or None),
            lambda row, said, now: flow(
                actor=actor_of(request), admission_id=row.public_id, reason=said["reason"], now=now
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


def _propose(actor: Actor, admission_id: str, said: dict[str, Any], now: datetime) -> Proposal:
    asked = {"actor": actor, "admission_id": admission_id, "reason": said["reason"], "now": now}
    kinds = [Kind(one) for one in said["kinds"]]
    match Move(said["move"]):
        case Move.QUALIFY:
            return approvals.propose_qualification(kinds=kinds, **asked)
        case Move.REQUALIFY:
            return approvals.propose_requalification(kinds=kinds, **asked)
        case Move.SUSPEND:
            return approvals.propose_suspension(**asked)
        case Move.RESTORE:
            return approvals.propose_restoration(**asked)
        case _:
            return approvals.propose_exit(**asked)
