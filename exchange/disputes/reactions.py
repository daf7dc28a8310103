"""Whom a dispute tells, what the log says of it, and which step of an order ends it."""

from collections.abc import Mapping
from typing import Any

from exchange.audit import agreement
from exchange.audit.coverage import require_record, subjects
from exchange.core.lifecycle import Change
from exchange.disputes import endings
from exchange.disputes.lifecycle import DISPUTE, DisputeTransition, DisputeTurn
from exchange.disputes.models import Dispute, DisputeFile, DisputeStep
from exchange.members.roles import Role
from exchange.notices import notify
from exchange.notices.notify import Party, notify_operators
from exchange.orders.lifecycle import ORDER, OrderTransition

PEOPLE = (Role.BUYER_AGENT, Role.DATA_OWNER, Role.DATA_OPERATOR, Role.FINANCE)


def declare() -> None:
    """Fill the tables. For `AppConfig.ready`."""
    DISPUTE.record_facts = _facts_of
    notify.declare(
        DISPUTE,
        parties={
            DisputeTurn.CLAIMANT: Party("claimant_id", PEOPLE),
            DisputeTurn.RESPONDENT: Party("respondent_id", PEOPLE),
        },
        facts=_told,
    )
    DISPUTE.on(
        (
            DisputeTransition.OPEN, DisputeTransition.ANSWER, DisputeTransition.REPLY,
            DisputeTransition.APPEAL, DisputeTransition.ANSWER_APPEAL,
        ),
        tell_operators,
    )  # fmt: skip
    ORDER.on(OrderTransition.MONEY_BACK, endings.return_money)
    require_record(
        name="disputes.steps",
        rows=subjects("trade_dispute_step", DisputeStep.objects.all()),
        event=DISPUTE.events,
    )
    require_record(
        name="disputes.files",
        rows=subjects("dispute_file", DisputeFile.objects.all()),
        event="disputes.evidence.handed_in",
    )
    agreement.rows_of(
        "dispute_file",
        "disputes_disputefile AS row JOIN disputes_dispute AS o ON o.id = row.dispute_id",
        facts={
            "dispute": "o.public_id",
            "sha256": "row.sha256",
            "size_bytes": "row.size_bytes",
            "name": "row.name",
        },
    )
    agreement.rows_of("trade_dispute", "disputes_dispute AS row", is_recorded=False)
    agreement.facts_of_steps(
        "trade_dispute",
        joins="JOIN orders_order AS disputed ON disputed.id = row.order_id",
        facts={"order": "disputed.public_id", "kind": "row.kind", "remedy": "row.remedy"},
    )


def tell_operators(dispute: Dispute, change: Change) -> None:
    """Tell the exchange's operators of what they have to look at. A reaction."""
    notify_operators(
        kind=DISPUTE.transitions[change.transition].event,
        facts=_told(dispute),
        url=notify.path("trade_dispute", dispute.public_id),
        dedupe=f"trade_dispute_step:{change.step_id}",
        now=change.at,
    )


def _told(dispute: Dispute) -> Mapping[str, object]:
    return {"product": dispute.order, "total": dispute.order.total}


def _facts_of(dispute: Dispute, change: Change) -> Mapping[str, Any]:
    facts: dict[str, Any] = {"order": dispute.order.public_id}
    if change.transition == DisputeTransition.OPEN:
        facts |= {"kind": dispute.kind, "remedy": dispute.remedy}
    if dispute.outcome:
        facts["outcome"] = dispute.outcome
    if dispute.extended_days is not None:
        facts["days"] = str(dispute.extended_days)
    return facts
