"""Histories in a process of their own, on a test database of their own."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from queue import Queue


@dataclass
class Result:
    """What some seeds came to: how many steps went well, and the shortest histories of those that failed."""

    seeds: int
    went_well: int = 0
    failed: list[int] = field(default_factory=list)
    histories: list[str] = field(default_factory=list)


def prepare(workers: int) -> list[str]:
    """Make the test database of this instance and a copy for each further worker; what is there is brought
    up to date. Return their names."""
    _set_up()
    from django.db import connection  # noqa: PLC0415 - Django must be set up first

    creation = connection.creation
    connection.settings_dict["NAME"] = creation.create_test_db(
        verbosity=0, autoclobber=True, keepdb=True, serialize=False
    )
    first = str(connection.settings_dict["NAME"])
    connection.close()
    for number in range(2, workers + 1):
        creation.clone_test_db(suffix=str(number), verbosity=0, autoclobber=True)
    return [first, *(f"{first}_{number}" for number in range(2, workers + 1))]


def play_alone(seeds: Sequence[int], steps: int, databases: "Queue[str]") -> Result:
    """Play these seeds on a database that nobody else uses now."""
    _set_up()
    from django.db import connection  # noqa: PLC0415 - Django must be set up first

    name = databases.get()
    try:
        connection.close()
        connection.settings_dict["NAME"] = name
        return _play(seeds, steps)
    finally:
        databases.put(name)


def _play(seeds: Sequence[int], steps: int) -> Result:
    from tests.simulation import history  # noqa: PLC0415 - Django must be set up first
    from tests.simulation.world import a_world, rolled_back  # noqa: PLC0415

    result = Result(len(seeds))
    with rolled_back():
        world = a_world()
        for seed in seeds:
            played = history.play(world, seed, steps=steps)
            result.went_well += played.went_well
            if played.wrong:
                result.failed.append(seed)
                result.histories.append(str(history.shortest(world, played, steps=steps)))
    return result


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.test")
    import django  # noqa: PLC0415 - after the settings are named
    from django.apps import apps  # noqa: PLC0415

    if apps.ready:
        return
    django.setup()
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    setup_test_environment()
    logging.disable()  # of what is refused, and what is left to workers
