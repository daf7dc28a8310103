"""What a seller earned, its payouts and the account that they go to, and invoices."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.core.downloads import Download
from exchange.core.titles import title_of
from exchange.members.permissions import Permission
from exchange.orders.queries import titles_of
from exchange.payments import payout_accounts, queries
from exchange.payments.lifecycle import PayoutState
from exchange.payments.models import Document, Payout, PayoutAccount
from exchange.payments.queries import Balances, Earning
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.payments.forms import PayoutAccountForm
from exchange.web.submissions import blaming, sent, unprocessable
from exchange.web.views import acting, form_view, get_view
from pricing.money import Money

SENTENCES: Mapping[str, str | Promise] = {
    "account_closed": gettext_lazy(
        "The bank says that the account is closed. Name another account."
    ),
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


@dataclass(frozen=True)
class AccountPage:
    form: PayoutAccountForm
    account: PayoutAccount | None
    is_test: bool


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
        account=queries.account_of(mine),
    )
    return render_page(request, "payments/payouts.html", page)


@form_view
def give_account(request: HttpRequest) -> HttpResponse:
    """Name the account that the organisation is paid to."""
    actor, mine = acting(request, Permission.PAYOUT_ACCOUNT_SET)
    form = PayoutAccountForm(sent(request))
    if form.is_valid():
        with blaming(form):
            payout_accounts.give_account(
                actor=actor, currency=CURRENCY, now=timezone.now(), **form.cleaned_data
            )
            messages.success(request, _("Your earnings will be paid to this account."))
            return redirect("web:payouts")
    page = AccountPage(form, queries.account_of(mine), payout_accounts.is_test_provider())
    return render_page(request, "payments/payout_account.html", page, status=unprocessable(form))


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
