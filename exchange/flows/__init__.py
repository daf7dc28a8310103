"""Journeys across rooms: one file each, one transaction each, with its record in the log.

Owns: the order in which rooms are asked when one deed touches several of them.
Does not own: rules (the rooms do), words and pages (the doors do), or any table.

Invariants
- A flow either does all of its steps or none: steps and log records share one transaction.
- Work that may fail outside the database is emitted to the outbox, never done inside a flow.
- Flows are called by doors only and do not call each other in circles.
"""
