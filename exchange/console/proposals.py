"""What waits for a second person."""

from collections.abc import Callable

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.console.access import actor_of
from exchange.console.acts import ReasonForm, perform_on_post
from exchange.console.marks import DANGER, SUCCESS, act, column
from exchange.console.readings import kinds_shown
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable
from exchange.members import proposals
from exchange.members.lifecycle import Decision
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

    @column(
        _("decision"),
        labels={
            Decision.OPEN.value: "warning",
            Decision.APPROVED.value: "success",
            Decision.DECLINED.value: "danger",
        },
    )
    def decision_shown(self, row: Proposal) -> tuple[str, str]:
        return row.decision, row.get_decision_display()

    @column(_("qualifications"))
    def kinds_shown(self, row: Proposal) -> str:
        return kinds_shown(row.kinds)

    def has_decide_permission(self, request: HttpRequest, row_id: str = "") -> bool:
        open_rows = Proposal.objects.filter(pk=row_id, decision=Decision.OPEN)
        return self.has_act_permission(request) and open_rows.exists()

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

    def _decide(
        self,
        request: HttpRequest,
        object_id: str,
        decide: Callable[..., object],
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
            form=ReasonForm(request.POST or None),
            perform=lambda said: decide(
                row.public_id,
                actor=actor_of(request),
                note=said["reason"],
                now=timezone.now(),
            ),
            title=f"{title}: {row.get_transition_display()}, {row.admission.organisation}",
            sentence=sentence,
            button=title,
            done=_("Done and recorded."),
            back=reverse("console:members_proposal_change", args=[row.pk]),
        )
