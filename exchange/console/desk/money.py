"""What the seller earned and was paid, for those who see its earnings."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from exchange.console.access import actor_of
from exchange.console.desk.sales import moment_cell
from exchange.console.desk.site import desk
from exchange.console.desk.tables import RowsOfPages
from exchange.console.marks import Text
from exchange.console.tables import money_column, state_column
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.permissions import Permission
from exchange.payments.lifecycle import PayoutState
from exchange.payments.models import Payout, Settlement

PAID: Mapping[str, str] = {
    PayoutState.PROMISED.value: "info",
    PayoutState.SENT.value: "info",
    PayoutState.PAID.value: "success",
    PayoutState.REFUSED.value: "danger",
    PayoutState.FAILED.value: "danger",
    PayoutState.RETURNED.value: "warning",
}


def sees_earnings(request: HttpRequest) -> bool:
    """Whether the reader sees what the organisation earns, as on its pages."""
    actor = actor_of(request)
    subject = Subject(organisation_id=organisation_of(actor))
    return policy.allowed(actor, Permission.EARNINGS_SEE, subject).allowed


class OfMoney(RowsOfPages):
    """A list of the organisation's money."""

    def has_view_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return bool(super().has_view_permission(request)) and sees_earnings(request)


@admin.register(Settlement, site=desk)
class SettlementTable(OfMoney):
    """The money of each sale, from when it was released; the newest first."""

    when_empty = _("What you earn appears here when a buyer accepts a delivery.")
    list_display = (
        "title", "buyer", "gross_shown", "tax_shown", "fee_shown", "net_shown", "settled_at",
        "clears_at", "cleared_at",
    )  # fmt: skip
    list_filter = (
        "currency",
        ("cleared_at", admin.EmptyFieldListFilter),
        ("disputed_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("buyer", "order")
    search_fields = ("order__public_id__exact", "title__icontains", "buyer__name__icontains")
    search_help_text = _("Number of the order, or a part of the title or of the buyer's name")
    date_hierarchy = "settled_at"
    ordering = ("-pk",)
    csv = {
        "order_id": lambda row: row.order.public_id,
        "title": lambda row: row.title,
        "buyer": lambda row: row.buyer.name,
        "currency": lambda row: row.currency,
        "gross": lambda row: row.gross.decimal,
        "tax": lambda row: row.tax.decimal,
        "service_fee": lambda row: row.fee.decimal,
        "fee_tax": lambda row: row.fee_tax.decimal,
        "shared_out": lambda row: row.pool.decimal,
        "settled_at": lambda row: moment_cell(row.settled_at),
        "held_until": lambda row: moment_cell(row.clears_at),
        "cleared_at": lambda row: moment_cell(row.cleared_at),
    }

    gross_shown = money_column(_("gross"), field="gross")
    tax_shown = money_column(_("tax"), field="tax")
    fee_shown = money_column(_("service fee"), field="fee")
    net_shown = money_column(_("shared out"), field="pool")

    def page_of(self, row: Any) -> str:
        return reverse("web:order", args=[row.order.public_id])

    def ways(self, request: HttpRequest) -> list[tuple[Text, str]]:  # noqa: ARG002 - for everybody
        return [
            (_("Earnings, with what was refunded and when each is paid"), reverse("web:earnings")),
            (_("Earnings as CSV"), reverse("web:earnings_csv")),
        ]


@admin.register(Payout, site=desk)
class PayoutTable(OfMoney):
    """The newest first."""

    when_empty = _("Payouts appear here once money of yours is available and an account is given.")
    owner = "organisation"
    list_display = ("public_id", "state_shown", "amount_shown", "created_at", "sent_at", "failure")
    list_filter = ("state", "currency")
    search_fields = ("public_id__exact",)
    search_help_text = _("Number of the payout")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    csv = {
        "payout_id": lambda row: row.public_id,
        "state": lambda row: row.state,
        "currency": lambda row: row.currency,
        "amount": lambda row: row.amount.decimal,
        "created_at": lambda row: moment_cell(row.created_at),
        "sent_at": lambda row: moment_cell(row.sent_at),
        "failure": lambda row: row.failure,
    }

    state_shown = state_column(PAID)
    amount_shown = money_column()

    def page_of(self, row: Any) -> str:  # noqa: ARG002 - one page holds them all
        return reverse("web:payouts")

    def ways(self, request: HttpRequest) -> list[tuple[Text, str]]:  # noqa: ARG002 - for everybody
        return [
            (_("Payouts and the account they go to"), reverse("web:payouts")),
            (_("Statements"), reverse("web:statements")),
        ]
