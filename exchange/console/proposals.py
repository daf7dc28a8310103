"""What waits for a second person."""

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exchange.console.marks import DANGER, SUCCESS, Text, act, column
from exchange.console.readings import kinds_shown
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, state_column, where
from exchange.core import clock
from exchange.core.fields import ReasonForm
from exchange.journeys.standing import touched
from exchange.members import proposals
from exchange.members.lifecycle import AdmissionTransition, Decision
from exchange.members.models import Proposal


@admin.register(Proposal, site=console)
class ProposalTable(ReadOnlyTable):
    """Open ones first. Who proposed may not decide."""

    list_display = ("admission", "transition", "proposed_by", "proposed_at", "decision_shown")
    list_filter = ("decision", "transition")
    list_select_related = ("admission__organisation", "proposed_by", "decided_by")
    ordering = ("-proposed_at", "-pk")
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
