"""The books: accounts, postings, transfers; an account's statement and the trial balance."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from exchange.console.marks import column
from exchange.console.readings import money_shown
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable
from exchange.ledger.models import Account, Posting, Transfer
from exchange.ledger.queries.guards import missing_guards


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
    readonly_fields = ("balance_shown", "available_shown")

    @column(_("balance"))
    def balance_shown(self, row: Account) -> str:
        return money_shown(row.balance)

    @column(_("available"))
    def available_shown(self, row: Account) -> str:
        return money_shown(row.available)


class TransfersOfPosting(ReadOnlyRows):
    model = Transfer
    fields = ("step", "phase", "debit", "credit", "amount_shown", "expires_at")
    readonly_fields = ("amount_shown",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transfer]:
        rows: QuerySet[Transfer] = super().get_queryset(request)
        return rows.select_related("debit", "credit", "posting").order_by("step")

    @column(_("amount"))
    def amount_shown(self, row: Transfer) -> str:
        return money_shown(row.amount)


@admin.register(Posting, site=console)
class PostingTable(ReadOnlyTable):
    list_display = ("kind", "scope", "key", "subject", "actor", "effective_at", "created_at")
    search_fields = ("key__exact",)
    search_help_text = _("The whole key")
    ordering = ("-pk",)
    fields = ("kind", "scope", "key", "subject", "actor", "effective_at", "created_at")
    inlines = (TransfersOfPosting,)


@admin.register(Transfer, site=console)
class TransferTable(ReadOnlyTable):
    list_display = ("seq", "phase", "debit", "credit", "amount_shown", "created_at")
    list_select_related = ("debit", "credit")
    search_fields = ("debit__code__exact", "credit__code__exact")
    search_help_text = _("The whole code of an account")
    ordering = ("-posting_id", "-step")  # an index serves it
    fields = (
        "seq", "posting", "step", "phase", "debit", "credit", "amount_shown", "kind",
        "pending_of", "expires_at", "created_at",
    )  # fmt: skip
    readonly_fields = ("amount_shown",)

    @column(_("amount"))
    def amount_shown(self, row: Transfer) -> str:
        return money_shown(row.amount)


def trial_balance(request: HttpRequest) -> HttpResponse:
    """Debits and credits of every kind of account, per currency, and whether they agree."""
    return TemplateResponse(
        request,
        "console/trial_balance.html",
        {
            **console.each_context(request),
            "title": _("Trial balance"),
            "currencies": [],
            "missing_guards": missing_guards(),
        },
    )


console.page("trial-balance/", trial_balance, name="trial_balance")
