"""Contracts as those see them whom they concern, and what anybody may check of one."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from exchange.contracts.lifecycle import ContractState
from exchange.contracts.models import Contract
from exchange.contracts.signing import canonical, document_hash, is_signed
from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission


def subject_of(contract: Contract) -> Subject:
    """The contract as policy knows things: the buyer's, with the seller called in."""
    return Subject(
        organisation_id=contract.buyer_id,
        engaged=frozenset({contract.seller_id}),
        other_side=frozenset({contract.seller_id}),
    )


def contract_seen_by(actor: Actor, contract_id: str) -> Contract:
    """The contract with its parties. Raises NotFound to those whom it does not concern."""
    found = (
        Contract.objects.filter(public_id=contract_id)
        .select_related("buyer", "seller", "product")
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such contract."))
    policy.require(actor, Permission.CONTRACT_SEE, subject_of(found))
    return found


def contracts_of(organisation_id: int) -> QuerySet[Contract]:
    """The contracts of the organisation."""
    rows = Contract.objects.filter(Q(buyer_id=organisation_id) | Q(seller_id=organisation_id))
    return rows.select_related("buyer", "seller", "product")


def waiting_for(organisation_id: int) -> QuerySet[Contract]:
    """The contracts that the organisation has not signed yet."""
    signing = contracts_of(organisation_id).filter(state=ContractState.SIGNING)
    return signing.exclude(signatures__organisation=organisation_id)


def is_intact(contract: Contract) -> bool:
    """Whether the kept document has its hash and every signature belongs to it."""
    content = canonical(contract.document)
    return document_hash(contract.document) == contract.document_hash and all(
        is_signed(public=one.key.public, signature=one.value, content=content)
        for one in contract.signatures.select_related("key")
    )
