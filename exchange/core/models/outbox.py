"""Work that a committed transaction promised."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from exchange.core.outbox_lifecycle import OUTBOX, OutboxState

TOPIC_CHARS_MAX = 100
KEY_CHARS_MAX = 200
WORKER_CHARS_MAX = 100
ACTOR_CHARS_MAX = 100
LANE_CHARS_MAX = 60
ERROR_CHARS_MAX = 4000
TOPIC_PATTERN = r"^[a-z0-9_]+(\.[a-z0-9_]+)+$"


@OUTBOX.governs()
class OutboxJob(models.Model):
    """One promise. It is written with the change that made it and is done once, or visibly dead.

    All instants are the database's. `fence` grows with every lease, so that a worker whose lease
    was taken over is told apart from its successor for ever. Jobs of one `lane` take turns with those of
    other lanes, so that who promised many does not make others wait for all of them.
    """

    topic = models.CharField(_("topic"), max_length=TOPIC_CHARS_MAX)
    dedupe_key = models.CharField(_("key"), max_length=KEY_CHARS_MAX)
    payload = models.JSONField(_("payload"))
    lane = models.CharField(_("lane"), max_length=LANE_CHARS_MAX, blank=True, db_default="")
    state = models.CharField(
        _("state"), max_length=10, choices=OutboxState, db_default=OutboxState.READY
    )
    run_after = models.DateTimeField(_("not before"), db_default=Now())
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    leased_by = models.CharField(
        _("worker"), max_length=WORKER_CHARS_MAX, blank=True, db_default=""
    )
    fence = models.BigIntegerField(_("fence"), db_default=0)
    attempts = models.PositiveIntegerField(_("attempts"), db_default=0)
    last_error = models.CharField(
        _("last error"), max_length=ERROR_CHARS_MAX, blank=True, db_default=""
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    retried_by = models.CharField(
        _("retried by"), max_length=ACTOR_CHARS_MAX, blank=True, db_default=""
    )
    retried_at = models.DateTimeField(_("retried"), null=True, blank=True)

    class Meta:
        verbose_name = _("outbox job")
        verbose_name_plural = _("outbox jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "dedupe_key"], name="outbox_job_is_promised_once"
            ),
            models.CheckConstraint(
                condition=Q(topic__regex=TOPIC_PATTERN), name="outbox_job_topic_is_dotted"
            ),
            models.CheckConstraint(condition=~Q(dedupe_key=""), name="outbox_job_key_is_not_empty"),
            models.CheckConstraint(
                condition=Q(state=OutboxState.LEASED, lease_until__isnull=False)
                | (~Q(state=OutboxState.LEASED) & Q(lease_until__isnull=True)),
                name="outbox_job_lease_ends_while_leased",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[OutboxState.DONE, OutboxState.DEAD], finished_at__isnull=False
                )
                | Q(state__in=[OutboxState.READY, OutboxState.LEASED], finished_at__isnull=True),
                name="outbox_job_finishes_when_done_or_dead",
            ),
        ]
        # Partial, so that they hold only what still has to move, however long the history.
        indexes = [
            models.Index(
                fields=["run_after"],
                condition=Q(state=OutboxState.READY),
                name="outbox_job_ready",
            ),
            models.Index(
                fields=["lane", "run_after"],
                condition=Q(state=OutboxState.READY) & ~Q(lane=""),
                name="outbox_job_lane_ready",
            ),
            models.Index(
                fields=["lane", "-finished_at"], condition=~Q(lane=""), name="outbox_job_lane_done"
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state=OutboxState.LEASED),
                name="outbox_job_leased",
            ),
            models.Index(
                fields=["id"], condition=Q(state=OutboxState.DEAD), name="outbox_job_dead"
            ),
            models.Index(
                fields=["finished_at"],
                condition=Q(state=OutboxState.DONE),
                name="outbox_job_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.dedupe_key}"

    @property
    def public_id(self) -> str:
        """What the log calls it."""
        return str(self.pk)
