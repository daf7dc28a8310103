"""Disputes: a payer's bank takes a charge back, reads the evidence, and decides."""

from exchange.payments.gateway.sandbox import clock, store
from exchange.payments.gateway.sandbox.incoming import Form
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.gateway.sandbox.store import ApiError, Body

FEE = 1500
EVIDENCE_SECONDS = 7 * 24 * 3600
UNDECIDED = frozenset({"needs_response", "under_review"})


def open_dispute(charge_id: str, *, amount: int | None = None, reason: str = "fraudulent") -> Thing:
    """What a payer's bank does: the money and a fee leave the platform's balance at once."""
    charge = store.get("charge", charge_id, lock=True)
    currency = charge.body["currency"]
    taken = charge.body["amount_captured"] if amount is None else amount
    store.lock_balance()
    dispute = store.create(
        "dispute",
        "dp",
        {
            "amount": taken,
            "currency": currency,
            "charge": charge.pk,
            "payment_intent": charge.body["payment_intent"],
            "reason": reason,
            "status": "needs_response",
            "evidence": {},
            "evidence_details": {
                "due_by": clock.now() + EVIDENCE_SECONDS,
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "balance_transactions": [],
            "is_charge_refundable": False,
            "metadata": {},
        },
        group=charge.pk,
    )
    line = store.add_line(
        kind="dispute", source=dispute.pk, currency=currency, amount=-taken, fee=FEE
    )
    store.change(dispute, balance_transactions=[store.line_body(line)])
    store.tell("charge.dispute.created", dispute)
    store.tell("charge.dispute.funds_withdrawn", dispute)
    return dispute


def send_evidence(dispute_id: str, form: Form) -> Body:
    """Keep the evidence; once it is submitted, the bank reads it."""
    dispute = store.get("dispute", dispute_id, lock=True)
    if dispute.body["status"] != "needs_response":
        raise ApiError(400, "This dispute takes no evidence any more.")
    store.change(dispute, evidence=form.get("evidence", {}))
    if str(form.get("submit", "")).lower() == "true":
        store.change(dispute, status="under_review")
    store.tell("charge.dispute.updated", dispute)
    return dispute.told


def decide(dispute_id: str, *, won: bool) -> None:
    """The bank decides: the money comes back, or stays with the payer."""
    dispute = store.get("dispute", dispute_id, lock=True)
    if dispute.body["status"] not in UNDECIDED:
        return
    store.change(dispute, status="won" if won else "lost")
    if won:
        line = store.add_line(
            kind="dispute_reversal",
            source=dispute.pk,
            currency=dispute.body["currency"],
            amount=dispute.body["amount"],
        )
        lines = [*dispute.body["balance_transactions"], store.line_body(line)]
        store.change(dispute, balance_transactions=lines)
        store.tell("charge.dispute.funds_reinstated", dispute)
    store.tell("charge.dispute.closed", dispute)
