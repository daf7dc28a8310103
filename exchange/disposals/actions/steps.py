"""The one way a disposal moves: lock it, ask the table, write the step, follow it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.models.rules import RuleVersion
from exchange.core.moves import IllegalMove
from exchange.core.refusals import NotFound
from exchange.disposals.errors import DisposalRefused
from exchange.disposals.models import Disposal, DisposalStep
from exchange.disposals.models.disposals import REASON_CHARS_MAX
from exchange.disposals.states import MOVES, NEED_REASON, DisposalState, Move

MOVING = (
    "state", "turn", "due_at", "steps_count", "filing_no", "first_announced_at", "round", "winner",
    "price_minor", "order_ref",
)  # fmt: skip


def locked(public_id: str) -> Disposal:
    """The disposal, which nobody else moves until this transaction ends. Raises NotFound."""
    found = (
        Disposal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("seller", "product", "winner")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such disposal."))
    return found


def check_source(disposal: Disposal, move: Move) -> None:
    """Raise IllegalMove unless the move starts from where the disposal stands."""
    state = DisposalState(disposal.state)
    if state in MOVES[move].sources:
        return
    raise IllegalMove(
        _("This step is not possible from the state “%(state)s”.") % {"state": state.label},
        current=state.value,
        target=move.value,
        legal=sorted(other.value for other, rule in MOVES.items() if state in rule.sources),
    )


def check_text(text: str, field: str, *, limit: int = REASON_CHARS_MAX) -> str:
    """The text without surrounding space; refused when empty or too long."""
    text = text.strip()
    if not 0 < len(text) <= limit:
        raise DisposalRefused(
            _("Please write between 1 and %(limit)d characters.") % {"limit": limit},
            field=field,
            limit=limit,
        )
    return text


def take_step(
    *,
    disposal: Disposal,
    move: Move,
    actor: str,
    now: datetime,
    by_id: int | None = None,
    reason: str = "",
    rules: Sequence[RuleVersion] = (),
    facts: Mapping[str, object] | None = None,
    due_at: datetime | None = None,
) -> DisposalStep:
    """Make the move on a locked (or new and unsaved) disposal and write its step."""
    rule = MOVES[move]
    born = disposal.pk is None
    before = "" if born else disposal.state
    if not born:
        check_source(disposal, move)
    if move in NEED_REASON:
        reason = check_text(reason, "reason")
    disposal.state = rule.target or disposal.state
    disposal.turn, disposal.due_at = rule.turn, due_at
    disposal.steps_count += 1
    disposal.save(update_fields=None if born else MOVING)
    return DisposalStep.objects.create(
        disposal=disposal,
        number=disposal.steps_count,
        move=move,
        source=before,
        target=disposal.state,
        actor=actor,
        by_id=by_id,
        reason=reason,
        rules=[version.version for version in rules],
        facts=dict(facts or {}),
        at=now,
    )
