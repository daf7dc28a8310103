"""The lifecycle of a contract as a table, and the choices that a contract is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.contracts.models import Contract

SIGNING_DAYS = "contract.signing_days"


class ContractState(TextChoices):
    """Where a contract stands."""

    DRAFTING = "drafting", _("Being drawn up")
    SIGNING = "signing", _("Waiting for signatures")
    SIGNED = "signed", _("Signed by both parties")
    PERFORMING = "performing", _("Being performed")
    COMPLETED = "completed", _("Completed")
    TERMINATED = "terminated", _("Ended before completion")
    LAPSED = "lapsed", _("Not signed in time")


class ContractTransition(TextChoices):
    """What can happen to a contract. Each is one row of CONTRACT and, when done, one step."""

    DRAFT = "draft", _("Drawn up from the template")
    PUT_UP = "put_up", _("Put up for signing")
    SIGN = "sign", _("Signed by one party")
    CONCLUDE = "conclude", _("Signed by both parties")
    PERFORM = "perform", _("Performance begun")
    COMPLETE = "complete", _("Completed")
    TERMINATE = "terminate", _("Ended before completion")
    LAPSE = "lapse", _("Lapsed, since it was not signed in time")


class Role(TextChoices):
    """The part of a party in the trade behind the contract."""

    SELLER = "seller", _("Seller")
    BUYER = "buyer", _("Buyer")


S, X = ContractState, ContractTransition

# Only a framework agreement has a `due_at`: its time completes it, any other's order does.
CONTRACT: Lifecycle[Contract] = Lifecycle(
    "contracts.contract",
    ContractState,
    title=_("Contract"),
    start=S.DRAFTING,
    live=False,
    transitions=(
        Transition(X.DRAFT, NEW, S.DRAFTING, event="contracts.contract.drafted"),
        Transition(X.PUT_UP, S.DRAFTING, S.SIGNING, event="contracts.contract.put_up"),
        Transition(X.SIGN, S.SIGNING, None, event="contracts.contract.signed"),
        Transition(X.CONCLUDE, S.SIGNING, S.SIGNED, event="contracts.contract.concluded"),
        Transition(X.PERFORM, S.SIGNED, S.PERFORMING, event="contracts.contract.performed"),
        Transition(X.COMPLETE, S.PERFORMING, S.COMPLETED, event="contracts.contract.completed"),
        Transition(X.TERMINATE, S.PERFORMING, S.TERMINATED, event="contracts.contract.terminated"),
        Transition(X.LAPSE, S.SIGNING, S.LAPSED, event="contracts.contract.lapsed"),
    ),
    when_due={S.PERFORMING: X.COMPLETE},
)
