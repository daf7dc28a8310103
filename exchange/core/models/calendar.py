"""Which days are worked, as the notices of each year say."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from exchange.core.rules import (
    ACTOR_CHARS_MAX,
    CODE_CHARS_MAX,
    SOURCE_CHARS_MAX,
    RuleTag,
    in_language,
)


class CalendarYear(models.Model):
    """A year whose holidays have been published. Other years are reckoned by weekends and by the holidays
    that the law fixes."""

    jurisdiction = models.CharField(_("jurisdiction"), max_length=CODE_CHARS_MAX)
    year = models.PositiveSmallIntegerField(_("year"))
    source = models.CharField(_("source"), max_length=SOURCE_CHARS_MAX)
    tag = models.CharField(_("standing"), max_length=1, choices=RuleTag)
    written_by = models.CharField(_("written by"), max_length=ACTOR_CHARS_MAX)
    written_at = models.DateTimeField(_("written"), db_default=Now())

    class Meta:
        verbose_name = _("published year")
        verbose_name_plural = _("published years")
        ordering = ["jurisdiction", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "year"], name="calendar_year_is_published_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.year}"


class CalendarDay(models.Model):
    """A weekday that is off or a weekend day that is worked. The other days need no row."""

    year = models.ForeignKey(CalendarYear, on_delete=models.PROTECT, related_name="days")
    day = models.DateField(_("day"))
    worked = models.BooleanField(_("worked"))
    labels = models.JSONField(_("occasion"))

    class Meta:
        verbose_name = _("day of the calendar")
        verbose_name_plural = _("days of the calendar")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["year", "day"], name="calendar_day_is_told_once"),
            models.CheckConstraint(
                condition=models.Q(worked=True, day__iso_week_day__gte=6)
                | models.Q(worked=False, day__iso_week_day__lt=6),
                name="calendar_day_differs_from_its_weekday",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day.isoformat()} {self.label}"

    @property
    def label(self) -> str:
        return in_language(self.labels)
