"""An organisation's accounts and their statements."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from exchange.core.downloads import Download
from exchange.core.refusals import NotFound
from exchange.ledger import statements
from exchange.ledger.models import Account
from exchange.members import policy
from exchange.members.actors import Subject, actor_of
from exchange.members.permissions import Permission
from exchange.web.pages import render_page
from exchange.web.views import acting, get_view
from pricing.money import Money

LINES_PER_PAGE = 50


@dataclass(frozen=True)
class BooksPage:
    accounts: tuple[Account, ...]


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
    accounts = Account.objects.filter(owner_id=mine).order_by("currency", "code")
    return render_page(request, "books/books.html", BooksPage(tuple(accounts)))


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
    return Download(lines, name=f"{account.public_id}.csv", content_type="text/csv; charset=utf-8")


def _account(request: HttpRequest, public_id: str) -> Account:
    """The account, if the reader may know of it. Raises NotFound, and NotAllowed to its own people."""
    account = Account.objects.filter(public_id=public_id, owner__isnull=False).first()
    if account is None:
        raise NotFound(_("There is no such account."))
    policy.require(
        actor_of(request), Permission.LEDGER_SEE, Subject(organisation_id=account.owner_id)
    )
    return account
