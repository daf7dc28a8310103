"""An organisation's accounts and their statements."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.core.downloads import Download
from exchange.core.refusals import NotFound
from exchange.ledger.models import Account
from exchange.ledger.queries import statements
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.web.pages import render_page
from pricing.money import Money

LINES_PER_PAGE = 50


@dataclass(frozen=True)
class AccountRow:
    public_id: str
    code: str
    kind: str
    currency: str
    balance: Money
    available: Money
    is_closed: bool


@dataclass(frozen=True)
class BooksPage:
    accounts: tuple[AccountRow, ...]


@dataclass(frozen=True)
class LineRow:
    entered_at: datetime
    kind: str
    subject: str
    counterparty: str
    debit: Money | None
    credit: Money | None
    balance: Money


@dataclass(frozen=True)
class StatementPage:
    account: AccountRow
    lines: tuple[LineRow, ...]
    opening: Money
    newest_url: str
    older_url: str
    csv_url: str


@login_required
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The accounts of the organisation acted for."""
    actor = actor_of(request, at=timezone.now())
    mine = organisation_of(actor)
    policy.require(actor, Permission.LEDGER_SEE, Subject(organisation_id=mine))
    accounts = Account.objects.filter(owner_id=mine).order_by("currency", "code")
    page = BooksPage(accounts=tuple(_account_row(account) for account in accounts))
    return render_page(request, "books/books.html", page)


@login_required
@require_GET
def show_statement(request: HttpRequest, account_id: str) -> HttpResponse:
    """One account's lines, newest first, each with the balance after it."""
    account = _account(request, account_id)
    cursor = request.GET.get("older", "")
    found = statements.statement_page(account=account, cursor=cursor, size=LINES_PER_PAGE)
    here = reverse("web:statement", args=[account_id])
    page = StatementPage(
        account=_account_row(account),
        lines=tuple(_line_row(line) for line in found.lines),
        opening=found.opening,
        newest_url=here if cursor else "",
        older_url=f"{here}?{urlencode({'older': found.older})}" if found.older else "",
        csv_url=reverse("web:statement_csv", args=[account_id]),
    )
    return render_page(request, "books/statement.html", page)


@login_required
@require_GET
def download_statement(request: HttpRequest, account_id: str) -> Download:
    """Every line of the account, oldest first, as CSV."""
    account = _account(request, account_id)
    return Download(
        statements.statement_csv(account=account),
        name=f"{account.public_id}.csv",
        content_type="text/csv; charset=utf-8",
    )


def _account(request: HttpRequest, public_id: str) -> Account:
    """The account, if the reader may know of it. Raises NotFound, and NotAllowed to its own people."""
    actor = actor_of(request, at=timezone.now())
    account = Account.objects.filter(public_id=public_id, owner__isnull=False).first()
    if account is None:
        raise NotFound(_("There is no such account."))
    policy.require(actor, Permission.LEDGER_SEE, Subject(organisation_id=account.owner_id))
    return account


def _account_row(account: Account) -> AccountRow:
    return AccountRow(
        public_id=account.public_id,
        code=account.code,
        kind=account.get_kind_display(),
        currency=account.currency,
        balance=account.balance,
        available=account.available,
        is_closed=account.closed_at is not None,
    )


def _line_row(line: statements.Line) -> LineRow:
    return LineRow(
        entered_at=line.entered_at,
        kind=line.kind,
        subject=line.subject,
        counterparty=line.counterparty,
        debit=line.amount if line.on_debit else None,
        credit=None if line.on_debit else line.amount,
        balance=line.balance,
    )
