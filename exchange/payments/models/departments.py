"""How an organisation divides what it earns among its own departments."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User

NAME_CHARS_MAX = 60
PERCENT_PLACES = 4
PERCENT_MAX = Decimal(100)
DEPARTMENTS_MAX = 12


class DepartmentSplit(models.Model):
    """One version of an organisation's split: from the month that begins on `holds_from` until the next
    version's. Rows are never changed or deleted."""

    public_id = PublicIdField(prefix="dpt")
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        verbose_name=_("organisation"),
        related_name="department_splits",
    )
    number = models.PositiveIntegerField(_("number"))
    holds_from = models.DateField(_("holds from"))
    set_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("set by"), related_name="+"
    )
    set_at = models.DateTimeField(_("set"))

    class Meta:
        verbose_name = _("split among departments")
        verbose_name_plural = _("splits among departments")
        ordering = ["organisation_id", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"], name="department_split_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(holds_from__day=1), name="department_split_holds_from_a_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.number}"


class Department(models.Model):
    """What one department gets of the whole. Rows are never changed or deleted."""

    split = models.ForeignKey(DepartmentSplit, on_delete=models.PROTECT, related_name="departments")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=NAME_CHARS_MAX)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=PERCENT_PLACES)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["split_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["split", "position"], name="department_position_is_unique"
            ),
            models.UniqueConstraint(fields=["split", "name"], name="department_is_named_once"),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=PERCENT_MAX), name="department_gets_a_part"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="department_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.percent.normalize():f} %"
