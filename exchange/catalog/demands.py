"""The board of data that is looked for."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.catalog.lifecycle import DEMAND, DemandState, DemandTransition, ListingState
from exchange.catalog.models import Demand, DemandAnswer, Product
from exchange.catalog.models.interest import NAME_CHARS_MAX, TEXT_CHARS_MAX
from exchange.catalog.queries import own_organisation
from exchange.core.inputs import is_shown
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.members.roles import Role
from exchange.notices import notify
from exchange.notices.notify import notify_organisation

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


@dataclass(frozen=True)
class Wanted:
    """What a request for data says."""

    title: str
    description: str
    budget_minor: int | None = None
    needed_by: date | None = None


@use_case(Permission.DEMAND_POST, about=own_organisation)
def post_demand(*, actor: Actor, wanted: Wanted, now: datetime) -> Demand:
    """Put a request on the public board for the organisation that the actor acts for.

    Raises DemandIncomplete or TooManyDemands.
    """
    title = " ".join(wanted.title.split())
    description = wanted.description.replace("\r\n", "\n").strip()
    _check(title, description, wanted.budget_minor)
    organisation_id = organisation_of(actor)
    open_count = Demand.objects.filter(
        organisation_id=organisation_id, state=DemandState.OPEN
    ).count()
    if open_count >= OPEN_DEMANDS_MAX:
        raise TooManyDemands(
            _("Your organisation has %(limit)d open requests. Close one first.")
            % {"limit": OPEN_DEMANDS_MAX},
            limit=OPEN_DEMANDS_MAX,
        )
    demand = Demand(
        organisation_id=organisation_id,
        by_id=person_of(actor),
        title=title,
        description=description,
        budget_minor=wanted.budget_minor,
        needed_by=wanted.needed_by,
        posted_at=now,
    )
    return DEMAND.transition(demand, DemandTransition.POST, actor=actor, now=now)


@use_case(Permission.DEMAND_POST, locks=DEMAND)
def close_demand(demand: Demand, *, actor: Actor, is_met: bool, now: datetime) -> Demand:
    """Take a request of one's own off the board, met or withdrawn. Raises IllegalTransition."""
    transition = DemandTransition.MEET if is_met else DemandTransition.WITHDRAW
    demand.closed_at = now
    return DEMAND.transition(demand, transition, actor=actor, now=now, save=("closed_at",))


@use_case(Permission.DEMAND_ANSWER, about=own_organisation)
def answer_demand(
    *, actor: Actor, demand_id: str, product_id: str, note: str, now: datetime
) -> DemandAnswer:
    """Name a listed product of one's own for an open request, and tell its organisation.

    Raises DemandClosed or AlreadyAnswered.
    """
    product = (
        Product.objects.filter(
            public_id=product_id, seller_id=organisation_of(actor), state=ListingState.LISTED
        )
        .select_related("seller")
        .first()
    )
    if product is None:
        raise NotFound(_("Choose one of your listed products."))
    demand = DEMAND.lock(demand_id)
    if demand.state != DemandState.OPEN:
        raise DemandClosed(_("This request is closed."), state=demand.state)
    answers = DemandAnswer.objects.filter(demand=demand)
    if answers.filter(product=product).exists():
        raise AlreadyAnswered(_("This product was already named for this request."))
    if answers.count() >= ANSWERS_MAX:
        raise DemandClosed(_("This request has as many answers as it can take."), limit=ANSWERS_MAX)
    answer = DemandAnswer.objects.create(
        demand=demand,
        product=product,
        by_id=person_of(actor),
        note=note.strip()[:TEXT_CHARS_MAX],
        at=now,
    )
    log.record(
        event="catalog.demand.answered",
        actor=actor.name,
        subject=f"demand:{demand.public_id}",
        facts={"product": product.public_id},
        at=now,
    )
    notify_organisation(
        organisation_id=demand.organisation_id,
        roles=[Role.BUYER_AGENT],
        kind="catalog.demand.answered",
        facts={
            "organisation": product.seller.name,
            "demand": demand.title,
            "product": product,
        },
        url=notify.path("demand", demand.public_id),
        dedupe=f"answer:{answer.pk}",
        now=now,
    )
    return answer


def _check(title: str, description: str, budget_minor: int | None) -> None:
    fits = 0 < len(title) <= NAME_CHARS_MAX and 0 < len(description) <= TEXT_CHARS_MAX
    if not is_shown(title) or not is_shown(description, has_lines=True):
        raise DemandIncomplete(_("The text has a character that cannot be shown."))
    if not fits or (budget_minor is not None and budget_minor <= 0):
        raise DemandIncomplete(
            _("Say in a title and a few sentences what you need; a budget is more than nothing."),
            limits={"title": NAME_CHARS_MAX, "description": TEXT_CHARS_MAX},
        )


def demand_named(public_id: str) -> Demand:
    """The request of an address. Raises NotFound."""
    found = Demand.objects.select_related("organisation").filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such request for data."))
    return found


def open_demands(*, before: int | None = None, limit: int) -> list[Demand]:
    """The board, newest first."""
    rows = (
        Demand.objects.filter(state=DemandState.OPEN)
        .select_related("organisation")
        .annotate(answer_count=Count("answers"))
        .order_by("-id")
    )
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])
