"""The board of data that is looked for."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog.demand_states import DEMAND_MOVES, DemandState
from exchange.catalog.models import Demand, DemandAnswer, Product
from exchange.catalog.models.interest import NAME_CHARS_MAX, TEXT_CHARS_MAX
from exchange.core.moves import check_move
from exchange.core.refusals import Invalid, Refusal

OPEN_DEMANDS_MAX = 50
ANSWERS_MAX = 200


class DemandIncomplete(Invalid):
    """A request needs a title and says what is needed; `limits` says how long they may be."""

    code = "demand_incomplete"


class TooManyDemands(Refusal):
    """The organisation has as many open requests as one may."""

    code = "too_many_demands"


class DemandClosed(Refusal):
    """The request is no longer open."""

    code = "demand_closed"


class AlreadyAnswered(Refusal):
    """This product was already named for this request."""

    code = "already_answered"


@transaction.atomic
def post_demand(
    *,
    organisation_id: int,
    by_id: int,
    title: str,
    description: str,
    budget_minor: int | None,
    needed_by: date | None,
    now: datetime,
) -> Demand:
    """Put a request on the board. Raises DemandIncomplete or TooManyDemands."""
    title, description = " ".join(title.split()), description.strip()
    _check(title, description, budget_minor)
    open_count = Demand.objects.filter(
        organisation_id=organisation_id, state=DemandState.OPEN
    ).count()
    if open_count >= OPEN_DEMANDS_MAX:
        raise TooManyDemands(
            _("Your organisation has %(limit)d open requests. Close one first.")
            % {"limit": OPEN_DEMANDS_MAX},
            limit=OPEN_DEMANDS_MAX,
        )
    return Demand.objects.create(
        organisation_id=organisation_id,
        by_id=by_id,
        title=title,
        description=description,
        budget_minor=budget_minor,
        needed_by=needed_by,
        posted_at=now,
    )


@transaction.atomic
def close_demand(*, demand_id: int, state: DemandState, now: datetime) -> Demand:
    """Take a request off the board, because it was met or is withdrawn. Raises IllegalMove."""
    demand = Demand.objects.select_for_update().get(pk=demand_id)
    check_move(DEMAND_MOVES, DemandState(demand.state), state)
    demand.state = state
    demand.closed_at = now
    demand.save(update_fields=["state", "closed_at"])
    return demand


@transaction.atomic
def answer_demand(
    *, demand_id: int, product: Product, by_id: int, note: str, now: datetime
) -> DemandAnswer:
    """Name a listed product for an open request. Raises DemandClosed or AlreadyAnswered."""
    demand = Demand.objects.select_for_update().get(pk=demand_id)
    if demand.state != DemandState.OPEN:
        raise DemandClosed(_("This request is closed."), state=demand.state)
    answers = DemandAnswer.objects.filter(demand=demand)
    if answers.filter(product=product).exists():
        raise AlreadyAnswered(_("This product was already named for this request."))
    if answers.count() >= ANSWERS_MAX:
        raise DemandClosed(_("This request has as many answers as it can take."), limit=ANSWERS_MAX)
    return DemandAnswer.objects.create(
        demand=demand, product=product, by_id=by_id, note=note.strip()[:TEXT_CHARS_MAX], at=now
    )


def _check(title: str, description: str, budget_minor: int | None) -> None:
    fits = 0 < len(title) <= NAME_CHARS_MAX and 0 < len(description) <= TEXT_CHARS_MAX
    if (
        not fits
        or "\x00" in title + description
        or (budget_minor is not None and budget_minor <= 0)
    ):
        raise DemandIncomplete(
            _("Say in a title and a few sentences what you need; a budget is more than nothing."),
            limits={"title": NAME_CHARS_MAX, "description": TEXT_CHARS_MAX},
        )
