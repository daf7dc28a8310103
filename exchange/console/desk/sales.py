"""What the seller sold and is asked for: orders, negotiations, subscribers and disputes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from exchange.catalog.models import Question
from exchange.console.bulk import perform_on_chosen
from exchange.console.desk.site import desk
from exchange.console.desk.tables import RowsOfPages
from exchange.console.disputes import STATES as DISPUTED
from exchange.console.marks import Text, column
from exchange.console.orders import STATES as ORDERED
from exchange.console.questions import STATES as ASKED
from exchange.console.tables import state_column
from exchange.core.fields import FullReasonForm
from exchange.core.titles import title_of
from exchange.disputes.models import Dispute
from exchange.members.actors import Actor
from exchange.negotiation.lifecycle import NegotiationState
from exchange.negotiation.models import Negotiation
from exchange.orders import subscriptions
from exchange.orders.models import Order, Subscription
from exchange.orders.queries import total_shown

NEGOTIATED: Mapping[str, str] = {
    NegotiationState.REQUESTED.value: "warning",
    NegotiationState.OFFERED.value: "info",
    NegotiationState.APPROVING.value: "info",
    NegotiationState.ACCEPTED.value: "warning",
    NegotiationState.CONCLUDED.value: "success",
}


def _decline(row: Subscription, *, actor: Actor, reason: str, now: datetime) -> Subscription:
    return subscriptions.decline_renewals(row.latest.public_id, actor=actor, reason=reason, now=now)


def _offer_again(row: Subscription, *, actor: Actor, now: datetime) -> Subscription:
    return subscriptions.offer_renewals(row.latest.public_id, actor=actor, now=now)


def moment_cell(at: datetime | None) -> str:
    """A moment as programs read it."""
    return "" if at is None else at.isoformat()


@admin.register(Order, site=desk)
class OrderTable(RowsOfPages):
    """The newest first."""

    when_empty = _("Orders appear here when buyers place them.")
    page_name = "web:order"
    list_display = (
        "title", "state_shown", "turn", "due_at", "buyer", "total_shown", "created_at",
    )  # fmt: skip
    list_filter = ("turn", "state", "payment_method")
    list_select_related = ("buyer",)
    search_fields = (
        "public_id__exact", "title__icontains", "title_zh__icontains", "buyer__name__icontains",
    )  # fmt: skip
    search_help_text = _("Number of the order, or a part of the title or of the buyer's name")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    csv = {
        "order_id": lambda row: row.public_id,
        "title": lambda row: row.title,
        "title_zh": lambda row: row.title_zh,
        "buyer": lambda row: row.buyer.name,
        "state": lambda row: row.state,
        "turn": lambda row: row.turn,
        "due_at": lambda row: moment_cell(row.due_at),
        "currency": lambda row: row.currency,
        "net": lambda row: row.net.decimal,
        "tax": lambda row: row.tax.decimal,
        "total": lambda row: row.total.decimal,
        "created_at": lambda row: moment_cell(row.created_at),
    }

    state_shown = state_column(ORDERED)

    @column(_("total"), order="total_minor")
    def total_shown(self, row: Order) -> str:
        return total_shown(row)

    def ways(self, request: HttpRequest) -> list[tuple[Text, str]]:  # noqa: ARG002 - for everybody
        return [(_("Orders as pages"), reverse("web:orders"))]


@admin.register(Negotiation, site=desk)
class NegotiationTable(RowsOfPages):
    """Requests for access, quotes and private offers; the newest first."""

    when_empty = _(
        "Buyers ask for access and quotes. Each request leads to the page on which you answer it."
    )
    page_name = "web:negotiation"
    list_display = (
        "product", "origin", "state_shown", "turn", "due_at", "buyer", "created_at",
    )  # fmt: skip
    list_filter = ("turn", "state", "origin")
    list_select_related = ("product", "buyer")
    search_fields = (
        "public_id__exact", "product__title__icontains", "product__title_zh__icontains",
        "buyer__name__icontains",
    )  # fmt: skip
    search_help_text = _("Number, or a part of the product's title or of the buyer's name")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    csv = {
        "negotiation_id": lambda row: row.public_id,
        "product_id": lambda row: row.product.public_id,
        "title": lambda row: row.product.title,
        "buyer": lambda row: row.buyer.name,
        "origin": lambda row: row.origin,
        "state": lambda row: row.state,
        "turn": lambda row: row.turn,
        "due_at": lambda row: moment_cell(row.due_at),
        "created_at": lambda row: moment_cell(row.created_at),
    }

    state_shown = state_column(NEGOTIATED)

    def ways(self, request: HttpRequest) -> list[tuple[Text, str]]:  # noqa: ARG002 - for everybody
        return [(_("Negotiations as pages"), reverse("web:negotiations"))]


@admin.register(Subscription, site=desk)
class SubscriptionTable(RowsOfPages):
    """Who pays by the period. Each row leads to the order of its latest period."""

    when_empty = _(
        "Subscriptions begin with the first delivery of an offer that is paid by the period."
    )
    owner = "first__seller"
    list_display = (
        "title_shown", "buyer_shown", "running_shown", "auto_renew", "periods_paid", "began_at",
        "paid_until", "ended_at",
    )  # fmt: skip
    list_filter = (
        "auto_renew",
        ("ended_at", admin.EmptyFieldListFilter),
        ("declined_at", admin.EmptyFieldListFilter),
    )
    actions = ("decline", "offer_again")
    list_select_related = ("first__buyer", "latest")
    search_fields = (
        "public_id__exact", "first__title__icontains", "first__title_zh__icontains",
        "first__buyer__name__icontains",
    )  # fmt: skip
    search_help_text = _("Number, or a part of the title or of the buyer's name")
    date_hierarchy = "began_at"
    ordering = ("-pk",)
    csv = {
        "subscription_id": lambda row: row.public_id,
        "title": lambda row: row.first.title,
        "buyer": lambda row: row.first.buyer.name,
        "period": lambda row: row.period,
        "periods_paid": lambda row: row.periods_paid,
        "renews": lambda row: "yes" if row.auto_renew else "no",
        "began_at": lambda row: moment_cell(row.began_at),
        "paid_until": lambda row: moment_cell(row.paid_until),
        "ended_at": lambda row: moment_cell(row.ended_at),
        "declined_at": lambda row: moment_cell(row.declined_at),
        "declined_reason": lambda row: row.declined_reason,
        "latest_order_id": lambda row: row.latest.public_id,
    }

    def page_of(self, row: Any) -> str:
        return reverse("web:order", args=[row.latest.public_id])

    @column(_("product"))
    def title_shown(self, row: Subscription) -> str:
        return title_of(row.first)

    @column(_("buyer"))
    def buyer_shown(self, row: Subscription) -> str:
        return row.first.buyer.name

    @column(_("state"), labels={"running": "success", "declined": "warning"})
    def running_shown(self, row: Subscription) -> tuple[str, object]:
        if row.ended_at is not None:
            return "ended", _("Ended")
        if row.declined_at is not None:
            return "declined", _("Ends, as you decided")
        return "running", _("Running")

    @admin.action(description=_("Do not renew"), permissions=["act"])
    def decline(self, request: HttpRequest, rows: list[Subscription]) -> HttpResponse:
        return perform_on_chosen(
            request, rows, site=desk, perform=_decline, form=FullReasonForm,
            title=gettext("Do not renew"),
            sentence=gettext(
                "They end with the period paid for, or with the next where its order waits for payment already."
                " Buyers keep their access until then and are told why. You can take it back."
            ),
        )  # fmt: skip

    @admin.action(description=_("Renew after all"), permissions=["act"])
    def offer_again(self, request: HttpRequest, rows: list[Subscription]) -> HttpResponse:
        return perform_on_chosen(
            request, rows, site=desk, perform=_offer_again, title=gettext("Renew after all"),
            sentence=gettext("Buyers are told that they can have them renewed again."),
        )  # fmt: skip


@admin.register(Question, site=desk)
class QuestionTable(RowsOfPages):
    """What readers ask about the products; the newest first."""

    when_empty = _(
        "Members ask about your products on their pages. You answer each on its own page."
    )
    page_name = "web:question"
    owner = "product__seller"
    list_display = ("product", "text", "state_shown", "asked_at", "answered_at")
    list_filter = ("state",)
    list_select_related = ("product",)
    search_fields = (
        "public_id__exact", "product__title__icontains", "product__title_zh__icontains",
    )  # fmt: skip
    search_help_text = _("Number, or a part of the product's title")
    date_hierarchy = "asked_at"
    ordering = ("-pk",)
    csv = {
        "question_id": lambda row: row.public_id,
        "product_id": lambda row: row.product.public_id,
        "title": lambda row: row.product.title,
        "question": lambda row: row.text,
        "answer": lambda row: row.answer,
        "state": lambda row: row.state,
        "asked_at": lambda row: moment_cell(row.asked_at),
        "answered_at": lambda row: moment_cell(row.answered_at),
    }

    state_shown = state_column(ASKED)


@admin.register(Dispute, site=desk)
class DisputeTable(RowsOfPages):
    """Disputes about what was sold, whoever opened them; the newest first."""

    when_empty = _("Nothing that you sold is disputed.")
    page_name = "web:dispute"
    owner = "order__seller"
    list_display = (
        "title_shown", "kind", "remedy", "state_shown", "turn", "due_at", "claimant", "opened_at", "outcome",
    )  # fmt: skip
    list_filter = ("state", "turn", "kind", "outcome")
    list_select_related = ("order", "claimant")
    search_fields = (
        "public_id__exact", "order__public_id__exact", "order__title__icontains",
        "order__title_zh__icontains", "claimant__name__icontains",
    )  # fmt: skip
    search_help_text = _(
        "Number of the dispute or of the order, or a part of the title or of a name"
    )
    date_hierarchy = "opened_at"
    ordering = ("-pk",)
    csv = {
        "dispute_id": lambda row: row.public_id,
        "order_id": lambda row: row.order.public_id,
        "title": lambda row: row.order.title,
        "opened_by": lambda row: row.claimant.name,
        "kind": lambda row: row.kind,
        "remedy": lambda row: row.remedy,
        "state": lambda row: row.state,
        "turn": lambda row: row.turn,
        "outcome": lambda row: row.outcome,
        "due_at": lambda row: moment_cell(row.due_at),
        "opened_at": lambda row: moment_cell(row.opened_at),
        "ended_at": lambda row: moment_cell(row.ended_at),
    }

    state_shown = state_column(DISPUTED)

    @column(_("product"))
    def title_shown(self, row: Dispute) -> str:
        return title_of(row.order)
