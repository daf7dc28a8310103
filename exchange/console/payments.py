"""Settlement in the console: payments, refunds, payouts, the provider's messages, differences."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from exchange.console.access import actor_of
from exchange.console.acts import perform_on_post, text_input, textarea
from exchange.console.marks import PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable
from exchange.core.formatting import money_shown
from exchange.payments import reconciliation, refunds
from exchange.payments.lifecycle import EventState, PaymentState, PayoutState, RefundState
from exchange.payments.models import Difference, Payment, Payout, ProviderEvent, Refund

PAYMENTS = {PaymentState.RECEIVED.value: "success", PaymentState.WAITING.value: "warning"}
REFUNDS = {RefundState.FAILED.value: "danger", RefundState.SUCCEEDED.value: "success"}
PAYOUTS = {
    PayoutState.PAID.value: "success",
    PayoutState.REFUSED.value: "danger",
    PayoutState.FAILED.value: "danger",
    PayoutState.RETURNED.value: "warning",
}
EVENTS = {EventState.RECEIVED.value: "warning", EventState.HANDLED.value: "success"}


class EmptyForm(forms.Form):
    """Nothing to fill in."""


class BankReferenceForm(forms.Form):
    bank_ref = forms.CharField(label=_("The bank's reference"), max_length=80, widget=text_input())


class ExplanationForm(forms.Form):
    explanation = forms.CharField(label=_("Explanation"), max_length=1000, widget=textarea())


@admin.register(Payment, site=console)
class PaymentTable(ReadOnlyTable):
    list_display = ("reference", "state_shown", "method", "payer", "amount_shown", "created_at")
    list_filter = ("state", "method")
    list_select_related = ("payer",)
    search_fields = ("reference__exact", "public_id__exact", "order__public_id__exact")
    search_help_text = _("Payment reference, public id or order")
    ordering = ("-pk",)
    fields = (
        "reference", "public_id", "order", "payer", "method", "state", "amount_shown",
        "refunded_minor", "provider", "provider_ref", "last_refusal", "declines", "created_at",
        "expires_at", "received_at", "cancelled_at",
    )  # fmt: skip

    @column(_("state"), labels=PAYMENTS)
    def state_shown(self, row: Payment) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @column(_("amount"))
    def amount_shown(self, row: Payment) -> str:
        return money_shown(row.amount)


@admin.register(Refund, site=console)
class RefundTable(ReadOnlyTable):
    """Refunds of bank transfers are sent by hand; those that failed are tried again."""

    list_display = ("public_id", "state_shown", "amount_shown", "reason", "created_at")
    list_filter = ("state",)
    search_fields = ("public_id__exact", "payment__order__public_id__exact")
    ordering = ("-pk",)
    fields = (
        "public_id", "payment", "source", "state", "amount_shown", "reason", "by", "attempt",
        "provider_ref", "failure", "created_at", "decided_at",
    )  # fmt: skip
    actions_detail = ("sent", "again")

    @column(_("state"), labels=REFUNDS)
    def state_shown(self, row: Refund) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @column(_("amount"))
    def amount_shown(self, row: Refund) -> str:
        return money_shown(row.amount)

    @act(_("Note as sent"), path="sent", icon="outbox", variant=PRIMARY)
    def sent(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = found(self, request, object_id)
        return perform_on_post(
            request,
            site=console,
            form=BankReferenceForm(request.POST or None),
            perform=lambda given: refunds.note_sent_by_bank(
                row.public_id, actor=actor_of(request), now=timezone.now(), **given
            ),
            title=_("Note the refund as sent"),
            sentence=_("The money was sent back to the buyer from the exchange's bank account."),
            button=_("Note as sent"),
            done=_("The refund is in the books."),
            back=address("refund", object_id),
        )

    @act(_("Try again"), path="again", icon="replay")
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = found(self, request, object_id)
        return perform_on_post(
            request,
            site=console,
            form=EmptyForm(request.POST or None),
            perform=lambda _given: refunds.retry(
                row.public_id, actor=actor_of(request), now=timezone.now()
            ),
            title=_("Try the refund again"),
            sentence=_("The provider is asked once more, under a new key."),
            button=_("Try again"),
            done=_("The refund is on its way again."),
            back=address("refund", object_id),
        )


@admin.register(Payout, site=console)
class PayoutTable(ReadOnlyTable):
    list_display = ("run", "organisation", "state_shown", "amount_shown", "account", "failure")
    list_filter = ("state",)
    list_select_related = ("run", "organisation", "account__organisation")
    search_fields = ("public_id__exact", "transfer_ref__exact", "provider_ref__exact")
    search_help_text = _("Public id or the provider's reference")
    ordering = ("-pk",)
    fields = (
        "public_id", "run", "organisation", "account", "state", "amount_shown", "transfer_ref",
        "provider_ref", "failure", "created_at", "sent_at", "decided_at",
    )  # fmt: skip

    @column(_("state"), labels=PAYOUTS)
    def state_shown(self, row: Payout) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @column(_("amount"))
    def amount_shown(self, row: Payout) -> str:
        return money_shown(row.amount)


@admin.register(ProviderEvent, site=console)
class EventTable(ReadOnlyTable):
    list_display = ("received_at", "state_shown", "kind", "object_id", "outcome")
    list_filter = ("state",)
    search_fields = ("event_id__exact", "object_id__exact")
    search_help_text = _("Message or object of the provider")
    ordering = ("-pk",)
    fields = (
        "provider", "event_id", "kind", "object_type", "object_id", "account", "state", "outcome",
        "created_at", "received_at", "handled_at",
    )  # fmt: skip

    @column(_("state"), labels=EVENTS)
    def state_shown(self, row: ProviderEvent) -> tuple[str, str]:
        return row.state, row.get_state_display()


@admin.register(Difference, site=console)
class DifferenceTable(ReadOnlyTable):
    """What does not add up, until somebody explains it. Nothing is booked by explaining."""

    list_display = ("kind", "subject", "amount_shown", "owner", "opened_at", "closed_at")
    list_filter = ("kind", ("closed_at", admin.EmptyFieldListFilter))
    search_fields = ("subject__exact", "public_id__exact")
    ordering = ("-pk",)
    fields = (
        "kind", "subject", "detail", "amount_shown", "owner", "opened_at", "closed_at",
        "closed_by", "explanation",
    )  # fmt: skip
    actions_detail = ("take", "explain")

    @column(_("amount"))
    def amount_shown(self, row: Difference) -> str:
        return money_shown(row.amount)

    @act(_("Look into it"), path="take", icon="person_search")
    def take(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = found(self, request, object_id)
        return perform_on_post(
            request,
            site=console,
            form=EmptyForm(request.POST or None),
            perform=lambda _given: reconciliation.take_difference(
                row.public_id, actor=actor_of(request), now=timezone.now()
            ),
            title=_("Look into the difference"),
            sentence=_("You become its owner."),
            button=_("Look into it"),
            done=_("The difference is yours."),
            back=address("difference", object_id),
        )

    @act(_("Explain"), path="explain", icon="task_alt", variant=PRIMARY)
    def explain(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = found(self, request, object_id)
        return perform_on_post(
            request,
            site=console,
            form=ExplanationForm(request.POST or None),
            perform=lambda given: reconciliation.explain_difference(
                row.public_id, actor=actor_of(request), now=timezone.now(), **given
            ),
            title=_("Explain the difference"),
            sentence=_("The explanation is kept with it. Nothing is booked by that."),
            button=_("Explain"),
            done=_("The difference is explained."),
            back=address("difference", object_id),
        )


def found(table: Any, request: HttpRequest, row_id: str) -> Any:
    """The row, or Http404."""
    row = table.get_object(request, row_id)
    if row is None:
        raise Http404
    return row


def address(model: str, row_id: str) -> str:
    return reverse(f"console:payments_{model}_change", args=[row_id])
