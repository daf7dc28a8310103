"""Distributions of months: what each party gets, and the objections that finance decides on."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exchange.console.acts import ASKED
from exchange.console.marks import act, column
from exchange.console.sites import console
from exchange.console.tables import (
    ReadOnlyRows,
    ReadOnlyTable,
    legal,
    money_column,
    state_column,
)
from exchange.core.fields import FullReasonForm
from exchange.core.formatting import NOTHING, money_shown
from exchange.payments import distribution_rulings
from exchange.payments.distribution_lifecycle import (
    DISTRIBUTION,
    DistributionState,
    DistributionTransition,
)
from exchange.payments.models import Distribution, DistributionParty

STATES = {
    DistributionState.OBJECTED.value: "danger",
    DistributionState.CALCULATED.value: "warning",
    DistributionState.REVIEWED.value: "warning",
    DistributionState.CONFIRMED.value: "info",
    DistributionState.PAID.value: "success",
    DistributionState.POSTED.value: "success",
}


class PartiesOfDistribution(ReadOnlyRows):
    model = DistributionParty
    fields = ("organisation", "amount_shown", "correction_shown", "agreed_at", "objection")
    related = ("organisation",)
    ordering = ("position",)

    amount_shown = money_column(_("share"), field="amount")

    @column(_("correction"))
    def correction_shown(self, row: DistributionParty) -> str:
        return money_shown(row.correction) if row.correction_minor else NOTHING


@admin.register(Distribution, site=console)
class DistributionTable(ReadOnlyTable):
    """Those that parties object to wait for the seller, and then for two of the exchange's finance."""

    when_empty = _("Months are distributed where the shares of a product say so.")
    list_display = (
        "first_day", "product", "state_shown", "amount_shown", "sales_count", "due_at",
    )  # fmt: skip
    list_select_related = ("product__seller",)
    list_filter = ("state", "currency")
    search_fields = ("public_id__exact", "product__public_id__exact")
    search_help_text = _("Id of the distribution or of the product")
    ordering = ("-pk",)
    fields = (
        "public_id", "product", "first_day", "state", "amount_shown", "sales_count", "due_at",
        "answer", "calculated_at", "paid_at",
    )  # fmt: skip
    inlines = (PartiesOfDistribution,)
    actions_detail = ("uphold",)

    state_shown = state_column(STATES)
    amount_shown = money_column(_("shared out"), field="amount")

    has_uphold_permission = legal(DISTRIBUTION, DistributionTransition.UPHOLD)

    @act(_("End the objections"), permission="uphold", path="uphold", icon="gavel")
    def uphold(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, distribution_rulings.ask_to_uphold, FullReasonForm,
            title=_("End the objections to a distribution"),
            sentence=_(
                "What each party gets stays as it is, and is paid. All of them read the reason. A correction is"
                " the seller's to give."
            ),
            button=_("End the objections"),
            done=ASKED,
        )  # fmt: skip
