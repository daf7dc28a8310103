"""The books: accounts, postings, transfers; an account's statement and the trial balance."""

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from exchange.console.marks import PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable
from exchange.core.formatting import NOTHING, moment_shown, money_shown
from exchange.ledger import checks
from exchange.ledger.guards import missing_guards
from exchange.ledger.models import Account, JournalEntry, Transfer
from exchange.ledger.statements import TrialBalance, statement_page, trial_balances
from exchange.payments.entry_labels import entry_label, family_label

POSTINGS_CHECKED_MAX = 50_000
DIFFERENCES_SHOWN_MAX = 20


@admin.register(Account, site=console)
class AccountTable(ReadOnlyTable):
    list_display = ("code", "owner", "kind", "balance_shown", "available_shown", "closed_at")
    list_filter = ("kind", "currency")
    list_select_related = ("owner",)
    search_fields = ("code__startswith", "public_id__exact")
    search_help_text = _("Beginning of the code, or public id")
    ordering = ("-pk",)
    fields = (
        "code", "public_id", "owner", "kind", "currency", "guard", "balance_shown",
        "available_shown", "opened_at", "opened_by", "closed_at",
    )  # fmt: skip
    actions_detail = ("statement",)

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
                line.counterparty_code,
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
                "title": _("Statement of %(account)s") % {"account": account.code},
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
        "kind_shown", "scope", "key", "subject", "actor", "effective_at", "created_at",
    )  # fmt: skip
    search_fields = ("key__exact",)
    search_help_text = _("The whole key")
    ordering = ("-pk",)
    fields = ("kind_shown", "scope", "key", "subject", "actor", "effective_at", "created_at")
    inlines = (TransfersOfPosting,)

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
        "balanced": one.debit_total == one.credit_total,
        "table": {"headers": headers, "rows": [*rows, total]},
    }


def check_books(request: HttpRequest) -> HttpResponse:
    """Recompute every law of the books here while they are small; large ones have their command."""
    newest = JournalEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if newest > POSTINGS_CHECKED_MAX:
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
