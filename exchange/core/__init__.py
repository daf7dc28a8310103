"""What every room needs and no room owns.

Owns: refusals, lifecycles and their legal moves, public ids, money columns, half-open periods,
idempotency of writes, the outbox, rule packs and the working-day calendar.
Does not own: anything a trader would recognise. No room is imported from here.

Invariants
- A refusal changes nothing: it is raised before the first write or rolls its transaction back.
- A state moves only along its lifecycle's table.
- Work emitted in a transaction that commits is done at least once and takes effect once, or is
  visibly dead; work emitted in a transaction that rolls back never existed.
- A key used twice with the same body gives the first answer; with another body it is refused.
- A rule in force at a moment is exactly one row, and a row that a decision used never changes.
"""
