"""What runs by the clock, and which processes are alive. All instants are the database's."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

NAME_CHARS_MAX = 100
PROCESS_CHARS_MAX = 100


class ScheduledTask(models.Model):
    """When a task of the clock is due next, and how its last run went."""

    name = models.CharField(_("task"), max_length=NAME_CHARS_MAX, unique=True)
    due_at = models.DateTimeField(_("due"), db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), db_default=0)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("scheduled task")
        verbose_name_plural = _("scheduled tasks")

    def __str__(self) -> str:
        return self.name


class ProcessKind(models.TextChoices):
    WEB = "web", _("web server")
    WORKER = "worker", _("worker")


class Heartbeat(models.Model):
    """A process that lived at `beat_at`, and by how much its clock was ahead of the database's."""

    process = models.CharField(_("process"), max_length=PROCESS_CHARS_MAX, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ProcessKind)
    beat_at = models.DateTimeField(_("last sign of life"), db_default=Now())
    ahead_ms = models.BigIntegerField(_("clock ahead by, ms"), db_default=0)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        indexes = [models.Index(fields=["kind", "beat_at"], name="heartbeat_by_kind")]

    def __str__(self) -> str:
        return self.process
