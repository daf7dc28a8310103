"""Invoices that were received, and the wallet."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from exchange.core import clock, currencies
from exchange.core.fields import AmountField, MoneyForm
from exchange.core.titles import title_of
from exchange.ledger.models import Account
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import chart, queries, wallets, withdrawals
from exchange.payments.card_lifecycle import CardTopUpState
from exchange.payments.gateway.providers import takes_cards
from exchange.payments.lifecycle import DepositState, PaymentState, WithdrawalState
from exchange.payments.models import (
    CardTopUp,
    Deposit,
    Document,
    Payment,
    Wallet,
    Withdrawal,
)
from exchange.payments.models.wallets import TOKEN_CHARS_MAX
from exchange.web.orders.pages import refusal_sentence
from exchange.web.pages import key_page, render_page
from exchange.web.submissions import blaming, sent, unprocessable
from exchange.web.views import acting, form_view, get_view
from pricing.money import CURRENCIES, Money

ROWS_PER_PAGE = 50
SHOWN_MAX = 20
WITHDRAWAL_TONES = {
    WithdrawalState.PROMISED: "warn",
    WithdrawalState.SENT: "good",
    WithdrawalState.DECLINED: "bad",
    WithdrawalState.RETURNED: "bad",
}
TOP_UP_TONES = {
    CardTopUpState.WAITING: "warn",
    CardTopUpState.RECEIVED: "good",
    CardTopUpState.CANCELLED: "",
}


class WithdrawalForm(MoneyForm):
    """How much to send back, in the wallet's currency."""

    amount = AmountField(
        label=gettext_lazy("Amount to send back"),
        help_text=gettext_lazy("It goes to the bank account that the money came from."),
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=TOKEN_CHARS_MAX)


@dataclass(frozen=True)
class InvoiceRow:
    document: Document
    title: str
    total: Money


@get_view
def show_invoices(request: HttpRequest) -> HttpResponse:
    """The invoices and credit notes that the organisation received."""
    _actor, mine = acting(request, Permission.PAYMENT_DOCUMENT_SEE)
    found = key_page(request, queries.invoices_of(mine), size=ROWS_PER_PAGE)
    return render_page(request, "payments/invoices.html", found.shown_as(_invoice_row))


def _invoice_row(document: Document) -> InvoiceRow:
    if document.order is None:
        raise TypeError(f"{document.number} is no invoice of an order")
    total = Money(document.content["total_minor"], document.content["currency"])
    return InvoiceRow(document, title_of(document.order), total)


@dataclass(frozen=True)
class WaitingRow:
    payment: Payment
    title: str


@dataclass(frozen=True)
class DepositRow:
    deposit: Deposit
    about: str
    url: str


@dataclass(frozen=True)
class WithdrawalRow:
    withdrawal: Withdrawal
    tone: str


@dataclass(frozen=True)
class TopUpRow:
    """`left` may go back to the card."""

    top_up: CardTopUp
    tone: str
    declined: str
    left: Money | None


@dataclass(frozen=True)
class WalletPage:
    currency: str
    currencies: Sequence[str]
    balance: Money
    to_spend: Money
    set_aside: Money
    missing: Money | None
    reference: str
    payee: str
    bank_account: str
    waiting: tuple[WaitingRow, ...]
    deposits: tuple[DepositRow, ...]
    withdrawals: tuple[WithdrawalRow, ...]
    top_ups: tuple[TopUpRow, ...]
    may_use: bool
    takes_cards: bool
    statement: str


@dataclass(frozen=True)
class WithdrawPage:
    form: WithdrawalForm
    to_spend: Money


@get_view
def show_wallet(request: HttpRequest) -> HttpResponse:
    """The wallet of the organisation acted for."""
    actor, mine = own_wallet(request)
    may_use = policy.allowed(actor, Permission.WALLET_USE, Subject.of(mine)).allowed
    currency = currency_of(request)
    wallet = Wallet.objects.filter(organisation=mine, currency=currency).first()
    if wallet is None and may_use:
        wallet = wallets.wallet_of(
            organisation=mine, currency=currency, actor=actor, now=clock.now()
        )
    page = _wallet_page(mine, currency, wallet, may_use=may_use)
    return render_page(request, "payments/wallet.html", page)


def currency_of(request: HttpRequest) -> str:
    """The currency that the address names, the exchange's own without. One that is offered no more has
    what was priced in it paid."""
    asked = request.GET.get("currency", "")
    return asked if asked in CURRENCIES else currencies.home()


@form_view
def withdraw(request: HttpRequest) -> HttpResponse:
    """Ask for money back."""
    actor, mine = own_wallet(request)
    policy.require(actor, Permission.WALLET_USE, Subject.of(mine))
    token = {"token": secrets.token_hex(16)}
    currency = currency_of(request)
    form = WithdrawalForm(sent(request), currency=currency, initial=token)
    if form.is_valid():
        with blaming(form, "amount"):
            withdrawals.ask(
                actor=actor,
                amount=form.cleaned_data["amount"],
                token=form.cleaned_data["token"],
                now=clock.now(),
            )
            messages.success(request, _("The money is set aside and will be sent back."))
            return redirect(f"{reverse('web:wallet')}?currency={currency}")
    page = WithdrawPage(form=form, to_spend=wallets.available_in(mine, currency))
    return render_page(request, "payments/withdraw.html", page, status=unprocessable(form))


def own_wallet(request: HttpRequest) -> tuple[Actor, Organisation]:
    """Who acts, and whose wallet it is. Raises NotAllowed."""
    actor, mine = acting(request, Permission.WALLET_SEE)
    return actor, Organisation.objects.get(pk=mine)


def _wallet_page(
    mine: Organisation, currency: str, wallet: Wallet | None, *, may_use: bool
) -> WalletPage:
    account = Account.objects.filter(code=chart.wallet(mine.public_id, currency)).first()
    nothing = Money(0, currency)
    balance = account.balance if account else nothing
    to_spend = account.available if account else nothing
    waiting = _waiting(mine, currency)
    due = sum((payment.amount for payment in waiting), nothing)
    own = Wallet.objects.filter(organisation=mine).values_list("currency", flat=True)
    return WalletPage(
        currency=currency,
        currencies=[code for code, _label in currencies.choices(*own)],
        balance=balance,
        to_spend=to_spend,
        set_aside=balance - to_spend,
        missing=due - to_spend if due.minor > to_spend.minor else None,
        reference=wallet.reference if wallet else "",
        payee=settings.EXCHANGE_BANK_HOLDER,
        bank_account=settings.EXCHANGE_BANK_ACCOUNT,
        waiting=tuple(WaitingRow(payment, title_of(payment.order)) for payment in waiting),
        deposits=_deposits(mine, currency),
        withdrawals=_withdrawals(wallet),
        top_ups=_top_ups(wallet, to_spend),
        may_use=may_use,
        takes_cards=may_use and takes_cards(),
        statement=account.public_id if account else "",
    )


def _waiting(mine: Organisation, currency: str) -> list[Payment]:
    found = Payment.objects.filter(
        payer=mine, method=PaymentMethod.WALLET, state=PaymentState.WAITING, currency=currency
    )
    return list(found.select_related("order").order_by("pk")[:SHOWN_MAX])


def _deposits(mine: Organisation, currency: str) -> tuple[DepositRow, ...]:
    held = Deposit.objects.filter(organisation=mine, state=DepositState.HELD, currency=currency)
    return tuple(DepositRow(row, *_about(row)) for row in held.order_by("-pk")[:SHOWN_MAX])


def _about(deposit: Deposit) -> tuple[str, str]:
    """What a deposit is for in words, and where that is shown."""
    kind, _colon, public_id = deposit.purpose.partition(":")
    if kind == "auction":
        return _("Auction"), f"/auctions/{public_id}/"
    if kind == "asset_sale":
        return _("State-asset sale"), f"/announcements/{public_id}/"
    return deposit.purpose, ""


def _withdrawals(wallet: Wallet | None) -> tuple[WithdrawalRow, ...]:
    if wallet is None:
        return ()
    found = Withdrawal.objects.filter(wallet=wallet).order_by("-pk")[:SHOWN_MAX]
    return tuple(WithdrawalRow(row, WITHDRAWAL_TONES[WithdrawalState(row.state)]) for row in found)


def _top_ups(wallet: Wallet | None, to_spend: Money) -> tuple[TopUpRow, ...]:
    if wallet is None:
        return ()
    found = CardTopUp.objects.filter(wallet=wallet).order_by("-pk")[:SHOWN_MAX]
    return tuple(_top_up_row(row, to_spend) for row in found)


def _top_up_row(top_up: CardTopUp, to_spend: Money) -> TopUpRow:
    left = min(top_up.refundable, to_spend)
    return TopUpRow(
        top_up,
        TOP_UP_TONES[CardTopUpState(top_up.state)],
        refusal_sentence(top_up.last_refusal) if top_up.last_refusal else "",
        left if left.minor > 0 else None,
    )
