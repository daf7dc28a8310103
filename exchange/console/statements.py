"""Monthly statements in the console: how far each month's are, and how they are made again."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exchange.console.marks import PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable
from exchange.core.fields import DayField
from exchange.payments import statements
from exchange.payments.models import StatementRun

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
