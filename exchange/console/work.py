"""Promised work, its dead letters, and what runs by the clock."""

import json
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from exchange.console.bulk import perform_on_chosen
from exchange.console.marks import PRIMARY, act, column
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, state_column, where
from exchange.core import clock, clockwork, outbox
from exchange.core.fields import FullReasonForm, ReasonForm
from exchange.core.formatting import moment_shown
from exchange.core.models import Heartbeat, OutboxJob, ScheduledTask
from exchange.core.outbox_lifecycle import OutboxState

RETRIED_MAX = 100


@admin.register(OutboxJob, site=console)
class OutboxJobTable(ReadOnlyTable):
    """Dead letters are one filter away; a job's page has the act that revives it."""

    when_empty = _("No work waits or failed. There is nothing to do.")
    list_display = ("topic", "dedupe_key", "state_shown", "attempts", "run_after", "error_shown")
    list_filter = ("state",)
    search_fields = ("dedupe_key__exact", "topic__exact")
    search_help_text = _("The whole key or the whole topic")
    ordering = ("-pk",)
    fields = (
        "topic", "dedupe_key", "state", "attempts", "last_error", "payload_shown", "run_after",
        "leased_by", "lease_until", "fence", "created_at", "finished_at", "retried_by", "retried_at",
    )  # fmt: skip
    actions = ("retry_chosen",)
    actions_detail = ("retry",)

    state_shown = state_column(
        {"dead": "danger", "done": "success", "leased": "info", "ready": "warning"}
    )

    @column(_("last error"))
    def error_shown(self, row: OutboxJob) -> str:
        return row.last_error.splitlines()[-1][:80] if row.last_error else "–"

    @column(_("payload"))
    def payload_shown(self, row: OutboxJob) -> SafeString:
        told = json.dumps(row.payload, ensure_ascii=False, indent=2)
        return format_html("<pre>{}</pre>", told)

    has_retry_permission = where(state=OutboxState.DEAD)

    @act(_("Try again"), permission="retry", path="retry", icon="restart_alt", variant=PRIMARY)
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        job = self.row(request, object_id)
        return self.perform_on_list(
            request, partial(outbox.retry_dead, job_id=job.pk), ReasonForm,
            title=_("Try again"),
            sentence=_("“%(job)s” gets all its attempts again, at once.") % {"job": job},
            done=_("The work will be done again."),
            back=self.address(job),
        )  # fmt: skip

    @admin.action(description=_("Try again"), permissions=["act"])
    def retry_chosen(self, request: HttpRequest, rows: QuerySet[OutboxJob]) -> HttpResponse:
        """Dead letters alone; of work that is not dead it is said that nothing was done."""
        chosen = list(rows.order_by("pk")[:RETRIED_MAX])
        return perform_on_chosen(
            request, chosen, site=console, perform=_retry, form=FullReasonForm,
            title=_("Try again"),
            sentence=_("Each of them gets all its attempts again, at once. What is not dead stays as it is."),
            chosen_by="pk",
        )  # fmt: skip


def _retry(job: OutboxJob, **asked: Any) -> OutboxJob:
    return outbox.retry_dead(job_id=job.pk, **asked)


EVERY: list[tuple[str, int]] = sorted(settings.CLOCK_TASKS.items())


def _schedule_row(
    name: str, seconds: int, task: ScheduledTask | None, health: clockwork.Health
) -> list[object]:
    when = _("every %(seconds)s s") % {"seconds": seconds}
    if task is None:
        return [name, when, "–", "–", _("not run yet")]
    if name in health.late_tasks:
        state = str(_("late"))
    elif task.failures:
        state = str(_("failing, %(count)s times in a row") % {"count": task.failures})
    else:
        state = str(_("runs"))
    last = moment_shown(task.finished_at, "seconds")
    return [name, when, last, moment_shown(task.due_at, "seconds"), state]


def _process_row(beat: Heartbeat) -> list[object]:
    seconds = f"{beat.ahead_ms / 1000:+.1f}"
    return [
        beat.process,
        str(beat.get_kind_display()),
        moment_shown(beat.beat_at, "seconds"),
        _("%(seconds)s s from the database's") % {"seconds": seconds},
    ]


def schedules(request: HttpRequest) -> HttpResponse:
    """What runs by the clock. The schedule is part of the release, so there is nothing to edit."""
    now = clock.now()
    health = clockwork.health(now=now)
    kept = ScheduledTask.objects.in_bulk(field_name="name")
    rows = [_schedule_row(name, seconds, kept.get(name), health) for name, seconds in EVERY]
    return TemplateResponse(
        request,
        "console/schedules.html",
        {
            **console.each_context(request),
            "title": _("Schedules"),
            "table": {
                "headers": [_("task"), _("when"), _("last run"), _("due next"), _("state")],
                "rows": rows,
            },
            "alive": {
                "headers": [_("process"), _("kind"), _("last sign of life"), _("clock")],
                "rows": [_process_row(beat) for beat in clockwork.alive(now=now)],
            },
            "no_worker": health.no_worker,
        },
    )


console.page("schedules/", schedules, name="schedules")
