"""How an organisation's own earnings are divided among its departments: a version of its split for each month,
and each month's statement.

No money moves: what an organisation is paid is its own. A month's proceeds are what changed in the books on what
it earned and owes, without its payouts; they are divided by the split of `pricing`, to the unit.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import rfc8785
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit import log
from exchange.core.downloads import csv_line
from exchange.core.periods import after_months
from exchange.core.refusals import Invalid
from exchange.core.use_case import use_case
from exchange.ledger import months, movements
from exchange.ledger.models import Account
from exchange.ledger.movements import Time
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.payments import chart
from exchange.payments.models import Department, DepartmentSplit
from exchange.payments.models.departments import (
    DEPARTMENTS_MAX,
    NAME_CHARS_MAX,
    PERCENT_MAX,
    PERCENT_PLACES,
)
from pricing.money import Money
from pricing.worth.shares import divide

PAYOUTS = "payments.payout."
CSV_HEAD = ("month", "currency", "department", "percent", "amount", "split")
FINEST = Decimal(1).scaleb(-PERCENT_PLACES)


class DepartmentsRefused(Invalid):
    """The departments are not well formed, or their percentages not the whole; `field` names it."""

    code = "departments_refused"


@dataclass(frozen=True)
class DepartmentRequest:
    """A department and its percentage; `field` is what a refusal names."""

    name: str
    percent: Decimal
    field: str = "departments"


@dataclass(frozen=True)
class DepartmentPart:
    """What a department gets of the proceeds of a month."""

    name: str
    percent: Decimal
    amount: Money

    @property
    def percent_shown(self) -> str:
        return f"{self.percent.normalize():f}"


@dataclass(frozen=True)
class MonthOfDepartments:
    """The proceeds of a month in one currency, and what each department gets: they sum to it."""

    first_day: date
    proceeds: Money
    parts: tuple[DepartmentPart, ...]


def _own(*_args: object, actor: Actor, **_rest: object) -> Subject:
    return Subject(organisation_id=organisation_of(actor))


@use_case(Permission.REVENUE_SHARE, about=_own)
def set_split(
    departments: Sequence[DepartmentRequest], *, actor: Actor, now: datetime
) -> DepartmentSplit:
    """As one who answers for the organisation's money, divide what it earns among its departments: from this
    month on where it has no split yet, else from the next month. Setting it as it stands changes nothing.
    Raises DepartmentsRefused."""
    _check(departments)
    owner = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_of(actor))
    newest = newest_of(owner.pk)
    if newest is not None and _says(newest) == [(one.name, one.percent) for one in departments]:
        return newest
    this_month = timezone.localtime(now).date().replace(day=1)
    split = DepartmentSplit.objects.create(
        organisation=owner,
        number=newest.number + 1 if newest else 1,
        holds_from=after_months(this_month, 1) if newest else this_month,
        set_by_id=person_of(actor),
        set_at=now,
    )
    Department.objects.bulk_create(
        Department(split=split, position=position, name=one.name, percent=one.percent)
        for position, one in enumerate(departments)
    )
    said = [{"name": name, "percent": f"{percent.normalize():f}"} for name, percent in _says(split)]
    log.record(
        event="payments.department_split.set",
        actor=actor.name,
        subject=f"department_split:{split.public_id}",
        facts={
            "organisation": owner.public_id,
            "number": split.number,
            "departments": f"sha256:{hashlib.sha256(rfc8785.dumps(said)).hexdigest()}",
        },
        at=now,
    )
    return split


def _check(departments: Sequence[DepartmentRequest]) -> None:
    if not 0 < len(departments) <= DEPARTMENTS_MAX:
        raise DepartmentsRefused(
            _("Name from one to %(limit)d departments.") % {"limit": DEPARTMENTS_MAX},
            limit=DEPARTMENTS_MAX,
        )
    names: set[str] = set()
    for one in departments:
        if not 0 < len(one.name) <= NAME_CHARS_MAX or not one.name.isprintable():
            raise DepartmentsRefused(_("Give each department a name."), field=one.field)
        if one.name in names:
            raise DepartmentsRefused(_("Name each department once."), field=one.field)
        if not 0 < one.percent <= PERCENT_MAX or one.percent != one.percent.quantize(FINEST):
            raise DepartmentsRefused(
                _(
                    "A department gets more than 0 and at most 100 percent, with at most %(places)d decimals."
                )
                % {"places": PERCENT_PLACES},
                field=one.field,
            )
        names.add(one.name)
    total = sum((one.percent for one in departments), Decimal(0))
    if total != PERCENT_MAX:
        raise DepartmentsRefused(
            _("The percentages sum to %(total)s; they have to sum to 100.")
            % {"total": f"{total.normalize():f}"},
            field=departments[-1].field,
            total=f"{total.normalize():f}",
        )


def _says(split: DepartmentSplit) -> list[tuple[str, Decimal]]:
    return [(row.name, row.percent) for row in split.departments.order_by("position")]


def newest_of(organisation_id: int) -> DepartmentSplit | None:
    """The version that was set last, which may hold from the next month only."""
    return _versions(organisation_id).first()


def split_of_month(organisation_id: int, first_day: date) -> DepartmentSplit | None:
    """The version that holds for a month."""
    return _versions(organisation_id).filter(holds_from__lte=first_day).first()


def _versions(organisation_id: int) -> QuerySet[DepartmentSplit]:
    rows = DepartmentSplit.objects.filter(organisation=organisation_id).order_by("-number")
    return rows.prefetch_related("departments")


def month_of(organisation_id: int, first_day: date) -> list[MonthOfDepartments]:
    """The statement of a month, which may not be over: one for each currency in which something was earned or
    given back. Nothing for a month before the first split."""
    split = split_of_month(organisation_id, first_day)
    if split is None:
        return []
    return [
        MonthOfDepartments(first_day, proceeds, tuple(_divided(proceeds, split)))
        for proceeds in _proceeds(split.organisation, first_day)
    ]


def _divided(proceeds: Money, split: DepartmentSplit) -> Iterator[DepartmentPart]:
    """A month in which more was given back than earned is divided as one in which it was earned."""
    rows = list(split.departments.all())
    is_loss = proceeds.minor < 0
    size = Money(abs(proceeds.minor), proceeds.currency)
    weights = {row.name: Fraction(row.percent) for row in rows}
    for row, part in zip(rows, divide(size, weights), strict=True):
        yield DepartmentPart(row.name, row.percent, -part.amount if is_loss else part.amount)


def _proceeds(owner: Organisation, first_day: date) -> list[Money]:
    """What the books say was earned in a month less what was given back, by currency."""
    accounts = Account.objects.filter(owner=owner, code__startswith="seller:")
    currencies = sorted(set(accounts.values_list("currency", flat=True)))
    earned = [
        [chart.pending(owner.public_id, currency), chart.available(owner.public_id, currency)]
        for currency in currencies
    ]
    owed = [chart.receivable(owner.public_id, currency) for currency in currencies]
    time = Time(*months.bounds(first_day), movements.newest_seq())
    spans = [time.span([*codes, debt]) for codes, debt in zip(earned, owed, strict=True)]
    found = []
    for currency, debt, totals in zip(
        currencies, owed, movements.booked_totals(spans, time), strict=True
    ):
        counted = [row for row in totals if not row.kind.startswith(PAYOUTS)]
        minor = sum(
            -row.change_minor if row.account == debt else row.change_minor for row in counted
        )
        if minor:
            found.append(Money(minor, currency))
    return found


def csv_of(organisation_id: int, first_day: date) -> Iterator[str]:
    """The statement of a month as CSV."""
    yield csv_line(CSV_HEAD)
    split = split_of_month(organisation_id, first_day)
    for month in month_of(organisation_id, first_day):
        for part in month.parts:
            yield csv_line(
                (
                    f"{first_day:%Y-%m}",
                    part.amount.currency,
                    part.name,
                    part.percent_shown,
                    part.amount.decimal,
                    split.number if split else "",
                )
            )
