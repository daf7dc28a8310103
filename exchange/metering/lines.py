"""Lines of a batch as they are sent, and what each must be. Pure: no clock, no database."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import compress
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from exchange.core.formatting import moment_shown
from exchange.core.inputs import read_moment
from exchange.core.refusals import Invalid, Refusal
from exchange.metering.errors import (
    FromTheFuture,
    LastBillFinal,
    LineInvalid,
    OutsideSubscription,
    UnknownMeter,
    UnknownSubscription,
)
from exchange.metering.models import EVENT_CHARS_MAX, QUANTITY_MAX, SOURCE_CHARS_MAX

FIELDS = frozenset({"subscription", "source", "event_id", "meter", "quantity", "at"})
AHEAD_MAX = timedelta(minutes=5)
OWN_SOURCES = "assay."


@dataclass(frozen=True)
class Target:
    """A subscription as intake needs it. `starts` are the beginnings of its periods, in order; `closed_at`
    is when the last bill of one that ended became final."""

    pk: int
    meters: frozenset[str]
    starts: Sequence[datetime]
    ends_at: datetime | None
    final_no: int
    rests_since: datetime | None = None  # a party is suspended since then
    closed_at: datetime | None = None


@dataclass
class Columns:
    """The lines that may be kept, column by column, and their places in the batch."""

    places: list[int] = field(default_factory=list)
    subscriptions: list[int] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    meters: list[str] = field(default_factory=list)
    quantities: list[int] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)
    periods: list[int] = field(default_factory=list)
    bills: list[int] = field(default_factory=list)

    def add(
        self,
        *,
        place: int,
        subscription: int,
        source: str,
        event_id: str,
        meter: str,
        quantity: int,
        at: datetime,
        period: int,
        final_no: int,
    ) -> None:
        """Add a line of a period: it goes into that period's bill, or the next that is not final."""
        self.places.append(place)
        self.subscriptions.append(subscription)
        self.sources.append(source)
        self.ids.append(event_id)
        self.meters.append(meter)
        self.quantities.append(quantity)
        self.moments.append(at)
        self.periods.append(period)
        self.bills.append(max(period, final_no + 1))

    def take_out(self, is_taken: Callable[[int], bool]) -> "Columns":
        """Take out the lines of which that is true of their index, and return them."""
        taken = [is_taken(index) for index in range(len(self.places))]
        out = Columns()
        for one in fields(self):
            column: list[Any] = getattr(self, one.name)
            setattr(out, one.name, list(compress(column, taken)))
            column[:] = [value for value, is_out in zip(column, taken, strict=True) if not is_out]
        return out

    def extend(self, other: "Columns") -> None:
        for one in fields(self):
            getattr(self, one.name).extend(getattr(other, one.name))


def sort_out(
    lines: Sequence[object],
    targets: Mapping[str, Target],
    *,
    now: datetime,
    is_own: bool = False,
) -> tuple[Columns, list[tuple[int, Refusal]]]:
    """Part the lines that may be kept from those that are refused, each with its place. Names of
    sources that begin with OWN_SOURCES are the exchange's own."""
    kept, refused = Columns(), []
    latest = now + AHEAD_MAX
    for place, line in enumerate(lines):
        try:
            _take(kept, place, line, targets, latest, is_own=is_own)
        except Refusal as refusal:
            refused.append((place, refusal))
    return kept, refused


def _take(
    kept: Columns,
    place: int,
    line: object,
    targets: Mapping[str, Target],
    latest: datetime,
    *,
    is_own: bool,
) -> None:
    if not isinstance(line, dict) or line.keys() != FIELDS:
        raise LineInvalid(
            _("An event has exactly these fields: %(fields)s.")
            % {"fields": ", ".join(sorted(FIELDS))},
            accepted=sorted(FIELDS),
        )
    target = targets.get(line["subscription"]) if isinstance(line["subscription"], str) else None
    if target is None:
        raise UnknownSubscription(_("There is no such subscription to a product of yours."))
    if not isinstance(line["meter"], str) or line["meter"] not in target.meters:
        raise UnknownMeter(_("The plan has no such meter."), accepted=sorted(target.meters))
    quantity = line["quantity"]
    if type(quantity) is not int or not 0 <= quantity <= QUANTITY_MAX:
        _invalid("quantity", f"0 … {QUANTITY_MAX}")
    source, event_id = line["source"], line["event_id"]
    _check_name("source", source, SOURCE_CHARS_MAX)
    if not is_own and source.startswith(OWN_SOURCES):
        _invalid("source", _("a name that does not begin with %(own)s") % {"own": OWN_SOURCES})
    _check_name("event_id", event_id, EVENT_CHARS_MAX)
    at = _moment(line["at"])
    period = _period(target, at, latest)
    kept.add(
        place=place,
        subscription=target.pk,
        source=source,
        event_id=event_id,
        meter=line["meter"],
        quantity=quantity,
        at=at,
        period=period,
        final_no=target.final_no,
    )


def _period(target: Target, at: datetime, latest: datetime) -> int:
    """The number of the period in which it happened. Raises FromTheFuture, OutsideSubscription and
    LastBillFinal."""
    if at > latest:
        raise FromTheFuture(
            _("The event's time lies in the future; check the clock."), accepted=latest.isoformat()
        )
    period = bisect_right(target.starts, at)
    if target.rests_since is not None and at >= target.rests_since:
        raise OutsideSubscription(
            _("A party of this subscription was suspended at the event's time.")
        )
    if not period or (target.ends_at is not None and at >= target.ends_at):
        raise OutsideSubscription(_("The subscription was not running at the event's time."))
    if target.closed_at is not None:
        raise LastBillFinal(
            _("The subscription's last bill is final. Its use had to be reported by %(by)s.")
            % {"by": moment_shown(target.closed_at)},
            closed_at=target.closed_at.isoformat(),
        )
    return period


def _check_name(name: str, value: object, chars_max: int) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= chars_max or not value.isprintable():
        _invalid(name, f"1 … {chars_max}")


def _moment(value: object) -> datetime:
    try:
        return read_moment(value if isinstance(value, str) else "", needs_zone=True)
    except Invalid as refusal:
        raise LineInvalid(refusal.message, field="at", **refusal.facts) from refusal


def _invalid(name: str, accepted: str) -> NoReturn:
    raise LineInvalid(
        _("The field %(field)s is not what an event has there.") % {"field": name},
        field=name,
        accepted=accepted,
    )
