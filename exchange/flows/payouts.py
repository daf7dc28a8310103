"""Sellers' money: available after the clearing time, paid out once a day, to an account they name."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit.actions import log
from exchange.core.actions import outbox
from exchange.core.queries.rules import rule
from exchange.flows import invoices, payout_progress
from exchange.flows.admission import organisation_of
from exchange.flows.payments import unavailable
from exchange.flows.settlement_books import Chart, available, balance
from exchange.ledger import books
from exchange.ledger.entries import Authorise, Entry, Move, Posting
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.payments import chart as codes
from exchange.payments.actions import payouts as acts
from exchange.payments.actions import settlements
from exchange.payments.errors import PayoutAccountRefused
from exchange.payments.gateway.port import OutcomeUnknown, ProviderRefused
from exchange.payments.gateway.providers import TEST, provider
from exchange.payments.models import (
    Payout,
    PayoutAccount,
    PayoutRun,
    Settlement,
    SettlementShare,
)
from exchange.payments.states import PayoutAccountState
from pricing.money import Money

CLEARING_SCOPE = "payments.clearing"
SMALLEST = "settlement.payout_smallest"
BATCH_MAX = 500

logger = structlog.get_logger(__name__)


def clear_due(*, actor: str, now: datetime) -> int:
    """Make what has cleared available, each settlement in a transaction of its own; say how many."""
    due = Settlement.objects.filter(cleared_at__isnull=True, clears_at__lte=now)
    refs = list(due.order_by("clears_at").values_list("order_ref", flat=True)[:BATCH_MAX])
    cleared = 0
    for order_ref in refs:
        try:
            cleared += _clear(order_ref, actor=actor, now=now)
        except Exception:
            logger.exception("payments.clearing.stuck", order=order_ref)
    return cleared


@transaction.atomic
def _clear(order_ref: str, *, actor: str, now: datetime) -> int:
    settlement = settlements.locked(order_ref)
    if settlement is None or settlement.cleared_at is not None:
        return 0
    chart = Chart(currency=settlement.currency, actor=actor, now=now)
    steps: list[Entry] = []
    for share in settlement.shares.select_related("organisation").order_by("position"):
        left = Money(share.amount_minor - share.refunded_minor, share.currency)
        steps += _passing_on(chart, share.organisation, left)
    settlements.clear(settlement=settlement, now=now)
    log.record(
        event="payments.settlement.cleared",
        actor=actor,
        subject=f"settlement:{settlement.public_id}",
        facts={"order": order_ref},
        at=now,
    )
    if steps:
        books.post(
            Posting(
                scope=CLEARING_SCOPE,
                key=order_ref,
                kind="payments.seller.cleared",
                transfers=steps,
                subject=f"order:{order_ref}",
            ),
            actor=actor,
            now=now,
        )
    return 1


def _passing_on(chart: Chart, seller: Organisation, left: Money) -> list[Entry]:
    """From pending to available, after what the seller owes us."""
    owed = balance(codes.receivable(seller.public_id, chart.currency), chart.currency)
    kept = min(owed, left)
    free = left - kept
    source = chart.pending(seller)
    steps: list[Entry] = []
    if kept.minor:
        steps.append(Move(debit=source, credit=chart.receivable(seller), amount=kept))
    if free.minor:
        steps.append(Move(debit=source, credit=chart.available(seller), amount=free))
    return steps


@transaction.atomic
def run_payouts(*, run_date: date, currency: str, actor: str, now: datetime) -> PayoutRun | None:
    """Promise every seller with an account what is available. Once a day: None when it was done.

    The provider is asked afterwards, by the outbox. What is too little waits for the next run.
    """
    run = acts.begin_run(run_date=run_date, currency=currency, now=now)
    if run is None:
        return None
    smallest = rule(key=SMALLEST, at=now).as_money()
    for account in _payable(currency):
        amount = available(codes.available(account.organisation.public_id, currency), currency)
        if amount.minor > 0 and (amount.currency != smallest.currency or amount >= smallest):
            _promise(run, account, amount, actor=actor, now=now)
    run.refresh_from_db()
    log.record(
        event="payments.payout_run.made",
        actor=actor,
        subject=f"payout_run:{run_date.isoformat()}:{currency}",
        facts={"payouts": run.payouts_count, "total_minor": str(run.total_minor)},
        at=now,
    )
    return run


def _payable(currency: str) -> list[PayoutAccount]:
    """The accounts that can be paid to, in one order for all, so that runs do not lock crosswise."""
    rows = PayoutAccount.objects.filter(currency=currency, state=PayoutAccountState.READY)
    return list(rows.select_related("organisation").order_by("organisation_id"))


def _promise(
    run: PayoutRun, account: PayoutAccount, amount: Money, *, actor: str, now: datetime
) -> Payout:
    payout = acts.promise(run=run, account=account, amount=amount, now=now)
    chart = Chart(currency=amount.currency, actor=actor, now=now)
    invoices.issue_payout_statement(payout=payout, lines=_lines(payout), actor=actor, now=now)
    books.post(
        Posting(
            scope=payout_progress.SCOPE,
            key=payout_progress.hold_key(payout),
            kind="payments.payout.promised",
            transfers=[
                Authorise(
                    debit=chart.available(account.organisation),
                    credit=chart.payout(payout.public_id),
                    amount=amount,
                )
            ],
            subject=f"payout:{payout.public_id}",
        ),
        actor=actor,
        now=now,
    )
    outbox.emit(
        topic=payout_progress.TOPIC,
        key=payout.public_id,
        payload={"payout": payout.public_id},
    )
    return payout


def _lines(payout: Payout) -> list[dict[str, Any]]:
    """The settlements that became available since the seller's last payout."""
    before = (
        Payout.objects.filter(organisation=payout.organisation, currency=payout.currency)
        .exclude(pk=payout.pk)
        .order_by("-pk")
        .first()
    )
    shares = SettlementShare.objects.filter(
        organisation=payout.organisation,
        currency=payout.currency,
        settlement__cleared_at__lte=payout.created_at,
    )
    if before is not None:
        shares = shares.filter(settlement__cleared_at__gt=before.created_at)
    return [
        {
            "order": share.settlement.order_ref,
            "title": share.settlement.title,
            "amount_minor": share.amount_minor - share.refunded_minor,
        }
        for share in shares.select_related("settlement").order_by("pk")[:BATCH_MAX]
    ]


def tend(*, now: datetime) -> dict[str, int]:
    """What time alone does: clear, and run the day's payouts of each currency."""
    clock = "system:clock"
    cleared = clear_due(actor=clock, now=now)
    today = timezone.localtime(now).date()
    runs = [
        run_payouts(run_date=today, currency=currency, actor=clock, now=now)
        for currency in _currencies_due(today)
    ]
    return {"cleared": cleared, "payouts": sum(run.payouts_count for run in runs if run)}


def _currencies_due(today: date) -> Iterable[str]:
    done = PayoutRun.objects.filter(run_date=today).values("currency")
    known = PayoutAccount.objects.filter(state=PayoutAccountState.READY)
    return list(
        known.exclude(currency__in=done)
        .order_by("currency")
        .values_list("currency", flat=True)
        .distinct()
    )


def give_account(
    *, actor: Actor, currency: str, holder: str, number: str, now: datetime
) -> PayoutAccount:
    """Name the account that the organisation acted for is paid to, in place of the one before.

    The number goes to the provider, which is asked outside any transaction, and is not kept here.
    Raises PayoutAccountRefused and ProviderUnavailable.
    """
    organisation = Organisation.objects.get(pk=organisation_of(actor))
    policy.require(actor, Permission.PAYOUT_ACCOUNT_SET, Subject.of(organisation))
    holder, number = acts.check_account(holder=holder, number=number)
    gateway = provider()
    with transaction.atomic():
        account = acts.add_account(
            organisation=organisation,
            currency=currency,
            holder=holder,
            number=number,
            provider=gateway.name,
            now=now,
        )
        _record_account(account, "given", actor, now)
    try:
        known = gateway.open_account(
            account_id=account.public_id,
            holder=holder,
            number=number,
            currency=currency,
            key=f"payout_account:{account.public_id}",
        )
    except ProviderRefused as error:
        raise PayoutAccountRefused(
            _("The provider cannot pay to this account."), reason=error.code
        ) from error
    except OutcomeUnknown as error:
        raise unavailable() from error
    with transaction.atomic():
        account = PayoutAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
        if known.ready:
            acts.ready(account=account, ref=known.ref)
            _record_account(account, "ready", actor, now)
    return account


def is_test_provider() -> bool:
    """Whether no real money moves, so that people are told."""
    return provider().name == TEST


def _record_account(account: PayoutAccount, event: str, actor: Actor, now: datetime) -> None:
    log.record(
        event=f"payments.payout_account.{event}",
        actor=actor.name,
        subject=f"payout_account:{account.public_id}",
        facts={
            "organisation": account.organisation.public_id,
            "currency": account.currency,
        },
        personal={"holder": account.holder, "label": account.label},
        at=now,
    )
