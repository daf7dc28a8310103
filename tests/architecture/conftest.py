"""Figures of the house: checked where they are measured, printed together at the end."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.architecture import house

Figure = Callable[..., None]
PROPERTY = "house"


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Record a figure under its name in house_limits.toml and hold it to its limit."""

    def hold(name: str, value: float, places: Sequence[str] = ()) -> None:
        record_property(PROPERTY, (name, value))
        house.check(name, value, places)

    return hold


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    recorded: list[Any] = []
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                recorded += [row for key, row in report.user_properties if key == PROPERTY]
    measured: dict[str, float] = dict(recorded)
    if not measured:
        return
    terminalreporter.section("the house")
    terminalreporter.write_line(house.HEADER)
    for name, limit in house.limits().items():
        if name in measured:
            terminalreporter.write_line(limit.line(measured[name]))
