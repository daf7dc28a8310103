"""Opening and closing accounts."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.ledger.constraints import constraint_of, outages_are_refusals, refusal_for
from exchange.ledger.entries import check_actor, check_name
from exchange.ledger.errors import AccountDiffers, UnknownAccount
from exchange.ledger.models import Account
from exchange.ledger.models.accounts import CODE_CHARS_MAX
from exchange.ledger.states import AccountKind, Guard
from pricing.money import exponent


def open_account(
    *,
    code: str,
    kind: AccountKind,
    currency: str,
    guard: Guard,
    actor: str,
    now: datetime,
    owner: Organisation | None = None,
) -> Account:
    """Open the account, or return the one that the same terms opened before.

    Raises AccountDiffers when the code has other terms, MalformedPosting for a code that is none,
    and UnknownCurrency.
    """
    check_name("code", code, CODE_CHARS_MAX)
    check_actor(actor)
    exponent(currency)
    terms = {"kind": kind, "currency": currency, "guard": guard, "owner": owner}
    with outages_are_refusals():
        account, is_new = Account.objects.get_or_create(
            code=code, defaults={**terms, "opened_at": now, "opened_by": actor}
        )
    account.is_new = is_new
    differing = [name for name, value in terms.items() if getattr(account, name) != value]
    if differing:
        raise AccountDiffers(
            _("This code is taken by an account of other terms."), account=code, differing=differing
        )
    return account


def close_account(*, code: str, actor: str, now: datetime) -> Account:
    """Close a settled account; closing it again changes nothing. Raises AccountNotSettled."""
    check_actor(actor)
    with outages_are_refusals(), transaction.atomic():
        account = (
            Account.objects.select_for_update(no_key=True, of=("self",)).filter(code=code).first()
        )
        if account is None:
            raise UnknownAccount(_("There is no account with this code."), account=code)
        if account.closed_at is None:
            account.closed_at = now
            _save_closing(account)
    return account


def _save_closing(account: Account) -> None:
    """The constraint knows whether the account is settled; the row is locked, so it stays so."""
    try:
        with transaction.atomic():
            account.save(update_fields=["closed_at"])
    except IntegrityError as error:
        raise refusal_for(constraint_of(error), account.code) from error
