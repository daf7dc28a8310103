"""Signing: the canonical bytes of a contract, the keys of organisations, and the signatures of both."""

import base64
import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.sealing import boxes
from exchange.catalog import disclosure
from exchange.contracts.errors import AlreadySigned, DocumentDiffers, NotForSigning
from exchange.contracts.lifecycle import CONTRACT, ContractState, ContractTransition, Role
from exchange.contracts.models import Contract, Signature, SigningKey
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, organisation_of, person_of
from exchange.members.permissions import Permission

PARTIES = 2
PURPOSE = b"exchange.contracts.signing"
SEED_BYTES = 32


@use_case(Permission.CONTRACT_SIGN, locks=CONTRACT)
def sign(contract: Contract, *, actor: Actor, seen_hash: str, now: datetime) -> Contract:
    """As an authorised member of a party, sign the document that was seen, named by its hash. The
    second signature concludes the contract.

    Raises TrustedSpaceNotOpen, NotForSigning, AlreadySigned, DocumentDiffers.
    """
    disclosure.check_orderable(contract.product)
    organisation_id = organisation_of(actor)
    _check_open(contract, organisation_id, now)
    content = _unaltered(contract, seen_hash)
    key = key_of(organisation_id=organisation_id, now=now)
    signature = Signature.objects.create(
        contract=contract,
        organisation_id=organisation_id,
        role=Role.SELLER if organisation_id == contract.seller_id else Role.BUYER,
        by_id=person_of(actor),
        key=key,
        document_hash=contract.document_hash,
        value=_signature(key, content),
        at=now,
    )
    CONTRACT.transition(
        contract,
        ContractTransition.SIGN,
        actor=actor,
        facts={"role": signature.role, "key": key.public, "signature": signature.value},
        now=now,
    )
    if contract.signatures.count() == PARTIES:
        _check_signatures(contract, content)
        contract.concluded_at = now
        CONTRACT.transition(
            contract, ContractTransition.CONCLUDE, actor=actor, save=("concluded_at",), now=now
        )
    return contract


def canonical(document: Mapping[str, Any]) -> bytes:
    """The canonical JSON (RFC 8785) of a document of text, whole numbers, booleans and null: what is
    hashed and what is signed."""
    return bytes(rfc8785.dumps(dict(document)))


def document_hash(document: Mapping[str, Any]) -> str:
    """`sha256:` and the hash of the canonical bytes."""
    return f"sha256:{hashlib.sha256(canonical(document)).hexdigest()}"


def is_signed(*, public: str, signature: str, content: bytes) -> bool:
    """Whether the key that belongs to `public` signed exactly this content. Both are base64."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
        key.verify(base64.b64decode(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_of(*, organisation_id: int, now: datetime) -> SigningKey:
    """The key that the organisation signs with, made when it is first needed.

    Two who sign for it at once get the same key: whoever writes the row first wins.
    """
    known = SigningKey.objects.filter(organisation_id=organisation_id, retired_at=None).first()
    if known is not None:
        return known
    seed = os.urandom(SEED_BYTES)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    try:
        with transaction.atomic():
            return SigningKey.objects.create(
                organisation_id=organisation_id,
                public=base64.b64encode(public).decode(),
                sealed_seed=boxes(PURPOSE).encrypt(seed).decode(),
                made_at=now,
            )
    except IntegrityError:
        return SigningKey.objects.get(organisation_id=organisation_id, retired_at=None)


def _signature(key: SigningKey, content: bytes) -> str:
    """The signature over the content, in base64. Only here is the seed opened."""
    private = Ed25519PrivateKey.from_private_bytes(boxes(PURPOSE).decrypt(key.sealed_seed))
    return base64.b64encode(private.sign(content)).decode()


def _check_open(contract: Contract, organisation_id: int, now: datetime) -> None:
    if contract.signatures.filter(organisation_id=organisation_id).exists():
        raise AlreadySigned(_("Your organisation has signed this contract already."))
    if contract.state != ContractState.SIGNING or contract.sign_by <= now:
        raise NotForSigning(
            _("This contract cannot be signed now."),
            state=str(contract.state),
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
