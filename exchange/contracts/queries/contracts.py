"""Contracts as those see them whom they concern, and what anybody may check of one."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from exchange.contracts.documents import canonical, document_hash
from exchange.contracts.models import Contract
from exchange.contracts.signing import is_signed
from exchange.contracts.states import ContractState
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


def is_intact(contract: Contract) -> bool:
    """Whether the kept document has its hash and every signature belongs to it."""
    content = canonical(contract.document)
    return document_hash(contract.document) == contract.document_hash and all(
        is_signed(public=one.key.public, signature=one.value, content=content)
        for one in contract.signatures.select_related("key")
    )


def unsigned_in_time(*, now: datetime, limit: int) -> list[str]:
    """Public ids of contracts whose time to be signed is over, longest overdue first."""
    rows = Contract.objects.filter(state=ContractState.SIGNING, sign_by__lte=now)
    return list(rows.order_by("sign_by").values_list("public_id", flat=True)[:limit])
