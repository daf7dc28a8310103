"""The zone that the books were begun with is kept, and a process that reckons in another is named."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, transaction

from exchange.audit.models import Record
from exchange.core import checks
from exchange.core.models import BooksZone
from tests.factories.members import an_exchange

MOVE = ("move_time_zone", "--by", "user:usr_first", "--reason", "The exchange moved.")


@pytest.mark.django_db
def test_a_changed_zone_of_a_founded_exchange_fails_the_check(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    call_command("check")  # no books yet: the zone may be chosen
    settings.TIME_ZONE = "Asia/Shanghai"
    an_exchange()
    call_command("check")
    settings.TIME_ZONE = "Europe/Berlin"
    with pytest.raises(SystemCheckError) as failed:
        call_command("check")
    said = str(failed.value)
    assert "TIME_ZONE is Europe/Berlin, and the books were begun in Asia/Shanghai." in said
    assert "Set TIME_ZONE to Asia/Shanghai" in said
    assert "move_time_zone" in said


@pytest.mark.django_db(transaction=True)
def test_a_process_of_production_does_not_start_in_another_zone(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "excess_powers", list)
    an_exchange()
    settings.ENVIRONMENT = "production"
    checks.require_safe_database()
    settings.TIME_ZONE = "Europe/Berlin"
    with pytest.raises(ImproperlyConfigured, match="Set TIME_ZONE to Asia/Shanghai"):
        checks.require_safe_database()


@pytest.mark.django_db
def test_moving_the_zone_is_recorded_and_then_the_check_asks_for_the_new_one(settings: Any) -> None:
    an_exchange()
    with pytest.raises(CommandError, match="no such time zone"):
        call_command(*MOVE, "Europe/Berlln")
    settings.TIME_ZONE = "Europe/Berlin"
    call_command(*MOVE, "Europe/Berlin")
    call_command("check")
    record = Record.objects.get(event="members.zone.moved")
    assert (record.actor, record.subject) == ("user:usr_first", "zone:Europe/Berlin")
    settings.TIME_ZONE = "Asia/Shanghai"
    with pytest.raises(SystemCheckError, match="Set TIME_ZONE to Europe/Berlin"):
        call_command("check")


@pytest.mark.django_db
def test_a_kept_zone_is_never_rewritten() -> None:
    an_exchange()
    with pytest.raises(IntegrityError), transaction.atomic():
        BooksZone.objects.update(zone="Europe/Berlin")
    assert BooksZone.objects.get().zone == "Asia/Shanghai"
