"""Settlement in the console: payments, refunds, payouts, the provider's messages, differences."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from exchange.console.acts import ASKED
from exchange.console.chain import money_of, orders_in
from exchange.console.marks import DANGER, PRIMARY, act, column
from exchange.console.payout_holds import ask_to_hold
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, legal, money_column, state_column, where
from exchange.core import clock
from exchange.core.fields import text_field
from exchange.core.formatting import NOTHING
from exchange.payments import (
    bank_days,
    by_hand,
    chargebacks,
    holding,
    payout_files,
    payouts,
    reconciliation,
    refunds,
)
from exchange.payments.chart import BANK
from exchange.payments.lifecycle import (
    CHARGEBACK,
    DIFFERENCE,
    ChargebackState,
    ChargebackTransition,
    DifferenceState,
    DifferenceTransition,
    EventState,
    PaymentState,
    PayoutAccountState,
    PayoutState,
    RefundState,
)
from exchange.payments.models import (
    BankDay,
    Chargeback,
    Difference,
    Payment,
    Payout,
    PayoutAccount,
    ProviderEvent,
    Refund,
)
from exchange.payments.models.chargebacks import EVIDENCE_CHARS_MAX

PAYMENTS = {PaymentState.RECEIVED.value: "success", PaymentState.WAITING.value: "warning"}
REFUNDS = {RefundState.FAILED.value: "danger", RefundState.SUCCEEDED.value: "success"}
PAYOUTS = {
    PayoutState.PAID.value: "success",
    PayoutState.REFUSED.value: "danger",
    PayoutState.FAILED.value: "danger",
    PayoutState.RETURNED.value: "warning",
}
ACCOUNTS = {
    PayoutAccountState.READY.value: "success",
    PayoutAccountState.PENDING.value: "warning",
}
CHARGEBACKS = {
    ChargebackState.OPENED.value: "danger",
    ChargebackState.EVIDENCE_SENT.value: "warning",
    ChargebackState.WON.value: "success",
}
DIFFERENCES = {
    DifferenceState.OPEN.value: "danger",
    DifferenceState.EXPLAINED.value: "success",
    DifferenceState.RESOLVED.value: "success",
}
EVENTS = {EventState.RECEIVED.value: "warning", EventState.HANDLED.value: "success"}


class BankReferenceForm(forms.Form):
    bank_ref = forms.CharField(label=_("The bank's reference"), max_length=80)


class ExplanationForm(forms.Form):
    explanation = text_field(_("Explanation"), chars_max=1000)


class QueueFilter(admin.SimpleListFilter):
    """What a number of the overview counts. `queues` are its rows by the value in the address, with its name."""

    queues: Mapping[str, tuple[str | Promise, Callable[[], QuerySet[Any]]]]

    def lookups(self, _request: HttpRequest, _table: Any) -> list[tuple[str, Any]]:
        return [(value, name) for value, (name, _rows) in self.queues.items()]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.queues.get(self.value() or "")
        return (
            queryset
            if chosen is None
            else queryset.filter(pk__in=chosen[1]().order_by().values("pk"))
        )


class HeldFilter(QueueFilter):
    """Money that has lain at the provider for most of the time that it may."""

    title = _("held at the provider")
    parameter_name = "held"
    queues = {"long": (_("near the limit"), lambda: holding.held_long(now=clock.now()))}


class RefundByBankFilter(QueueFilter):
    title = _("to send")
    parameter_name = "by"
    queues = {"bank": (_("from the bank account"), refunds.to_send_by_bank)}


class UnpaidFilter(QueueFilter):
    title = _("not paid")
    parameter_name = "unpaid"
    queues = {
        "refused": (_("refused, and not made good"), payouts.refused_and_not_made_good),
        "no_file": (_("in no file of the bank yet"), payout_files.waiting),
    }


@admin.register(Payment, site=console)
class PaymentTable(ReadOnlyTable):
    when_empty = _("A payment begins when a buyer places an order.")
    summed = "amount_minor"
    list_display = ("reference", "state_shown", "method", "payer", "amount_shown", "created_at")
    list_filter = ("state", "method", HeldFilter)
    list_select_related = ("payer",)
    member_fields = ("payer", "order__seller")
    search_fields = ("reference__exact", "public_id__exact", "order__public_id__exact")
    search_help_text = _("Payment reference, public id or order")
    ordering = ("-pk",)
    fields = (
        "reference", "public_id", "order", "payer", "method", "state", "amount_shown",
        "refunded_minor", "provider", "provider_ref", "last_refusal", "declines", "created_at",
        "expires_at", "received_at", "cancelled_at",
    )  # fmt: skip

    state_shown = state_column(PAYMENTS)
    amount_shown = money_column()

    def beside(self, _request: HttpRequest, row: Payment) -> dict[str, Any]:
        return money_of(row.order, here=row)


@admin.register(Refund, site=console)
class RefundTable(ReadOnlyTable):
    """Refunds of bank transfers are sent by hand; those that failed are tried again."""

    when_empty = _("Refund an amount on the page of an order, or rule on a dispute.")
    summed = "amount_minor"
    list_display = ("public_id", "state_shown", "amount_shown", "reason", "created_at")
    list_filter = ("state", RefundByBankFilter)
    member_fields = ("payment__payer", "payment__order__seller")
    search_fields = ("public_id__exact", "payment__order__public_id__exact")
    search_help_text = _("Public id of the refund or the order")
    ordering = ("-pk",)
    fields = (
        "public_id", "payment", "source", "state", "amount_shown", "to_wallet", "reason", "by", "attempt",
        "set_off_minor", "provider_ref", "failure", "created_at", "decided_at",
    )  # fmt: skip
    actions_detail = ("sent", "again")

    state_shown = state_column(REFUNDS)
    amount_shown = money_column()

    def beside(self, _request: HttpRequest, row: Refund) -> dict[str, Any]:
        return money_of(row.payment.order, here=row)

    @act(_("Note as sent"), path="sent", icon="outbox", variant=PRIMARY)
    def sent(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request, object_id, partial(by_hand.ask_about, by_hand.REFUND_SENT), BankReferenceForm,
            title=_("Note the refund as sent"),
            sentence=format_lazy(
                "{}. {}",
                by_hand.about(by_hand.REFUND_SENT, row.public_id),
                _("The money was sent back to the buyer from the exchange's bank account."),
            ),
            button=_("Note as sent"),
            done=ASKED,
        )  # fmt: skip

    @act(_("Try again"), path="again", icon="replay")
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request, object_id, partial(by_hand.ask_about, by_hand.REFUND_AGAIN),
            title=_("Try the refund again"),
            sentence=format_lazy(
                "{}. {}",
                by_hand.about(by_hand.REFUND_AGAIN, row.public_id),
                _("The provider is asked once more, under a new key."),
            ),
            button=_("Try again"),
            done=ASKED,
        )  # fmt: skip


class EvidenceForm(forms.Form):
    evidence = text_field(
        _("Evidence"), chars_max=EVIDENCE_CHARS_MAX,
        help_text=_("The payer's bank reads this: what was bought, delivered and accepted, and when."),
    )  # fmt: skip


@admin.register(Chargeback, site=console)
class ChargebackTable(ReadOnlyTable):
    """Payments that the payer's bank took back. The bank decides; evidence is sent once."""

    when_empty = _("A payer's bank takes a payment back. Answer it here in time when it does.")
    summed = "amount_minor"
    list_display = ("public_id", "state_shown", "amount_shown", "reason", "due_at", "opened_at")
    list_filter = ("state",)
    member_fields = ("payment__payer", "payment__order__seller", "top_up__wallet__organisation")
    search_fields = ("public_id__exact", "provider_ref__exact", "payment__order__public_id__exact")
    search_help_text = _("Public id, the provider's reference or order")
    ordering = ("-pk",)
    fields = (
        "public_id", "payment", "top_up", "state", "amount_shown", "covered_minor", "set_off_minor", "bank_fee_minor",
        "reason",
        "provider_ref", "due_at", "evidence", "opened_at", "decided_at",
    )  # fmt: skip
    actions_detail = ("send_evidence",)

    state_shown = state_column(CHARGEBACKS)
    amount_shown = money_column()

    def beside(self, _request: HttpRequest, row: Chargeback) -> dict[str, Any]:
        """Nothing of a chargeback of a top-up: it is of no order."""
        return money_of(row.payment.order, here=row) if row.payment else {}

    has_send_evidence_permission = legal(CHARGEBACK, ChargebackTransition.SEND_EVIDENCE)

    @act(
        _("Send evidence"), permission="send_evidence", path="evidence", icon="gavel",
        variant=PRIMARY,
    )  # fmt: skip
    def send_evidence(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, chargebacks.send_evidence, EvidenceForm,
            title=_("Send evidence"),
            sentence=_("It is sent to the payer's bank once, and cannot be changed afterwards."),
        )  # fmt: skip


class RefusedForm(BankReferenceForm):
    of_account = forms.BooleanField(
        label=_("The bank does not take the account: the seller has to name another"),
        required=False,
    )


@admin.register(Payout, site=console)
class PayoutTable(ReadOnlyTable):
    when_empty = _(
        "Sellers are paid by the clock, once sales have cleared and they have given an account."
    )
    summed = "amount_minor"
    list_display = (
        "run", "organisation", "state_shown", "amount_shown", "account", "failure", "created_at",
    )  # fmt: skip
    list_filter = ("state", UnpaidFilter)
    list_select_related = ("run", "organisation", "account__organisation")
    member_fields = ("organisation",)
    search_fields = ("public_id__exact", "transfer_ref__exact", "provider_ref__exact")
    search_help_text = _("Public id or the provider's reference")
    ordering = ("-pk",)
    fields = (
        "public_id", "run", "organisation", "account", "state", "amount_shown", "transfer_ref",
        "provider_ref", "failure", "created_at", "sent_at", "decided_at",
    )  # fmt: skip
    actions_detail = ("note_refused", "hold")

    state_shown = state_column(PAYOUTS)
    amount_shown = money_column()

    def beside(self, _request: HttpRequest, row: Payout) -> dict[str, Any]:
        return orders_in(row)

    has_by_bank_permission = where(state=PayoutState.SENT, account__provider=BANK)

    @act(_("Note as refused by the bank"), permission="by_bank", path="refused", icon="block")
    def note_refused(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, partial(by_hand.ask_about, by_hand.PAYOUT_REFUSED), RefusedForm,
            title=_("Note the payout as refused by the bank"),
            sentence=_(
                "The bank said that it does not carry the payout out, and no money left. The seller has it"
                " with the next run once a second person of the exchange's finance approves."
            ),
            button=_("Note as refused by the bank"),
            done=ASKED,
        )  # fmt: skip

    has_hold_permission = where(state__in=(PayoutState.PROMISED, PayoutState.REFUSED))

    @act(
        _("Hold the seller's payouts"), permission="hold", path="hold", icon="pause", variant=DANGER
    )
    def hold(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return ask_to_hold(self, request, self.row(request, object_id))


@admin.register(PayoutAccount, site=console)
class PayoutAccountTable(ReadOnlyTable):
    """Where sellers are paid, newest first. The number itself is not shown here."""

    when_empty = _("Sellers give the account they are paid to on the page of their payouts.")
    list_display = ("organisation", "label", "currency", "state_shown", "disabled", "created_at")
    list_filter = ("state", "currency")
    list_select_related = ("organisation",)
    member_fields = ("organisation",)
    search_fields = ("public_id__exact", "provider_ref__exact", "organisation__name__istartswith")
    search_help_text = _(
        "Public id, the provider's account or beginning of the organisation's name"
    )
    ordering = ("-pk",)
    fields = (
        "public_id", "organisation", "holder", "label", "currency", "provider", "provider_ref",
        "state", "missing", "disabled", "missing_due_at", "seen_at", "created_at", "closed_at",
    )  # fmt: skip

    state_shown = state_column(ACCOUNTS)
    actions_detail = ("hold",)
    has_hold_permission = where(closed_at=None)

    @act(
        _("Hold the seller's payouts"), permission="hold", path="hold", icon="pause", variant=DANGER
    )
    def hold(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return ask_to_hold(self, request, self.row(request, object_id))


@admin.register(ProviderEvent, site=console)
class EventTable(ReadOnlyTable):
    when_empty = _("Messages of the payment provider appear here as they arrive.")
    list_display = ("received_at", "state_shown", "kind", "object_id", "outcome")
    list_filter = ("state",)
    search_fields = ("event_id__exact", "object_id__exact")
    search_help_text = _("Message or object of the provider")
    ordering = ("-pk",)
    fields = (
        "provider", "event_id", "kind", "object_type", "object_id", "account", "state", "outcome",
        "created_at", "received_at", "handled_at",
    )  # fmt: skip

    state_shown = state_column(EVENTS)


@admin.register(Difference, site=console)
class DifferenceTable(ReadOnlyTable):
    """What does not add up, until two people explain it or it is resolved. Nothing is booked by explaining."""

    when_empty = _(
        "No difference was found. Run the reconciliation with the button above to look again."
    )
    list_display = (
        "kind", "state_shown", "subject", "amount_shown", "owner", "opened_at", "closed_at",
    )  # fmt: skip
    list_filter = ("state", "kind")
    search_fields = ("subject__exact", "public_id__exact")
    search_help_text = _("Public id, or what it is about")
    ordering = ("-pk",)
    fields = (
        "kind", "state", "subject", "detail", "amount_shown", "owner", "opened_at", "closed_at",
        "closed_by", "explanation",
    )  # fmt: skip
    actions_detail = ("take", "explain")
    actions_list = ("run",)
    list_before_template = "console/differences_note.html"

    state_shown = state_column(DIFFERENCES)
    amount_shown = money_column()
    has_take_permission = legal(DIFFERENCE, DifferenceTransition.TAKE)
    has_explain_permission = legal(DIFFERENCE, DifferenceTransition.EXPLAIN)

    @act(_("Reconcile now"), path="run", icon="sync", variant=PRIMARY)
    def run(self, request: HttpRequest) -> HttpResponse:
        return self.perform_on_list(
            request, reconciliation.run_soon,
            title=_("Reconcile now"),
            sentence=_(
                "The provider's account is held against the books within seconds. What differs stands"
                " in this list; what agrees again is resolved."
            ),
            done=_("It runs now."),
        )  # fmt: skip

    @act(_("Look into it"), permission="take", path="take", icon="person_search")
    def take(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, reconciliation.take_difference,
            title=_("Look into the difference"),
            sentence=_("You become its owner."),
            button=_("Look into it"),
            done=_("The difference is yours."),
        )  # fmt: skip

    @act(
        _("Explain"), permission="explain", path="explain", icon="task_alt", variant=PRIMARY
    )  # fmt: skip
    def explain(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, partial(by_hand.ask_about, by_hand.EXPLAIN), ExplanationForm,
            title=_("Explain the difference"),
            sentence=_("The explanation is kept with it. Nothing is booked by that."),
            button=_("Explain"),
            done=ASKED,
        )  # fmt: skip


@admin.register(BankDay, site=console)
class BankDayTable(ReadOnlyTable):
    """The close of each day: the bank's closing balance beside the books, and who looks into what differs."""

    when_empty = _(
        "A statement of the bank in camt.053 or MT940 brings the closing balance of its day: enter one."
    )
    list_display = (
        "day", "currency", "closing_shown", "books_shown", "differs_shown", "owner_shown",
        "held_at",
    )  # fmt: skip
    list_filter = ("currency",)
    ordering = ("-day", "currency")
    fields = (
        "day", "public_id", "currency", "statement", "closing_shown", "books_shown",
        "differs_shown", "owner_shown", "reason_shown", "entered_by", "entered_at", "held_at",
    )  # fmt: skip

    closing_shown = money_column(_("closing balance of the bank"), field="closing")
    books_shown = money_column(_("in the books"), field="in_books")
    differs_shown = money_column(_("difference"), field="differs")

    @column(_("owner"))
    def owner_shown(self, row: BankDay) -> str:
        found = bank_days.difference_of(row)
        return (found.owner if found else "") or NOTHING

    @column(_("reason"))
    def reason_shown(self, row: BankDay) -> str:
        found = bank_days.difference_of(row)
        return (found.explanation or found.detail) if found else NOTHING
