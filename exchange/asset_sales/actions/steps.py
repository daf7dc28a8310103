"""The one way an asset sale moves: lock it, ask the table, write the step, follow it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.asset_sales.errors import AssetSaleRefused
from exchange.asset_sales.models import AssetSale, AssetSaleStep
from exchange.asset_sales.models.asset_sales import REASON_CHARS_MAX
from exchange.asset_sales.states import MOVES, NEED_REASON, AssetSaleState, Move
from exchange.core.models.rules import RuleVersion
from exchange.core.moves import IllegalMove
from exchange.core.refusals import NotFound

MOVING = (
    "state", "turn", "due_at", "steps_count", "filing_no", "first_announced_at", "round", "winner",
    "price_minor", "order_ref",
)  # fmt: skip


def locked(public_id: str) -> AssetSale:
    """The asset sale, which nobody else moves until this transaction ends. Raises NotFound."""
    found = (
        AssetSale.objects.select_for_update(of=("self",), no_key=True)
        .select_related("seller", "product", "winner")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such asset sale."))
    return found


def check_source(asset_sale: AssetSale, move: Move) -> None:
    """Raise IllegalMove unless the move starts from where the asset sale stands."""
    state = AssetSaleState(asset_sale.state)
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
        raise AssetSaleRefused(
            _("Please write between 1 and %(limit)d characters.") % {"limit": limit},
            field=field,
            limit=limit,
        )
    return text


def take_step(
    *,
    asset_sale: AssetSale,
    move: Move,
    actor: str,
    now: datetime,
    by_id: int | None = None,
    reason: str = "",
    rules: Sequence[RuleVersion] = (),
    facts: Mapping[str, object] | None = None,
    due_at: datetime | None = None,
) -> AssetSaleStep:
    """Make the move on a locked (or new and unsaved) asset sale and write its step."""
    rule = MOVES[move]
    born = asset_sale.pk is None
    before = "" if born else asset_sale.state
    if not born:
        check_source(asset_sale, move)
    if move in NEED_REASON:
        reason = check_text(reason, "reason")
    asset_sale.state = rule.target or asset_sale.state
    asset_sale.turn, asset_sale.due_at = rule.turn, due_at
    asset_sale.steps_count += 1
    asset_sale.save(update_fields=None if born else MOVING)
    return AssetSaleStep.objects.create(
        asset_sale=asset_sale,
        number=asset_sale.steps_count,
        move=move,
        source=before,
        target=asset_sale.state,
        actor=actor,
        by_id=by_id,
        reason=reason,
        rules=[version.version for version in rules],
        facts=dict(facts or {}),
        at=now,
    )
