"""The Celery application. Its messages are wake-ups only; the promise is in the database's outbox."""

import os
from pathlib import Path
from typing import Any

from celery import Celery

from exchange.local import files_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.prod")
files_broker.register()
app = Celery("exchange")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add("exchange.jobs.background:BackgroundLoops")
app.autodiscover_tasks(["exchange.jobs"])


@app.on_after_configure.connect
def make_broker_folders(sender: Celery, **_facts: Any) -> None:
    """The filesystem broker wants its folders to exist."""
    for option, folder in sender.conf.broker_transport_options.items():
        if "folder" in option:
            Path(folder).mkdir(parents=True, exist_ok=True)
