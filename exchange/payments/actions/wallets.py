"""Wallets and deposits as rows; what is in them stands in the books."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.moves import check_move
from exchange.core.refusals import NotFound
from exchange.payments.actions.payments import new_reference
from exchange.payments.models import Deposit, Wallet
from exchange.payments.states import DEPOSIT_MOVES, DepositState
from pricing.money import Money


def open_wallet(*, organisation: Organisation, currency: str, now: datetime) -> tuple[Wallet, bool]:
    """The organisation's wallet in that currency, and whether it is new."""
    return Wallet.objects.get_or_create(
        organisation=organisation,
        currency=currency,
        defaults={"reference": new_reference(), "created_at": now},
    )


def keep_deposit(
    *,
    purpose: str,
    organisation: Organisation,
    amount: Money,
    hold: UUID,
    by_id: int | None,
    now: datetime,
) -> Deposit:
    """Write the deposit that the hold in the books stands for."""
    return Deposit.objects.create(
        purpose=purpose,
        organisation=organisation,
        placed_by_id=by_id,
        currency=amount.currency,
        amount_minor=amount.minor,
        hold=hold,
        created_at=now,
    )


def locked_deposit(purpose: str, organisation_id: int) -> Deposit:
    """The deposit, locked. Raises NotFound."""
    found = (
        Deposit.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation")
        .filter(purpose=purpose, organisation_id=organisation_id)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such deposit."))
    return found


def end_deposit(*, deposit: Deposit, to: DepositState, now: datetime) -> None:
    """End a locked deposit. Raises IllegalMove when it has ended already."""
    check_move(DEPOSIT_MOVES, DepositState(deposit.state), to)
    deposit.state, deposit.ended_at = to, now
    deposit.save(update_fields=["state", "ended_at"])
