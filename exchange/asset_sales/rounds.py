"""Rounds of a state-asset sale: announced, extended, lowered with consent, suspended and resumed.

Floor, deposit and days stay within what the rules of the day allow.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.asset_sales import bidders, limits
from exchange.asset_sales.errors import (
    AssetSaleRefused,
    ConsentNeeded,
    DepositTooHigh,
    FloorTooLow,
    NoticeTooShort,
    ValuationRunOut,
)
from exchange.asset_sales.lifecycle import (
    ASSET_SALE,
    AssetSaleState,
    AssetSaleTransition,
    DocumentKind,
    Round,
)
from exchange.asset_sales.limits import Limit
from exchange.asset_sales.models import Announcement, AssetSale, Consent, Valuation
from exchange.asset_sales.models.announcements import CONDITIONS_CHARS_MAX
from exchange.asset_sales.preparing import CLOCK, Upload, check_valuation, keep_document
from exchange.asset_sales.queries import round_of, valuation_of
from exchange.catalog import disclosure
from exchange.core import calendar
from exchange.core.lifecycle import Change, Doer
from exchange.core.rules import RuleVersion
from exchange.core.use_case import use_case
from exchange.members import standing
from exchange.members.actors import Actor
from exchange.members.models import Admission
from exchange.members.permissions import Permission

DAYS_MAX = 250
STEPS = {
    Round.FIRST: AssetSaleTransition.ANNOUNCE,
    Round.EXTENDED: AssetSaleTransition.EXTEND,
    Round.LOWERED: AssetSaleTransition.LOWER,
}


# The kind of reason of a stop that ends with the seller's restriction.
SELLER_RESTS = "seller_rests"


@dataclass(frozen=True)
class RoundRequest:
    """A round as the seller wants it: amounts in minor units, days in working days."""

    floor_minor: int
    days: int
    deposit_minor: int = 0
    conditions: str = ""


@use_case(
    Permission.ASSET_SALE_PREPARE,
    locks=ASSET_SALE,
    before=standing.held_of(AssetSale, "seller_id"),
)
def announce(
    asset_sale: AssetSale, *, command: RoundRequest, actor: Actor, now: datetime
) -> Announcement:
    """As the seller, announce the next round. What kind it is follows from where the sale stands and
    from the floor.

    Raises IllegalTransition, ValuationRunOut, FloorTooLow, ConsentNeeded, DepositTooHigh,
    NoticeTooShort, AssetSaleRefused.
    """
    disclosure.check_orderable(asset_sale.product)
    kind = _kind(asset_sale, command)
    ASSET_SALE.check(asset_sale, STEPS[kind])
    standing.hold(asset_sale.seller_id)
    made, rules = _open_round(asset_sale, kind, command, now=now)
    ASSET_SALE.transition(
        asset_sale,
        STEPS[kind],
        actor=actor,
        facts={
            "announcement": made.public_id,
            "floor_minor": str(made.floor_minor),
            "deposit_minor": str(made.deposit_minor),
            "days": made.days,
            "ends_at": made.ends_at.isoformat(),
            "rules": limits.versions(rules),
        },
        due_at=made.ends_at,
        save=("round", "first_announced_at"),
        now=now,
    )
    return made


@use_case(Permission.ASSET_SALE_DECIDE, locks=ASSET_SALE)
def consent(
    asset_sale: AssetSale, *, floor_minor: int, proof: Upload, actor: Actor, now: datetime
) -> AssetSale:
    """As the committee, hand in the approver's consent to floors down to `floor_minor`."""
    ASSET_SALE.check(asset_sale, AssetSaleTransition.CONSENT)
    valuation = valuation_of(asset_sale)
    if valuation is None:
        raise ValuationRunOut(_("There is no valuation yet."))
    document = keep_document(asset_sale, DocumentKind.CONSENT, proof, actor=actor, now=now)
    if not 0 < floor_minor < valuation.value_minor:
        raise AssetSaleRefused(
            _("A consent is to a floor above zero and below the valuation."), field="floor_minor"
        )
    Consent.objects.create(valuation=valuation, floor_minor=floor_minor, document=document, at=now)
    return ASSET_SALE.transition(
        asset_sale,
        AssetSaleTransition.CONSENT,
        actor=actor,
        facts={"floor_minor": str(floor_minor), "sha256": document.sha256},
        due_at=asset_sale.due_at,
        now=now,
    )


@use_case(Permission.ASSET_SALE_MODERATE, locks=ASSET_SALE)
def suspend(asset_sale: AssetSale, *, reason: str, actor: Actor, now: datetime) -> AssetSale:
    """As the exchange, stop an announcement: nobody registers, and no working day counts."""
    return _rest(asset_sale, actor=actor, reason=reason, now=now)


@use_case(Permission.ASSET_SALE_MODERATE, locks=ASSET_SALE)
def resume(asset_sale: AssetSale, *, reason: str, actor: Actor, now: datetime) -> AssetSale:
    """Let it go on: the end moves by the working days that were lost, the day of the stop included and
    that of the resumption not, since people can register again on it."""
    standing.check(asset_sale.seller_id)
    return _go_on(asset_sale, actor=actor, reason=reason, now=now)


def rest_with_seller(admission: Admission, change: Change) -> None:
    """Stop the announcements of a seller that may do no new business. A reaction to its admission."""
    reason = _("The seller may do no new business at the exchange at the moment.")
    for asset_sale in _sales_of(admission, AssetSaleState.ANNOUNCED):
        _rest(asset_sale, actor=change.doer, reason=reason, reason_code=SELLER_RESTS, now=change.at)


def go_on_with_seller(admission: Admission, change: Change) -> None:
    """Let those go on that were stopped for their seller's standing. A reaction to its admission."""
    for asset_sale in _sales_of(admission, AssetSaleState.SUSPENDED):
        stops = asset_sale.steps.filter(transition=AssetSaleTransition.SUSPEND)
        last = stops.order_by("-number").first()
        if last is not None and last.reason_code == SELLER_RESTS:
            reason = _("The seller's standing was restored.")
            _go_on(asset_sale, actor=change.doer, reason=reason, now=change.at)


def _sales_of(admission: Admission, state: AssetSaleState) -> list[AssetSale]:
    """The seller's sales in a state, all locked in one order for all before anything of one changes."""
    running = (AssetSaleState.ANNOUNCED, AssetSaleState.SUSPENDED)  # one may become the other
    rows = AssetSale.objects.filter(seller_id=admission.organisation_id, state__in=running)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    locked = [ASSET_SALE.lock_key(key) for key in keys]
    return [one for one in locked if one.state == state]


def _rest(
    asset_sale: AssetSale, *, actor: Doer, reason: str, now: datetime, reason_code: str = ""
) -> AssetSale:
    ASSET_SALE.check(asset_sale, AssetSaleTransition.SUSPEND)
    running = round_of(asset_sale)
    running.suspended_at = now
    running.save(update_fields=["suspended_at"])
    return ASSET_SALE.transition(
        asset_sale, AssetSaleTransition.SUSPEND, actor=actor, reason=reason,
        reason_code=reason_code, now=now,
    )  # fmt: skip


def _go_on(asset_sale: AssetSale, *, actor: Doer, reason: str, now: datetime) -> AssetSale:
    ASSET_SALE.check(asset_sale, AssetSaleTransition.RESUME)
    running = round_of(asset_sale)
    if running.suspended_at is not None:
        left = limits.days_left(running.ends_at, now=running.suspended_at)
        today = timezone.localtime(now).date()
        last = calendar.add_working_days(today, max(left, 1), counting_start=True)
        running.ends_at = max(running.ends_at, limits.midnight(last.day + timedelta(days=1)))
    running.suspended_at = None
    running.save(update_fields=["suspended_at", "ends_at"])
    return ASSET_SALE.transition(
        asset_sale, AssetSaleTransition.RESUME, actor=actor, reason=reason, due_at=running.ends_at,
        now=now,
    )  # fmt: skip


def reckoned_end(asset_sale: AssetSale, known: calendar.WorkingCalendar) -> datetime | None:
    """When the running announcement ends by a calendar; None where none runs."""
    if asset_sale.state != AssetSaleState.ANNOUNCED:
        return None
    running = round_of(asset_sale)
    return limits.end_of(running.days, now=running.starts_at, counting_today=True, known=known)


def move_end(asset_sale: AssetSale, at: datetime) -> None:
    """Write a later end of the running announcement of a locked asset sale."""
    running = round_of(asset_sale)
    running.ends_at = at
    running.save(update_fields=["ends_at"])


def close(asset_sale: AssetSale, *, now: datetime) -> None:
    """End the announcement of a locked asset sale. Where every bidder is decided on, it goes on."""
    ASSET_SALE.transition(asset_sale, AssetSaleTransition.CLOSE, actor=CLOCK, now=now)
    bidders.find_buyers(asset_sale, now=now)


def _kind(asset_sale: AssetSale, command: RoundRequest) -> Round:
    # After a new valuation the rounds begin anew, whatever was announced on the old one.
    if asset_sale.state != AssetSaleState.NO_BUYER or asset_sale.first_announced_at is None:
        return Round.FIRST
    return (
        Round.LOWERED if command.floor_minor < round_of(asset_sale).floor_minor else Round.EXTENDED
    )


def _open_round(
    asset_sale: AssetSale, kind: Round, command: RoundRequest, *, now: datetime
) -> tuple[Announcement, tuple[RuleVersion, ...]]:
    """The next round of a locked asset sale, and the rules that it was checked by.

    Raises ValuationRunOut, FloorTooLow, ConsentNeeded, DepositTooHigh, NoticeTooShort,
    AssetSaleRefused.
    """
    valuation, redo = check_valuation(asset_sale, now=now)
    if len(command.conditions) > CONDITIONS_CHARS_MAX or command.deposit_minor < 0:
        raise AssetSaleRefused(
            _("The conditions are too long."), field="conditions", limit=CONDITIONS_CHARS_MAX
        )
    floor = _check_floor(asset_sale, valuation, kind, command, now)
    deposit = limits.deposit_most(command.floor_minor, at=now)
    if command.deposit_minor > deposit.value:
        raise DepositTooHigh(
            limits.by_rule(
                _("The deposit is above the largest share of the floor."), deposit.rules[0]
            ),
            field="deposit_minor", most_minor=deposit.value, **limits.named(deposit.rules[0]),
        )  # fmt: skip
    days = least_days(kind, command.floor_minor, now=now)
    if not days.value <= command.days <= DAYS_MAX:
        raise NoticeTooShort(
            limits.by_rule(
                _("An announcement at this floor lasts at least %(days)d working days.")
                % {"days": days.value},
                days.rules[0],
            ),
            field="days", least_days=days.value, most_days=DAYS_MAX, **limits.named(days.rules[0]),
        )  # fmt: skip
    made = Announcement.objects.create(
        asset_sale=asset_sale,
        valuation=valuation,
        number=asset_sale.round + 1,
        kind=kind,
        floor_minor=command.floor_minor,
        deposit_minor=command.deposit_minor,
        conditions=command.conditions.strip(),
        days=command.days,
        starts_at=now,
        ends_at=limits.end_of(command.days, now=now, counting_today=True),
    )
    asset_sale.round = made.number
    asset_sale.first_announced_at = asset_sale.first_announced_at or now
    return made, (*floor.rules, *deposit.rules, *days.rules, *redo)


def least_days(kind: Round, floor_minor: int, *, now: datetime) -> Limit:
    """The shortest round of a kind at a floor."""
    if kind is Round.EXTENDED:
        return limits.extension_days(at=now)
    return limits.notice_days(floor_minor, at=now)


def _check_floor(
    asset_sale: AssetSale, valuation: Valuation, kind: Round, command: RoundRequest, now: datetime
) -> Limit:
    """The first floor is at least the valuation; a lower one needs consent below a share of it."""
    value = valuation.value_minor
    free = limits.floor_without_consent(value, at=now)
    if kind is Round.FIRST and command.floor_minor < value:
        raise FloorTooLow(
            limits.labelled(_("The first floor is at least the valuation.")),
            field="floor_minor",
            least_minor=value,
        )
    if kind is Round.FIRST:
        return free
    before = round_of(asset_sale).floor_minor
    lowered = command.floor_minor < before
    if (
        lowered != (kind is Round.LOWERED)
        or command.floor_minor > before
        or command.floor_minor <= 0
    ):
        raise AssetSaleRefused(
            _("An extension keeps the floor; a lowered floor is below the last one."),
            field="floor_minor",
            last_minor=before,
        )
    consents = valuation.consents.order_by("floor_minor").values_list("floor_minor", flat=True)
    consented = consents.first()
    if command.floor_minor < min(free.value, consented or free.value):
        raise ConsentNeeded(
            limits.by_rule(
                _("A floor so far below the valuation needs the approver's consent first."),
                free.rules[0],
            ),
            field="floor_minor",
            least_minor=min(free.value, consented or free.value),
            **limits.named(free.rules[0]),
        )
    return free
