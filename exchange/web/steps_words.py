"""A road of states as the progress that the page draws."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices


@dataclass(frozen=True)
class StepState:
    """One stage: its label, and whether it is done, now or next."""

    label: str
    state: str


def progress(road: Sequence[Sequence[TextChoices]], current: TextChoices) -> tuple[StepState, ...]:
    """The road's stages, each named by its first state, up to where `current` lies. A state off the
    road leaves all stages to come."""
    at = next((number for number, stage in enumerate(road) if current in stage), -1)
    last = len(road) - 1
    return tuple(
        StepState(
            str((current if number == at else stage[0]).label),
            "done" if number < at or number == at == last else "now" if number == at else "next",
        )
        for number, stage in enumerate(road)
    )
