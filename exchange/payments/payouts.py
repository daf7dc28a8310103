"""Sellers' money: promised once a day from what is available, sent by the provider, arrived or not.

News of the provider come late, twice or never: each step looks at where the payout stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import structlog
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from accounts.models import Organisation
from exchange.audit import log
from exchange.core import clock, outbox
from exchange.core.lifecycle import Change, Doer
from exchange.core.outbox import Lease
from exchange.core.rules import rule
from exchange.core.use_case import use_case
from exchange.ledger import books, holds
from exchange.ledger.entries import EntryRequest, ExternalFact, Posting, transfer_id
from exchange.ledger.models import ExternalRef, Transfer
from exchange.ledger.movements import Span
from exchange.members import standing
from exchange.members.actors import Subject, system_actor
from exchange.members.standing import Business
from exchange.payments import chart, payout_accounts, payout_holds, statements
from exchange.payments.chart import BANK, Chart
from exchange.payments.gateway.port import (
    MoneyStatus,
    OutcomeUnknown,
    ProviderPayout,
    ProviderRefused,
)
from exchange.payments.gateway.providers import provider
from exchange.payments.lifecycle import (
    PAYOUT,
    PayoutAccountState,
    PayoutState,
    PayoutTransition,
)
from exchange.payments.models import Payout, PayoutAccount, PayoutRun
from pricing.money import Money

SCOPE = "payments.payout"
TOPIC = "payments.payout.promised"
TOPIC_RETURN = "payments.payout.failed"
PROVIDER = system_actor("payments")
SMALLEST = "settlement.payout_smallest"
RETURNED_AS = "transfer_refund"
SUSPENDED = "organisation_suspended"  # why a payout was refused; so is `payout_holds.HELD`
BATCH_MAX = 500
SYNC_MAX = 100

logger = structlog.get_logger(__name__)


@use_case()
def run_payouts(*, run_date: date, currency: str, actor: Doer, now: datetime) -> PayoutRun | None:
    """Promise every seller with an account what is available. Once a day: None when it was done.

    The provider is asked afterwards, by the outbox. What is too little waits for the next run.
    """
    run, is_new = PayoutRun.objects.get_or_create(
        run_date=run_date, currency=currency, defaults={"created_at": now}
    )
    if not is_new:
        return None
    smallest = rule(key=SMALLEST, at=now).as_money()
    promised, closed = [], _of_closed_accounts(currency)
    # Held until the run is made: who is suspended meanwhile waits for it, and is paid next time.
    payable = _payable(currency)
    _lock_books([*closed, *payable], currency)
    for payout in closed:
        _refuse(payout, failure="account_replaced", now=now)
    for account in payable:
        amount = _netted(run, account.organisation, currency, actor=actor, now=now)
        if amount.minor > 0 and not is_too_little(amount, smallest):
            promised.append(_promise(run, account, amount, actor=actor, now=now))
    # The series of numbers is locked after the accounts of all.
    statements.of_payouts(_spans(promised), actor=actor, now=now)
    run.refresh_from_db()
    log.record(
        event="payments.payout_run.made",
        actor=actor.name,
        subject=f"payout_run:{run_date.isoformat()}:{currency}",
        facts={"payouts": run.payouts_count, "total_minor": str(run.total_minor)},
        at=now,
    )
    return run


def is_too_little(amount: Money, least: Money) -> bool:
    """Whether an amount waits for more: the least holds for its own currency."""
    return amount.currency == least.currency and amount < least


def _of_closed_accounts(currency: str) -> list[Payout]:
    """The payouts, locked, that wait for a file of the bank and whose account was closed meanwhile: they are
    refused, and the run promises their money anew, to the account that the seller has now."""
    waiting = Payout.objects.filter(
        state=PayoutState.PROMISED, currency=currency, file=None,
        account__provider=BANK, account__state=PayoutAccountState.CLOSED,
    )  # fmt: skip
    rows = waiting.select_related("organisation").order_by("pk")[:BATCH_MAX]
    return list(rows.select_for_update(no_key=True, of=("self",)))


def _lock_books(paid: Sequence[Payout | PayoutAccount], currency: str) -> None:
    """Lock what all these sellers have and owe at once, in the order of postings: seller by seller, an account
    that is younger than one of the next seller would be locked before it."""
    refs = {one.organisation.public_id for one in paid}
    codes = [name(ref, currency) for ref in refs for name in (chart.available, chart.receivable)]
    books.available_of(codes, currency)


def _netted(
    run: PayoutRun, seller: Organisation, currency: str, *, actor: Doer, now: datetime
) -> Money:
    """What a seller can be paid: what is available, after what it owes us was taken from that."""
    code, owed_code = (
        name(seller.public_id, currency) for name in (chart.available, chart.receivable)
    )
    there = books.available_of([code, owed_code], currency)
    free, owed = there[code], books.balance(owed_code, currency)
    kept = min(free, owed)
    if kept.minor:
        Chart(currency=currency, actor=actor, now=now).post(
            Posting(
                scope=SCOPE,
                key=f"{run.run_date.isoformat()}:{seller.public_id}:{currency}:netted",
                kind="payments.payout.netted",
                transfers=[EntryRequest(debit=code, credit=owed_code, amount=kept)],
                subject=f"organisation:{seller.public_id}",
            )
        )
    return free - kept


def currencies_due(today: date) -> Iterable[str]:
    """The currencies in which somebody can be paid and today's run was not made."""
    done = PayoutRun.objects.filter(run_date=today).values("currency")
    known = PayoutAccount.objects.filter(state=PayoutAccountState.READY)
    return list(
        known.exclude(currency__in=done)
        .order_by("currency")
        .values_list("currency", flat=True)
        .distinct()
    )


def _payable(currency: str) -> list[PayoutAccount]:
    """The accounts that can be paid to, of members that are not suspended and whose payouts are not held, in one
    order for all, so that runs do not lock crosswise."""
    rows = PayoutAccount.objects.filter(currency=currency, state=PayoutAccountState.READY)
    accounts = list(rows.select_related("organisation").order_by("organisation_id"))
    asked = [account.organisation_id for account in accounts]
    paid = standing.are(asked, Business.OWED, lock=True) - payout_holds.held_of(asked, currency)
    return [account for account in accounts if account.organisation_id in paid]


def _promise(
    run: PayoutRun, account: PayoutAccount, amount: Money, *, actor: Doer, now: datetime
) -> Payout:
    payout = Payout.objects.create(
        run=run,
        organisation=account.organisation,
        account=account,
        currency=amount.currency,
        amount_minor=amount.minor,
        created_at=now,
    )
    PayoutRun.objects.filter(pk=run.pk).update(
        payouts_count=F("payouts_count") + 1, total_minor=F("total_minor") + amount.minor
    )
    accounts = Chart(currency=amount.currency, actor=actor, now=now)
    holds.authorise(
        _named(payout, "promised"),
        debit=accounts.available(account.organisation),
        credit=accounts.payout(payout.public_id),
        amount=amount,
        actor=actor.name,
        now=now,
    )
    if account.provider != BANK:
        outbox.emit(topic=TOPIC, key=payout.public_id, payload={"payout": payout.public_id})
    return payout


def _spans(promised: Sequence[Payout]) -> dict[Payout, Span]:
    """What each payout is made of: all that changed since its seller's payout before."""
    mine = Payout.objects.filter(
        organisation=OuterRef("organisation"), currency=OuterRef("currency")
    )
    former = Subquery(mine.filter(pk__lt=OuterRef("pk")).order_by("-pk").values("public_id")[:1])
    rows = Payout.objects.filter(pk__in=[payout.pk for payout in promised])
    before = dict(rows.annotate(former=former).values_list("pk", "former"))
    holds = {payout.pk: _hold_id(payout.public_id) for payout in promised}
    former_holds = {key: _hold_id(name) for key, name in before.items() if name}
    wanted = [*holds.values(), *former_holds.values()]
    seqs = dict(Transfer.objects.filter(pk__in=wanted).values_list("pk", "seq"))
    return {
        payout: Span(
            codes=[chart.available(payout.organisation.public_id, payout.currency)],
            after=seqs[former_holds[payout.pk]] if payout.pk in former_holds else 0,
            until=seqs[holds[payout.pk]] - 1,
        )
        for payout in promised
    }


@dataclass(frozen=True)
class Answer:
    """What the provider said; `refused` is the code of a definite no."""

    told: ProviderPayout | None
    refused: str = ""


def ask_provider(lease: Lease) -> Answer:
    """Have the provider pay the seller. Asked again with the same key, it pays once, for ever."""
    payout = Payout.objects.select_related("account").get(public_id=lease.payload["payout"])
    # Only before the first call: one whose outcome is unknown is asked for again, never given up.
    if lease.attempts == 1 and not standing.are([payout.organisation_id], Business.OWED):
        return Answer(None, SUSPENDED)
    if lease.attempts == 1 and payout_holds.held_of([payout.organisation_id], payout.currency):
        return Answer(None, payout_holds.HELD)
    try:
        return Answer(
            provider().pay_out(
                payout_id=payout.public_id,
                account_ref=payout.account.provider_ref,
                amount=payout.amount,
                key=lease.idempotency_key,
            )
        )
    except ProviderRefused as error:
        return Answer(None, error.code)


@use_case()
def note_answer(lease: Lease, answer: Answer) -> None:
    """Write down what the provider said, when no message has said it before."""
    now = clock.now()
    payout = PAYOUT.lock(lease.payload["payout"])
    if answer.told is not None:
        _apply(answer.told, payout, now=now)
    elif payout.state == PayoutState.PROMISED:
        _refuse(payout, failure=answer.refused, now=now)


def refused_and_not_made_good() -> QuerySet[Payout]:
    """The newest payouts of sellers that the provider or the bank did not make, as for a balance that is too small.
    Those that the exchange itself keeps back are not among them."""
    same = {"organisation": OuterRef("organisation"), "currency": OuterRef("currency")}
    later = Payout.objects.filter(pk__gt=OuterRef("pk"), **same)
    refused = Payout.objects.filter(~Exists(later), state=PayoutState.REFUSED)
    return refused.exclude(failure__in=[SUSPENDED, payout_holds.HELD]).order_by("pk")


def _refuse(payout: Payout, *, failure: str, now: datetime) -> None:
    """The money is available again, and paid with a later run."""
    _move(payout, PayoutTransition.REFUSE, failure=failure, now=now)
    holds.void(
        _named(payout, "refused"), holds=[_hold_id(payout.public_id)], actor=PROVIDER.name, now=now
    )


@use_case()
def apply(told: ProviderPayout, *, now: datetime) -> str:
    """Bring the payout that a message speaks of up to what the provider says; say what was done."""
    if not Payout.objects.filter(public_id=told.payout_id).exists():
        return "unknown payout"
    return _apply(told, PAYOUT.lock(told.payout_id), now=now)


def _apply(told: ProviderPayout, payout: Payout, *, now: datetime) -> str:
    done = ""
    if payout.state == PayoutState.PROMISED:
        _send(told, payout, now=now)
        done = "sent"
    if told.status is MoneyStatus.DONE and payout.state == PayoutState.SENT:
        _move(payout, PayoutTransition.ARRIVE, provider_ref=told.payout_ref, now=now)
        done = "paid"
    if told.status is MoneyStatus.FAILED and payout.state in {PayoutState.SENT, PayoutState.PAID}:
        _fail(payout, failure=told.failure, provider_ref=told.payout_ref, now=now)
        payout_accounts.close(payout.account, actor=PROVIDER, now=now)
        if payout.account.provider != BANK:
            outbox.emit(
                topic=TOPIC_RETURN, key=payout.public_id, payload={"payout": payout.public_id}
            )
        done = "failed"
    return done


def _fail(payout: Payout, *, failure: str, now: datetime, provider_ref: str = "") -> None:
    _move(payout, PayoutTransition.FAIL, provider_ref=provider_ref, failure=failure, now=now)


def undo(payout: Payout, *, failure: str, ref: str, now: datetime) -> None:
    """Book that a payout under way was not made at all: its money never left, and is the seller's again."""
    _fail(payout, failure=failure, now=now)
    take_back(payout.public_id, ref=ref, now=now)


def _send(told: ProviderPayout, payout: Payout, *, now: datetime) -> None:
    """The provider has the money under way to the seller's bank."""
    payout.sent_at = now
    _move(
        payout,
        PayoutTransition.SEND,
        transfer_ref=told.transfer_ref,
        provider_ref=told.payout_ref,
        now=now,
    )
    accounts = Chart(currency=payout.currency, actor=PROVIDER, now=now)
    out = EntryRequest(
        debit=accounts.payout(payout.public_id),
        credit=accounts.clearing(payout.account.provider),
        amount=payout.amount,
    )
    fact = ExternalFact(
        psp=payout.account.provider,
        object_type="transfer",
        object_id=told.transfer_ref,
        kind="transfer",
        step=1,
    )
    holds.capture(
        replace(_named(payout, "sent"), transfers=[out], refs=[fact]),
        hold=_hold_id(payout.public_id),
        amount=payout.amount,
        actor=PROVIDER.name,
        now=now,
    )


def call_back(lease: Lease) -> str:
    """Take the money of a failed payout back from the seller's account at the provider."""
    payout = Payout.objects.get(public_id=lease.payload["payout"])
    return provider().call_back(
        payout.transfer_ref, amount=payout.amount, key=lease.idempotency_key
    )


@use_case()
def note_returned(lease: Lease, reversal_ref: str) -> None:
    """The money is ours again, and the seller's: available for the next run."""
    take_back(lease.payload["payout"], ref=reversal_ref, now=clock.now())


@use_case()
def take_back(payout_id: str, *, ref: str, now: datetime) -> None:
    """Book the money of a failed payout that came back under the provider's or the bank's reference."""
    payout = PAYOUT.lock(payout_id)
    if payout.state != PayoutState.FAILED:
        return
    _move(payout, PayoutTransition.RETURN, now=now)
    accounts = Chart(currency=payout.currency, actor=PROVIDER, now=now)
    back = EntryRequest(
        debit=accounts.clearing(payout.account.provider),
        credit=accounts.available(payout.organisation),
        amount=payout.amount,
    )
    fact = ExternalFact(
        psp=payout.account.provider,
        object_type="transfer_reversal",
        object_id=ref,
        kind=RETURNED_AS,
    )
    accounts.post(replace(_named(payout, "returned"), transfers=[back], refs=[fact]))


def came_back_as(payout: Payout, ref: str) -> bool:
    """Whether the payout's money came back under that reference."""
    reversal = transfer_id(scope=SCOPE, key=f"{payout.public_id}:returned")
    facts = ExternalRef.objects.filter(object_id=ref, kind=RETURNED_AS, transfer=reversal)
    return facts.exists()


def sync_sent(*, now: datetime) -> int:
    """Look at the payouts under way that nobody has told us about; return how many."""
    sent = Payout.objects.filter(state=PayoutState.SENT).exclude(account__provider=BANK)
    under_way = sent.exclude(provider_ref="")
    payouts = list(under_way.select_related("account").order_by("pk")[:SYNC_MAX])
    for payout in payouts:
        try:
            told = provider().payout(payout.provider_ref, account_ref=payout.account.provider_ref)
        except (OutcomeUnknown, ProviderRefused) as error:
            logger.warning("payments.payout.unseen", payout=payout.public_id, error=str(error))
            continue
        apply(told, now=now)
    return len(payouts)


def _move(
    payout: Payout,
    transition: PayoutTransition,
    *,
    now: datetime,
    transfer_ref: str = "",
    provider_ref: str = "",
    failure: str = "",
) -> None:
    """Take the step and keep what the provider said with it."""
    if transition is not PayoutTransition.SEND:
        payout.decided_at = now
    payout.transfer_ref = transfer_ref or payout.transfer_ref
    payout.provider_ref = provider_ref or payout.provider_ref
    payout.failure = failure[:60] or payout.failure
    PAYOUT.transition(
        payout, transition, actor=PROVIDER, now=now,
        save=("sent_at", "decided_at", "transfer_ref", "provider_ref", "failure"),
    )  # fmt: skip


def _hold_id(payout_id: str) -> UUID:
    return transfer_id(scope=SCOPE, key=f"{payout_id}:promised")


def _named(payout: Payout, step: str) -> Posting:
    return Posting(
        scope=SCOPE,
        key=f"{payout.public_id}:{step}",
        kind=f"payments.payout.{step}",
        subject=f"payout:{payout.public_id}",
    )


def _facts(payout: Payout, _change: Change) -> dict[str, str]:
    return {
        "organisation": payout.organisation.public_id,
        "amount_minor": str(payout.amount_minor),
        "currency": payout.currency,
        "failure": payout.failure,
    }


def _concerns(payout: Payout) -> Subject:
    """The seller: whoever is tied to it leaves the payout to others."""
    return Subject(organisation_id=None, other_side=frozenset({payout.organisation_id}))


PAYOUT.record_facts = _facts
PAYOUT.concerns = _concerns
