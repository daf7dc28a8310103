"""From a request for a quote to an agreement. Each move is one transaction with its record."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.catalog import demands, disclosure
from exchange.catalog.buyable import buyable_offer, licence_document
from exchange.catalog.demands import DemandClosed, demand_named
from exchange.catalog.lifecycle import DemandState, ListingState
from exchange.catalog.models import Product
from exchange.catalog.state_assets import check_path
from exchange.core.queries.rules import rule
from exchange.core.refusals import NotAllowed, NotFound
from exchange.flows import negotiation_recording as recording
from exchange.flows.negotiated_contracts import draw_up, terms_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.negotiation.actions import deciding, rounds
from exchange.negotiation.actions.rounds import Opening, Spoken
from exchange.negotiation.errors import NothingToApprove, ProposalRefused
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries.negotiations import negotiation_seen_by, side_of, subject_of
from exchange.negotiation.states import Origin, Side
from exchange.negotiation.terms import Terms
from exchange.orders.limits import limit_of


@transaction.atomic
def ask(*, actor: Actor, product_id: str, spoken: Spoken, now: datetime) -> Negotiation:
    """As a buyer, ask for a quote on a listed product, with a price or without."""
    product = _product(product_id)
    mine = organisation_of(actor)
    policy.require(actor, Permission.QUOTE_ASK, _dealing(product, mine))
    opening = Opening(product=product, buyer_id=mine, side=Side.BUYER, origin=Origin.QUOTE)
    return _open(opening, spoken, actor, now)


@transaction.atomic
def offer_privately(
    *, actor: Actor, product_id: str, buyer_id: str, spoken: Spoken, now: datetime
) -> Negotiation:
    """As the seller, make one organisation an offer that nobody else sees."""
    product = _product(product_id)
    policy.require(actor, Permission.QUOTE_MAKE, Subject(organisation_id=product.seller_id))
    buyer = Organisation.objects.filter(public_id=buyer_id).exclude(pk=product.seller_id).first()
    if buyer is None:
        raise NotFound(_("There is no such organisation."))
    opening = Opening(
        product=product, buyer_id=buyer.pk, side=Side.SELLER, origin=Origin.PRIVATE_OFFER
    )
    return _open(opening, spoken, actor, now)


@transaction.atomic
def request_offer(*, actor: Actor, offer_id: str, words: str, now: datetime) -> Negotiation:
    """As a buyer, ask for an offer whose seller approves each buyer. The terms are those of the offer
    at this moment, whatever becomes of it; the seller answers in time."""
    mine = organisation_of(actor)
    offer = buyable_offer(offer_id, at=now, buyer_id=mine)
    policy.require(actor, Permission.QUOTE_ASK, _dealing(offer.product, mine))
    if not offer.needs_approval:
        raise NothingToApprove(_("This offer is bought without asking."), offer=offer.public_id)
    terms = Terms(
        currency=offer.currency,
        price_minor=offer.price_minor,
        plan=offer.plan,
        period=offer.period,
        access_days=offer.access_days,
        history=offer.history,
        history_count=offer.history_count,
        future=offer.future,
    )
    opening = Opening(
        product=offer.product, buyer_id=mine, side=Side.BUYER, origin=Origin.SUBSCRIPTION
    )
    return _open(opening, Spoken(terms, words), actor, now)


@transaction.atomic
def answer_demand(
    *, actor: Actor, demand_id: str, product_id: str, spoken: Spoken, now: datetime
) -> Negotiation:
    """As a seller, answer a request on the board with an offer of one's own product. Whoever posted
    the request may take it, decline it or make a counter-offer."""
    demand = demand_named(demand_id)
    product = _product(product_id)
    policy.require(actor, Permission.QUOTE_MAKE, Subject(organisation_id=product.seller_id))
    if not demand.answers.filter(product=product).exists():
        demands.answer_demand(
            actor=actor, demand_id=demand_id, product_id=product_id, note="", now=now
        )
    elif demand.state != DemandState.OPEN:
        raise DemandClosed(_("This request is closed."), state=str(demand.state))
    if demand.organisation_id == product.seller_id:
        raise NotAllowed(_("This is a request of your own organisation."))
    opening = Opening(
        product=product,
        buyer_id=demand.organisation_id,
        side=Side.SELLER,
        origin=Origin.DEMAND,
        demand_ref=demand.public_id,
    )
    return _open(opening, spoken, actor, now)


@transaction.atomic
def counter(
    *, actor: Actor, negotiation_id: str, answers: str, spoken: Spoken, now: datetime
) -> Negotiation:
    """Answer the newest proposal, named by its hash, with another."""
    seen, side = _party(actor, negotiation_id)
    return recording.record_step(
        rounds.counter(
            negotiation_id=negotiation_id,
            side=side,
            answers=answers,
            spoken=_licensed(seen.product, spoken),
            actor=actor.name,
            by_id=actor.user_id,
            now=now,
        )
    )


@transaction.atomic
def accept(*, actor: Actor, negotiation_id: str, answers: str, now: datetime) -> Negotiation:
    """Accept the newest proposal, named by its hash. Above the buyer's limit a second person of the
    buyer approves; then the contract is drawn up."""
    seen, side = _party(actor, negotiation_id)
    disclosure.check_orderable(seen.product)
    step = deciding.accept(
        negotiation_id=negotiation_id,
        side=side,
        answers=answers,
        needs_second=_above_limit(seen, now),
        actor=actor.name,
        by_id=actor.user_id,
        now=now,
    )
    return draw_up(step, actor, now)


@transaction.atomic
def approve(*, actor: Actor, negotiation_id: str, now: datetime) -> Negotiation:
    """As a second person of the buyer, let an acceptance above the limit bind."""
    seen = negotiation_seen_by(actor, negotiation_id)
    made_by = frozenset({seen.accepted_by_id} if seen.accepted_by_id else ())
    policy.require(actor, Permission.ORDER_CONFIRM, replace(subject_of(seen), made_by=made_by))
    disclosure.check_orderable(seen.product)
    step = deciding.approve(
        negotiation_id=negotiation_id, actor=actor.name, by_id=person_of(actor), now=now
    )
    return draw_up(step, actor, now)


@transaction.atomic
def decline(*, actor: Actor, negotiation_id: str, reason: str, now: datetime) -> Negotiation:
    """As the side whose turn it is, end the negotiation."""
    _seen, side = _party(actor, negotiation_id)
    return recording.record_step(
        deciding.decline(
            negotiation_id=negotiation_id, side=side, reason=reason, actor=actor.name,
            by_id=actor.user_id, now=now,
        )
    )  # fmt: skip


@transaction.atomic
def withdraw(*, actor: Actor, negotiation_id: str, reason: str, now: datetime) -> Negotiation:
    """Take the own proposal back before it is answered."""
    _seen, side = _party(actor, negotiation_id)
    return recording.record_step(
        deciding.withdraw(
            negotiation_id=negotiation_id, side=side, reason=reason, actor=actor.name,
            by_id=actor.user_id, now=now,
        )
    )  # fmt: skip


def _open(opening: Opening, spoken: Spoken, actor: Actor, now: datetime) -> Negotiation:
    return recording.record_step(
        rounds.open_negotiation(
            opening=opening,
            spoken=_licensed(opening.product, spoken),
            actor=actor.name,
            by_id=actor.user_id,
            now=now,
        )
    )


def _licensed(product: Product, spoken: Spoken) -> Spoken:
    """What is said, under the product's own licence: an order freezes that, so nothing else may be
    agreed. Uses may be left out; other ones are refused."""
    check_path(product.seller, spoken.terms.nature)
    disclosure.check_orderable(product)
    licence = licence_document(product)
    allowed, forbidden = tuple(licence["allowed"]), tuple(licence["forbidden"])
    said = spoken.terms
    named = (tuple(sorted(said.allowed)), tuple(sorted(said.forbidden)))
    if named not in {((), ()), (allowed, forbidden)}:
        raise ProposalRefused(
            _("The uses are those of the product's licence."),
            field="allowed",
            accepted={"allowed": allowed, "forbidden": forbidden},
        )
    return replace(spoken, terms=replace(said, allowed=allowed, forbidden=forbidden))


def _above_limit(negotiation: Negotiation, now: datetime) -> bool:
    """Whether the newest price, with tax and for all orders of a framework, is more than one person of
    the buyer may spend alone."""
    limit = limit_of(organisation_id=negotiation.buyer_id, currency=negotiation.currency)
    terms = terms_of(negotiation)
    price = terms.price
    if limit is None or price is None:
        return False
    rate = rule(key="fee.vat_rate", at=now).as_decimal()
    return price.minor * (terms.calls_max or 1) * (1 + rate) > limit.minor


def _party(actor: Actor, negotiation_id: str) -> tuple[Negotiation, Side]:
    """The negotiation and the side that the actor speaks for, which it has to be allowed to."""
    seen = negotiation_seen_by(actor, negotiation_id)
    side = side_of(seen, actor)
    if side is Side.SELLER:
        policy.require(actor, Permission.QUOTE_MAKE, Subject(organisation_id=seen.seller_id))
        return seen, side
    policy.require(actor, Permission.QUOTE_ASK, _dealing(seen.product, seen.buyer_id))
    return seen, Side.BUYER


def _dealing(product: Product, buyer_id: int) -> Subject:
    return Subject(organisation_id=product.seller_id, engaged=frozenset({buyer_id}))


def _product(product_id: str) -> Product:
    found = Product.objects.select_related("seller").filter(
        public_id=product_id, state=ListingState.LISTED
    )
    product = found.first()
    if product is None:
        raise NotFound(_("There is no such product."))
    return product
