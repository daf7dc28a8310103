"""The tax of a seller's sales by month: what its invoices and credit notes say, held against the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse

from accounts.countries import country_names
from accounts.models import Organisation
from exchange.core import clock
from exchange.core.downloads import Download
from exchange.members.permissions import Permission
from exchange.payments import journal, tax_reports
from exchange.payments.journal import Period
from exchange.payments.tax_reports import TaxReport, TaxRow
from exchange.web.books.views import CSV_TYPE, MonthForm, months_since
from exchange.web.pages import render_page
from exchange.web.views import acting, get_view


@dataclass(frozen=True)
class CurrencyTax:
    """A report, and its rows with the names of their countries."""

    report: TaxReport
    rows: Sequence[tuple[str, TaxRow]]


@dataclass(frozen=True)
class TaxPage:
    month: str
    first_day: date
    is_provisional: bool
    form: MonthForm
    reports: Sequence[CurrencyTax]


@get_view
def show(request: HttpRequest) -> HttpResponse:
    """The tax of a month, the current one where none is asked for."""
    seller, of, months = _asked(request)
    names = country_names()
    reports = tuple(
        CurrencyTax(one, tuple((names.get(row.country, row.country), row) for row in one.rows))
        for one in tax_reports.reports(of, seller=seller)
    )
    form = MonthForm(months, chosen=of.label)
    page = TaxPage(of.label, of.first_day, of.is_provisional, form, reports)
    return render_page(request, "payments/tax.html", page)


@get_view
def download(request: HttpRequest) -> Download:
    """The same as CSV."""
    seller, of, _months = _asked(request)
    lines = tax_reports.csv_of(of, seller=seller)
    return Download(lines, name=f"tax-{of.name}.csv", content_type=CSV_TYPE)


def _asked(request: HttpRequest) -> tuple[Organisation, Period, list[str]]:
    """Whose tax of which month. Raises what `journal.period` raises."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    months = months_since(journal.first_moment(mine) or clock.now())
    of = journal.period(request.GET.get("month") or months[0], now=clock.now())
    return Organisation.objects.get(pk=mine), of, months
