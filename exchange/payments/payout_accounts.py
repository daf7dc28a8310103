"""The accounts that sellers are paid to. The number itself goes to the provider and is not kept."""

import re
from datetime import datetime, timedelta

import structlog
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.lifecycle import Change, Doer
from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of, system_actor
from exchange.members.permissions import Permission
from exchange.payments.chart import BANK
from exchange.payments.errors import PayoutAccountRefused
from exchange.payments.gateway.port import OutcomeUnknown, ProviderAccount, ProviderRefused
from exchange.payments.gateway.providers import (
    TEST,
    provider,
    provider_name,
    takes_cards,
    unavailable,
)
from exchange.payments.lifecycle import (
    PAYOUT_ACCOUNT,
    PayoutAccountState,
    PayoutAccountTransition,
)
from exchange.payments.models import PayoutAccount
from exchange.payments.models.payments import CODE_CHARS_MAX

NUMBER = re.compile(r"[A-Z0-9]{8,34}")
HOLDER_CHARS_MAX = 200
BANK_CODE = re.compile(r"[A-Z0-9]{6,12}")
MASKED = "•••• "
LABEL_CHARS = 4
MISSING_MAX = 50
NOTED = ("provider_ref", "label", "missing", "disabled", "missing_due_at", "seen_at")
SYNC_AFTER = timedelta(minutes=10)
SYNC_MAX = 100
PROVIDER = system_actor("payments")

logger = structlog.get_logger(__name__)


def give_account(
    *, actor: Actor, currency: str, holder: str, number: str, now: datetime, bank_code: str = ""
) -> PayoutAccount:
    """Name the account that the organisation acted for is paid to, in place of the one before.

    The provider is asked outside any transaction; where there is none, the exchange's own bank pays, and the
    account is ready at once. Raises NotAllowed, PayoutAccountRefused and ProviderUnavailable.
    """
    owner = Organisation.objects.get(pk=organisation_of(actor))
    policy.require(actor, Permission.PAYOUT_ACCOUNT_SET, Subject.of(owner))
    holder, number = _checked(holder=holder, number=number)
    label = MASKED + number[-LABEL_CHARS:]
    if not takes_cards():
        return _write_for_bank(
            owner, currency=currency, holder=holder, label=label, number=number,
            bank_code=_checked_code(bank_code), actor=actor, now=now,
        )  # fmt: skip
    account = _write(owner, currency=currency, holder=holder, label=label, actor=actor, now=now)
    try:
        known = provider().open_account(
            account_id=account.public_id,
            holder=holder,
            country=owner.country,
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
    return note(account, known=known, actor=actor, now=now)


def begin(*, actor: Actor, currency: str, now: datetime) -> str:
    """Where the provider asks the organisation acted for who it is and where it is paid: an account of its
    own country is opened there, or the one that is open goes on.

    The provider is asked outside any transaction. Raises NotAllowed, PayoutAccountRefused and
    ProviderUnavailable.
    """
    owner = Organisation.objects.get(pk=organisation_of(actor))
    policy.require(actor, Permission.PAYOUT_ACCOUNT_SET, Subject.of(owner))
    account = open_account_of(owner.pk, currency) or _write(
        owner, currency=currency, holder=owner.name, label="", actor=actor, now=now
    )
    gateway = provider()
    try:
        if not account.provider_ref:
            known = gateway.open_account(
                account_id=account.public_id,
                holder=account.holder,
                country=owner.country,
                currency=currency,
                key=f"payout_account:{account.public_id}",
            )
            account = note(account, known=known, actor=actor, now=now)
        return gateway.account_page(
            account.provider_ref, key=f"account_page:{account.public_id}:{now.isoformat()}"
        )
    except ProviderRefused as error:
        raise PayoutAccountRefused(
            _("The provider cannot pay to an account of your organisation."), reason=error.code
        ) from error
    except OutcomeUnknown as error:
        raise unavailable() from error


def refresh(*, actor: Actor, currency: str, now: datetime) -> PayoutAccount | None:
    """Look at the provider's side of the open account now: the seller has come back from its page. When the
    provider does not answer, the account is shown as we know it."""
    owner = Organisation.objects.get(pk=organisation_of(actor))
    policy.require(actor, Permission.PAYOUT_ACCOUNT_SET, Subject.of(owner))
    account = open_account_of(owner.pk, currency)
    return account and _look(account, now=now)


def open_account_of(organisation_id: int, currency: str) -> PayoutAccount | None:
    rows = PayoutAccount.objects.filter(organisation_id=organisation_id, currency=currency)
    return rows.exclude(state=PayoutAccountState.CLOSED).first()


def sync_pending(*, now: datetime) -> int:
    """Look at the accounts that are being checked and that nobody has told us about for a while; return
    how many."""
    waiting = PayoutAccount.objects.filter(
        state=PayoutAccountState.PENDING, seen_at__lte=now - SYNC_AFTER
    )
    accounts = list(waiting.exclude(provider_ref="").order_by("seen_at")[:SYNC_MAX])
    for account in accounts:
        _look(account, now=now)
    return len(accounts)


def _look(account: PayoutAccount, *, now: datetime) -> PayoutAccount:
    if not account.provider_ref:
        return account
    try:
        known = provider().account(account.provider_ref)
    except (OutcomeUnknown, ProviderRefused) as error:
        logger.warning("payments.account.unseen", account=account.public_id, error=str(error))
        return account
    return note(account, known=known, actor=PROVIDER, now=now)


def apply(known: ProviderAccount, *, now: datetime) -> str:
    """Bring the account that a message speaks of up to what the provider says; say what was done."""
    account = PayoutAccount.objects.filter(public_id=known.account_id).first()
    if account is None or (account.provider_ref and account.provider_ref != known.ref):
        return "unknown account"
    return str(note(account, known=known, actor=PROVIDER, now=now).state)


def _checked(*, holder: str, number: str) -> tuple[str, str]:
    """Holder and number without spaces. Raises PayoutAccountRefused."""
    holder, number = holder.strip(), number.replace(" ", "").upper()
    if not 0 < len(holder) <= HOLDER_CHARS_MAX or not holder.isprintable():
        raise PayoutAccountRefused(_("Give the name of the account's holder."), field="holder")
    if NUMBER.fullmatch(number) is None:
        raise PayoutAccountRefused(
            _("An account number has 8 to 34 letters and digits."), field="number"
        )
    return holder, number


def _checked_code(bank_code: str) -> str:
    """A BIC, or the number that the bank's own country uses, without spaces. Raises PayoutAccountRefused."""
    code = bank_code.replace(" ", "").upper()
    if code and BANK_CODE.fullmatch(code) is None:
        raise PayoutAccountRefused(
            _("A bank code has 6 to 12 letters and digits, such as a BIC."), field="bank_code"
        )
    return code


@use_case()
def _write_for_bank(
    owner: Organisation,
    *,
    currency: str,
    holder: str,
    label: str,
    number: str,
    bank_code: str,
    actor: Doer,
    now: datetime,
) -> PayoutAccount:
    """An account with its number, which goes into the files for the bank."""
    account = _write(owner, currency=currency, holder=holder, label=label, actor=actor, now=now)
    account.number, account.bank_code, account.provider_ref = number, bank_code, BANK
    return PAYOUT_ACCOUNT.transition(
        account, PayoutAccountTransition.CONFIRM, actor=actor, now=now,
        save=("number", "bank_code", "provider_ref"), personal=_personal(account),
    )  # fmt: skip


@use_case()
def _write(
    owner: Organisation, *, currency: str, holder: str, label: str, actor: Doer, now: datetime
) -> PayoutAccount:
    """Write down a new account, masked, in place of the one before."""
    for former in PayoutAccount.objects.select_for_update().filter(
        organisation=owner, currency=currency, closed_at__isnull=True
    ):
        close(former, actor=actor, now=now)
    account = PayoutAccount(
        organisation=owner,
        currency=currency,
        holder=holder,
        label=label,
        provider=provider_name() if takes_cards() else BANK,
        created_at=now,
    )
    return PAYOUT_ACCOUNT.transition(
        account, PayoutAccountTransition.GIVE, actor=actor, now=now, personal=_personal(account)
    )


@use_case(locks=PAYOUT_ACCOUNT)
def note(
    account: PayoutAccount, *, known: ProviderAccount, actor: Doer, now: datetime
) -> PayoutAccount:
    """Write down what the provider says of the account. One that was closed meanwhile stays closed."""
    if account.state == PayoutAccountState.CLOSED:
        return account
    account.provider_ref = known.ref
    account.label = MASKED + known.label if known.label else account.label
    account.missing = list(known.missing[:MISSING_MAX])
    account.disabled = known.disabled[:CODE_CHARS_MAX]
    account.missing_due_at, account.seen_at = known.due_at, now
    is_ready = account.state == PayoutAccountState.READY
    if known.ready is is_ready:
        account.save(update_fields=NOTED)
        return account
    return PAYOUT_ACCOUNT.transition(
        account,
        PayoutAccountTransition.CONFIRM if known.ready else PayoutAccountTransition.RESTRICT,
        actor=actor,
        now=now,
        save=NOTED,
        personal=_personal(account),
    )


def close(account: PayoutAccount, *, actor: Doer, now: datetime) -> None:
    """Nothing more is sent there: the seller names another account, or money sent there came back."""
    if account.state != PayoutAccountState.CLOSED:
        account.closed_at = now
        PAYOUT_ACCOUNT.transition(
            account, PayoutAccountTransition.CLOSE, actor=actor, now=now, save=("closed_at",)
        )


def is_test_provider() -> bool:
    """Whether no real money moves, so that people are told."""
    return takes_cards() and provider_name() == TEST


def paid_by_bank() -> bool:
    """Whether no provider pays sellers, so that the exchange's own bank does."""
    return not takes_cards()


def identified_by_provider() -> bool:
    """Whether sellers give their bank account on the provider's own pages."""
    return takes_cards() and provider().identifies_sellers


def _personal(account: PayoutAccount) -> dict[str, str]:
    return {"holder": account.holder, "label": account.label}


def _facts(account: PayoutAccount, _change: Change) -> dict[str, str]:
    return {"organisation": account.organisation.public_id, "currency": account.currency}


PAYOUT_ACCOUNT.record_facts = _facts
