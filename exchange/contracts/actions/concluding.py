"""Signing a contract, and what becomes of it afterwards."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.contracts.actions import keys
from exchange.contracts.actions.steps import locked_contract, take_step
from exchange.contracts.documents import canonical, document_hash
from exchange.contracts.errors import AlreadySigned, DocumentDiffers, NotForSigning
from exchange.contracts.models import Contract, ContractStep, Permit, Signature
from exchange.contracts.signing import is_signed
from exchange.contracts.states import ContractState, Move, Role

PARTIES = 2


@dataclass(frozen=True)
class Signed:
    """A signature, its step, and the step that concluded the contract where it was the last one."""

    signature: Signature
    steps: tuple[ContractStep, ...]

    @property
    def is_concluded(self) -> bool:
        return len(self.steps) > 1


@transaction.atomic
def sign(
    *,
    contract_id: str,
    organisation_id: int,
    seen_hash: str,
    actor: str,
    by_id: int,
    now: datetime,
) -> Signed:
    """Sign for one party what it saw, named by its hash.

    With the second signature the contract is concluded and its permit holds. Raises NotForSigning,
    AlreadySigned, DocumentDiffers.
    """
    contract = locked_contract(contract_id)
    _check_open(contract, organisation_id, now)
    content = _unaltered(contract, seen_hash)
    key = keys.key_of(organisation_id=organisation_id, now=now)
    signature = Signature.objects.create(
        contract=contract,
        organisation_id=organisation_id,
        role=Role.SELLER if organisation_id == contract.seller_id else Role.BUYER,
        by_id=by_id,
        key=key,
        document_hash=contract.document_hash,
        value=keys.sign(key=key, content=content),
        at=now,
    )
    facts = {"role": signature.role, "key": key.public, "signature": signature.value}
    steps = [
        take_step(contract=contract, move=Move.SIGN, actor=actor, by_id=by_id, facts=facts, now=now)
    ]
    if contract.signatures.count() == PARTIES:
        _check_signatures(contract, content)
        contract.concluded_at = now
        steps.append(take_step(contract=contract, move=Move.COMPLETE_SIGNING, actor=actor, now=now))
        _grant(contract, now)
    return Signed(signature=signature, steps=tuple(steps))


def begin(*, contract: Contract, order_ref: str, actor: str, now: datetime) -> ContractStep:
    """The order that performs a locked, signed contract is placed."""
    contract.order_ref = order_ref
    return take_step(
        contract=contract, move=Move.PERFORM, actor=actor, facts={"order": order_ref}, now=now
    )


@transaction.atomic
def finish(*, contract_id: str, completed: bool, actor: str, now: datetime) -> ContractStep | None:
    """The order has come to its end: the contract is completed, or ended before it was. None where
    somebody was quicker.
    """
    contract = locked_contract(contract_id)
    if contract.state != ContractState.PERFORMING:
        return None
    if not completed:
        Permit.objects.filter(contract=contract, valid_from__lt=now).update(valid_until=now)
    move = Move.COMPLETE if completed else Move.TERMINATE
    return take_step(contract=contract, move=move, actor=actor, now=now)


@transaction.atomic
def lapse(*, contract_id: str, actor: str, now: datetime) -> ContractStep | None:
    """End one that was not signed in time; None where somebody was quicker."""
    contract = locked_contract(contract_id)
    if contract.state != ContractState.SIGNING or contract.sign_by > now:
        return None
    return take_step(contract=contract, move=Move.LAPSE, actor=actor, now=now)


def keep_record(*, contract: Contract, record_id: str) -> None:
    """Name the record of the conclusion, so that anybody can find its place in the log."""
    contract.record_id = record_id
    contract.save(update_fields=["record_id"])


def _check_open(contract: Contract, organisation_id: int, now: datetime) -> None:
    if contract.signatures.filter(organisation_id=organisation_id).exists():
        raise AlreadySigned(_("Your organisation has signed this contract already."))
    state = ContractState(contract.state)
    if state is not ContractState.SIGNING or contract.sign_by <= now:
        raise NotForSigning(
            _("This contract cannot be signed now."),
            state=state.value,
            sign_by=contract.sign_by.isoformat(),
        )


def _unaltered(contract: Contract, seen_hash: str) -> bytes:
    """The canonical bytes, as long as they are those put up for signing and those that were seen."""
    is_kept = document_hash(contract.document) == contract.document_hash
    if not is_kept or seen_hash != contract.document_hash:
        raise DocumentDiffers(
            _("This is not the document that was put up for signing. Nothing was signed."),
            document_hash=contract.document_hash,
            stored_is_intact=is_kept,
        )
    return canonical(contract.document)


def _check_signatures(contract: Contract, content: bytes) -> None:
    for one in contract.signatures.select_related("key"):
        if not is_signed(public=one.key.public, signature=one.value, content=content):
            raise DocumentDiffers(
                _("A signature does not belong to this document."),
                document_hash=contract.document_hash,
                role=one.role,
            )


def _grant(contract: Contract, now: datetime) -> None:
    document = contract.document
    limits, days = document["limits"], document["term"]["access_days"]
    Permit.objects.create(
        contract=contract,
        product=contract.product,
        holder=contract.buyer,
        actions=document["rights_granted"]["allowed"],
        forbidden=document["rights_granted"]["forbidden"],
        uses_max=limits["uses_max"],
        purpose=limits["purpose"],
        environment=limits["environment"],
        territory=limits["territory"],
        valid_from=now,
        valid_until=None if days is None else now + timedelta(days=days),
    )
