"""What a seller earned, its payouts and the account that they go to, and invoices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from exchange.core.downloads import Download
from exchange.core.refusals import Refusal
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.orders.queries import titles_of
from exchange.payments import payout_accounts, queries
from exchange.payments.lifecycle import PayoutState
from exchange.payments.models import Document
from exchange.payments.queries import Balances, Earning
from exchange.web.pages import key_page, render_page
from exchange.web.payments.forms import PayoutAccountForm
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


def failure_sentence(code: str) -> str:
    """One sentence for the provider's code."""
    return str(SENTENCES.get(code, OTHER))


@dataclass(frozen=True)
class EarningRow:
    """A line of earnings, with the addresses that it leads to."""

    line: Earning
    title: str
    order_url: str
    statement_url: str


@dataclass(frozen=True)
class EarningsPage:
    balances: Balances
    rows: tuple[EarningRow, ...]
    account: str
    previous_url: str
    next_url: str


@dataclass(frozen=True)
class PayoutRow:
    run_date: date
    amount: Money
    account: str
    state: str
    tone: str
    failure: str
    decided_at: datetime | None
    statement_number: str
    statement_url: str


@dataclass(frozen=True)
class PayoutsPage:
    balances: Balances
    rows: tuple[PayoutRow, ...]
    account: str
    account_is_ready: bool
    previous_url: str
    next_url: str


@dataclass(frozen=True)
class AccountPage:
    form: PayoutAccountForm
    account: str
    is_test: bool


@dataclass(frozen=True)
class InvoiceRow:
    number: str
    is_credit_note: bool
    kind: str
    title: str
    issuer: str
    issued_at: datetime
    total: Money
    document_url: str
    pdf_url: str
    order_url: str


@dataclass(frozen=True)
class InvoicesPage:
    rows: tuple[InvoiceRow, ...]
    previous_url: str
    next_url: str


@login_required
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """What the organisation acted for has earned, line by line."""
    mine = _mine(request)
    page = key_page(request, queries.shares_of(mine), size=ROWS_PER_PAGE)
    lines = queries.earnings_of(mine, page.rows)
    titles = titles_of(line.order_id for line in lines)
    account = queries.account_of(mine)
    return render_page(
        request,
        "payments/earnings.html",
        EarningsPage(
            balances=queries.balances_of(mine, currency=CURRENCY),
            rows=tuple(
                EarningRow(
                    line,
                    titles.get(line.order_id, line.title),
                    reverse("web:order", args=[line.order_id]),
                    reverse("web:order_document", args=[line.order_id, "statement", "html"]),
                )
                for line in lines
            ),
            account=account.label if account else "",
            previous_url=page.newest_url,
            next_url=page.older_url,
        ),
    )


@login_required
@require_GET
def download(request: HttpRequest) -> Download:
    """Every line as CSV."""
    return Download(
        queries.earnings_csv(_mine(request)),
        name="earnings.csv",
        content_type="text/csv; charset=utf-8",
    )


@login_required
@require_GET
def show_payouts(request: HttpRequest) -> HttpResponse:
    """What was paid out, and to which account."""
    mine = _mine(request)
    page = key_page(request, queries.payouts_of(mine), size=ROWS_PER_PAGE)
    statements = queries.documents_about([payout.public_id for payout in page.rows])
    account = queries.account_of(mine)
    rows = []
    for payout in page.rows:
        statement = statements.get(payout.public_id)
        rows.append(
            PayoutRow(
                run_date=payout.run.run_date,
                amount=payout.amount,
                account=payout.account.label,
                state=payout.get_state_display(),
                tone=TONES.get(PayoutState(payout.state), "neutral"),
                failure=failure_sentence(payout.failure) if payout.failure else "",
                decided_at=payout.decided_at or payout.sent_at,
                statement_number=statement.number if statement else "",
                statement_url=_numbered(statement) if statement else "",
            )
        )
    return render_page(
        request,
        "payments/payouts.html",
        PayoutsPage(
            balances=queries.balances_of(mine, currency=CURRENCY),
            rows=tuple(rows),
            account=account.label if account else "",
            account_is_ready=bool(account and account.provider_ref),
            previous_url=page.newest_url,
            next_url=page.older_url,
        ),
    )


@login_required
@require_http_methods(["GET", "POST"])
def give_account(request: HttpRequest) -> HttpResponse:
    """Name the account that the organisation is paid to."""
    actor = actor_of(request)
    mine = organisation_of(actor)
    policy.require(actor, Permission.PAYOUT_ACCOUNT_SET, Subject(organisation_id=mine))
    form = PayoutAccountForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            payout_accounts.give_account(
                actor=actor,
                currency=CURRENCY,
                holder=form.cleaned_data["holder"],
                number=form.cleaned_data["number"],
                now=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Your earnings will be paid to this account."))
            return redirect("web:payouts")
    account = queries.account_of(mine)
    page = AccountPage(
        form=form,
        account=account.label if account else "",
        is_test=payout_accounts.is_test_provider(),
    )
    status = 422 if form.errors else 200
    return render_page(request, "payments/payout_account.html", page, status=status)


@login_required
@require_GET
def show_invoices(request: HttpRequest) -> HttpResponse:
    """The invoices and credit notes that the organisation received."""
    actor = actor_of(request)
    mine = organisation_of(actor)
    policy.require(actor, Permission.PAYMENT_DOCUMENT_SEE, Subject(organisation_id=mine))
    page = key_page(request, queries.invoices_of(mine), size=ROWS_PER_PAGE)
    rows = tuple(_invoice_row(document) for document in page.rows)
    shown = InvoicesPage(rows=rows, previous_url=page.newest_url, next_url=page.older_url)
    return render_page(request, "payments/invoices.html", shown)


def _invoice_row(document: Document) -> InvoiceRow:
    if document.order is None:
        raise TypeError(f"{document.number} is no invoice of an order")
    return InvoiceRow(
        number=document.number,
        is_credit_note=document.corrects_id is not None,
        kind=document.get_kind_display(),
        title=title_of(document.order),
        issuer=document.issuer.name,
        issued_at=document.issued_at,
        total=Money(document.content["total_minor"], document.content["currency"]),
        document_url=_numbered(document),
        pdf_url=reverse("web:numbered_document", args=[document.number, "pdf"]),
        order_url=reverse("web:order", args=[document.order.public_id]),
    )


def _numbered(document: Document) -> str:
    return reverse("web:numbered_document", args=[document.number, "html"])


def _mine(request: HttpRequest) -> int:
    """The organisation acted for, if the reader may see what it earns."""
    actor = actor_of(request)
    mine = organisation_of(actor)
    policy.require(actor, Permission.EARNINGS_SEE, Subject(organisation_id=mine))
    return mine
