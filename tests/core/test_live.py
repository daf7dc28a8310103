"""News after the commit: losing it loses time and nothing else."""

import pytest
import structlog
from django.db import DatabaseError, transaction

from exchange.core import use_case as live


@pytest.mark.django_db(transaction=True)
def test_news_that_fail_after_the_commit_harm_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_payloads: list[str]) -> None:
        raise DatabaseError("the connection is gone")

    monkeypatch.setattr(live, "_notify", broken)
    with structlog.testing.capture_logs(), transaction.atomic():
        live.announce(topic="auction/a", version=1)
