"""What the outbox owes."""

from django.db.models import DurationField, ExpressionWrapper, F, Min
from django.db.models.functions import Now

from exchange.core.models import OutboxJob
from exchange.core.states import OutboxState

PAGE_MAX = 100


def oldest_ready_age_seconds() -> float:
    """For how long the job that waits longest could have run already; 0.0 when none waits.

    The sign of a silent worker: a long queue may be a busy day, an old one is a fault.
    """
    due = OutboxJob.objects.filter(state=OutboxState.READY, run_after__lte=Now())
    age = due.aggregate(
        age=ExpressionWrapper(Now() - Min("run_after"), output_field=DurationField())
    )["age"]
    return 0.0 if age is None else float(age.total_seconds())


def dead_jobs(*, before_id: int | None = None, limit: int = PAGE_MAX) -> list[OutboxJob]:
    """A page of dead jobs, the newest promise first; the next page begins `before_id` of the last."""
    dead = OutboxJob.objects.filter(state=OutboxState.DEAD).order_by(F("id").desc())
    if before_id is not None:
        dead = dead.filter(id__lt=before_id)
    return list(dead[: min(limit, PAGE_MAX)])
