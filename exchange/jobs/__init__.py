"""The door through which promised work and the clock come in.

Owns: which handler does the work of a topic, the dispatcher that leases and runs outbox jobs, the
background loops of a worker process, the names and the schedule of Celery's wake-ups.
Does not own: the promise (core's outbox) and what is done about it (the rooms).

Invariants
- A handler's effect and the completion of its job commit together.
- No message of the broker and no notification is needed for work to be done: a sweep finds it.
- No task carries an argument, an ETA or a result; running one twice or not at all is harmless.
- A worker that is told to stop lets running work finish for a moment and leaves the rest leased:
  the lease runs out and somebody else does it.
"""
