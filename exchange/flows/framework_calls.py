"""Calling off: one more order on the terms of a framework agreement that both have signed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog import disclosure
from exchange.catalog.actions.offers import reserve_offer
from exchange.catalog.models import Offer
from exchange.catalog.states import DealNature
from exchange.contracts.actions.steps import locked_contract
from exchange.contracts.errors import NothingToCallOff
from exchange.contracts.models import Contract
from exchange.contracts.queries.contracts import contract_seen_by
from exchange.contracts.queries.frameworks import calls_of, runs_until
from exchange.contracts.states import ContractState
from exchange.flows.exclusive_sales import check_no_exclusive_sale
from exchange.flows.listing_recording import record_offer
from exchange.flows.negotiated_contracts import terms_of
from exchange.journeys.checkout import place_agreed
from exchange.members import policy
from exchange.members.actors import Actor, Subject, person_of
from exchange.members.permissions import Permission
from exchange.negotiation.models import Negotiation
from exchange.orders.models import Order


@transaction.atomic
def call_off(*, actor: Actor, contract_id: str, number: int, now: datetime) -> Order:
    """As the buyer, place order `number` of a framework agreement, which must be the next one: asking
    for the same again gives the same order. Raises NothingToCallOff and what an order raises."""
    seen = contract_seen_by(actor, contract_id)
    dealing = Subject(organisation_id=seen.seller_id, engaged=frozenset({seen.buyer_id}))
    policy.require(actor, Permission.QUOTE_ASK, dealing)
    contract = locked_contract(contract_id)
    known = Order.objects.filter(offer__basis=_basis(contract, number)).first()
    if known is not None:
        return known
    _check(contract, number, now)
    disclosure.check_orderable(contract.product)
    _kind, _colon, negotiation_id = contract.basis.partition(":")
    negotiation = Negotiation.objects.get(public_id=negotiation_id)
    terms = terms_of(negotiation)
    offer = reserve_offer(
        product_id=contract.product.public_id,
        wish=terms.wish(name=_("Framework, order %(number)d") % {"number": number}),
        reserved_for_id=contract.buyer_id,
        basis=_basis(contract, number),
        deal_nature=DealNature(terms.nature),
        by_id=None,
        now=now,
    )
    # The product is locked by now, as an announcement would have it.
    check_no_exclusive_sale(contract.product)
    record_offer(offer, event="catalog.offer.made", actor=actor.name, now=now)
    return place_agreed(
        offer=offer, buyer_id=contract.buyer_id, by_id=person_of(actor), actor=actor, now=now
    )


def calls_made(contract: Contract) -> int:
    """Orders placed so far, the first among them."""
    further = Offer.objects.filter(basis__startswith=f"contract:{contract.public_id}:")
    return int(bool(contract.order_ref)) + further.count()


def _basis(contract: Contract, number: int) -> str:
    return f"contract:{contract.public_id}:{number}"


def _check(contract: Contract, number: int, now: datetime) -> None:
    calls, until = calls_of(contract), runs_until(contract)
    facts = {"calls_max": calls, "until": None if until is None else until.isoformat()}
    if calls is None or until is None or contract.state != ContractState.PERFORMING:
        raise NothingToCallOff(_("This contract is no framework that runs."), **facts)
    made = calls_made(contract)
    if until <= now or made >= calls:
        raise NothingToCallOff(
            _("All that the framework allowed is used up, or its time is over."), **facts
        )
    if number != made + 1:
        raise NothingToCallOff(
            _("The next order is number %(number)d.") % {"number": made + 1}, next=made + 1, **facts
        )
