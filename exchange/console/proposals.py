"""What waits for a second person: decisions on members, and acts with money, rules and roles."""

from collections.abc import Callable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exchange.console.access import actor_of
from exchange.console.marks import DANGER, SUCCESS, Text, act, column
from exchange.console.readings import kinds_shown
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, first, state_column, where
from exchange.core import clock
from exchange.core.fields import ReasonForm
from exchange.core.formatting import NOTHING
from exchange.journeys.standing import touched
from exchange.members import approvals, proposals
from exchange.members.lifecycle import AdmissionTransition, Decision
from exchange.members.models import ApprovalRequest, Proposal


@admin.register(Proposal, site=console)
class ProposalTable(ReadOnlyTable):
    """Open ones first. Who proposed may not decide."""

    when_empty = _("Propose a decision at an admission; a second operator then decides it here.")
    list_display = ("admission", "transition", "proposed_by", "proposed_at", "decision_shown")
    list_filter = ("decision", "transition")
    list_select_related = ("admission__organisation", "proposed_by", "decided_by")
    member_fields = ("admission__organisation",)
    ordering = (first(decision=Decision.OPEN), "-proposed_at", "-pk")
    fields = (
        "admission", "public_id", "transition", "kinds_shown", "reason", "proposed_by", "proposed_at",
        "decision", "decided_by", "decided_at", "note",
    )  # fmt: skip
    actions_detail = ("approve", "decline")

    decision_shown = state_column(
        {
            Decision.OPEN.value: "warning",
            Decision.APPROVED.value: "success",
            Decision.DECLINED.value: "danger",
        },
        field="decision",
        title=_("decision"),
    )

    @column(_("qualifications"))
    def kinds_shown(self, row: Proposal) -> str:
        return kinds_shown(row.kinds)

    has_decide_permission = where(decision=Decision.OPEN)

    @act(_("Approve"), permission="decide", path="approve", icon="check", variant=SUCCESS)
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            proposals.approve,
            title=_("Approve"),
            sentence=_(
                "The step is made and recorded at once, with your name beside the proposer's."
            ),
            context=self._touched(request, object_id),
        )

    @act(_("Decline"), permission="decide", path="decline", icon="close", variant=DANGER)
    def decline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(
            request,
            object_id,
            proposals.decline,
            title=_("Decline"),
            sentence=_("The proposal ends here; its proposer reads your reason."),
        )

    def _touched(self, request: HttpRequest, object_id: str) -> dict[str, object]:
        """What the step will touch, where it is one that stops something."""
        row = self.row(request, object_id)
        if row.transition not in {AdmissionTransition.SUSPEND, AdmissionTransition.EXIT}:
            return {}
        return {"touched": touched(row.admission.organisation_id, now=clock.now())}

    def _decide(
        self,
        request: HttpRequest,
        object_id: str,
        decide: Callable[..., object],
        *,
        title: Text,
        sentence: Text,
        context: dict[str, object] | None = None,
    ) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request,
            object_id,
            lambda proposal_id, *, reason, **asked: decide(proposal_id, note=reason, **asked),
            ReasonForm,
            title=f"{title}: {row.get_transition_display()}, {row.admission.organisation}",
            sentence=sentence,
            button=title,
            context=context,
        )


@admin.register(ApprovalRequest, site=console)
class ApprovalTable(ReadOnlyTable):
    """Acts of the exchange that were asked for, open ones first; those of organisations stand on their own pages."""

    when_empty = _("What takes two people waits here for the second one.")
    list_display = (
        "act_shown",
        "wanted_line",
        "proposed_by",
        "proposed_at",
        "decision_shown",
        "who",
    )
    list_filter = ("decision", "act")
    list_select_related = ("proposed_by", "decided_by")
    ordering = (first(decision=Decision.OPEN), "-proposed_at", "-pk")
    fields = (
        "act_shown", "public_id", "about", "wanted", "reason", "proposed_by", "proposed_at",
        "decision", "who", "decided_by", "decided_at", "note",
    )  # fmt: skip
    actions_detail = ("approve", "decline", "withdraw")

    decision_shown = ProposalTable.decision_shown
    has_decide_permission = where(decision=Decision.OPEN)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalRequest]:
        rows: QuerySet[ApprovalRequest] = super().get_queryset(request)
        return rows.filter(organisation=None)

    def title_of(self, row: ApprovalRequest) -> str:
        """Its own name has the code of the act."""
        return f"{approvals.label(row)} · {row.get_decision_display()}"

    @column(_("act"))
    def act_shown(self, row: ApprovalRequest) -> str:
        return approvals.label(row)

    @column(_("what shall be done"))
    def wanted(self, row: ApprovalRequest) -> str:
        return approvals.shown(row)

    @column(_("what shall be done"))
    def wanted_line(self, row: ApprovalRequest) -> str:
        """The first line: a statement has hundreds."""
        return approvals.shown(row).partition("\n")[0]

    @column(_("who can approve"))
    def who(self, row: ApprovalRequest) -> str:
        roles = approvals.approvers(row)
        if row.decision != Decision.OPEN or not roles:
            return NOTHING
        who = {"roles": roles, "person": row.proposed_by}
        return str(_("%(roles)s, but not %(person)s") % who)

    @act(_("Approve"), permission="decide", path="approve", icon="check", variant=SUCCESS)
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request, object_id, approvals.approve,
            title=str(_("Approve")) + f": {approvals.label(row)}",
            sentence=f"{approvals.shown(row)}. {self._decided_by(request, row)}",
            button=_("Approve"),
        )  # fmt: skip

    @act(_("Decline"), permission="decide", path="decline", icon="close", variant=DANGER)
    def decline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._end(request, object_id, approvals.decline, _("Decline"))

    @act(_("Take back"), permission="decide", path="withdraw", icon="undo")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._end(request, object_id, approvals.withdraw, _("Take back"))

    def _end(
        self, request: HttpRequest, object_id: str, end: Callable[..., object], title: Text
    ) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request,
            object_id,
            lambda request_id, *, reason, **asked: end(request_id, note=reason, **asked),
            ReasonForm,
            title=f"{title}: {approvals.label(row)}",
            sentence=approvals.shown(row),
            button=title,
        )

    def _decided_by(self, request: HttpRequest, row: ApprovalRequest) -> str:
        """What happens on approval, or why this person cannot give it and who can."""
        may = approvals.may_decide(row, actor_of(request))
        if may:
            return str(_("It is done at once, with your name beside the proposer's."))
        by = _("It can be approved by")
        return f"{may.reason} {by}: {self.who(row)}."
