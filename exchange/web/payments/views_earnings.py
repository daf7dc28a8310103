"""A seller's money: what it earned, what is held, why it is not paid yet, payouts and their accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from exchange.core import clock, currencies
from exchange.core.downloads import Download
from exchange.core.formatting import day_named, month_named
from exchange.core.titles import title_of
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.orders.models import Order
from exchange.orders.queries import titles_of
from exchange.payments import fees, payout_accounts, queries, settlement, unpaid
from exchange.payments.lifecycle import PayoutState
from exchange.payments.models import Document, Payout, PayoutAccount
from exchange.payments.queries import Earning
from exchange.payments.unpaid import Balances, Reason, Reasons, Why
from exchange.web.documents.money import fee_in_words
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.panels import Tab, tabs_of
from exchange.web.payments import account_requirements
from exchange.web.payments.views_money import currency_of
from exchange.web.submissions import blaming, sent, unprocessable
from exchange.web.views import acting, form_view, get_view
from pricing.money import CURRENCIES, Money

ROWS_PER_PAGE = 50
OWN, OTHERS = "own", "others"
TONES = {
    PayoutState.PAID: "good",
    PayoutState.SENT: "info",
    PayoutState.REFUSED: "bad",
    PayoutState.FAILED: "bad",
    PayoutState.RETURNED: "warn",
}


class PayoutAccountForm(forms.Form):
    """The number goes to the payment provider and is not kept here."""

    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), choices=partial(currencies.choices, *CURRENCIES)
    )
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


@dataclass(frozen=True)
class EarningsPage:
    """Each row is a line of earnings with the title in the reader's language. `fees` say how the service fee is
    reckoned of what is ordered now, and what will hold from when on."""

    balances: Sequence[Balances]
    earnings: KeyPage[tuple[Earning, str]]
    fees: Sequence[tuple[datetime, str]]


@dataclass(frozen=True)
class HeldRow:
    """`left` is what is held of the buyer's payment, `mine` what of it the reader is due, `paid_from` when
    that may be paid at the earliest; None where nobody knows yet."""

    order: Order
    title: str
    left: Money
    mine: Money
    paid_from: datetime | None
    waits_for: tuple[Reason, ...]


@dataclass(frozen=True)
class HeldPage:
    """`of_others`: of the sales of others in which the reader has a part."""

    balances: Sequence[Balances]
    tabs: Sequence[Tab]
    of_others: bool
    orders: KeyPage[HeldRow]


@dataclass(frozen=True)
class PayoutRow:
    payout: Payout
    tone: str
    waits_for: tuple[Reason, ...]
    statement: Document | None


@dataclass(frozen=True)
class StatementRow:
    """`paid` is what the payout of a payout's statement pays, `available` the closing balance of a month's, `fees`
    what an invoice or a credit note for fees comes to. Each but one is None."""

    document: Document
    about: str
    paid: Money | None
    available: Money | None
    fees: Money | None


@dataclass(frozen=True)
class AccountRow:
    """An account, and what the provider still asks for, in words."""

    account: PayoutAccount
    missing: Sequence[str]
    change_url: str


@dataclass(frozen=True)
class PayoutsPage:
    balances: Sequence[Balances]
    payouts: KeyPage[PayoutRow]
    accounts: Sequence[AccountRow]


@dataclass(frozen=True)
class AccountPage:
    form: PayoutAccountForm
    accounts: Sequence[PayoutAccount]
    is_test: bool


@dataclass(frozen=True)
class IdentifiedPage:
    account: PayoutAccount | None
    currency: str


@get_view
def show(request: HttpRequest) -> HttpResponse:
    """What the organisation acted for has earned, line by line."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    now, home = clock.now(), currencies.home()
    found = key_page(request, queries.shares_of(mine), size=ROWS_PER_PAGE)
    reasons = unpaid.of_seller(mine, now=now)
    lines = queries.earnings_of(found.rows, reasons)
    titles = titles_of(line.order_id for line in lines)
    rows = tuple((line, titles.get(line.order_id, line.title)) for line in lines)
    seller = Organisation.objects.get(pk=mine)
    page = EarningsPage(
        balances=reasons.balances,
        earnings=KeyPage(rows, found.newest_url, found.older_url),
        fees=[
            (since, fee_in_words({"currency": home, **schedule.facts_in(home)}))
            for since, schedule in fees.schedules(seller, since=now)
        ],
    )
    return render_page(request, "payments/earnings.html", page)


@get_view
def show_held(request: HttpRequest) -> HttpResponse:
    """What is held of buyers' payments for the organisation's own sales, or for those of others in which it
    has a part; why, and until when."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    shown = OTHERS if request.GET.get("show") == OTHERS else OWN
    held = (unpaid.shared_held_of if shown == OTHERS else unpaid.held_of)(mine)
    found = key_page(request, held, size=ROWS_PER_PAGE, show=shown)
    reasons = unpaid.of_seller(mine, now=clock.now(), orders=found.rows)
    labels = {OWN: _("Own sales"), OTHERS: _("Your parts of others' sales")}
    page = HeldPage(
        reasons.balances,
        tabs_of(request.path, labels, chosen=shown),
        shown == OTHERS,
        found.shown_as(lambda order: _held_row(order, mine, reasons)),
    )
    return render_page(request, "payments/held.html", page)


def _held_row(order: Order, mine: int, reasons: Reasons) -> HeldRow:
    waits_for = reasons.for_order(order)
    ends_at = order.inspection_ends_at
    goes_its_way = [reason.why for reason in waits_for] == [Why.INSPECTION]
    return HeldRow(
        order=order,
        title=title_of(order),
        left=unpaid.left_of(order),
        mine=settlement.part_of(order, mine),
        paid_from=settlement.clearing_moment(ends_at) if ends_at and goes_its_way else None,
        waits_for=waits_for,
    )


@get_view
def download(request: HttpRequest) -> Download:
    """Every line as CSV."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    lines = queries.earnings_csv(mine)
    return Download(lines, name="earnings.csv", content_type="text/csv; charset=utf-8")


@get_view
def show_payouts(request: HttpRequest) -> HttpResponse:
    """What was paid out, and to which accounts."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    found = key_page(request, queries.payouts_of(mine), size=ROWS_PER_PAGE)
    statements = queries.documents_about([payout.public_id for payout in found.rows])
    reasons = unpaid.of_seller(mine, now=clock.now())
    page = PayoutsPage(
        balances=reasons.balances,
        payouts=found.shown_as(
            lambda payout: PayoutRow(
                payout=payout,
                tone=TONES.get(PayoutState(payout.state), "neutral"),
                waits_for=reasons.for_payout(payout),
                statement=statements.get(payout.public_id),
            )
        ),
        accounts=[_account_row(account) for account in queries.accounts_of(mine)],
    )
    return render_page(request, "payments/payouts.html", page)


def _account_row(account: PayoutAccount) -> AccountRow:
    change_url = f"{reverse('web:payout_account')}?currency={account.currency}"
    return AccountRow(account, account_requirements.in_words(account.missing), change_url)


@get_view
def show_statements(request: HttpRequest) -> HttpResponse:
    """The statements of payouts and of months, and what the exchange invoiced for its fees."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    found = key_page(request, queries.statements_of(mine), size=ROWS_PER_PAGE)
    return render_page(request, "payments/statements.html", found.shown_as(_statement_row))


def _statement_row(document: Document) -> StatementRow:
    content = document.content
    currency = content["currency"]
    closing = {row["account"]: row["closing_minor"] for row in content.get("accounts", ())}
    is_payout = "amount_minor" in content
    return StatementRow(
        document=document,
        about=day_named(content["run"]) if is_payout else month_named(content["month"]),
        paid=Money(content["amount_minor"], currency) if is_payout else None,
        available=Money(closing["available"], currency) if closing else None,
        fees=Money(content["total_minor"], currency) if "total_minor" in content else None,
    )


@form_view
def give_account(request: HttpRequest) -> HttpResponse:
    """Name the account that the organisation is paid to, or go where the provider asks for it."""
    actor, mine = acting(request, Permission.PAYOUT_ACCOUNT_SET)
    if payout_accounts.identified_by_provider():
        return _be_identified(request, actor, mine)
    by_bank = payout_accounts.paid_by_bank()
    form = (BankAccountForm if by_bank else PayoutAccountForm)(
        sent(request), initial={"currency": currency_of(request)}
    )
    if form.is_valid():
        with blaming(form):
            payout_accounts.give_account(actor=actor, now=clock.now(), **form.cleaned_data)
            messages.success(request, _("Your earnings will be paid to this account."))
            return redirect("web:payouts")
    page = AccountPage(form, queries.accounts_of(mine), payout_accounts.is_test_provider())
    return render_page(request, "payments/payout_account.html", page, status=unprocessable(form))


def _be_identified(request: HttpRequest, actor: Actor, mine: int) -> HttpResponse:
    """Say what the provider will ask, and lead to where it does."""
    currency = currency_of(request)
    if request.method == "POST":
        return redirect(payout_accounts.begin(actor=actor, currency=currency, now=clock.now()))
    page = IdentifiedPage(payout_accounts.open_account_of(mine, currency), currency)
    return render_page(request, "payments/payout_identified.html", page)


@get_view
def come_back_from_account(request: HttpRequest) -> HttpResponse:
    """Where the provider leads a seller back to: look at what it still asks for."""
    actor, mine = acting(request, Permission.PAYOUT_ACCOUNT_SET)
    for account in queries.accounts_of(mine):
        payout_accounts.refresh(actor=actor, currency=account.currency, now=clock.now())
    return redirect("web:payouts")
