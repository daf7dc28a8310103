"""Months of the books, closed by one of the exchange's finance and opened again by two."""

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.core.lifecycle import checked_reason
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.ledger import months
from exchange.ledger.lifecycle import MONTH, MonthTransition
from exchange.ledger.models import Month
from exchange.members import approvals
from exchange.members.actors import Actor
from exchange.members.approvals import Act, Arguments
from exchange.members.models import ApprovalRequest
from exchange.members.permissions import Permission

REOPEN = "ledger.month.reopen"


@use_case(Permission.PAYMENTS_HANDLE)
def close_month(*, first_day: date, actor: Actor, now: datetime) -> Month:
    """As the exchange's finance, close a month that is over. Raises MonthNotOver."""
    return months.close(first_day, actor=actor, now=now)


@use_case(Permission.PAYMENTS_RUN, locks=MONTH)
def reopen_month(month: Month, *, actor: Actor, reason: str, now: datetime) -> Month:
    """As the exchange's finance, open a closed month again, which another of them asked for."""
    return months.reopen(month, actor=actor, reason=reason, now=now)


def ask_to_reopen(month_id: str, *, actor: Actor, reason: str, now: datetime) -> ApprovalRequest:
    """Ask for a closed month to be opened again, for a reason."""
    asked = {"reason": reason}
    return approvals.ask(REOPEN, subject=month_id, arguments=asked, actor=actor, now=now)


def _month(month_id: str) -> Month:
    month = Month.objects.filter(public_id=month_id).first()
    if month is None:
        raise NotFound(_("There is no such month."))
    return month


def _perform(month_id: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return reopen_month(month_id, actor=actor, reason=asked["reason"], now=now)


def _shown(month_id: str, asked: Arguments) -> str:
    return f"{_month(month_id)} · {asked['reason']}"


def _check(month_id: str, asked: Arguments, _now: datetime) -> None:
    checked_reason(asked["reason"])
    MONTH.check(_month(month_id), MonthTransition.REOPEN)


def declare() -> None:
    """For `AppConfig.ready`."""
    approvals.declare(
        Act(
            REOPEN,
            gettext_lazy("Open the month again"),
            ask=Permission.PAYMENTS_HANDLE,
            do=Permission.PAYMENTS_RUN,
            perform=_perform,
            shown=_shown,
            check=_check,
        )
    )
