"""Jobs of one lane take turns with those of others. Case L: no fairness in reading between organisations."""

import threading

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from exchange.core import outbox
from exchange.core.models import OutboxJob
from exchange.core.outbox import Lease
from tests.factories.outbox import TOPIC, emit_job, let_leases_run_out

pytestmark = pytest.mark.django_db


def promise(lane: str, *, count: int = 1, since: int = 0) -> None:
    for number in range(since, since + count):
        with transaction.atomic():
            outbox.emit(topic=TOPIC, key=f"{lane}:{number}", payload={}, lane=lane)


def take() -> Lease | None:
    leases = outbox.lease(worker="w")
    return leases[0] if leases else None


def do_all() -> list[str]:
    """The keys in the order in which one worker does them."""
    done: list[str] = []
    while lease := take():
        done.append(lease.key)
        outbox.complete(job_id=lease.job_id, fence=lease.fence)
    return done


def test_one_file_does_not_wait_for_the_fifty_of_somebody_else() -> None:
    promise("organisation:1", count=50)
    promise("organisation:2")
    promise("organisation:3", count=2)
    order = do_all()
    assert len(order) == 53
    assert order[0].startswith("organisation:1")
    assert order.index("organisation:2:0") <= 2
    assert order.index("organisation:3:1") <= 4
    of_the_first = [key for key in order if key.startswith("organisation:1:")]
    assert of_the_first == [f"organisation:1:{number}" for number in range(50)]


def test_who_comes_later_has_the_next_turn() -> None:
    promise("organisation:1", count=10)
    first = take()
    assert first is not None
    promise("organisation:2")
    outbox.complete(job_id=first.job_id, fence=first.fence)
    assert do_all()[0] == "organisation:2:0"


def test_an_organisation_has_no_more_than_its_lane_under_way(settings: Settings) -> None:
    promise("organisation:1", count=3)
    assert take() is not None
    assert take() is None
    promise("organisation:2")
    other = take()
    assert other is not None
    assert other.key == "organisation:2:0"
    settings.OUTBOX_PER_LANE = 2
    assert take() is not None
    assert take() is None


def test_a_vanished_worker_does_not_close_its_lane() -> None:
    promise("organisation:1", count=2)
    assert take() is not None
    let_leases_run_out()
    again = take()
    assert again is not None
    assert (again.key, again.attempts) == ("organisation:1:0", 2)


def test_what_has_no_lane_does_not_wait_for_lanes() -> None:
    promise("organisation:1", count=3)
    emit_job(key="mail")
    assert take() is not None
    plain = take()
    assert plain is not None
    assert plain.key == "mail"


@pytest.mark.django_db(transaction=True)
def test_workers_that_look_at_one_moment_do_not_take_two_of_a_lane() -> None:
    promise("organisation:1", count=20)
    promise("organisation:2", count=20)
    barrier = threading.Barrier(6)

    def look() -> None:
        try:
            barrier.wait(timeout=20)
            for _time in range(5):
                take()
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    leased = OutboxJob.objects.filter(state="leased").values_list("lane", flat=True)
    assert sorted(leased) == ["organisation:1", "organisation:2"]
