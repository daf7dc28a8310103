"""How Celery runs. Its messages only wake somebody up; what must happen stands in the database."""

from pathlib import Path
from typing import Any

TASK_SECONDS_MAX = 60
# Redis hands a message out again after this long. Shorter than a task, it would run it twice and
# more; the shortest setting of all programs on one Redis wins, so it is said here for all.
VISIBILITY_TIMEOUT_SECONDS = 3 * TASK_SECONDS_MAX
POLL_SECONDS = 0.05
SOFT_SHUTDOWN_SECONDS = 2

# What runs by the clock, and how many seconds apart. The rows are in core_scheduledtask.
CLOCK_TASKS = {
    "jobs.run_outbox_due": 5,
    "jobs.expire_holds": 10,
    "jobs.watch_sequencer": 10,
    "jobs.run_data_due": 60,
    "jobs.check_ledger": 3600,
    "jobs.run_payments_due": 30,
    "jobs.reconcile": 3600,
    "jobs.run_offers_due": 10,
    "jobs.run_orders_due": 15,
    "jobs.run_auctions_due": 5,
    "jobs.run_usage_due": 15,
    "jobs.run_asset_sales_due": 60,
    "jobs.run_negotiations_due": 60,
    "jobs.purge_old_rows": 3600,
}


def celery(*, redis_url: str, broker_folder: Path) -> dict[str, Any]:
    """The CELERY_* settings: on Redis when there is one, else on files under `broker_folder`.

    No task has an ETA or a countdown: due dates are columns. A wake-up that was not fetched before
    the next one is worthless and expires.
    """
    return {
        "CELERY_BROKER_URL": redis_url or "files://localhost",
        "CELERY_BROKER_TRANSPORT_OPTIONS": (
            {"visibility_timeout": VISIBILITY_TIMEOUT_SECONDS}
            if redis_url
            else {
                "data_folder_in": str(broker_folder / "messages"),
                "data_folder_out": str(broker_folder / "messages"),
                "control_folder": str(broker_folder / "control"),
                "polling_interval": POLL_SECONDS,
            }
        ),
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        "CELERY_TASK_TIME_LIMIT": TASK_SECONDS_MAX,
        "CELERY_WORKER_POOL": "threads",
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT": SOFT_SHUTDOWN_SECONDS,
        # Between workers that share a folder there is nothing to control from afar.
        "CELERY_WORKER_ENABLE_REMOTE_CONTROL": bool(redis_url),
        "CELERY_TIMEZONE": "UTC",
        "CELERY_ENABLE_UTC": True,
    }
