"""Wallets in the console: what was paid in, bidders' deposits, money that its owners want back."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from exchange.console.acts import ASKED
from exchange.console.chain import money_of
from exchange.console.marks import PRIMARY, act
from exchange.console.payments import BankReferenceForm, HeldFilter, QueueFilter
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, money_column, state_column
from exchange.core import clock
from exchange.core.fields import FullReasonForm
from exchange.payments import by_hand, holding, withdrawals
from exchange.payments.card_lifecycle import CardTopUpState, SavedCardState
from exchange.payments.lifecycle import DepositState, WithdrawalState
from exchange.payments.models import CardTopUp, Deposit, SavedCard, Wallet, Withdrawal

DEPOSITS = {
    DepositState.HELD.value: "warning",
    DepositState.APPLIED.value: "success",
    DepositState.FORFEITED.value: "danger",
}
WITHDRAWALS = {
    WithdrawalState.PROMISED.value: "warning",
    WithdrawalState.SENT.value: "success",
    WithdrawalState.DECLINED.value: "danger",
    WithdrawalState.RETURNED.value: "danger",
}
SAVED_CARDS = {
    SavedCardState.ASKED.value: "warning",
    SavedCardState.SAVED.value: "success",
}
TOP_UPS = {
    CardTopUpState.WAITING.value: "warning",
    CardTopUpState.RECEIVED.value: "success",
}


@admin.register(Wallet, site=console)
class WalletTable(ReadOnlyTable):
    when_empty = _("A member's wallet begins when it is first used.")
    list_display = ("organisation", "currency", "reference", "created_at")
    member_fields = ("organisation",)
    list_select_related = ("organisation",)
    search_fields = ("reference__exact", "public_id__exact")
    search_help_text = _("Payment reference or public id")
    ordering = ("-pk",)
    fields = ("public_id", "organisation", "currency", "reference", "created_at")


@admin.register(Deposit, site=console)
class DepositTable(ReadOnlyTable):
    when_empty = _("Bidders place deposits when they register for an auction.")
    list_display = ("purpose", "organisation", "state_shown", "amount_shown", "created_at")
    member_fields = ("organisation",)
    list_filter = ("state",)
    list_select_related = ("organisation",)
    search_fields = ("purpose__exact", "public_id__exact", "order__public_id__exact")
    search_help_text = _("Public id of the deposit, the order or the auction")
    ordering = ("-pk",)
    fields = (
        "public_id", "purpose", "organisation", "placed_by", "state", "amount_shown", "order",
        "created_at", "ended_at",
    )  # fmt: skip

    state_shown = state_column(DEPOSITS)
    amount_shown = money_column()

    def beside(self, _request: HttpRequest, row: Deposit) -> dict[str, Any]:
        return money_of(row.order, here=row) if row.order else {}


class HeldTopUpFilter(HeldFilter):
    queues = {"long": (_("near the limit"), lambda: holding.top_ups_held_long(now=clock.now()))}


class WithdrawalByBankFilter(QueueFilter):
    title = _("to send")
    parameter_name = "by"
    queues = {"bank": (_("from the bank account"), withdrawals.to_send_by_bank)}


@admin.register(CardTopUp, site=console)
class CardTopUpTable(ReadOnlyTable):
    when_empty = _("Members top their wallets up by card on the page of the wallet.")
    list_display = ("wallet", "state_shown", "amount_shown", "created_at", "received_at")
    member_fields = ("wallet__organisation",)
    list_filter = ("state", HeldTopUpFilter)
    list_select_related = ("wallet",)
    search_fields = ("public_id__exact", "provider_ref__exact", "charge_ref__exact")
    search_help_text = _("Public id or the provider's reference")
    ordering = ("-pk",)
    fields = (
        "public_id", "wallet", "by", "state", "amount_shown", "refunded_minor", "disputed_minor",
        "fee_minor", "provider_ref", "charge_ref", "last_refusal", "created_at", "received_at",
    )  # fmt: skip

    state_shown = state_column(TOP_UPS)
    amount_shown = money_column()


@admin.register(SavedCard, site=console)
class SavedCardTable(ReadOnlyTable):
    when_empty = _("Members save cards on the page of their wallet.")
    list_display = ("organisation", "brand", "last4", "state_shown", "is_default", "saved_at")
    member_fields = ("organisation",)
    list_filter = ("state",)
    list_select_related = ("organisation",)
    search_fields = ("public_id__exact", "customer_ref__exact", "method_ref__exact")
    search_help_text = _("Public id or the provider's reference")
    ordering = ("-pk",)
    fields = (
        "public_id", "organisation", "by", "state", "is_default", "brand", "last4", "exp_month",
        "exp_year", "customer_ref", "method_ref", "created_at", "saved_at", "removed_at",
    )  # fmt: skip

    state_shown = state_column(SAVED_CARDS)


@admin.register(Withdrawal, site=console)
class WithdrawalTable(ReadOnlyTable):
    """Sent by hand, to the account that the money came from; by the provider to a card."""

    when_empty = _(
        "Members ask for withdrawals on the page of their wallet. You decide here when one does."
    )
    list_display = ("wallet", "state_shown", "amount_shown", "created_at", "decided_at")
    member_fields = ("wallet__organisation",)
    list_filter = ("state", WithdrawalByBankFilter)
    list_select_related = ("wallet",)
    search_fields = ("public_id__exact", "bank_ref__exact")
    search_help_text = _("Public id, or the bank's reference")
    ordering = ("-pk",)
    fields = (
        "public_id", "wallet", "by", "top_up", "state", "amount_shown", "bank_ref", "reason", "created_at",
        "decided_at",
    )  # fmt: skip
    actions_detail = ("sent", "decline")

    state_shown = state_column(WITHDRAWALS)
    amount_shown = money_column()

    @act(_("Note as sent"), path="sent", icon="outbox", variant=PRIMARY)
    def sent(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request, object_id, partial(by_hand.ask_about, by_hand.WITHDRAWAL_SENT),
            BankReferenceForm,
            title=_("Note the withdrawal as sent"),
            sentence=format_lazy(
                "{}. {}",
                by_hand.about(by_hand.WITHDRAWAL_SENT, row.public_id),
                _("The money was sent back to the account that it came from."),
            ),
            button=_("Note as sent"),
            done=ASKED,
        )  # fmt: skip

    @act(_("Decline"), path="decline", icon="block")
    def decline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row(request, object_id)
        return self.perform(
            request, object_id, withdrawals.decline, FullReasonForm,
            title=_("Decline the withdrawal"),
            sentence=format_lazy(
                "{}. {}",
                by_hand.about(by_hand.WITHDRAWAL_SENT, row.public_id),
                _("The money stays in the wallet. Its owner reads the reason."),
            ),
            button=_("Decline"),
            done=_("The withdrawal is declined."),
        )  # fmt: skip
