"""An organisation's accounts, their statements, and the journal of a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from exchange.core import clock, currencies
from exchange.core.downloads import Download
from exchange.core.formatting import month_named
from exchange.core.periods import after_months
from exchange.core.refusals import NotFound
from exchange.ledger import statements
from exchange.ledger.models import Account
from exchange.members import policy
from exchange.members.actors import Subject, actor_of
from exchange.members.permissions import Permission
from exchange.payments import datev, journal
from exchange.web.pages import render_page
from exchange.web.payments.views_money import currency_of
from exchange.web.views import acting, get_view
from pricing.money import Money

LINES_PER_PAGE = 50
CSV_TYPE = "text/csv; charset=utf-8"
CSV, DATEV = "csv", "datev"
FORMS = ((CSV, gettext_lazy("CSV, all currencies")), (DATEV, gettext_lazy("DATEV, one currency")))


class MonthForm(forms.Form):
    """Which month is taken."""

    month = forms.ChoiceField(label=gettext_lazy("Month"))

    def __init__(self, months: Sequence[str], *, chosen: str = "") -> None:
        super().__init__(initial={"month": chosen})
        cast("forms.ChoiceField", self.fields["month"]).choices = [
            (one, month_named(one)) for one in months
        ]


class JournalForm(MonthForm):
    """Which month's journal is taken, and in which form."""

    form = forms.ChoiceField(label=gettext_lazy("Format"), choices=FORMS)
    currency = forms.ChoiceField(label=gettext_lazy("Currency, for DATEV"))

    def __init__(self, months: Sequence[str], codes: Sequence[tuple[str, str]]) -> None:
        super().__init__(months)
        cast("forms.ChoiceField", self.fields["currency"]).choices = codes


@dataclass(frozen=True)
class BooksPage:
    accounts: tuple[Account, ...]
    journal: JournalForm | None


@dataclass(frozen=True)
class StatementPage:
    account: Account
    lines: tuple[statements.Line, ...]
    opening: Money
    newest_url: str
    older_url: str


@get_view
def show(request: HttpRequest) -> HttpResponse:
    """The accounts of the organisation acted for."""
    _actor, mine = acting(request, Permission.LEDGER_SEE)
    accounts = tuple(Account.objects.filter(owner_id=mine).order_by("currency", "code"))
    months = months_since(journal.first_moment(mine))
    codes = currencies.choices(*{account.currency for account in accounts})
    form = JournalForm(months, codes) if months else None
    return render_page(request, "books/books.html", BooksPage(accounts, form))


@get_view
def download_journal(request: HttpRequest) -> Download:
    """The journal of a month: every booking on the accounts of the organisation acted for."""
    _actor, mine = acting(request, Permission.LEDGER_SEE)
    now = clock.now()
    books = journal.Books(Organisation.objects.get(pk=mine))
    month = journal.period(request.GET.get("month", ""), now=now)
    if request.GET.get("form") == DATEV:
        currency = currency_of(request)
        lines = datev.batch(books, month, currency=currency, now=now)
        return Download(lines, name=datev.file_name(month, currency), content_type=CSV_TYPE)
    lines = journal.csv_of(books, month)
    return Download(lines, name=f"journal-{month.name}.csv", content_type=CSV_TYPE)


@get_view
def show_statement(request: HttpRequest, account_id: str) -> HttpResponse:
    """One account's lines, newest first, each with the balance after it."""
    account = _account(request, account_id)
    cursor = request.GET.get("older", "")
    found = statements.statement_page(account=account, cursor=cursor, size=LINES_PER_PAGE)
    older = urlencode({"older": found.older}) if found.older else ""
    page = StatementPage(
        account=account,
        lines=tuple(found.lines),
        opening=found.opening,
        newest_url=request.path if cursor else "",
        older_url=f"{request.path}?{older}" if older else "",
    )
    return render_page(request, "books/statement.html", page)


@get_view
def download_statement(request: HttpRequest, account_id: str) -> Download:
    """Every line of the account, oldest first, as CSV."""
    account = _account(request, account_id)
    lines = statements.statement_csv(account=account)
    return Download(lines, name=f"{account.public_id}.csv", content_type=CSV_TYPE)


def months_since(first: datetime | None) -> list[str]:
    """The months from a moment until now, the newest first, as files of a month are asked for."""
    if first is None:
        return []
    begin, end = timezone.localtime(first), timezone.localtime(clock.now())
    months = [begin.date().replace(day=1)]
    while (following := after_months(months[-1], 1)) <= end.date():
        months.append(following)
    return [f"{month:%Y-%m}" for month in reversed(months)]


def _account(request: HttpRequest, public_id: str) -> Account:
    """The account, if the reader may know of it. Raises NotFound, and NotAllowed to its own people."""
    account = Account.objects.filter(public_id=public_id, owner__isnull=False).first()
    if account is None:
        raise NotFound(_("There is no such account."))
    policy.require(
        actor_of(request), Permission.LEDGER_SEE, Subject(organisation_id=account.owner_id)
    )
    return account
