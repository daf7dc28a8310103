"""Why money of a seller is not paid to it yet, and when that ends.

`of_seller` reads once what all answers need; the reasons for an order, a sale, a payout and what is available
in a currency are then told without asking the database again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from exchange.catalog.models import Sharing
from exchange.core.formatting import end_shown, moment_shown, money_shown
from exchange.core.rules import rule
from exchange.ledger import months
from exchange.ledger.models import Account
from exchange.members import standing
from exchange.members.standing import Business
from exchange.orders.lifecycle import MONEY_HELD, OrderState
from exchange.orders.models import Order
from exchange.payments import chart, holding, payout_holds, payouts
from exchange.payments.chart import BANK
from exchange.payments.distribution_lifecycle import DistributionState
from exchange.payments.lifecycle import (
    PaymentState,
    PayoutAccountState,
    PayoutFileState,
    PayoutState,
)
from exchange.payments.models import (
    Payment,
    Payout,
    PayoutAccount,
    PayoutRun,
    Settlement,
    SettlementShare,
)
from pricing.money import Money

TAKEN_BACK = (PayoutState.REFUSED, PayoutState.RETURNED)
CURRENCIES_MAX = 50


class Why(StrEnum):
    """What the money waits for; frozen, since programs read it."""

    DELIVERY = "delivery"
    INSPECTION = "inspection"
    OBJECTED = "objected"
    CHARGEBACK = "chargeback"
    SETTLING = "settling"
    SUSPENDED = "suspended"
    CLEARING = "clearing"
    DISTRIBUTION = "distribution"
    CONFIRMATION = "confirmation"
    DISTRIBUTION_OBJECTED = "distribution_objected"
    NO_ACCOUNT = "no_account"
    ACCOUNT_UNVERIFIED = "account_unverified"
    ACCOUNT_CURRENCY = "account_currency"
    OWED = "owed"
    TOO_LITTLE = "too_little"
    NEXT_RUN = "next_run"
    PAYOUT_FILE = "payout_file"
    FILE_APPROVAL = "file_approval"
    AT_BANK = "at_bank"
    AT_PROVIDER = "at_provider"
    PROVIDER_BALANCE = "provider_balance"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_REPLACED = "account_replaced"
    SENT_BACK = "sent_back"
    REFUSED_ACCOUNT = "refused_account"
    REFUSED_BY_BANK = "refused_by_bank"
    HOLDING_LIMIT = "holding_limit"
    HELD = "payout_held"


WORDS: Mapping[Why, str | Promise] = {
    Why.DELIVERY: gettext_lazy("The delivery is still being made."),
    Why.INSPECTION: gettext_lazy("The buyer may inspect the delivery until %(until)s."),
    Why.OBJECTED: gettext_lazy("A dispute is open; the money stays held until it is decided."),
    Why.CHARGEBACK: gettext_lazy("The buyer's bank took the payment back; its bank decides."),
    Why.SETTLING: gettext_lazy("The sale is being settled."),
    Why.SUSPENDED: gettext_lazy("“%(name)s” is suspended; the money rests until that is lifted."),
    Why.CLEARING: gettext_lazy("The clearing time ends on %(until)s."),
    Why.DISTRIBUTION: gettext_lazy("The distribution of its month is calculated on %(until)s."),
    Why.CONFIRMATION: gettext_lazy(
        "The distribution of its month waits for an answer until %(until)s."
    ),
    Why.DISTRIBUTION_OBJECTED: gettext_lazy(
        "A party objects to the distribution of its month; the seller answers."
    ),
    Why.NO_ACCOUNT: gettext_lazy("There is no account to pay to."),
    Why.ACCOUNT_UNVERIFIED: gettext_lazy(
        "The account is not confirmed by the payment provider yet."
    ),
    Why.ACCOUNT_CURRENCY: gettext_lazy(
        "The account takes %(name)s only; name one for this currency."
    ),
    Why.OWED: gettext_lazy(
        "It covers what is owed to the exchange after refunds and disputes: %(amount)s."
    ),
    Why.TOO_LITTLE: gettext_lazy("It is below the least that is paid out, %(amount)s."),
    Why.NEXT_RUN: gettext_lazy("It is in the next payout run, on %(until)s."),
    Why.PAYOUT_FILE: gettext_lazy("It waits for the exchange's next payment file for its bank."),
    Why.FILE_APPROVAL: gettext_lazy("It is in a payment file that a second person has to approve."),
    Why.AT_BANK: gettext_lazy("It is on its way; the bank has not confirmed it yet."),
    Why.AT_PROVIDER: gettext_lazy("The payment provider is being asked to send it."),
    Why.PROVIDER_BALANCE: gettext_lazy(
        "The provider's balance was too low; the exchange tries again with the next run."
    ),
    Why.ACCOUNT_CLOSED: gettext_lazy(
        "The bank says that the account is closed. Name another account."
    ),
    Why.ACCOUNT_REPLACED: gettext_lazy("It is paid to your new account with the next run."),
    Why.SENT_BACK: gettext_lazy(
        "The bank sent the money back. Check the account, or name another one."
    ),
    Why.REFUSED_ACCOUNT: gettext_lazy("The bank does not take the account. Name another account."),
    Why.REFUSED_BY_BANK: gettext_lazy(
        "The bank did not make this payout. It is paid to the same account with the next run."
    ),
    Why.HELD: gettext_lazy("The exchange's finance holds your payouts back: %(name)s"),
    Why.HOLDING_LIMIT: gettext_lazy("The payment provider holds this payment until %(until)s."),
}
# What the provider or the bank said when a payout failed.
FAILURES: Mapping[str, Why] = {
    "account_closed": Why.ACCOUNT_CLOSED,
    "account_replaced": Why.ACCOUNT_REPLACED,
    "balance_insufficient": Why.PROVIDER_BALANCE,
    "organisation_suspended": Why.SUSPENDED,
    "account_refused_by_bank": Why.REFUSED_ACCOUNT,
    "refused_by_bank": Why.REFUSED_BY_BANK,
}
# What the seller itself can end, by naming an account or giving what is asked for.
NEEDS_ACCOUNT = frozenset(
    {
        Why.NO_ACCOUNT,
        Why.ACCOUNT_UNVERIFIED,
        Why.ACCOUNT_CURRENCY,
        Why.ACCOUNT_CLOSED,
        Why.REFUSED_ACCOUNT,
    }
)


@dataclass(frozen=True)
class Reason:
    """One thing that the money waits for; `until` where that is known."""

    why: Why
    until: datetime | None = None
    amount: Money | None = None
    name: str = ""

    @property
    def sentence(self) -> str:
        """In the reader's language."""
        begins = self.why in {Why.DISTRIBUTION, Why.NEXT_RUN}
        return str(WORDS[self.why]) % {
            "until": moment_shown(self.until, "date") if begins else end_shown(self.until),
            "amount": money_shown(self.amount),
            "name": self.name,
        }

    @property
    def needs_account(self) -> bool:
        return self.why in NEEDS_ACCOUNT


@dataclass(frozen=True)
class Balances:
    """Held of buyers' payments; earned and not cleared yet; available for the next payout; owed to the
    exchange. `waits_for` is why the available part is not paid yet."""

    held: Money
    pending: Money
    available: Money
    owed: Money
    waits_for: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Reasons:
    """What holds up the money of one seller; the balances are those of the books."""

    name: str
    is_suspended: bool
    balances: tuple[Balances, ...]
    ready_in: frozenset[str]
    at_limit: Mapping[int, datetime]
    suspended: Mapping[int, str]
    rests_with: Mapping[int, str] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)  # why, by currency

    def for_order(self, order: Order) -> tuple[Reason, ...]:
        """Of an order that is not settled."""
        resting = [
            Reason(Why.SUSPENDED, name=self.suspended[key])
            for key in (order.seller_id, order.buyer_id)
            if key in self.suspended
        ]
        return (*self._of_state(order), *resting, *self._limit(order.pk))

    def _of_state(self, order: Order) -> tuple[Reason, ...]:
        if order.is_charged_back:  # type: ignore[attr-defined]  # annotated by held_of
            return (Reason(Why.CHARGEBACK),)
        if order.state == OrderState.DELIVERED:
            return (Reason(Why.INSPECTION, until=order.inspection_ends_at),)
        if order.state == OrderState.OBJECTED:
            return (Reason(Why.OBJECTED),)
        is_made = order.state not in {OrderState.ESCROWED, OrderState.DELIVERING}
        return (Reason(Why.SETTLING if is_made else Why.DELIVERY),)

    def for_share(self, share: SettlementShare, payout: Payout | None) -> tuple[Reason, ...]:
        """Of a sale that was settled; `payout` is the one that its money is in. Nothing once that arrived."""
        limit = self._limit(share.settlement.order_id)
        if share.amount_minor == share.refunded_minor:
            return ()
        if payout is not None:
            return self.for_payout(payout)
        if share.settlement.disputed_at is not None:
            return (Reason(Why.OBJECTED), *self.resting)
        if share.settlement.cleared_at is not None:
            return (*self.for_available(share.currency), *limit)
        clearing = (Reason(Why.CLEARING, until=share.settlement.clears_at),)
        waits = _of_month(share.settlement) or clearing
        other = self.rests_with.get(share.settlement_id)
        rests = (Reason(Why.SUSPENDED, name=other),) if other else ()
        return (*waits, *self.resting, *rests, *limit)

    def for_payout(self, payout: Payout) -> tuple[Reason, ...]:
        """Of a payout; nothing once it arrived."""
        if payout.state == PayoutState.PAID:
            return ()
        held = self.held_in(payout.currency)
        if payout.failure:
            why = FAILURES.get(payout.failure, Why.SENT_BACK)
            was_held = payout.failure == payout_holds.HELD
            return held if was_held else (Reason(why, name=self.name),)
        if payout.state == PayoutState.SENT:
            return (Reason(Why.AT_BANK),)
        if payout.account.provider != BANK:
            return (*held, Reason(Why.AT_PROVIDER))
        if payout.file is None:
            return (*held, Reason(Why.PAYOUT_FILE), *self.resting)
        is_made = payout.file.state == PayoutFileState.MADE
        return (Reason(Why.FILE_APPROVAL if is_made else Why.AT_BANK),)

    def for_available(self, currency: str) -> tuple[Reason, ...]:
        """Of what is available and in no payout."""
        found = [row.waits_for for row in self.balances if row.available.currency == currency]
        return found[0] if found else ()

    def held_in(self, currency: str) -> tuple[Reason, ...]:
        """Where the exchange's finance holds the payouts in the currency back."""
        reason = self.held.get(currency, "")
        return (Reason(Why.HELD, name=reason),) if reason else ()

    @property
    def resting(self) -> tuple[Reason, ...]:
        """Where the seller itself is suspended."""
        return (Reason(Why.SUSPENDED, name=self.name),) if self.is_suspended else ()

    def _limit(self, order_id: int) -> tuple[Reason, ...]:
        at = self.at_limit.get(order_id)
        return (Reason(Why.HOLDING_LIMIT, until=at),) if at else ()


def _of_month(settlement: Settlement) -> tuple[Reason, ...]:
    """What its month waits for, where its parties confirm that."""
    if settlement.is_confirmed:
        return ()
    month = settlement.distribution
    if month is None:
        settled_on = timezone.localtime(settlement.settled_at).date()
        return (Reason(Why.DISTRIBUTION, until=months.bounds(settled_on.replace(day=1))[1]),)
    if month.state == DistributionState.OBJECTED:
        return (Reason(Why.DISTRIBUTION_OBJECTED),)
    return (Reason(Why.CONFIRMATION, until=month.due_at),)


def of_seller(organisation_id: int, *, now: datetime, orders: Iterable[Order] = ()) -> Reasons:
    """All that holds up the money of an organisation, and of these orders of it."""
    owner, orders = Organisation.objects.get(pk=organisation_id), list(orders)
    parties = {organisation_id}.union(*((order.buyer_id, order.seller_id) for order in orders))
    resting = parties - standing.are(parties, Business.OWED)
    names = dict(Organisation.objects.filter(pk__in=resting).values_list("pk", "name"))
    is_suspended = organisation_id in resting
    accounts = list(
        PayoutAccount.objects.filter(organisation=owner)
        .exclude(state=PayoutAccountState.CLOSED)
        .order_by("currency")[:CURRENCIES_MAX]
    )
    ready = frozenset(
        account.currency for account in accounts if account.state == PayoutAccountState.READY
    )
    reasons = Reasons(
        owner.name,
        is_suspended,
        (),
        ready,
        _at_limit(owner, orders, now=now),
        names,
        _rests_with(owner),
        payout_holds.reasons_of(organisation_id),
    )
    balances = tuple(
        replace(row, waits_for=_waits_for(row, owner, reasons, accounts, now=now))
        for row in _balances(owner)
    )
    return replace(reasons, balances=balances)


def _rests_with(owner: Organisation) -> dict[int, str]:
    """The sales that cannot clear since another party of them is suspended, with its name."""
    shared = SettlementShare.objects.filter(
        settlement__cleared_at=None,
        settlement__shares__organisation=owner,
        organisation__in=standing.suspended().values("organisation"),
    )
    others = shared.exclude(organisation=owner)
    return dict(others.values_list("settlement_id", "organisation__name"))


def held_of(organisation_id: int) -> QuerySet[Order]:
    """The seller's orders whose money is held, newest first, with what of it is left."""
    return _held().filter(seller_id=organisation_id)


def shared_held_of(organisation_id: int) -> QuerySet[Order]:
    """The same of other sellers' orders by whose frozen terms the organisation gets a part."""
    sharings = Sharing.objects.filter(
        Q(parties__percent__gt=0) | Q(parties__first_minor__gt=0) | Q(parties__has_royalty=True),
        parties__organisation=organisation_id,
        effective_at__isnull=False,
    ).exclude(product__seller=organisation_id)
    named = dict(sharings.values_list("public_id", "product_id"))
    return _held().filter(product__in=set(named.values()), terms__shares__in=list(named))


def _held() -> QuerySet[Order]:
    there = Q(payments__state=PaymentState.RECEIVED)
    rows = Order.objects.filter(state__in=[*MONEY_HELD, OrderState.ACCEPTED])
    left = F("payments__amount_minor") - F("payments__refunded_minor")
    rows = rows.filter(there, settlement=None).annotate(
        held_minor=left - F("payments__disputed_minor"),
        is_charged_back=Q(payments__disputed_minor__gt=0),
    )
    return rows.select_related("buyer", "seller").order_by("-pk")


def left_of(order: Order) -> Money:
    """What is held of the payment of one of `held_of`."""
    return Money(order.held_minor, order.currency)  # type: ignore[attr-defined]  # annotated there


def _balances(owner: Organisation) -> list[Balances]:
    """One for each currency in which something is held, earned or owed, read from the books."""
    own = Q(owner=owner, code__startswith="seller:")
    owed = Q(code__startswith=chart.receivable(owner.public_id, ""))
    accounts = {row.code: row for row in Account.objects.filter(own | owed)}
    held = dict(
        held_of(owner.pk)
        .order_by()
        .values_list("currency")
        .annotate(sum_minor=Sum("held_minor"))
        .values_list("currency", "sum_minor")
    )
    known = {row.currency for row in accounts.values()} | held.keys()
    return [
        Balances(
            held=Money(int(held.get(currency, 0)), currency),
            pending=_on(accounts, chart.pending(owner.public_id, currency), currency),
            available=_free(accounts, chart.available(owner.public_id, currency), currency),
            owed=_on(accounts, chart.receivable(owner.public_id, currency), currency),
        )
        for currency in sorted(known)[:CURRENCIES_MAX]
    ]


def _on(accounts: Mapping[str, Account], code: str, currency: str) -> Money:
    return accounts[code].balance if code in accounts else Money(0, currency)


def _free(accounts: Mapping[str, Account], code: str, currency: str) -> Money:
    return accounts[code].available if code in accounts else Money(0, currency)


def _waits_for(
    row: Balances,
    owner: Organisation,
    reasons: Reasons,
    accounts: Iterable[PayoutAccount],
    *,
    now: datetime,
) -> tuple[Reason, ...]:
    """Why what is available is in no payout, by the same rules as the run's."""
    if not row.available.minor:
        return ()
    if row.owed >= row.available:
        return (Reason(Why.OWED, amount=row.owed),)
    if held := reasons.held_in(row.available.currency):
        return (*held, *reasons.resting)
    least = rule(key=payouts.SMALLEST, at=now).as_money()
    before: tuple[Reason, ...]
    if row.available.currency not in reasons.ready_in:
        before = (_account_lacks(row.available.currency, accounts),)
    elif payouts.is_too_little(row.available - row.owed, least):
        before = (Reason(Why.TOO_LITTLE, amount=least),)
    else:
        before = _run_waits(owner, row.available.currency, now=now)
    return (*reasons.resting, *before)


def _account_lacks(currency: str, accounts: Iterable[PayoutAccount]) -> Reason:
    named = [account.currency for account in accounts]
    if currency in named:
        return Reason(Why.ACCOUNT_UNVERIFIED)
    return Reason(Why.ACCOUNT_CURRENCY if named else Why.NO_ACCOUNT, name=", ".join(named))


def _run_waits(owner: Organisation, currency: str, *, now: datetime) -> tuple[Reason, ...]:
    """The next run, and why the newest payout brought nothing."""
    newest = Payout.objects.filter(organisation=owner, currency=currency).order_by("-pk").first()
    if newest is None or newest.state != PayoutState.REFUSED or newest.failure not in FAILURES:
        return (_next_run(currency, now=now),)
    return (Reason(FAILURES[newest.failure], name=owner.name), _next_run(currency, now=now))


def _next_run(currency: str, *, now: datetime) -> Reason:
    today = timezone.localtime(now).date()
    is_over = PayoutRun.objects.filter(run_date=today, currency=currency).exists()
    day = today + timedelta(days=1) if is_over else today
    at = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    return Reason(Why.NEXT_RUN, until=at)


def _at_limit(
    owner: Organisation, orders: Sequence[Order], *, now: datetime
) -> dict[int, datetime]:
    """The orders of the owner, and those of others that it has a part in, whose money is near the end of the time that the provider holds it, with that end."""
    if not holding.is_limited():
        return {}
    concerned = Q(order__seller=owner) | Q(order__settlement__shares__organisation=owner)
    near: QuerySet[Payment] = holding.held_long(now=now).filter(concerned | Q(order__in=orders))
    limit = timedelta(days=holding.days_max())
    return {
        order_id: received_at + limit
        for order_id, received_at in near.values_list("order_id", "received_at")
        if received_at is not None
    }
