"""Narrowing a list to what an actor may know of."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from exchange.members.actors import Actor

Row = TypeVar("Row", bound=Model)


def visible(rows: QuerySet[Row], actor: Actor, *, owner: str = "organisation") -> QuerySet[Row]:
    """The rows whose owner the actor acts for; all of them for operators and regulators."""
    if actor.oversees:
        return rows
    if actor.organisation_id is None:
        return rows.none()
    return rows.filter(**{f"{owner}_id": actor.organisation_id})
