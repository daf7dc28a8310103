"""The one way an auction moves: lock it, ask the table, write the step, follow it."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.auctions.errors import AuctionReasonMissing
from exchange.auctions.models import Auction, AuctionStep
from exchange.auctions.models.auctions import REASON_CHARS_MAX
from exchange.auctions.states import MOVES, NEED_REASON, AuctionState, Move
from exchange.core.actions import live
from exchange.core.moves import IllegalMove

# What a step may write beside the standing; all else of an announced auction is frozen.
MOVING = (
    "state", "steps_count", "version", "closes_at", "reveal_until", "paused_at", "paused_micros",
    "moved_by_hand", "settled_at", "price_minor",
)  # fmt: skip


def topic_of(auction: Auction) -> str:
    """Under which name open pages hear of the auction."""
    return f"auction:{auction.public_id}"


def check_source(auction: Auction, move: Move) -> None:
    """Raise IllegalMove unless the move starts from where the auction stands."""
    state = AuctionState(auction.state)
    if state in MOVES[move].sources:
        return
    raise IllegalMove(
        _("This step is not possible from the state “%(state)s”.") % {"state": state.label},
        current=state.value,
        target=move.value,
        legal=sorted(other.value for other, rule in MOVES.items() if state in rule.sources),
    )


def check_reason(reason: str) -> str:
    """The reason without surrounding space; refused when empty or too long."""
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_CHARS_MAX:
        raise AuctionReasonMissing(
            _("Please give a reason of at most %(limit)d characters.")
            % {"limit": REASON_CHARS_MAX},
            limit=REASON_CHARS_MAX,
        )
    return reason


def take_step(
    *,
    auction: Auction,
    move: Move,
    actor: str,
    now: datetime,
    by_id: int | None = None,
    reason: str = "",
    facts: Mapping[str, object] | None = None,
) -> AuctionStep:
    """Make the move on a locked (or new and unsaved) auction and write its step."""
    rule = MOVES[move]
    born = auction.pk is None
    before = "" if born else auction.state
    if not born:
        check_source(auction, move)
    if move in NEED_REASON:
        reason = check_reason(reason)
    auction.state = rule.target or auction.state
    auction.steps_count += 1
    auction.version += 1
    auction.save(update_fields=None if born else MOVING)
    live.announce(topic=topic_of(auction), version=auction.version)
    return AuctionStep.objects.create(
        auction=auction,
        number=auction.steps_count,
        move=move,
        source=before,
        target=auction.state,
        actor=actor,
        by_id=by_id,
        reason=reason,
        facts=dict(facts or {}),
        at=now,
    )
