"""Several moves of a listing at one moment, for imports: the same table, gates and steps, asked once."""

from collections.abc import Sequence
from datetime import datetime

from exchange.catalog.actions.listing import Said, check_said, check_source
from exchange.catalog.gates import check_gates
from exchange.catalog.lifecycle import MOVES, ListingState, Move
from exchange.catalog.models import ListingStep, Product
from exchange.catalog.queries.listings import listing_of, snapshot_of


def walk(
    *, product: Product, moves: Sequence[Move], actor: str, said: Said, now: datetime
) -> list[ListingStep]:
    """Make the moves of a product that nobody else sees yet, in the transaction that began it.

    Nothing changes between two moves of one moment, so that the gates answer all of them at once;
    each move that a gate blocks is refused by it. Sensitive grades take people, not this way:
    the database refuses them. Raises IllegalMove, GatesShut, ChecklistIncomplete.
    """
    listing = listing_of(product, at=now, with_changes=False)
    steps = []
    for move in moves:
        rule = MOVES[move]
        check_source(product, move)
        before = product.state
        product.state = rule.target or product.state
        product.turn = rule.turn
        product.steps_count += 1
        steps.append(
            ListingStep(
                product=product,
                number=product.steps_count,
                move=move,
                source=before,
                target=product.state,
                actor=actor,
                sensitive=product.is_sensitive,
                checklist=list(check_said(move, said).checklist),
                gates=check_gates(listing, move) if rule.gated else [],
                snapshot=snapshot_of(listing) if move is Move.APPROVE else None,
                at=now,
            )
        )
    if product.state == ListingState.LISTED:
        product.listed_at = now
    product.due_at = None
    product.updated_at = now
    product.save()
    return ListingStep.objects.bulk_create(steps)
