"""Keeping events: each once, whoever sends it again, with the day's total in the same statement."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from exchange.core.refusals import Refusal
from exchange.metering.actions import intake_sql
from exchange.metering.errors import EventDiffers
from exchange.metering.lines import Columns, Target, sort_out

SHARE = intake_sql.SHARE


@dataclass(frozen=True)
class Taken:
    """What became of a batch: how many events are new, how many were known, which are refused."""

    accepted: int
    duplicates: int
    refused: tuple[tuple[int, Refusal], ...]
    subscriptions: frozenset[int]


def take(
    *, seller_id: int, lines: Sequence[object], targets: Mapping[str, Target], now: datetime
) -> Taken:
    """Keep what is new of a batch. Must be called in a transaction that has locked the targets."""
    kept, refused = sort_out(lines, targets, now=now)
    if not kept.places:
        return Taken(0, 0, tuple(refused), frozenset())
    values = _values(kept, seller_id)
    with connection.cursor() as cursor:
        cursor.execute(intake_sql.ADD, {**values, "now": now})
        accepted = int(cursor.fetchone()[0])
        differing: list[int] = []
        if accepted < len(kept.places):
            cursor.execute(intake_sql.DIFFERING, values)
            differing = [place for (place,) in cursor.fetchall()]
    for index in differing:
        refused.append(
            (
                kept.places[index],
                EventDiffers(
                    _("This event is known with another content."),
                    source=kept.sources[index],
                    event_id=kept.ids[index],
                ),
            )
        )
    return Taken(
        accepted=accepted,
        duplicates=len(kept.places) - accepted - len(differing),
        refused=tuple(sorted(refused, key=lambda one: one[0])),
        subscriptions=frozenset(kept.subscriptions),
    )


def _values(kept: Columns, seller_id: int) -> dict[str, Any]:
    return {
        "seller": seller_id,
        "subscriptions": _array(kept.subscriptions),
        "sources": _array(kept.sources),
        "ids": _array(kept.ids),
        "meters": _array(kept.meters),
        "quantities": _array(kept.quantities),
        "moments": _array([at.isoformat() for at in kept.moments]),
        "periods": _array(kept.periods),
        "bills": _array(kept.bills),
    }


def _array(values: Sequence[str] | Sequence[int]) -> str:
    """Numbers, or printable text, as the database writes an array: its quotes and escapes are those
    of JSON, which is written ten times as fast as the driver writes lists."""
    return "{" + json.dumps(values, ensure_ascii=False)[1:-1] + "}"
