"""API keys: making, using and ending them. What a scope opens is not known here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Protocol

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import changes
from accounts.authority import actor_of, lock_active, lock_to_manage
from accounts.lines import a_name
from accounts.models import KEY_NAME_CHARS_MAX, ApiKey, KeyPurchase, User
from accounts.refusals import AccountRefusal, TooMany
from accounts.sealing import hash_of, matches, new_key, prefix_of

KEYS_MAX = 50
VALID_DAYS_MAX = 366
LAST_USE_STEP = timedelta(minutes=1)
# Compared when no key has the prefix, so that the answer takes as long as for a wrong secret.
_NOBODYS_HASH = hash_of("")


class UnknownScope(AccountRefusal):
    """A scope was asked for that does not exist, or none at all."""

    code = "unknown_scope"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class BadExpiry(AccountRefusal):
    """A key lasts at least one day and at most a year and a day."""

    code = "bad_key_expiry"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class BuyingLimitMissing(AccountRefusal):
    """A key that may buy has a limit in one currency; one that may not has none."""

    code = "key_buying_limit_missing"
    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class KeyLimitReached(AccountRefusal):
    """The key would commit more than its maker allowed it. A person can do it, or make another key."""

    code = "key_limit_reached"


class KeyUnknown(AccountRefusal):
    """The organisation has no such API key."""

    code = "api_key_not_found"
    http_status = HTTPStatus.NOT_FOUND


class KeyNotAccepted(AccountRefusal):
    """The API key is not known here. It may be mistyped, or was never ours."""

    code = "api_key_not_accepted"
    http_status = HTTPStatus.UNAUTHORIZED


class KeyExpired(AccountRefusal):
    """The API key was good and has expired."""

    code = "api_key_expired"
    http_status = HTTPStatus.UNAUTHORIZED


class KeyRevoked(AccountRefusal):
    """The API key was revoked, or the person who made it may not sign in any more."""

    code = "api_key_revoked"
    http_status = HTTPStatus.UNAUTHORIZED


class BuyingLimit(Protocol):
    """An amount of money: whole minor units of a currency."""

    @property
    def minor(self) -> int: ...
    @property
    def currency(self) -> str: ...


@dataclass(frozen=True)
class NewKey:
    """A key and its secret, which nobody can show a second time."""

    key: ApiKey
    secret: str

    def __repr__(self) -> str:
        return f"NewKey({self.key})"


@transaction.atomic
def create_key(
    *,
    organisation_id: int,
    name: str,
    scopes: Iterable[str],
    known_scopes: Collection[str],
    valid_days: int,
    maker: User,
    now: datetime,
    buying_scope: str = "",
    buying_limit: BuyingLimit | None = None,
) -> NewKey:
    """Make a key for an organisation. Only people make keys: a key that makes keys would outlive its
    own end. `known_scopes` are those that exist; with `buying_scope` the key has a limit of what it may
    commit in all.

    Raises NotAMember, NotAManager, UnknownScope, BuyingLimitMissing, BadExpiry, NameMissing and
    TooMany.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in known_scopes]
    if unknown or not wanted:
        raise UnknownScope(
            _("Choose at least one scope, of those that exist."),
            field="scopes",
            unknown=unknown,
            known=sorted(known_scopes),
        )
    _check_buying(may_buy=buying_scope in wanted, limit=buying_limit)
    if not 1 <= valid_days <= VALID_DAYS_MAX:
        raise BadExpiry(
            _("A key lasts between 1 and %(max)d days.") % {"max": VALID_DAYS_MAX},
            field="valid_days",
            days_max=VALID_DAYS_MAX,
        )
    label = a_name(name, field="name", chars_max=KEY_NAME_CHARS_MAX)
    organisation, _role = lock_to_manage(organisation_id=organisation_id, actor=actor_of(maker))
    lock_active(maker)  # the keys of a person end with the account
    alive = ApiKey.objects.filter(organisation=organisation, revoked_at=None, expires_at__gt=now)
    if alive.count() >= KEYS_MAX:
        raise TooMany(
            _("An organisation has at most %(max)d keys; revoke one first.") % {"max": KEYS_MAX},
            limit=KEYS_MAX,
        )
    secret, prefix = new_key()
    key = ApiKey.objects.create(
        organisation=organisation,
        name=label,
        prefix=prefix,
        secret_hash=hash_of(secret),
        scopes=wanted,
        created_by=maker,
        created_at=now,
        expires_at=now + timedelta(days=valid_days),
        buying_limit_minor=None if buying_limit is None else buying_limit.minor,
        buying_currency="" if buying_limit is None else buying_limit.currency,
    )
    _announce("created", key, actor_of(maker), now)
    return NewKey(key=key, secret=secret)


@transaction.atomic
def revoke_key(*, organisation_id: int, key_id: str, actor: str, now: datetime) -> ApiKey:
    """End a key at once. Ending it again changes nothing and tells nobody.

    Raises NotAMember, NotAManager and KeyUnknown.
    """
    organisation, _role = lock_to_manage(organisation_id=organisation_id, actor=actor)
    key = ApiKey.objects.filter(organisation=organisation, public_id=key_id).first()
    if key is None:
        raise KeyUnknown(_("There is no such key."))
    if key.revoked_at is not None:
        return key
    key.revoked_at = now
    key.save(update_fields=["revoked_at"])
    _announce("revoked", key, actor, now)
    return key


def authenticate(*, secret: str, now: datetime) -> ApiKey:
    """The key with this secret, its organisation and its maker loaded.

    Raises KeyNotAccepted, KeyRevoked or KeyExpired; the latter two only to who has the secret.
    Notes the use at most once a minute.
    """
    prefix = prefix_of(secret)
    key = (
        ApiKey.objects.select_related("organisation", "created_by").filter(prefix=prefix).first()
        if prefix
        else None
    )
    if not matches(secret, key.secret_hash if key else _NOBODYS_HASH) or key is None:
        raise KeyNotAccepted(_("This API key is not accepted."))
    if key.revoked_at is not None or not key.created_by.is_active:
        raise KeyRevoked(_("This API key has been revoked."), key=key.public_id)
    if now >= key.expires_at:
        raise KeyExpired(
            _("This API key has expired."),
            key=key.public_id,
            expired_at=key.expires_at.isoformat(),
        )
    if key.last_used_at is None or now - key.last_used_at >= LAST_USE_STEP:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USE_STEP)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return key


@transaction.atomic
def commit(*, key_id: str, subject: str, amount: BuyingLimit, now: datetime) -> None:
    """Count what a key binds its organisation to: of one subject the highest amount, once.

    Purchases with one key queue on its row. Raises KeyRevoked for a key that was revoked meanwhile, and
    KeyLimitReached where the sum would be above the key's limit, or is in another currency.
    """
    key = ApiKey.objects.select_for_update(no_key=True).get(public_id=key_id)
    if key.revoked_at is not None:
        raise KeyRevoked(_("This API key has been revoked."), key=key.public_id)
    known = KeyPurchase.objects.filter(key=key, subject=subject).first()
    more = max(0, amount.minor - (0 if known is None else known.amount_minor))
    limit = key.buying_limit_minor
    if limit is None or key.buying_currency != amount.currency or key.bought_minor + more > limit:
        raise KeyLimitReached(
            _(
                "The key may not commit this much: it has a limit for all that it buys. A person of"
                " the organisation can buy it, or an owner makes a key with a higher limit."
            ),
            limit_minor=limit,
            bought_minor=key.bought_minor,
            currency=key.buying_currency,
        )
    if known is not None and not more:
        return
    KeyPurchase.objects.update_or_create(
        key=key, subject=subject, defaults={"amount_minor": amount.minor, "at": now}
    )
    key.bought_minor += more
    key.save(update_fields=["bought_minor"])


def _check_buying(*, may_buy: bool, limit: BuyingLimit | None) -> None:
    if may_buy != (limit is not None) or (limit is not None and limit.minor <= 0):
        raise BuyingLimitMissing(
            _("A key that may buy needs a limit above zero, and only such a key has one."),
            field="buying_limit",
        )


def _announce(step: str, key: ApiKey, actor: str, now: datetime) -> None:
    changes.announce(
        f"accounts.api_key.{step}",
        actor=actor,
        of=key.organisation,
        facts={
            "key": key.public_id,
            "scopes": list(key.scopes),
            "expires_at": key.expires_at.isoformat(),
        },
        at=now,
    )
