"""The calendar of working days: published years, and publishing the next."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from exchange.console.acts import ASKED
from exchange.console.marks import column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyRows, ReadOnlyTable
from exchange.core.calendar import DEFAULT_JURISDICTION
from exchange.core.fields import CountField, as_field_error
from exchange.core.inputs import YEAR_MAX, YEAR_MIN, read_day
from exchange.core.models import CalendarDay, CalendarYear, RuleTag
from exchange.core.rules import CODE_CHARS_MAX, SOURCE_CHARS_MAX
from exchange.members import approvals, rule_packs
from exchange.members.actors import Actor
from exchange.members.models import ApprovalRequest

LINES_CHARS_MAX = 6000


class DayLines(forms.CharField):
    """Lines of a date and its occasion: `2027-01-01 New Year's Day`."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> dict[date, str]:
        days: dict[date, str] = {}
        for line in super().clean(value).splitlines():
            day, _space, occasion = line.strip().partition(" ")
            with as_field_error():
                days[read_day(day)] = occasion.strip()
        return days


class PublishForm(forms.Form):
    jurisdiction = forms.CharField(
        label=_("Jurisdiction"),
        max_length=CODE_CHARS_MAX,
        initial=DEFAULT_JURISDICTION,
    )
    year = CountField(label=_("Year"), least=YEAR_MIN, most=YEAR_MAX)
    off = DayLines(
        label=_("Weekdays off"),
        help_text=_("One line for each day: the date, a space, the occasion."),
        max_length=LINES_CHARS_MAX,
    )
    worked = DayLines(
        label=_("Weekend days worked"),
        help_text=_("One line for each day: the date, a space, the occasion."),
        max_length=LINES_CHARS_MAX,
        required=False,
    )
    source = forms.CharField(
        label=_("Source"),
        help_text=_("The notice that says so."),
        max_length=SOURCE_CHARS_MAX,
    )
    tag = forms.ChoiceField(label=_("Standing"), choices=RuleTag.choices)


class DaysOfYear(ReadOnlyRows):
    model = CalendarDay
    fields = ("day", "worked", "occasion")
    per_page = 60

    @column(_("occasion"))
    def occasion(self, row: CalendarDay) -> str:
        return row.label


@admin.register(CalendarYear, site=console)
class CalendarYearTable(ReadOnlyTable):
    """Years whose holidays are published; other years are reckoned by weekends and said provisional."""

    list_display = ("year", "jurisdiction", "source", "tag", "written_at")
    ordering = ("-year", "jurisdiction")
    fields = ("year", "jurisdiction", "source", "tag", "written_by", "written_at")
    inlines = (DaysOfYear,)
    list_before_template = "console/calendar_note.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("publish/", self.publish, "publish"),
            self.page("correct/", self.correct, "correct"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {**(extra_context or {}), "may_change": self.admin_site.may_change(request)}
        answer: HttpResponse = super().changelist_view(request, extra)
        return answer

    def publish(self, request: HttpRequest) -> HttpResponse:
        """Make the next year known, as its notice says."""
        return self.perform_on_list(
            request, _publish, PublishForm,
            title=_("Publish a year"),
            sentence=_("Deadlines that were reckoned without it move to the later day, none becomes shorter."),
            button=_("Publish"),
            done=ASKED,
        )  # fmt: skip

    def correct(self, request: HttpRequest) -> HttpResponse:
        """Put other days in the place of a published year's, as a later notice says."""
        return self.perform_on_list(
            request, _correct, PublishForm,
            title=_("Correct a published year"),
            sentence=_("Give all its days again. The log keeps what was there; no deadline becomes shorter."),
            button=_("Correct"),
            done=ASKED,
        )  # fmt: skip


def _publish(**asked: Any) -> ApprovalRequest:
    return _asked(rule_packs.PUBLISH, **asked)


def _correct(**asked: Any) -> ApprovalRequest:
    return _asked(rule_packs.CORRECT, **asked)


def _asked(
    name: str,
    *,
    off: Mapping[date, str],
    worked: Mapping[date, str],
    jurisdiction: str,
    year: int,
    source: str,
    tag: str,
    actor: Actor,
    now: datetime,
) -> ApprovalRequest:
    days = {**dict.fromkeys(off, False), **dict.fromkeys(worked, True)}
    return approvals.ask(
        name,
        subject=f"{jurisdiction}/{year}",
        arguments={
            "days": {day.isoformat(): worked for day, worked in days.items()},
            "labels": {day.isoformat(): {"en": said} for day, said in {**off, **worked}.items()},
            "source": source,
            "tag": tag,
        },
        actor=actor,
        now=now,
    )
