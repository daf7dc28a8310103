"""Drawing a contract up from what the parties agreed, and putting it up for signing: from here on its
document never changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.ids import new_id
from accounts.models import Organisation
from exchange.catalog.models import Product
from exchange.contracts.lifecycle import CONTRACT, SIGNING_DAYS, ContractTransition, Role
from exchange.contracts.models import Contract
from exchange.contracts.signing import document_hash
from exchange.contracts.templates import Template, fill, template
from exchange.contracts.wording import values_of
from exchange.core.calendar import working_deadline
from exchange.core.lifecycle import Doer
from exchange.core.use_case import use_case
from pricing.money import Money

FORMAT = "assay.contract/1"
WHOLE = 100


@dataclass(frozen=True)
class Draft:
    """The agreement. `basis` names where it was reached, `basis_hash` what was agreed there. The
    `fee` is net, per period for a subscription; `plan` is the price plan behind it, if it has one.
    With `calls_max` it is a framework: so many orders within `calls_days` of the last signature.
    """

    template: str
    product: Product
    seller: Organisation
    buyer: Organisation
    basis: str
    basis_hash: str
    fee: Money
    plan: Mapping[str, Any] | None
    period: str
    access_days: int | None
    history: str
    history_count: int | None
    future: str
    allowed: tuple[str, ...]
    forbidden: tuple[str, ...]
    attribution: bool
    licence_text: str
    nature: str
    purpose: str
    territory: str
    environment: str
    uses_max: int | None
    seller_share_percent: int | None
    acceptance_days: int
    calls_max: int | None = None
    calls_days: int | None = None


@use_case()
def put_up(draft: Draft, *, actor: Doer, now: datetime) -> Contract:
    """Fill the template and put the contract up for signing. The same basis makes one contract only:
    the database refuses a second.
    """
    found = template(draft.template)
    public_id = new_id("ctr")
    document = _document(draft, found, public_id)
    contract = Contract(
        public_id=public_id,
        template=found.code,
        template_version=found.version,
        product=draft.product,
        seller=draft.seller,
        buyer=draft.buyer,
        basis=draft.basis,
        document=document,
        document_hash=document_hash(document),
        sign_by=working_deadline(key=SIGNING_DAYS, now=now),
        created_at=now,
    )
    CONTRACT.transition(contract, ContractTransition.DRAFT, actor=actor, now=now)
    return CONTRACT.transition(contract, ContractTransition.PUT_UP, actor=actor, now=now)


def _document(draft: Draft, found: Template, public_id: str) -> dict[str, Any]:
    share = draft.seller_share_percent
    product = draft.product
    return {
        "format": FORMAT,
        "id": public_id,
        "template": {
            "code": found.code,
            "version": found.version,
            "sha256": found.sha256,
            "title": dict(found.title),
        },
        "basis": {"ref": draft.basis, "hash": draft.basis_hash},
        "parties": [
            _party(draft.seller, Role.SELLER, dict(found.seller)),
            _party(draft.buyer, Role.BUYER, dict(found.buyer)),
        ],
        "objects": [
            {
                "id": product.public_id,
                "title": product.title,
                "title_zh": product.title_zh,
                "grade": product.grade,
                "synthetic": product.synthetic,
            }
        ],
        "nature": draft.nature,
        "rights_granted": {
            "allowed": sorted(draft.allowed),
            "forbidden": sorted(draft.forbidden),
            "attribution": draft.attribution,
            "text": draft.licence_text,
        },
        "limits": {
            "purpose": draft.purpose,
            "territory": draft.territory,
            "environment": draft.environment,
            "uses_max": draft.uses_max,
            **_framework(draft),
        },
        "term": {
            "period": draft.period,
            "access_days": draft.access_days,
            "history": draft.history,
            "history_count": draft.history_count,
            "future": draft.future,
        },
        "delivery": product.delivery,
        "fee": {
            "currency": draft.fee.currency,
            "net_minor": str(draft.fee.minor),
            "plan": None if draft.plan is None else dict(draft.plan),
        },
        "acceptance_days": draft.acceptance_days,
        "split": None
        if share is None
        else [
            {"role": Role.SELLER.value, "percent": share},
            {"role": Role.BUYER.value, "percent": WHOLE - share},
        ],
        "clauses": fill(found, values_of(draft)),
    }


def _framework(draft: Draft) -> dict[str, int]:
    if draft.calls_max is None or draft.calls_days is None:
        return {}
    return {"calls_max": draft.calls_max, "calls_days": draft.calls_days}


def _party(organisation: Organisation, role: Role, part: dict[str, str]) -> dict[str, Any]:
    return {
        "role": role.value,
        "part": part,
        "id": organisation.public_id,
        "name": organisation.name,
        "credit_code": organisation.credit_code or "",
    }
