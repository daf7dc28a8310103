"""Disputes about use: what waits for the exchange's decision, and deciding."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exchange.console.marks import act
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, state_column, where
from exchange.core.fields import CountField, FullReasonForm
from exchange.metering import disputes
from exchange.metering.lifecycle import DisputeState
from exchange.metering.models import QUANTITY_MAX, UsageDispute


class RulingForm(FullReasonForm):
    """What counts of the report, and why."""

    decided = CountField(
        label=_("Counts"),
        help_text=_("From 0 to what was reported; less than all is booked as a correction."),
        least=0,
        most=QUANTITY_MAX,
    )


@admin.register(UsageDispute, site=console)
class UsageDisputeTable(ReadOnlyTable):
    """Reports that are held and objections of buyers, newest first."""

    when_empty = _(
        "A buyer objects to a day of use on the page of its subscription. You decide here when it does."
    )
    list_display = (
        "subscription", "kind", "day", "meter", "reported", "accepted", "state_shown", "due_at",
    )  # fmt: skip
    list_filter = ("state", "kind")
    list_select_related = ("subscription",)
    member_fields = ("subscription__buyer", "subscription__seller")
    search_fields = ("public_id", "subscription__public_id")
    search_help_text = _("Public id of the dispute or the subscription")
    ordering = ("-pk",)
    fields = (
        "subscription", "public_id", "kind", "state", "day", "meter", "reported", "accepted",
        "reason", "due_at", "decided", "ruling", "created_at",
    )  # fmt: skip
    actions_detail = ("decide",)

    state_shown = state_column(
        {
            DisputeState.HELD.value: "info",
            DisputeState.OPEN.value: "warning",
            DisputeState.COUNTED.value: "success",
            DisputeState.CORRECTED.value: "success",
        }
    )

    has_decide_permission = where(state=DisputeState.OPEN)

    @act(_("Decide"), permission="decide", path="decide", icon="gavel")
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)

        return self.perform(
            request,
            object_id,
            disputes.rule_on,
            RulingForm,
            title=_("Decide what counts"),
            sentence=_(
                "%(reported)s %(meter)s were reported on %(day)s; the buyer accepts %(accepted)s."
            )
            % {
                "reported": row.reported,
                "meter": row.meter,
                "day": row.day,
                "accepted": "–" if row.accepted is None else row.accepted,
            },
            button=_("Decide"),
        )
