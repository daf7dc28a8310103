"""From an agreement to a signed contract and its order.

Both parties sign; the second signature reserves the offer and places the order.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog import disclosure
from exchange.catalog.actions.offers import reserve_offer
from exchange.catalog.queries.products import licence_document
from exchange.catalog.states import DealNature
from exchange.contracts.actions import concluding, drafting
from exchange.contracts.actions.steps import locked_contract
from exchange.contracts.draft import Draft
from exchange.contracts.models import Contract
from exchange.contracts.queries.contracts import contract_seen_by
from exchange.contracts.queries.contracts import subject_of as contract_subject
from exchange.core.queries.rules import rule
from exchange.flows import negotiation_recording as recording
from exchange.flows.contract_endings import end_contract
from exchange.flows.exclusive_sales import check_no_exclusive_sale
from exchange.flows.listing_recording import record_offer
from exchange.journeys.checkout import place_agreed
from exchange.members import policy
from exchange.members.actors import Actor, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.negotiation.actions import deciding
from exchange.negotiation.actions.steps import locked_negotiation, newest_of
from exchange.negotiation.errors import ProposalRefused
from exchange.negotiation.models import Negotiation, NegotiationStep
from exchange.negotiation.states import NegotiationState
from exchange.negotiation.terms import Terms, read_terms
from exchange.orders.lifecycle import INSPECTION, OrderState

ACCEPTANCE = INSPECTION


def draw_up(step: NegotiationStep, actor: Actor, now: datetime) -> Negotiation:
    """Put what is agreed into a contract, once nobody has to approve it any more."""
    negotiation = recording.record_step(step)
    if negotiation.state != NegotiationState.ACCEPTED:
        return negotiation
    steps = drafting.put_up(draft=_draft(negotiation, now), actor=actor.name, now=now)
    for one in steps:
        recording.record_contract_step(one)
    deciding.bind_contract(negotiation=negotiation, contract_ref=steps[-1].contract.public_id)
    return negotiation


@transaction.atomic
def sign(*, actor: Actor, contract_id: str, seen_hash: str, now: datetime) -> Contract:
    """As an authorised member of a party, sign the document that was seen. The second signature
    concludes the contract and places the order."""
    seen = contract_seen_by(actor, contract_id)
    policy.require(actor, Permission.CONTRACT_SIGN, contract_subject(seen))
    _kind, _colon, negotiation_id = seen.basis.partition(":")
    negotiation = locked_negotiation(negotiation_id)
    disclosure.check_orderable(negotiation.product)
    signed = concluding.sign(
        contract_id=contract_id,
        organisation_id=organisation_of(actor),
        seen_hash=seen_hash,
        actor=actor.name,
        by_id=person_of(actor),
        now=now,
    )
    for step in signed.steps:
        recording.record_contract_step(step)
    if signed.is_concluded:
        _order(negotiation, contract_id, actor, now)
    return locked_contract(contract_id)


def terms_of(negotiation: Negotiation) -> Terms:
    """What the newest proposal says."""
    return read_terms(newest_of(negotiation).document["terms"])


def _order(negotiation: Negotiation, contract_id: str, actor: Actor, now: datetime) -> None:
    """Reserve what was signed for the buyer, and have it ordered."""
    terms = terms_of(negotiation)
    offer = reserve_offer(
        product_id=negotiation.product.public_id,
        wish=terms.wish(name=_("Negotiated terms")),
        reserved_for_id=negotiation.buyer_id,
        basis=f"contract:{contract_id}",
        deal_nature=DealNature(terms.nature),
        by_id=None,
        now=now,
    )
    # The product is locked by now, as an announcement would have it.
    check_no_exclusive_sale(negotiation.product)
    record_offer(offer, event="catalog.offer.made", actor=actor.name, now=now)
    order = place_agreed(
        offer=offer,
        buyer_id=negotiation.buyer_id,
        by_id=negotiation.accepted_by_id or person_of(actor),
        actor=actor,
        now=now,
    )
    recording.record_contract_step(
        concluding.begin(
            contract=locked_contract(contract_id),
            order_ref=order.public_id,
            actor=actor.name,
            now=now,
        )
    )
    order.refresh_from_db(fields=["state"])
    if order.state == OrderState.CLOSED:  # it cost nothing: all was done at once
        end_contract(order, completed=True, actor=actor.name, now=now)
    recording.record_step(
        deciding.conclude(negotiation_id=negotiation.public_id, actor=actor.name, now=now)
    )


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
        basis_hash=newest_of(negotiation).document_hash,
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
        acceptance_days=rule(key=ACCEPTANCE, at=now).as_int(),
        calls_max=terms.calls_max,
        calls_days=terms.calls_days,
    )
