"""The accounts that sellers are paid to. The number itself goes to the provider and is not kept."""

import re
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.lifecycle import Change, Doer
from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.permissions import Permission
from exchange.payments.collection import unavailable
from exchange.payments.errors import PayoutAccountRefused
from exchange.payments.gateway.port import OutcomeUnknown, ProviderAccount, ProviderRefused
from exchange.payments.gateway.providers import TEST, provider, provider_name
from exchange.payments.lifecycle import (
    PAYOUT_ACCOUNT,
    PayoutAccountState,
    PayoutAccountTransition,
)
from exchange.payments.models import PayoutAccount

NUMBER = re.compile(r"[A-Z0-9]{8,34}")
HOLDER_CHARS_MAX = 200
MASKED = "•••• "


def give_account(
    *, actor: Actor, currency: str, holder: str, number: str, now: datetime
) -> PayoutAccount:
    """Name the account that the organisation acted for is paid to, in place of the one before.

    The provider is asked outside any transaction. Raises NotAllowed, PayoutAccountRefused and
    ProviderUnavailable.
    """
    owner = Organisation.objects.get(pk=organisation_of(actor))
    policy.require(actor, Permission.PAYOUT_ACCOUNT_SET, Subject.of(owner))
    holder, number = _checked(holder=holder, number=number)
    account = _write(owner, currency=currency, holder=holder, number=number, actor=actor, now=now)
    try:
        known = provider().open_account(
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
    return _note_answer(account, known=known, actor=actor, now=now)


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


@use_case()
def _write(
    owner: Organisation, *, currency: str, holder: str, number: str, actor: Doer, now: datetime
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
        label=MASKED + number[-4:],
        provider=provider_name(),
        created_at=now,
    )
    return PAYOUT_ACCOUNT.transition(
        account, PayoutAccountTransition.GIVE, actor=actor, now=now, personal=_personal(account)
    )


@use_case(locks=PAYOUT_ACCOUNT)
def _note_answer(
    account: PayoutAccount, *, known: ProviderAccount, actor: Doer, now: datetime
) -> PayoutAccount:
    """The provider knows the account and can pay to it. One that was closed meanwhile stays closed."""
    if known.ready and account.state == PayoutAccountState.PENDING:
        account.provider_ref = known.ref
        PAYOUT_ACCOUNT.transition(
            account, PayoutAccountTransition.CONFIRM, actor=actor, now=now,
            save=("provider_ref",), personal=_personal(account),
        )  # fmt: skip
    return account


def close(account: PayoutAccount, *, actor: Doer, now: datetime) -> None:
    """Nothing more is sent there: the seller names another account, or money sent there came back."""
    if account.state != PayoutAccountState.CLOSED:
        account.closed_at = now
        PAYOUT_ACCOUNT.transition(
            account, PayoutAccountTransition.CLOSE, actor=actor, now=now, save=("closed_at",)
        )


def is_test_provider() -> bool:
    """Whether no real money moves, so that people are told."""
    return provider_name() == TEST


def _personal(account: PayoutAccount) -> dict[str, str]:
    return {"holder": account.holder, "label": account.label}


def _facts(account: PayoutAccount, _change: Change) -> dict[str, str]:
    return {"organisation": account.organisation.public_id, "currency": account.currency}


PAYOUT_ACCOUNT.record_facts = _facts
