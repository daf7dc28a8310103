"""Panels that pages of one thing share: its road, its timeline, labels with texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices


@dataclass(frozen=True)
class Stage:
    """One stage of a road: its label, and whether it is done, now or next."""

    label: str
    state: str


@dataclass(frozen=True)
class Event:
    """One entry of a timeline."""

    title: str
    at: datetime | None
    by: str
    reason: str = ""
    tone: str = "neutral"


@dataclass(frozen=True)
class Fact:
    """A label and what stands beside it."""

    label: str
    text: str


@dataclass(frozen=True)
class Tab:
    """One of the views of a list; the address names it as `?show=`."""

    label: str
    url: str
    is_current: bool


def tabs_of(path: str, labels: Mapping[str, str], *, chosen: str) -> tuple[Tab, ...]:
    """The tabs over a list at `path`."""
    return tuple(
        Tab(label, f"{path}?show={name}", name == chosen) for name, label in labels.items()
    )


def progress(road: Sequence[Sequence[TextChoices]], current: TextChoices) -> tuple[Stage, ...]:
    """The road's stages, each named by its first state, up to where `current` lies. A state off the
    road leaves all stages to come."""
    at = next((number for number, stage in enumerate(road) if current in stage), -1)
    last = len(road) - 1
    return tuple(
        Stage(
            str((current if number == at else stage[0]).label),
            "done" if number < at or number == at == last else "now" if number == at else "next",
        )
        for number, stage in enumerate(road)
    )
