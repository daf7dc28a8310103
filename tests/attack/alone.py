"""One history in a process that plays nothing else."""

import logging
import os
from collections import Counter

Outcome = tuple[str, list[str], Counter[str], list[str]]


def play_alone(seed: int, rounds: int) -> Outcome:
    """One history: a line about it, what was found, the successes and the names of the use cases."""
    _set_up()
    from tests.attack.history import SELDOM, play  # noqa: PLC0415 - Django must be set up first

    history = play(seed, rounds, stop_at_finding=False, pace=SELDOM)
    attack = history.attack
    findings = [f"FOUND with seed {seed}: {one}" for one in history.findings]
    if attack.locks.cycles():
        findings.append(f"FOUND with seed {seed}: a cycle of locks\n{attack.locks.explained()}")
    line = f"seed {seed}: {history.share:.0%} of {attack.steps} rounds succeeded"
    return line, findings, Counter(attack.succeeded), list(attack.cases)


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.test")
    import django  # noqa: PLC0415 - after the settings are named

    django.setup()
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    setup_test_environment()
    logging.disable()  # of what rounds are refused, and what is left to workers
    connection.settings_dict["NAME"] = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
