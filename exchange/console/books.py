"""The books: accounts, postings, transfers; an account's statement and the trial balance."""

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.countries import country_names
from exchange.console.acts import ASKED
from exchange.console.marks import PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable, legal, state_column
from exchange.core import clock, currencies
from exchange.core.downloads import Download
from exchange.core.fields import DayField, text_field
from exchange.core.formatting import NOTHING, moment_shown, money_shown
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.ledger import checks, months
from exchange.ledger.guards import missing_guards
from exchange.ledger.lifecycle import MONTH, MonthState, MonthTransition
from exchange.ledger.models import Account, JournalEntry, Month, Transfer
from exchange.ledger.months import MonthReport
from exchange.ledger.statements import TrialBalance, statement_page, trial_balances
from exchange.payments import bank_days, closing, datev, journal, tax_reports
from exchange.payments.entry_labels import account_label, entry_label, family_label
from exchange.payments.tax_reports import TaxReport
from pricing.money import CURRENCIES

CSV_TYPE = "text/csv; charset=utf-8"
POSTINGS_CHECKED_MAX = 50_000
DIFFERENCES_SHOWN_MAX = 20
MONTHS = {MonthState.CLOSED.value: "success", MonthState.OPEN.value: "warning"}


@admin.register(Account, site=console)
class AccountTable(ReadOnlyTable):
    list_display = (
        "name_shown", "owner", "kind", "balance_shown", "available_shown", "closed_at",
    )  # fmt: skip
    list_filter = ("kind", "currency")
    list_select_related = ("owner",)
    member_fields = ("owner",)
    search_fields = ("code__startswith", "public_id__exact")
    search_help_text = _("Beginning of the code, or public id")
    ordering = ("-pk",)
    fields = (
        "name_shown", "code", "public_id", "owner", "kind", "currency", "guard", "balance_shown",
        "available_shown", "opened_at", "opened_by", "closed_at",
    )  # fmt: skip
    actions_detail = ("statement",)

    @column(_("account"))
    def name_shown(self, row: Account) -> str:
        return account_label(row.code)

    @act(_("Statement"), path="statement", icon="receipt", permission=None, variant=PRIMARY)
    def statement(self, request: HttpRequest, object_id: str) -> HttpResponse:
        account = self.get_object(request, object_id)
        if account is None:
            raise Http404
        page = statement_page(account=account, cursor=request.GET.get("cursor", ""))
        rows = [
            [
                moment_shown(line.entered_at, "seconds"),
                f"{line.scope}:{line.key}",
                account_label(line.counterparty_code),
                money_shown(line.amount) if line.on_debit else "",
                "" if line.on_debit else money_shown(line.amount),
                money_shown(line.balance),
            ]
            for line in page.lines
        ]
        headers = [
            _("entered"), _("posting"), _("counterparty"), _("debit"), _("credit"), _("balance"),
        ]  # fmt: skip
        return TemplateResponse(
            request,
            "console/statement.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Statement of %(account)s") % {"account": account_label(account.code)},
                "opening": money_shown(page.opening),
                "closing": money_shown(page.closing),
                "table": {"headers": headers, "rows": rows},
                "older": page.older,
                "back": reverse("console:ledger_account_change", args=[account.pk]),
            },
        )

    @column(_("balance"))
    def balance_shown(self, row: Account) -> str:
        return money_shown(row.balance)

    @column(_("available"))
    def available_shown(self, row: Account) -> str:
        return money_shown(row.available)


class MonthForm(forms.Form):
    first_day = DayField(
        label=_("First day of the month"), widget=forms.TextInput(attrs={"type": "date"})
    )


class ReopenForm(forms.Form):
    reason = text_field(_("Reason"), chars_max=REASON_CHARS_MAX)


@admin.register(Month, site=console)
class MonthTable(ReadOnlyTable):
    """Months that were closed. Nothing is dated into them while they are."""

    when_empty = _("A month can be closed once it is over, with the button above.")
    list_display = ("first_day", "state_shown", "changed_by", "changed_at")
    list_filter = ("state",)
    ordering = ("-first_day",)
    fields = ("first_day", "public_id", "state", "begins_at", "ends_at", "changed_by", "changed_at")
    actions_detail = (
        "report", "report_csv", "journal_csv", "journal_datev", "tax", "tax_csv", "reopen",
    )  # fmt: skip
    actions_list = ("close",)

    state_shown = state_column(MONTHS)
    has_reopen_permission = legal(MONTH, MonthTransition.REOPEN)

    @act(_("Report"), path="report", icon="summarize", permission=None, variant=PRIMARY)
    def report(self, request: HttpRequest, object_id: str) -> HttpResponse:
        month = self.row(request, object_id)
        return TemplateResponse(
            request,
            "console/month.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Books of %(month)s") % {"month": month},
                "currencies": [_month_shown(one) for one in months.reports(month)],
                "datev": reverse("console:ledger_month_journal_datev", args=[month.pk]),
                "bank": [
                    (row.day, row.currency, row.closing, row.in_books, row.differs)
                    for row in bank_days.of_month(month.first_day)
                ],
                "back": self.address(month),
            },
        )

    @act(_("Report as CSV"), path="csv", icon="download", permission=None)
    def report_csv(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        month = self.row(request, object_id)
        lines = months.report_csv(month)
        return Download(lines, name=f"books-{month}.csv", content_type=CSV_TYPE)

    @act(_("Journal as CSV"), path="journal", icon="download", permission=None)
    def journal_csv(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        month = self.row(request, object_id)
        of = journal.period(str(month), now=clock.now())
        lines = journal.csv_of(journal.Books(None), of)
        return Download(lines, name=f"journal-{of.name}.csv", content_type=CSV_TYPE)

    @act(_("Journal for DATEV"), path="datev", icon="download", permission=None)
    def journal_datev(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        month, now = self.row(request, object_id), clock.now()
        of = journal.period(str(month), now=now)
        asked = request.GET.get("currency")
        currency = asked if asked in CURRENCIES else currencies.home()
        lines = datev.batch(journal.Books(None), of, currency=currency, now=now)
        return Download(lines, name=datev.file_name(of, currency), content_type=CSV_TYPE)

    @act(_("Tax report"), path="tax", icon="account_balance", permission=None)
    def tax(self, request: HttpRequest, object_id: str) -> HttpResponse:
        month = self.row(request, object_id)
        of = journal.period(str(month), now=clock.now())
        return TemplateResponse(
            request,
            "console/tax.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Tax of %(month)s") % {"month": month},
                "is_provisional": of.is_provisional,
                "currencies": [_tax_shown(one) for one in tax_reports.reports(of)],
                "back": self.address(month),
            },
        )

    @act(_("Tax by seller as CSV"), path="tax-csv", icon="download", permission=None)
    def tax_csv(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        of = journal.period(str(self.row(request, object_id)), now=clock.now())
        return Download(tax_reports.csv_of(of), name=f"tax-{of.name}.csv", content_type=CSV_TYPE)

    @act(_("Open again"), permission="reopen", path="reopen", icon="lock_open")
    def reopen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, closing.ask_to_reopen, ReopenForm,
            title=_("Open the month again"),
            sentence=_("Postings can be dated into it until it is closed again."),
            button=_("Open again"),
            done=ASKED,
        )  # fmt: skip

    @act(_("Close a month"), path="close", icon="lock", variant=PRIMARY)
    def close(self, request: HttpRequest) -> HttpResponse:
        return self.perform_on_list(
            request, closing.close_month, MonthForm,
            title=_("Close a month"),
            sentence=_("Nothing can be dated into it any more. It takes two people to open it again."),
            button=_("Close"),
        )  # fmt: skip


def _month_shown(one: MonthReport) -> dict[str, object]:
    rows = [
        [
            family_label(row.name),
            row.kind.label,
            *map(money_shown, (row.opening, row.debit, row.credit, row.closing)),
        ]
        for row in one.rows
    ]
    sums = [money_shown(one.debit_total), money_shown(one.credit_total)]
    headers = [
        _("family"), _("kind"), _("opening balance"), _("debit"), _("credit"), _("closing balance"),
    ]  # fmt: skip
    return {
        "currency": one.currency,
        "has_datev": datev.takes(one.currency),
        "balanced": one.debit_total == one.credit_total,
        "table": {"headers": headers, "rows": [*rows, [_("Total"), "", "", *sums, ""]]},
    }


def _tax_shown(one: TaxReport) -> dict[str, object]:
    names = country_names()
    rows = [
        [
            names.get(row.country, row.country),
            f"{row.percent} %",
            *map(
                money_shown,
                (row.invoiced_net, row.invoiced_tax, row.credited_net, row.credited_tax, row.tax),
            ),
        ]
        for row in one.rows
    ]
    headers = [
        _("country"), _("rate"), _("invoices, net"), _("invoices, tax"), _("credit notes, net"),
        _("credit notes, tax"), _("tax"),
    ]  # fmt: skip
    sums = [
        [_("Tax by the documents"), money_shown(one.tax)],
        [_("Gained by the account of tax"), money_shown(one.booked)],
        [_("Of sales that are disputed at banks"), money_shown(one.at_banks)],
        [_("Service fees"), money_shown(one.fee)],
        [_("Value-added tax on the service fee"), money_shown(one.fee_tax)],
    ]
    if one.invoiced:
        sums += [
            [_("Service fees by invoices, without tax"), money_shown(one.invoiced.net)],
            [_("Their tax"), money_shown(one.invoiced.tax)],
            [_("Rounding of their tax"), money_shown(one.invoiced.rounding)],
        ]
    return {
        "currency": one.currency,
        "agrees": one.agrees and one.fees_agree,
        "table": {"headers": headers, "rows": rows},
        "sums": {"headers": [_("sum"), _("amount")], "rows": sums},
    }


class TransfersOfPosting(ReadOnlyRows):
    model = Transfer
    fields = ("step", "phase", "debit", "credit", "amount_shown", "expires_at")
    related = ("debit", "credit", "posting")
    ordering = ("step",)

    @column(_("amount"))
    def amount_shown(self, row: Transfer) -> str:
        return money_shown(row.amount)


@admin.register(JournalEntry, site=console)
class PostingTable(ReadOnlyTable):
    list_display = (
        "kind_shown", "key", "subject", "actor", "effective_at", "created_at",
    )  # fmt: skip
    search_fields = ("key__exact",)
    search_help_text = _("The whole key")
    ordering = ("-pk",)
    fields = ("kind_shown", "scope", "key", "subject", "actor", "effective_at", "created_at")
    inlines = (TransfersOfPosting,)

    def title_of(self, row: JournalEntry) -> str:
        return entry_label(row.kind)

    @column(_("kind"))
    def kind_shown(self, row: JournalEntry) -> str:
        return entry_label(row.kind)


@admin.register(Transfer, site=console)
class TransferTable(ReadOnlyTable):
    list_display = ("seq", "phase", "debit", "credit", "amount_shown", "created_at")
    list_select_related = ("debit", "credit")
    search_fields = ("debit__code__exact", "credit__code__exact")
    search_help_text = _("The whole code of an account")
    ordering = ("-posting_id", "-step")  # an index serves it
    fields = (
        "seq", "posting", "step", "phase", "debit", "credit", "amount_shown", "kind_shown",
        "pending_of", "expires_at", "created_at",
    )  # fmt: skip

    def title_of(self, row: Transfer) -> str:
        return f"{money_shown(row.amount)} · {row.seq}"

    @column(_("kind"))
    def kind_shown(self, row: Transfer) -> str:
        return entry_label(row.kind) or NOTHING

    @column(_("amount"))
    def amount_shown(self, row: Transfer) -> str:
        return money_shown(row.amount)


def trial_balance(request: HttpRequest) -> HttpResponse:
    """Debits and credits by family and kind of account, per currency, and whether they agree."""
    return TemplateResponse(
        request,
        "console/trial_balance.html",
        {
            **console.each_context(request),
            "title": _("Trial balance"),
            "currencies": [_currency(one) for one in trial_balances()],
            "missing_guards": missing_guards(),
        },
    )


def _currency(one: TrialBalance) -> dict[str, object]:
    rows = [
        [
            family_label(row.family),
            row.kind.label,
            row.accounts_count,
            money_shown(row.debit),
            money_shown(row.credit),
        ]
        for row in one.rows
    ]
    total = [_("Total"), "", "", money_shown(one.debit_total), money_shown(one.credit_total)]
    headers = [_("family"), _("kind"), _("accounts"), _("debit"), _("credit")]
    return {
        "currency": one.currency,
        "has_datev": datev.takes(one.currency),
        "balanced": one.debit_total == one.credit_total,
        "table": {"headers": headers, "rows": [*rows, total]},
    }


def check_books(request: HttpRequest) -> HttpResponse:
    """Recompute every law of the books here while they are small; large ones have their command."""
    if JournalEntry.objects.order_by()[: POSTINGS_CHECKED_MAX + 1].count() > POSTINGS_CHECKED_MAX:
        messages.warning(
            request, _("The books are too large to check in a page: run “manage.py check_ledger”.")
        )
    else:
        _tell(request, checks.run())
    return HttpResponseRedirect(reverse("console:trial_balance"))


def _tell(request: HttpRequest, report: checks.Report) -> None:
    for finding in report.findings:
        for difference in finding.differences[:DIFFERENCES_SHOWN_MAX]:
            messages.error(
                request, f"{finding.law}: {finding.title}: {difference.subject} {difference.detail}"
            )
    if report.sound:
        messages.success(
            request,
            _(
                "All %(laws)s laws of the books hold: %(accounts)s accounts, %(transfers)s transfers."
            )
            % {
                "laws": len(report.findings),
                "accounts": report.accounts_count,
                "transfers": report.transfers_count,
            },
        )


console.page("trial-balance/", trial_balance, name="trial_balance")
console.page("trial-balance/check/", require_POST(check_books), name="check_books")
