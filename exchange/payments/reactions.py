"""What follows for money from a step of an order and from time passing, whom payments tell, and what of
this room must be in the log."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from exchange.audit import agreement
from exchange.audit.coverage import require_record, subjects
from exchange.core.lifecycle import Change
from exchange.members import standing
from exchange.members.actors import system_actor
from exchange.members.standing import Business
from exchange.notices import notify
from exchange.notices.notify import Party
from exchange.orders.lifecycle import ORDER, OrderState, OrderTransition
from exchange.orders.models import Order
from exchange.orders.reactions import BUYERS, SELLERS
from exchange.payments import (
    collection,
    deposits,
    distributions,
    fee_invoices,
    payouts,
    saved_cards,
    settlement,
)
from exchange.payments.card_lifecycle import CARD_TOP_UP
from exchange.payments.distribution_lifecycle import DISTRIBUTION, RELEASED
from exchange.payments.hold_lifecycle import PAYOUT_HOLD, PayoutHoldState
from exchange.payments.lifecycle import (
    BUYER,
    CHARGEBACK,
    PAYMENT,
    PAYOUT,
    PAYOUT_ACCOUNT,
    REFUND,
    SELLER,
    ChargebackState,
    DepositState,
    PaymentState,
    PaymentTransition,
    PayoutFileState,
    PayoutState,
    RefundState,
    WithdrawalState,
)
from exchange.payments.models import (
    BankDay,
    CardTopUp,
    Chargeback,
    DepartmentSplit,
    Deposit,
    Distribution,
    Document,
    IncomingTransfer,
    Payment,
    Payout,
    PayoutFile,
    PayoutHold,
    Refund,
    SavedCard,
    Settlement,
    Wallet,
    Withdrawal,
)

CLOCK = system_actor("clock")


def declare() -> None:
    """Fill the tables. For `AppConfig.ready`."""
    ORDER.on((OrderTransition.CANCEL, OrderTransition.LAPSE), give_up_payment)
    PAYMENT.on((PaymentTransition.CANCEL, PaymentTransition.EXPIRE), saved_cards.abandon_with)
    notify.declare(
        PAYOUT,
        parties={SELLER: Party("organisation_id", SELLERS)},
        facts=lambda payout: {"amount": payout.amount},
    )
    notify.declare(
        PAYOUT_ACCOUNT,
        parties={SELLER: Party("organisation_id", SELLERS)},
        facts=lambda _account: {},
    )
    notify.declare(
        PAYOUT_HOLD,
        parties={SELLER: Party("organisation_id", SELLERS)},
        facts=lambda hold: {"currency": hold.currency, "reason": hold.reason},
    )
    notify.declare(
        REFUND,
        parties={BUYER: Party("buyer_id", BUYERS)},
        facts=lambda refund: {"amount": refund.amount, "product": refund.payment.order},
        shown_at=lambda refund: str(refund.payment.order.public_id),
    )
    notify.declare(
        CHARGEBACK,
        parties={SELLER: Party("seller_id", SELLERS)},
        facts=lambda row: {"amount": row.amount, "product": row.sale.order},
        shown_at=lambda row: str(row.sale.order.public_id),
    )
    notify.declare(
        DISTRIBUTION,
        parties={SELLER: Party("seller_id", SELLERS)},
        facts=distributions.facts_of,
    )
    notify.declare(
        CARD_TOP_UP,
        parties={BUYER: Party("organisation_id", BUYERS)},
        facts=lambda top_up: {"amount": top_up.disputed or top_up.amount},
    )
    _declare_records()


def give_up_payment(order: Order, change: Change) -> None:
    """Give the payment of an order up that ends before it is paid, and forfeit what was set aside for
    it; where the seller's standing keeps it from being paid, that is given back. Raises
    MoneyAlreadyReceived, so that an order whose money is on the way goes on."""
    if change.source == OrderState.CONTRACT_SIGNED and order.total_minor > 0:
        collection.give_up(order, actor=change.doer, now=change.at)
        could_be_paid = standing.are([order.seller_id], Business.OWED)
        end = deposits.forfeit_bound if could_be_paid else deposits.release_bound
        end(order, actor=change.doer, now=change.at)


def run_due(*, now: datetime) -> dict[str, int]:
    """Do what the clock does to money: distribute months, clear, and run the day's payouts of each currency.
    Return how many steps distributions made, settlements cleared and payouts were promised."""
    distributed = distributions.run_due(actor=CLOCK, now=now)
    cleared = settlement.clear_due(actor=CLOCK, now=now)
    today = timezone.localtime(now).date()
    runs = [
        payouts.run_payouts(run_date=today, currency=currency, actor=CLOCK, now=now)
        for currency in payouts.currencies_due(today)
    ]
    return {
        "distributed": distributed,
        "cleared": cleared,
        "payouts": sum(run.payouts_count for run in runs if run),
    }


def _declare_records() -> None:
    """Money that was asked for, came, was shared out, went, or was set aside has its record."""
    _declare_rows()
    deposits = Deposit.objects.all()
    ended = deposits.filter(state__in=[DepositState.APPLIED, DepositState.FORFEITED])
    _declare("payment", Payment.objects.all(), "asked")
    _declare("payment", Payment.objects.filter(state=PaymentState.RECEIVED), "received")
    _declare("refund", Refund.objects.all(), "promised")
    _declare("refund", Refund.objects.filter(state=RefundState.SUCCEEDED), "given")
    _declare("refund", Refund.objects.filter(state=RefundState.SET_OFF), "set_off")
    _declare("chargeback", Chargeback.objects.all(), "opened")
    _declare(
        "chargeback",
        Chargeback.objects.filter(state__in=[ChargebackState.WON, ChargebackState.LOST]),
        "won", "lost",
    )  # fmt: skip
    _declare("document", Document.objects.all(), "issued")
    _declare("settlement", Settlement.objects.all(), "made")
    _declare("settlement", Settlement.objects.exclude(cleared_at=None), "cleared")
    _declare(
        "payout",
        Payout.objects.exclude(state=PayoutState.PROMISED),
        "refused", "sent", "paid", "failed",
    )  # fmt: skip
    _declare("payout_file", PayoutFile.objects.all(), "made")
    _declare(
        "payout_file",
        PayoutFile.objects.filter(state__in=[PayoutFileState.APPROVED, PayoutFileState.SENT]),
        "approved",
    )
    _declare("payout_hold", PayoutHold.objects.all(), "made")
    released = PayoutHold.objects.filter(state=PayoutHoldState.RELEASED)
    _declare("payout_hold", released, "released")
    _declare("incoming_transfer", IncomingTransfer.objects.all(), "entered")
    _declare("bank_day", BankDay.objects.all(), "closed")
    _declare("wallet", Wallet.objects.all(), "opened")
    _declare("withdrawal", Withdrawal.objects.all(), "asked")
    _declare(
        "withdrawal",
        Withdrawal.objects.exclude(state=WithdrawalState.PROMISED),
        "sent", "declined",
    )  # fmt: skip
    _declare("department_split", DepartmentSplit.objects.all(), "set")
    _declare("distribution", Distribution.objects.all(), "calculated")
    _declare("distribution", Distribution.objects.filter(state__in=RELEASED), "confirmed", "upheld")
    _declare("distribution", Distribution.objects.exclude(paid_at=None), "paid")
    _declare("saved_card", SavedCard.objects.all(), "asked")
    _declare("card_top_up", CardTopUp.objects.all(), "asked")
    _declare("card_top_up", CardTopUp.objects.exclude(received_at=None), "received")
    _declare("deposit", deposits, "placed")
    _declare("deposit", ended, "applied", "forfeited")


MONEY = {"amount_minor": "row.amount_minor::text", "currency": "row.currency"}
OF_ORDER = "JOIN orders_order AS o ON o.id = row.order_id"
OF_OWNER = "JOIN accounts_organisation AS o ON o.id = row.organisation_id"
OF_CHARGED = (
    "LEFT JOIN payments_payment AS o ON o.id = row.payment_id"
    " LEFT JOIN payments_cardtopup AS t ON t.id = row.top_up_id"
)
# Where the subjects of this room's records stand, and what they repeat.
ROWS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("payment", f"payments_payment AS row {OF_ORDER}", {**MONEY, "order": "o.public_id"}),
    (
        "refund",
        "payments_refund AS row JOIN payments_payment AS o ON o.id = row.payment_id",
        {**MONEY, "payment": "o.public_id"},
    ),
    (
        "chargeback",
        f"payments_chargeback AS row {OF_CHARGED}",
        {**MONEY, "payment": "COALESCE(o.public_id, t.public_id)"},
    ),
    (
        "settlement",
        f"payments_settlement AS row {OF_ORDER}",
        {
            "order": "o.public_id",
            "currency": "row.currency",
            "gross_minor": "row.gross_minor::text",
            "tax_minor": "row.tax_minor::text",
            "fee_minor": "row.fee_minor::text",
            "fee_tax_minor": "row.fee_tax_minor::text",
            "pool_minor": "row.pool_minor::text",
        },
    ),
    (
        "document",
        "payments_document AS row",
        {"kind": "row.kind", "number": "row.number", "hash": "row.document_hash"},
    ),
    (
        "bank_day",
        "payments_bankday AS row",
        {"currency": "row.currency", "day": "row.day::text"},
    ),
    ("payout", f"payments_payout AS row {OF_OWNER}", {**MONEY, "organisation": "o.public_id"}),
    (
        "payout_file",
        "payments_payoutfile AS row",
        {
            "payouts": "row.payouts_count::text",
            "total_minor": "row.total_minor::text",
            "currency": "row.currency",
        },
    ),
    (
        "payout_hold",
        f"payments_payouthold AS row {OF_OWNER}",
        {"organisation": "o.public_id", "currency": "row.currency"},
    ),
    (
        "payout_account",
        f"payments_payoutaccount AS row {OF_OWNER}",
        {
            "organisation": "o.public_id",
            "currency": "row.currency",
            "holder": "row.holder",
            "label": "row.label",
        },
    ),
    (
        "statement_run",
        "payments_statementrun AS row",
        {"month": "to_char(row.first_day, 'YYYY-MM')"},
    ),
    ("incoming_transfer", "payments_incomingtransfer AS row", MONEY),
    (
        "wallet",
        f"payments_wallet AS row {OF_OWNER}",
        {"organisation": "o.public_id", "currency": "row.currency"},
    ),
    (
        "withdrawal",
        "payments_withdrawal AS row JOIN payments_wallet AS o ON o.id = row.wallet_id",
        {**MONEY, "wallet": "o.public_id"},
    ),
    (
        "department_split",
        f"payments_departmentsplit AS row {OF_OWNER}",
        {"organisation": "o.public_id", "number": "row.number"},
    ),
    (
        "distribution",
        "payments_distribution AS row JOIN catalog_product AS o ON o.id = row.product_id",
        {**MONEY, "product": "o.public_id", "month": "to_char(row.first_day, 'YYYY-MM')"},
    ),
    (
        "saved_card",
        f"payments_savedcard AS row {OF_OWNER}",
        {"organisation": "o.public_id"},
    ),
    (
        "card_top_up",
        "payments_cardtopup AS row JOIN payments_wallet AS o ON o.id = row.wallet_id",
        {**MONEY, "wallet": "o.public_id"},
    ),
    (
        "deposit",
        f"payments_deposit AS row {OF_OWNER}",
        {**MONEY, "organisation": "o.public_id", "purpose": "row.purpose"},
    ),
    ("top_up", "payments_topup AS row", MONEY),
    (
        "difference",
        "payments_difference AS row",
        {"kind": "row.kind", "about": "row.subject"},
    ),
)


def _declare_rows() -> None:
    """Say where the subjects of this room's records stand, and what they repeat."""
    for kind, rows, facts in ROWS:
        agreement.rows_of(kind, rows, facts=facts, is_recorded=kind != "difference")
    agreement.hold("payments.fees", fee_invoices.differing)
    agreement.no_rows_of("reconciliation", "what a run finds are differences")
    agreement.rows_of(
        "payout_run",
        "payments_payoutrun AS row",
        key="row.run_date || ':' || row.currency",
        facts={"payouts": "row.payouts_count", "total_minor": "row.total_minor::text"},
    )


def _declare(thing: str, rows: QuerySet[Any], *events: str) -> None:
    require_record(
        name=f"payments.{thing}.{events[0]}",
        rows=subjects(thing, rows),
        event=[f"payments.{thing}.{event}" for event in events],
    )
