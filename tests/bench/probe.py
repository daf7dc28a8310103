"""Benches for the test of their runner: what one process leaves in MEMORY, no other meets."""

from collections.abc import Iterator

from bench import measure

MEMORY: list[str] = []


def _figure(name: str, value: float) -> measure.Measurement:
    return measure.Measurement(name, value, "rows/s", "as many", 10, goal=1)


def first() -> measure.Measurement:
    MEMORY.append("first")
    return _figure("probe.first", len(MEMORY))


def breaking() -> Iterator[measure.Measurement]:
    """One figure, and then no second."""
    yield _figure("probe.half", 20)
    raise RuntimeError("The second figure cannot be made.")


def last() -> measure.Measurement:
    MEMORY.append("last")
    return _figure("probe.last", len(MEMORY))


BENCHES: dict[str, measure.Bench] = {
    "probe.first": first,
    "probe.breaking": breaking,
    "probe.last": last,
}
