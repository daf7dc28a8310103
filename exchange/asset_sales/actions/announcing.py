"""Announcing a round: floor, deposit and days within what the rules allow."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.asset_sales.errors import (
    AssetSaleRefused,
    ConsentNeeded,
    DepositTooHigh,
    FloorTooLow,
    NoticeTooShort,
    ValuationRunOut,
)
from exchange.asset_sales.models import Announcement, AssetSale, Valuation
from exchange.asset_sales.models.announcements import CONDITIONS_CHARS_MAX
from exchange.asset_sales.queries import limits
from exchange.asset_sales.queries.asset_sales import round_of, valuation_of
from exchange.asset_sales.queries.limits import Limit
from exchange.asset_sales.states import Round
from exchange.core.models.rules import RuleVersion

DAYS_MAX = 250


@dataclass(frozen=True)
class RoundWish:
    """A round as the seller wants it: amounts in minor units, days in working days."""

    floor_minor: int
    days: int
    deposit_minor: int = 0
    conditions: str = ""


def check_valuation(
    asset_sale: AssetSale, *, now: datetime
) -> tuple[Valuation, RuleVersion | None]:
    """The valuation, if it may still be used. Raises ValuationRunOut."""
    found = valuation_of(asset_sale)
    if found is None:
        raise ValuationRunOut(_("There is no valuation yet."))
    if found.valid_until <= timezone.localtime(now).date():
        raise ValuationRunOut(
            _("The valuation is no longer valid. It has to be redone first."),
            valid_until=found.valid_until.isoformat(),
        )
    if asset_sale.first_announced_at is None:
        return found, None
    redo, months = limits.redo_at(asset_sale.first_announced_at, at=now)
    if redo <= now:
        raise ValuationRunOut(
            _("The first announcement is too long ago. The valuation has to be redone first."),
            redo_at=redo.isoformat(),
            rule=months.version,
            source=months.source,
        )
    return found, months


def open_round(
    *, asset_sale: AssetSale, kind: Round, wish: RoundWish, now: datetime
) -> tuple[Announcement, tuple[RuleVersion, ...]]:
    """The next round of a locked asset sale, and the rules that it was checked by.

    Raises ValuationRunOut, FloorTooLow, ConsentNeeded, DepositTooHigh, NoticeTooShort,
    AssetSaleRefused.
    """
    valuation, months = check_valuation(asset_sale, now=now)
    if len(wish.conditions) > CONDITIONS_CHARS_MAX or wish.deposit_minor < 0:
        raise AssetSaleRefused(
            _("The conditions are too long."), field="conditions", limit=CONDITIONS_CHARS_MAX
        )
    floor = _check_floor(asset_sale, valuation, kind, wish, now)
    deposit = limits.deposit_most(wish.floor_minor, at=now)
    if wish.deposit_minor > deposit.value:
        raise DepositTooHigh(
            _("The deposit is above the largest share of the floor."),
            field="deposit_minor", most_minor=deposit.value, **_why(deposit),
        )  # fmt: skip
    days = _least_days(kind, wish, now)
    if not days.value <= wish.days <= DAYS_MAX:
        raise NoticeTooShort(
            _("An announcement at this floor lasts at least %(days)d working days.")
            % {"days": days.value},
            field="days", least_days=days.value, most_days=DAYS_MAX, **_why(days),
        )  # fmt: skip
    made = Announcement.objects.create(
        asset_sale=asset_sale,
        valuation=valuation,
        number=asset_sale.round + 1,
        kind=kind,
        floor_minor=wish.floor_minor,
        deposit_minor=wish.deposit_minor,
        conditions=wish.conditions.strip(),
        days=wish.days,
        starts_at=now,
        ends_at=limits.end_of(wish.days, now=now, counting_today=True),
    )
    asset_sale.round = made.number
    asset_sale.first_announced_at = asset_sale.first_announced_at or now
    redo = () if months is None else (months,)
    return made, (*floor.rules, *deposit.rules, *days.rules, *redo)


def least_days(kind: Round, floor_minor: int, *, now: datetime) -> Limit:
    """The shortest round of a kind at a floor."""
    if kind is Round.EXTENDED:
        return limits.extension_days(at=now)
    return limits.notice_days(floor_minor, at=now)


def _least_days(kind: Round, wish: RoundWish, now: datetime) -> Limit:
    return least_days(kind, wish.floor_minor, now=now)


def _check_floor(
    asset_sale: AssetSale, valuation: Valuation, kind: Round, wish: RoundWish, now: datetime
) -> Limit:
    """The first floor is at least the valuation; a lower one needs consent below a share of it."""
    value = valuation.value_minor
    free = limits.floor_without_consent(value, at=now)
    if kind is Round.FIRST and wish.floor_minor < value:
        raise FloorTooLow(
            _("The first floor is at least the valuation."),
            field="floor_minor",
            least_minor=value,
        )
    if kind is Round.FIRST:
        return free
    before = round_of(asset_sale).floor_minor
    lowered = wish.floor_minor < before
    if lowered != (kind is Round.LOWERED) or wish.floor_minor > before or wish.floor_minor <= 0:
        raise AssetSaleRefused(
            _("An extension keeps the floor; a lowered floor is below the last one."),
            field="floor_minor",
            last_minor=before,
        )
    consents = valuation.consents.order_by("floor_minor").values_list("floor_minor", flat=True)
    consented = consents.first()
    if wish.floor_minor < min(free.value, consented or free.value):
        raise ConsentNeeded(
            _("A floor so far below the valuation needs the approver's consent first."),
            field="floor_minor",
            least_minor=min(free.value, consented or free.value),
            **_why(free),
        )
    return free


def _why(limit: Limit) -> dict[str, str]:
    first = limit.rules[0]
    return {"rule": first.version, "source": first.source}
