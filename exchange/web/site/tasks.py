"""What an organisation has to do next, gathered from all rooms that the reader may see."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.catalog import questions
from exchange.catalog.queries import to_correct
from exchange.contracts.queries import waiting_for as contracts_waiting
from exchange.core.titles import title_of
from exchange.disputes.queries import waiting_for as disputes_waiting
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.negotiation.lifecycle import Turn
from exchange.negotiation.queries import negotiations_of
from exchange.orders.lifecycle import OrderState
from exchange.orders.queries import side_of
from exchange.orders.queries import waiting_for as orders_waiting
from exchange.web.orders.labels import next_step

TASKS_MAX = 8


@dataclass(frozen=True)
class Task:
    """One thing to do, on its page; `due_at` where it has its time."""

    title: str
    says: str
    url: str
    due_at: datetime | None = None
    is_overdue: bool = False


# Title, what to do, page, until when.
Waiting = tuple[str, str, str, datetime | None]


def tasks_of(actor: Actor, mine: int, *, now: datetime) -> tuple[Task, ...]:
    """All of them, the soonest first; of each room no more than one above TASKS_MAX."""
    waiting = [
        one for permission, room in ROOMS if may(actor, permission) for one in room(actor, mine)
    ]
    waiting.sort(key=lambda one: (one[3] is None, one[3] or now))
    return tuple(Task(*one, one[3] is not None and one[3] < now) for one in waiting)


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor may do this for the organisation acted for."""
    subject = Subject(organisation_id=actor.organisation_id)
    return policy.allowed(actor, permission, subject).allowed


def _soonest(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by(F("due_at").asc(nulls_last=True), "pk")[: TASKS_MAX + 1]


def _orders(actor: Actor, mine: int) -> Iterator[Waiting]:
    for one in _soonest(orders_waiting(mine)):
        # Who placed an order above the limit cannot be the second person.
        if one.state != OrderState.CREATED or one.placed_by_id != actor.user_id:
            url = reverse("web:order", args=[one.public_id])
            yield title_of(one), next_step(one, side_of(one, actor)), url, one.due_at


def _disputes(_actor: Actor, mine: int) -> Iterator[Waiting]:
    for one in _soonest(disputes_waiting(mine).select_related("order")):
        url = reverse("web:dispute", args=[one.public_id])
        yield title_of(one.order), _("Answer in the dispute."), url, one.due_at


def _negotiations(_actor: Actor, mine: int) -> Iterator[Waiting]:
    """Without those in which both sign: their contracts wait by themselves."""
    for one in _soonest(negotiations_of(mine, wanted="turn").exclude(turn=Turn.BOTH)):
        url = reverse("web:negotiation", args=[one.public_id])
        yield title_of(one.product), _("Answer in the negotiation."), url, one.due_at


def _contracts(_actor: Actor, mine: int) -> Iterator[Waiting]:
    for one in _soonest(contracts_waiting(mine)):
        url = reverse("web:contract", args=[one.public_id])
        yield title_of(one.product), _("Sign the contract."), url, one.due_at


def _products(actor: Actor, _mine: int) -> Iterator[Waiting]:
    for one in to_correct(actor)[: TASKS_MAX + 1]:
        url = reverse("web:sell_product", args=[one.public_id])
        yield title_of(one), _("Correct the listing."), url, None


def _questions(_actor: Actor, mine: int) -> Iterator[Waiting]:
    for one in questions.waiting_for(mine)[: TASKS_MAX + 1]:
        url = reverse("web:question", args=[one.public_id])
        yield title_of(one.product), _("Answer a question."), url, None


ROOMS: tuple[tuple[Permission, Callable[[Actor, int], Iterator[Waiting]]], ...] = (
    (Permission.ORDER_SEE, _orders),
    (Permission.ORDER_SEE, _disputes),
    (Permission.NEGOTIATION_SEE, _negotiations),
    (Permission.CONTRACT_SEE, _contracts),
    (Permission.PRODUCT_SEE, _products),
    (Permission.DEMAND_ANSWER, _questions),
)
