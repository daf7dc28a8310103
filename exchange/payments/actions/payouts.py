"""Payouts, the runs that make them, and the accounts that they go to."""

import re
from datetime import date, datetime

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.moves import check_move
from exchange.core.refusals import NotFound
from exchange.payments.errors import PayoutAccountRefused
from exchange.payments.models import Payout, PayoutAccount, PayoutRun
from exchange.payments.states import (
    PAYOUT_ACCOUNT_MOVES,
    PAYOUT_MOVES,
    PayoutAccountState,
    PayoutState,
)
from pricing.money import Money

NUMBER = re.compile(r"[A-Z0-9]{8,34}")
HOLDER_CHARS_MAX = 200
MASKED = "•••• "


def check_account(*, holder: str, number: str) -> tuple[str, str]:
    """Holder and number without spaces. Raises PayoutAccountRefused; the number is not kept."""
    holder, number = holder.strip(), number.replace(" ", "").upper()
    if not 0 < len(holder) <= HOLDER_CHARS_MAX or not holder.isprintable():
        raise PayoutAccountRefused(_("Give the name of the account's holder."), field="holder")
    if NUMBER.fullmatch(number) is None:
        raise PayoutAccountRefused(
            _("An account number has 8 to 34 letters and digits."), field="number"
        )
    return holder, number


def add_account(
    *,
    organisation: Organisation,
    currency: str,
    holder: str,
    number: str,
    provider: str,
    now: datetime,
) -> PayoutAccount:
    """Write down a new account, masked, in place of the one before."""
    for former in PayoutAccount.objects.select_for_update().filter(
        organisation=organisation, currency=currency, closed_at__isnull=True
    ):
        check_move(
            PAYOUT_ACCOUNT_MOVES, PayoutAccountState(former.state), PayoutAccountState.CLOSED
        )
        former.state, former.closed_at = PayoutAccountState.CLOSED, now
        former.save(update_fields=["state", "closed_at"])
    return PayoutAccount.objects.create(
        organisation=organisation,
        currency=currency,
        holder=holder,
        label=MASKED + number[-4:],
        provider=provider,
        created_at=now,
    )


def ready(*, account: PayoutAccount, ref: str) -> None:
    """The provider knows the account and can pay to it. One that was closed meanwhile stays closed."""
    if account.state == PayoutAccountState.PENDING:
        account.state, account.provider_ref = PayoutAccountState.READY, ref
        account.save(update_fields=["state", "provider_ref"])


def close_account(*, account: PayoutAccount, now: datetime) -> None:
    """Money sent there came back: nothing more is sent until the seller names another account."""
    if account.state != PayoutAccountState.CLOSED:
        account.state, account.closed_at = PayoutAccountState.CLOSED, now
        account.save(update_fields=["state", "closed_at"])


def begin_run(*, run_date: date, currency: str, now: datetime) -> PayoutRun | None:
    """The day's run, or None when it was made before."""
    run, is_new = PayoutRun.objects.get_or_create(
        run_date=run_date, currency=currency, defaults={"created_at": now}
    )
    return run if is_new else None


def promise(*, run: PayoutRun, account: PayoutAccount, amount: Money, now: datetime) -> Payout:
    """Promise a seller what is available."""
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
    return payout


def locked(payout_id: str) -> Payout:
    """The payout, locked. Raises NotFound."""
    found = Payout.objects.select_for_update(no_key=True, of=("self",)).filter(public_id=payout_id)
    payout = found.select_related("organisation", "account", "run").first()
    if payout is None:
        raise NotFound(_("There is no such payout."))
    return payout


def move(
    *,
    payout: Payout,
    to: PayoutState,
    now: datetime,
    transfer_ref: str = "",
    provider_ref: str = "",
    failure: str = "",
) -> None:
    """Take the step and keep what the provider said with it."""
    check_move(PAYOUT_MOVES, PayoutState(payout.state), to)
    payout.state = to
    if to is PayoutState.SENT:
        payout.sent_at = now
    else:
        payout.decided_at = now
    payout.transfer_ref = transfer_ref or payout.transfer_ref
    payout.provider_ref = provider_ref or payout.provider_ref
    payout.failure = failure[:60] or payout.failure
    payout.save()
