"""Money that one has: earnings, payouts and their account, invoices, and the wallet."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from exchange.core import clock
from exchange.core.downloads import Download
from exchange.core.fields import AmountField, MoneyForm
from exchange.core.titles import title_of
from exchange.ledger.models import Account
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import PaymentMethod
from exchange.orders.queries import titles_of
from exchange.payments import chart, payout_accounts, queries, wallets, withdrawals
from exchange.payments.lifecycle import DepositState, PaymentState, PayoutState, WithdrawalState
from exchange.payments.models import (
    Deposit,
    Document,
    Payment,
    Payout,
    PayoutAccount,
    Wallet,
    Withdrawal,
)
from exchange.payments.queries import Balances, Earning
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.payments import account_requirements
from exchange.web.submissions import blaming, sent, unprocessable
from exchange.web.views import acting, form_view, get_view
from pricing.money import Money

SENTENCES: Mapping[str, str | Promise] = {
    "account_closed": gettext_lazy(
        "The bank says that the account is closed. Name another account."
    ),
    "account_replaced": gettext_lazy("It is paid to your new account with the next run."),
    "balance_insufficient": gettext_lazy("The exchange will try again with the next run."),
}
OTHER = gettext_lazy("The bank sent the money back. Check the account, or name another one.")
CURRENCY = "CNY"
ROWS_PER_PAGE = 50
TONES = {
    PayoutState.PAID: "good",
    PayoutState.SENT: "info",
    PayoutState.REFUSED: "bad",
    PayoutState.FAILED: "bad",
    PayoutState.RETURNED: "warn",
}
SHOWN_MAX = 20
WITHDRAWAL_TONES = {
    WithdrawalState.PROMISED: "warn",
    WithdrawalState.SENT: "good",
    WithdrawalState.DECLINED: "bad",
}
TOKEN_CHARS_MAX = 64


class PayoutAccountForm(forms.Form):
    """The number goes to the payment provider and is not kept here."""

    holder = forms.CharField(label=gettext_lazy("Account holder"), max_length=200)
    number = forms.CharField(
        label=gettext_lazy("Account number"),
        max_length=42,
        help_text=gettext_lazy(
            "It goes to the payment provider. The exchange keeps the last four digits."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )


class BankAccountForm(PayoutAccountForm):
    """The number stands in the files that the exchange gives its bank."""

    bank_code = forms.CharField(
        label=gettext_lazy("Bank code"),
        max_length=14,
        required=False,
        help_text=gettext_lazy("The BIC, or what banks of your country use."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["number"].help_text = gettext_lazy(
            "The exchange keeps it to pay you by bank transfer, and shows its last four digits."
        )


class WithdrawalForm(MoneyForm):
    """How much to send back, in the wallet's currency."""

    amount = AmountField(
        label=gettext_lazy("Amount to send back"),
        help_text=gettext_lazy("It goes to the bank account that the money came from."),
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=TOKEN_CHARS_MAX)


@dataclass(frozen=True)
class EarningsPage:
    """Each row is a line of earnings with the title in the reader's language."""

    balances: Balances
    earnings: KeyPage[tuple[Earning, str]]
    has_account: bool


@dataclass(frozen=True)
class PayoutRow:
    payout: Payout
    tone: str
    failure: str
    statement: Document | None


@dataclass(frozen=True)
class PayoutsPage:
    balances: Balances
    payouts: KeyPage[PayoutRow]
    account: PayoutAccount | None
    missing: Sequence[str]


@dataclass(frozen=True)
class AccountPage:
    form: PayoutAccountForm
    account: PayoutAccount | None
    is_test: bool


@dataclass(frozen=True)
class IdentifiedPage:
    account: PayoutAccount | None


@dataclass(frozen=True)
class InvoiceRow:
    document: Document
    title: str
    total: Money


@get_view
def show(request: HttpRequest) -> HttpResponse:
    """What the organisation acted for has earned, line by line."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    found = key_page(request, queries.shares_of(mine), size=ROWS_PER_PAGE)
    lines = queries.earnings_of(mine, found.rows)
    titles = titles_of(line.order_id for line in lines)
    rows = tuple((line, titles.get(line.order_id, line.title)) for line in lines)
    page = EarningsPage(
        balances=queries.balances_of(mine, currency=CURRENCY),
        earnings=KeyPage(rows, found.newest_url, found.older_url),
        has_account=queries.account_of(mine) is not None,
    )
    return render_page(request, "payments/earnings.html", page)


@get_view
def download(request: HttpRequest) -> Download:
    """Every line as CSV."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    lines = queries.earnings_csv(mine)
    return Download(lines, name="earnings.csv", content_type="text/csv; charset=utf-8")


@get_view
def show_payouts(request: HttpRequest) -> HttpResponse:
    """What was paid out, and to which account."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    found = key_page(request, queries.payouts_of(mine), size=ROWS_PER_PAGE)
    statements = queries.documents_about([payout.public_id for payout in found.rows])
    account = queries.account_of(mine)
    page = PayoutsPage(
        balances=queries.balances_of(mine, currency=CURRENCY),
        payouts=found.shown_as(
            lambda payout: PayoutRow(
                payout=payout,
                tone=TONES.get(PayoutState(payout.state), "neutral"),
                failure=str(SENTENCES.get(payout.failure, OTHER)) if payout.failure else "",
                statement=statements.get(payout.public_id),
            )
        ),
        account=account,
        missing=account_requirements.in_words(account.missing) if account else (),
    )
    return render_page(request, "payments/payouts.html", page)


@form_view
def give_account(request: HttpRequest) -> HttpResponse:
    """Name the account that the organisation is paid to, or go where the provider asks for it."""
    actor, mine = acting(request, Permission.PAYOUT_ACCOUNT_SET)
    if payout_accounts.identified_by_provider():
        return _be_identified(request, actor, mine)
    by_bank = payout_accounts.paid_by_bank()
    form = (BankAccountForm if by_bank else PayoutAccountForm)(sent(request))
    if form.is_valid():
        with blaming(form):
            payout_accounts.give_account(
                actor=actor, currency=CURRENCY, now=clock.now(), **form.cleaned_data
            )
            messages.success(request, _("Your earnings will be paid to this account."))
            return redirect("web:payouts")
    page = AccountPage(form, queries.account_of(mine), payout_accounts.is_test_provider())
    return render_page(request, "payments/payout_account.html", page, status=unprocessable(form))


def _be_identified(request: HttpRequest, actor: Actor, mine: int) -> HttpResponse:
    """Say what the provider will ask, and lead to where it does."""
    if request.method == "POST":
        return redirect(payout_accounts.begin(actor=actor, currency=CURRENCY, now=clock.now()))
    page = IdentifiedPage(queries.account_of(mine))
    return render_page(request, "payments/payout_identified.html", page)


@get_view
def come_back_from_account(request: HttpRequest) -> HttpResponse:
    """Where the provider leads a seller back to: look at what it still asks for."""
    actor, _mine = acting(request, Permission.PAYOUT_ACCOUNT_SET)
    payout_accounts.refresh(actor=actor, currency=CURRENCY, now=clock.now())
    return redirect("web:payouts")


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
class WalletPage:
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
    may_use: bool
    statement: str


@dataclass(frozen=True)
class WithdrawPage:
    form: WithdrawalForm
    to_spend: Money


@get_view
def show_wallet(request: HttpRequest) -> HttpResponse:
    """The wallet of the organisation acted for."""
    actor, mine = _mine(request)
    may_use = policy.allowed(actor, Permission.WALLET_USE, Subject.of(mine)).allowed
    wallet = Wallet.objects.filter(organisation=mine, currency=CURRENCY).first()
    if wallet is None and may_use:
        wallet = wallets.wallet_of(
            organisation=mine, currency=CURRENCY, actor=actor, now=clock.now()
        )
    return render_page(request, "payments/wallet.html", _wallet_page(mine, wallet, may_use=may_use))


@form_view
def withdraw(request: HttpRequest) -> HttpResponse:
    """Ask for money back."""
    actor, mine = _mine(request)
    policy.require(actor, Permission.WALLET_USE, Subject.of(mine))
    token = {"token": secrets.token_hex(16)}
    form = WithdrawalForm(sent(request), currency=CURRENCY, initial=token)
    if form.is_valid():
        with blaming(form, "amount"):
            withdrawals.ask(
                actor=actor,
                amount=form.cleaned_data["amount"],
                token=form.cleaned_data["token"],
                now=clock.now(),
            )
            messages.success(request, _("The money is set aside and will be sent back."))
            return redirect("web:wallet")
    page = WithdrawPage(form=form, to_spend=wallets.available_in(mine, CURRENCY))
    return render_page(request, "payments/withdraw.html", page, status=unprocessable(form))


def _mine(request: HttpRequest) -> tuple[Actor, Organisation]:
    actor, mine = acting(request, Permission.WALLET_SEE)
    return actor, Organisation.objects.get(pk=mine)


def _wallet_page(mine: Organisation, wallet: Wallet | None, *, may_use: bool) -> WalletPage:
    account = Account.objects.filter(code=chart.wallet(mine.public_id, CURRENCY)).first()
    nothing = Money(0, CURRENCY)
    balance = account.balance if account else nothing
    to_spend = account.available if account else nothing
    waiting = _waiting(mine)
    due = sum((payment.amount for payment in waiting), nothing)
    return WalletPage(
        balance=balance,
        to_spend=to_spend,
        set_aside=balance - to_spend,
        missing=due - to_spend if due.minor > to_spend.minor else None,
        reference=wallet.reference if wallet else "",
        payee=settings.EXCHANGE_BANK_HOLDER,
        bank_account=settings.EXCHANGE_BANK_ACCOUNT,
        waiting=tuple(WaitingRow(payment, title_of(payment.order)) for payment in waiting),
        deposits=_deposits(mine),
        withdrawals=_withdrawals(wallet),
        may_use=may_use,
        statement=account.public_id if account else "",
    )


def _waiting(mine: Organisation) -> list[Payment]:
    found = Payment.objects.filter(
        payer=mine, method=PaymentMethod.WALLET, state=PaymentState.WAITING, currency=CURRENCY
    )
    return list(found.select_related("order").order_by("pk")[:SHOWN_MAX])


def _deposits(mine: Organisation) -> tuple[DepositRow, ...]:
    held = Deposit.objects.filter(organisation=mine, state=DepositState.HELD, currency=CURRENCY)
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
