"""From a contract to its orders: the second signature places the first, a framework is called off."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.auctions.exclusive_sales import check_no_exclusive_sale
from exchange.catalog import disclosure
from exchange.catalog.lifecycle import DealNature
from exchange.catalog.offers import reserve_offer
from exchange.contracts import signing
from exchange.contracts.errors import NothingToCallOff
from exchange.contracts.lifecycle import CONTRACT, ContractState
from exchange.contracts.models import Contract
from exchange.contracts.performance import calls_of, runs_until
from exchange.contracts.queries import contract_seen_by
from exchange.core.use_case import use_case
from exchange.journeys.checkout import place_agreed
from exchange.members import policy, standing
from exchange.members.actors import Actor, person_of
from exchange.members.permissions import Permission
from exchange.negotiation import deciding
from exchange.negotiation.lifecycle import NEGOTIATION
from exchange.negotiation.queries import dealing, terms_of
from exchange.orders.models import Order
from exchange.orders.terms import CONTRACT_BASIS


@use_case()
def sign(contract_id: str, *, actor: Actor, seen_hash: str, now: datetime) -> Contract:
    """As an authorised member of a party, sign the document that was seen. The second signature
    concludes the contract, reserves what was agreed for the buyer, and places the order."""
    seen = contract_seen_by(actor, contract_id)
    negotiation = NEGOTIATION.lock_again(seen.negotiation)
    standing.hold(seen.seller_id, seen.buyer_id)
    contract = signing.sign(contract_id, actor=actor, seen_hash=seen_hash, now=now)
    if contract.state != ContractState.SIGNED:
        return contract
    _place(
        contract, name=_("Negotiated terms"), basis=f"{CONTRACT_BASIS}{contract_id}",
        by_id=negotiation.accepted_by_id or person_of(actor), actor=actor, now=now,
    )  # fmt: skip
    deciding.conclude(negotiation, actor=actor, now=now)
    return CONTRACT.lock_again(contract)


@use_case(Permission.CONTRACT_SEE, locks=CONTRACT)
def call_off(contract: Contract, *, actor: Actor, number: int, now: datetime) -> Order:
    """As the buyer, place order `number` of a framework agreement, which must be the next one: asking
    for the same again gives the same order. Raises NothingToCallOff and what an order raises."""
    policy.require(actor, Permission.QUOTE_ASK, dealing(contract.product, contract.buyer_id))
    basis = f"{CONTRACT_BASIS}{contract.public_id}:{number}"
    known = Order.objects.filter(offer__basis=basis).first()
    if known is not None:
        return known
    _check_next(contract, number, now)
    standing.hold(contract.seller_id, contract.buyer_id)
    disclosure.check_orderable(contract.product)
    return _place(
        contract, name=_("Framework, order %(number)d") % {"number": number}, basis=basis,
        by_id=person_of(actor), actor=actor, now=now,
    )  # fmt: skip


def _place(
    contract: Contract,
    *,
    name: str,
    basis: str,
    by_id: int,
    actor: Actor,
    now: datetime,
) -> Order:
    """Reserve what a signed contract says for its buyer, and have it ordered. The revenue of all its orders
    is shared as it was when both had signed."""
    terms = terms_of(contract.negotiation)
    offer = reserve_offer(
        product_id=contract.product.public_id,
        command=terms.command(name=name),
        reserved_for_id=contract.buyer_id,
        basis=basis,
        deal_nature=DealNature(terms.nature),
        by_id=None,
        now=now,
        actor=actor,
    )
    # The product is locked by now, as an announcement would have it.
    check_no_exclusive_sale(contract.product)
    return place_agreed(
        offer, buyer_id=contract.buyer_id, by_id=by_id, contract=contract,
        shared_at=contract.concluded_at, actor=actor, now=now,
    )  # fmt: skip


def _check_next(contract: Contract, number: int, now: datetime) -> None:
    calls, until = calls_of(contract), runs_until(contract)
    facts = {"calls_max": calls, "until": None if until is None else until.isoformat()}
    if calls is None or until is None or contract.state != ContractState.PERFORMING:
        raise NothingToCallOff(_("This contract is no framework that runs."), **facts)
    made = contract.orders.count()
    if until <= now or made >= calls:
        raise NothingToCallOff(
            _("All that the framework allowed is used up, or its time is over."), **facts
        )
    if number != made + 1:
        raise NothingToCallOff(
            _("The next order is number %(number)d.") % {"number": made + 1}, next=made + 1, **facts
        )
