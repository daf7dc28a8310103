"""From an agreement to a signed contract and its order.

Both parties sign; the second signature reserves the offer and places the order.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.catalog.buyable import licence_document
from exchange.contracts import drafting
from exchange.contracts.drafting import Draft
from exchange.core.queries.rules import rule
from exchange.flows import negotiation_recording as recording
from exchange.members.actors import Actor
from exchange.negotiation.actions import deciding
from exchange.negotiation.actions.steps import newest_of
from exchange.negotiation.errors import ProposalRefused
from exchange.negotiation.models import Negotiation, NegotiationStep
from exchange.negotiation.states import NegotiationState
from exchange.negotiation.terms import Terms, read_terms
from exchange.orders.lifecycle import INSPECTION

ACCEPTANCE = INSPECTION


def draw_up(step: NegotiationStep, actor: Actor, now: datetime) -> Negotiation:
    """Put what is agreed into a contract, once nobody has to approve it any more."""
    negotiation = recording.record_step(step)
    if negotiation.state != NegotiationState.ACCEPTED:
        return negotiation
    contract = drafting.put_up(_draft(negotiation, now), actor=actor, now=now)
    deciding.bind_contract(negotiation=negotiation, contract_ref=contract.public_id)
    return negotiation


def terms_of(negotiation: Negotiation) -> Terms:
    """What the newest proposal says."""
    return read_terms(newest_of(negotiation).document["terms"])


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
