"""The ends of a negotiation: accepted and put into a contract, declined, withdrawn, expired, concluded."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.catalog import disclosure
from exchange.catalog.buyable import licence_document
from exchange.contracts import drafting, performance
from exchange.contracts.drafting import Draft
from exchange.core import scheduled
from exchange.core.lifecycle import Change
from exchange.core.rules import rule
from exchange.core.use_case import use_case
from exchange.members import standing
from exchange.members.actors import Actor, bound_person, commit, person_of, system_actor
from exchange.members.permissions import Permission
from exchange.negotiation.errors import NotYourTurn, ProposalRefused
from exchange.negotiation.lifecycle import NEGOTIATION, NegotiationTransition, Side, Turn
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries import newest_proposal, speaking_side, terms_of
from exchange.negotiation.rounds import answered, check_answerable, facts_of, total_of
from exchange.negotiation.terms import read_terms
from exchange.orders.lifecycle import INSPECTION
from exchange.orders.placing import limit_of

CLOCK = system_actor("clock")


@use_case(Permission.NEGOTIATION_SEE, locks=NEGOTIATION)
def accept(negotiation: Negotiation, *, actor: Actor, answers: str, now: datetime) -> Negotiation:
    """Accept exactly the newest proposal, named by its hash. Above the buyer's limit a second person
    of the buyer approves before it binds."""
    side = speaking_side(negotiation, actor)
    standing.hold(negotiation.seller_id, negotiation.buyer_id)
    disclosure.check_orderable(negotiation.product)
    newest = answered(negotiation, side=side, answers=answers, now=now)
    # Who bound the buyer: its person who accepts, or who made the proposal that the seller accepts.
    negotiation.accepted_by_id = bound_person(actor) if side is Side.BUYER else newest.by_id
    total = total_of(read_terms(newest.document["terms"]), now=now)
    if side is Side.BUYER:
        subject = f"negotiation:{negotiation.public_id}"
        commit(actor, subject=subject, amount=total, now=now)
    limit = limit_of(organisation_id=negotiation.buyer_id, currency=negotiation.currency)
    is_held = limit is not None and total.minor > limit.minor
    transition = NegotiationTransition.HOLD if is_held else NegotiationTransition.ACCEPT
    return NEGOTIATION.transition(
        negotiation, transition, actor=actor, facts=facts_of(newest, side), save=("accepted_by",),
        now=now,
    )  # fmt: skip


@use_case(Permission.ORDER_CONFIRM, locks=NEGOTIATION)
def approve(negotiation: Negotiation, *, actor: Actor, now: datetime) -> Negotiation:
    """As a second person of the buyer, let an acceptance above the limit bind."""
    standing.hold(negotiation.seller_id, negotiation.buyer_id)
    disclosure.check_orderable(negotiation.product)
    newest = newest_proposal(negotiation)
    check_answerable(negotiation, newest, now=now)
    negotiation.approved_by_id = person_of(actor)
    return NEGOTIATION.transition(
        negotiation, NegotiationTransition.APPROVE, actor=actor,
        facts=facts_of(newest, Side.BUYER), save=("approved_by",), now=now,
    )  # fmt: skip


@use_case(Permission.NEGOTIATION_SEE, locks=NEGOTIATION)
def decline(negotiation: Negotiation, *, actor: Actor, reason: str, now: datetime) -> Negotiation:
    """End it, as the side whose turn it is; or as the second person who does not approve."""
    side = speaking_side(negotiation, actor)
    newest = newest_proposal(negotiation)
    check_answerable(negotiation, newest, now=now)
    if negotiation.turn not in (side.value, Turn.BOTH):
        raise _not_now(negotiation)
    return NEGOTIATION.transition(
        negotiation, NegotiationTransition.DECLINE, actor=actor, reason=reason,
        facts=facts_of(newest, side), now=now,
    )  # fmt: skip


@use_case(Permission.NEGOTIATION_SEE, locks=NEGOTIATION)
def withdraw(negotiation: Negotiation, *, actor: Actor, reason: str, now: datetime) -> Negotiation:
    """Take one's own newest proposal back before it is answered; the negotiation ends."""
    side = speaking_side(negotiation, actor)
    newest = newest_proposal(negotiation)
    check_answerable(negotiation, newest, now=now)
    if newest.side != side.value:
        raise _not_now(negotiation)
    return NEGOTIATION.transition(
        negotiation, NegotiationTransition.WITHDRAW, actor=actor, reason=reason,
        facts=facts_of(newest, side), now=now,
    )  # fmt: skip


@use_case(locks=NEGOTIATION)
def conclude(negotiation: Negotiation, *, actor: Actor, now: datetime) -> Negotiation:
    """Both sides have signed, and the order is placed."""
    newest = newest_proposal(negotiation)
    return NEGOTIATION.transition(
        negotiation, NegotiationTransition.CONCLUDE, actor=actor, facts=facts_of(newest, None),
        now=now,
    )  # fmt: skip


def run_due(*, now: datetime) -> int:
    """Let what nobody answered, approved or signed in time expire; how many."""
    return sum(
        scheduled.run_due(NEGOTIATION, {NegotiationTransition.EXPIRE: _expire}, now=now).values()
    )


def draw_up(negotiation: Negotiation, change: Change) -> None:
    """Put what was agreed into a contract, for both to sign. A reaction to the agreement."""
    negotiation.contract = drafting.put_up(
        _draft(negotiation, change.at), actor=change.doer, now=change.at
    )
    negotiation.save(update_fields=["contract"])


def lapse_contract(negotiation: Negotiation, change: Change) -> None:
    """What waits for signatures lapses with its negotiation. A reaction to the end of its time."""
    if negotiation.contract is not None:
        performance.lapse(negotiation.contract, actor=change.doer, now=change.at)


def _expire(negotiation: Negotiation, *, now: datetime) -> Negotiation:
    newest = newest_proposal(negotiation)
    return NEGOTIATION.transition(
        negotiation, NegotiationTransition.EXPIRE, actor=CLOCK, facts=facts_of(newest, None),
        now=now,
    )  # fmt: skip


def _draft(negotiation: Negotiation, now: datetime) -> Draft:
    terms, product = terms_of(negotiation), negotiation.product
    licence = licence_document(product)
    price = terms.price
    if price is None:
        raise ProposalRefused(_("An offer names its price."), field="price_minor")
    return Draft(
        template=terms.template,
        product=product,
        seller=negotiation.seller,
        buyer=negotiation.buyer,
        basis=f"negotiation:{negotiation.public_id}",
        basis_hash=newest_proposal(negotiation).document_hash,
        fee=price,
        plan=terms.plan,
        period=terms.period,
        access_days=terms.access_days,
        history=terms.history,
        history_count=terms.history_count,
        future=terms.future,
        allowed=terms.allowed,
        forbidden=terms.forbidden,
        attribution=licence["attribution"],
        licence_text=licence["text"],
        nature=terms.nature,
        purpose=terms.purpose,
        territory=terms.territory,
        environment=terms.environment,
        uses_max=terms.uses_max,
        seller_share_percent=terms.seller_share_percent,
        acceptance_days=rule(key=INSPECTION, at=now).as_int(),
        calls_max=terms.calls_max,
        calls_days=terms.calls_days,
    )


def _not_now(negotiation: Negotiation) -> NotYourTurn:
    return NotYourTurn(
        _("It is the other side's turn."),
        reason="not_your_turn",
        turn=negotiation.turn,
        state=str(negotiation.state),
    )
