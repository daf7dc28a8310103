"""Monthly statements in the console: how far each month's are, and how they are made again; and what the exchange
invoiced for its fees."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from exchange.console.marks import PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable
from exchange.core.fields import DayField
from exchange.core.formatting import money_shown
from exchange.payments import fee_invoices, statements
from exchange.payments.models import Document, StatementRun
from pricing.money import Money

ID_CHARS_MAX = 40


class MonthForm(forms.Form):
    first_day = DayField(
        label=_("First day of the month"), widget=forms.TextInput(attrs={"type": "date"})
    )
    seller = forms.CharField(
        label=_("Seller"),
        help_text=_("The public id of one organisation. Empty: all of them, by the clock."),
        required=False,
        max_length=ID_CHARS_MAX,
    )


@admin.register(StatementRun, site=console)
class StatementRunTable(ReadOnlyTable):
    """The clock starts a month's run once the month is over."""

    list_display = (
        "first_day", "progress", "issued_count", "refused_count", "started_at", "finished_at",
    )  # fmt: skip
    ordering = ("-first_day",)
    fields = (
        "first_day", "public_id", "progress", "issued_count", "refused_count", "started_by",
        "started_at", "finished_at",
    )  # fmt: skip
    actions_list = ("make",)

    @column(_("sellers done"))
    def progress(self, row: StatementRun) -> str:
        return f"{row.done_count} / {row.sellers_count}"

    @act(_("Make a month's statements"), path="make", icon="receipt_long", variant=PRIMARY)
    def make(self, request: HttpRequest) -> HttpResponse:
        return self.perform_on_list(
            request, statements.make_month, MonthForm,
            title=_("Make a month's statements"),
            sentence=_(
                "What a statement says already is not issued again. One that says otherwise is"
                " replaced by a new one while the month is open."
            ),
            button=_("Make"),
            done=_("Statements are made. The list shows how far they are."),
        )  # fmt: skip


@admin.register(Document, site=console)
class FeeDocumentTable(ReadOnlyTable):
    """The clock issues a month's once the month is over."""

    when_empty = _(
        "The first invoices for fees are issued when the month of the first sale is over."
    )
    list_display = (
        "number", "kind", "receiver", "month", "net", "tax", "total", "issued_at",
    )  # fmt: skip
    list_select_related = ("receiver",)
    member_fields = ("receiver",)
    search_fields = ("number__exact", "receiver__public_id__exact")
    search_help_text = _("Number, or public id of the seller")
    ordering = ("-pk",)
    fields = (
        "number", "public_id", "kind", "receiver", "month", "net", "tax", "rounding", "total",
        "document_hash", "issued_at", "forms_shown",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(kind__in=fee_invoices.KINDS)

    @column(_("month"))
    def month(self, row: Document) -> str:
        return str(row.content["month"])

    @column(_("net"))
    def net(self, row: Document) -> str:
        return _amount(row, "net_minor")

    @column(_("tax"))
    def tax(self, row: Document) -> str:
        return _amount(row, "tax_minor")

    @column(_("rounding"))
    def rounding(self, row: Document) -> str:
        return _amount(row, "rounding_minor")

    @column(_("total"))
    def total(self, row: Document) -> str:
        return _amount(row, "total_minor")

    @column(_("document"))
    def forms_shown(self, row: Document) -> SafeString:
        links = (
            (reverse("web:numbered_document", args=[row.number, form]), form.upper())
            for form in ("html", "pdf", "csv")
        )
        return format_html_join(" ", '<a class="underline" href="{}">{}</a>', links)


def _amount(row: Document, name: str) -> str:
    return money_shown(Money(row.content[name], row.content["currency"]))
