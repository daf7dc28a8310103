"""Puts the rule packs and calendars that ship with the project into an empty table."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.apps.registry import Apps

from exchange.core.calendar import SATURDAY
from exchange.core.rules import DECLARATIONS, PACKS, rule_key

CALENDARS = Path(__file__).parent / "working_days"
# The rules that ship are of one country; their days begin there.
RULES_ZONE = ZoneInfo("Asia/Shanghai")
WRITER = "system:starting-values"


def load_starting_values(*, apps: Apps) -> None:
    """Add what is missing and leave alone what is there. One query each when nothing is missing.

    Amended rules keep their amendments, since a rule that has any version is not missing.
    """
    for app_model in ("RuleVersion", "CalendarYear"):
        if app_model.lower() not in apps.all_models["core"]:
            return  # the tables are not made yet, or taken away again
    _load_rules(apps)
    _load_calendars(apps)


def _load_rules(apps: Apps) -> None:
    versions = apps.get_model("core", "RuleVersion")
    present = set(versions.objects.values_list("rule__pack__code", "rule__key").distinct())
    for pack in _documents(PACKS):
        missing = [row for row in pack["rules"] if (pack["code"], row["key"]) not in present]
        if missing:
            _add_rules(apps, pack, missing)


def _add_rules(apps: Apps, pack: dict[str, Any], missing: list[dict[str, Any]]) -> None:
    packs, rules, versions = (
        apps.get_model("core", name) for name in ("RulePack", "Rule", "RuleVersion")
    )
    home, _ = packs.objects.get_or_create(
        code=pack["code"],
        defaults={"jurisdiction": pack["jurisdiction"], "labels": pack["label"]},
    )
    rules.objects.bulk_create(
        [rules(pack=home, key=row["key"]) for row in missing], ignore_conflicts=True
    )
    ids = dict(rules.objects.filter(pack=home).values_list("key", "pk"))
    versions.objects.bulk_create(
        [
            versions(
                rule_id=ids[row["key"]],
                number=1,
                value=rule_key(row["key"]).check(row["value"]),
                tag=row["tag"],
                source=row["source"],
                valid_from=_midnight(row["valid_from"]),
                written_by=WRITER,
            )
            for row in missing
        ],
        ignore_conflicts=True,
    )


def _load_calendars(apps: Apps) -> None:
    years, days = apps.get_model("core", "CalendarYear"), apps.get_model("core", "CalendarDay")
    present = set(years.objects.values_list("jurisdiction", "year"))
    for calendar in _documents(CALENDARS):
        for year in calendar["years"]:
            if (calendar["jurisdiction"], year["year"]) in present:
                continue
            home = years.objects.create(
                jurisdiction=calendar["jurisdiction"],
                year=year["year"],
                source=year["source"],
                tag=year["tag"],
                written_by=WRITER,
            )
            days.objects.bulk_create(
                days(year=home, day=day, worked=worked, labels=labels)
                for day, worked, labels in _exceptions(year["holidays"])
            )


def _exceptions(holidays: list[dict[str, Any]]) -> Iterator[tuple[date, bool, dict[str, str]]]:
    """Weekdays off and weekend days worked; a weekend day off is off anyway."""
    for holiday in holidays:
        day, last = date.fromisoformat(holiday["from"]), date.fromisoformat(holiday["to"])
        while day <= last:
            if day.isoweekday() < SATURDAY:
                yield day, False, holiday["name"]
            day += timedelta(days=1)
        for worked in holiday["work"]:
            yield date.fromisoformat(worked), True, holiday["name"]


def _documents(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.json")):
        if path.name != DECLARATIONS:
            yield json.loads(path.read_text())


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.min, tzinfo=RULES_ZONE)
