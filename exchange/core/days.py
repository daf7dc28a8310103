"""Days in addresses."""

from datetime import date


class DayConverter:
    """`2026-11-23` in a path; what is no day is no such address."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()
