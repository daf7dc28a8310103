"""Departments of an organisation: how what it earns is divided among them, and what each month brought them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.core import clock
from exchange.core.downloads import Download
from exchange.core.fields import NumberField
from exchange.core.inputs import read_day
from exchange.core.periods import after_months
from exchange.core.refusals import Invalid
from exchange.members import policy
from exchange.members.actors import Subject
from exchange.members.permissions import Permission
from exchange.payments import departments
from exchange.payments.departments import DepartmentRequest, MonthOfDepartments
from exchange.payments.models import DepartmentSplit
from exchange.payments.models.departments import (
    DEPARTMENTS_MAX,
    NAME_CHARS_MAX,
    PERCENT_MAX,
    PERCENT_PLACES,
)
from exchange.web.pages import render_page
from exchange.web.submissions import blaming, sent, unprocessable
from exchange.web.views import acting, form_view, get_view

ROWS_SHOWN = 3


class DepartmentsForm(forms.Form):
    """A row for each department: its name, and its percentage."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for number in range(1, DEPARTMENTS_MAX + 1):
            self.fields |= {
                f"name_{number}": forms.CharField(
                    label=gettext_lazy("Department"), max_length=NAME_CHARS_MAX, required=False
                ),
                f"percent_{number}": NumberField(
                    label=gettext_lazy("Percent"), places=PERCENT_PLACES, least=Decimal(0),
                    most=PERCENT_MAX, required=False,
                ),
            }  # fmt: skip

    @property
    def rows(self) -> Sequence[tuple[forms.BoundField, ...]]:
        """The fields of each department that is named, and of one more."""
        rows = [
            (self[f"name_{number}"], self[f"percent_{number}"])
            for number in range(1, DEPARTMENTS_MAX + 1)
        ]
        filled = [at for at, row in enumerate(rows, start=1) if any(one.value() for one in row)]
        return rows[: max([ROWS_SHOWN, *(at + 1 for at in filled)])]

    @property
    def departments(self) -> Sequence[DepartmentRequest]:
        """The rows that say anything."""
        said = self.cleaned_data
        asked = []
        for number in range(1, DEPARTMENTS_MAX + 1):
            name, percent = said[f"name_{number}"], said[f"percent_{number}"]
            if name or percent:
                field = f"name_{number}" if not name else f"percent_{number}"
                asked.append(DepartmentRequest(name, percent or Decimal(0), field))
        return asked


@dataclass(frozen=True)
class DepartmentsPage:
    """`split` holds for the month that is shown; `planned` from the next month on."""

    first_day: date
    months: Sequence[MonthOfDepartments]
    split: DepartmentSplit | None
    planned: DepartmentSplit | None
    earlier_url: str
    later_url: str
    csv_url: str
    form: DepartmentsForm | None


@form_view
def show(request: HttpRequest) -> HttpResponse:
    """What each department got of a month's proceeds, and the split that they are divided by."""
    posted = request.method == "POST"
    actor, mine = acting(request, Permission.REVENUE_SHARE if posted else Permission.EARNINGS_SEE)
    newest = departments.newest_of(mine)
    form = DepartmentsForm(sent(request), initial=_initial(newest))
    if form.is_valid():
        with blaming(form):
            made = departments.set_split(form.departments, actor=actor, now=clock.now())
            messages.success(request, _said(made))
            return redirect("web:departments")
    first_day = _month_of(request)
    may_set = policy.allowed(actor, Permission.REVENUE_SHARE, Subject(organisation_id=mine))
    page = DepartmentsPage(
        first_day=first_day,
        months=departments.month_of(mine, first_day),
        split=departments.split_of_month(mine, first_day),
        planned=newest if newest and newest.holds_from > _this_month() else None,
        earlier_url=_address(after_months(first_day, -1)),
        later_url=_address(after_months(first_day, 1)) if first_day < _this_month() else "",
        csv_url=f"{reverse('web:departments_csv')}?month={first_day:%Y-%m}",
        form=form if may_set else None,
    )
    return render_page(request, "payments/departments.html", page, status=unprocessable(form))


@get_view
def download(request: HttpRequest) -> Download:
    """A month's statement as CSV."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    first_day = _month_of(request)
    return Download(
        departments.csv_of(mine, first_day),
        name=f"departments-{first_day:%Y-%m}.csv",
        content_type="text/csv; charset=utf-8",
    )


def _said(made: DepartmentSplit) -> str:
    return _("It holds from %(month)s on.") % {"month": f"{made.holds_from:%Y-%m}"}


def _initial(split: DepartmentSplit | None) -> dict[str, Any]:
    rows = [] if split is None else list(split.departments.all())
    return {
        name: value
        for number, row in enumerate(rows, start=1)
        for name, value in (
            (f"name_{number}", row.name),
            (f"percent_{number}", f"{row.percent.normalize():f}"),
        )
    }


def _this_month() -> date:
    return timezone.localtime(clock.now()).date().replace(day=1)


def _month_of(request: HttpRequest) -> date:
    """The first day of the month that the address names; of this month where it names none that has begun."""
    try:
        named = read_day(f"{request.GET.get('month', '')}-01")
    except Invalid:
        return _this_month()
    return min(named, _this_month())


def _address(first_day: date) -> str:
    return f"{reverse('web:departments')}?month={first_day:%Y-%m}"
