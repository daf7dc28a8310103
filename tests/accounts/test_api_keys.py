from datetime import timedelta

import pytest
from django.db import IntegrityError

from accounts import api_keys
from accounts.api_keys import (
    BadExpiry,
    BuyingLimitMissing,
    KeyExpired,
    KeyLimitReached,
    KeyNotAccepted,
    KeyRevoked,
    KeyUnknown,
    UnknownScope,
)
from accounts.authority import actor_of
from accounts.models import ApiKey
from accounts.refusals import NotAManager, TooMany
from accounts.sealing import hash_of
from exchange.audit.models import Record
from pricing.money import Money
from tests.factories.accounts import NOON, a_member, an_api_key, an_organisation, owner_of

pytestmark = pytest.mark.django_db


def test_a_key_is_known_by_its_secret_and_stored_as_a_hash() -> None:
    made = an_api_key(an_organisation())
    assert api_keys.authenticate(secret=made.secret, now=NOON) == made.key
    stored = ApiKey.objects.values().get()
    assert stored["secret_hash"] == hash_of(made.secret)
    assert made.secret.removeprefix(f"ask_{made.key.prefix}_") not in str(stored)
    assert made.secret not in repr(made)


def test_every_other_secret_is_not_accepted() -> None:
    made = an_api_key(an_organisation())
    wrong = [
        "",
        "ask_",
        made.secret[:-1],
        made.secret + "0",
        made.secret[:-1] + ("0" if made.secret[-1] != "0" else "1"),
        made.secret.upper(),
        "bsk" + made.secret[3:],
        "ask_0000000000_" + "0" * 40,
        "ask_" + "中" * 10 + "_" + "0" * 40,
    ]
    for secret in wrong:
        with pytest.raises(KeyNotAccepted):
            api_keys.authenticate(secret=secret, now=NOON)
    assert ApiKey.objects.get().last_used_at is None


def test_a_key_ends_to_the_second_also_when_a_clock_is_a_day_off() -> None:
    made = an_api_key(an_organisation(), valid_days=1)
    last = made.key.expires_at - timedelta(seconds=1)
    assert api_keys.authenticate(secret=made.secret, now=last) == made.key
    for late in (made.key.expires_at, made.key.expires_at + timedelta(days=1)):
        with pytest.raises(KeyExpired):
            api_keys.authenticate(secret=made.secret, now=late)


def test_a_revoked_key_is_refused_and_revoking_again_changes_nothing() -> None:
    organisation = an_organisation()
    made = an_api_key(organisation)
    for moment in (NOON, NOON + timedelta(hours=1)):
        api_keys.revoke_key(
            organisation_id=organisation.pk,
            key_id=made.key.public_id,
            actor=actor_of(owner_of(organisation)),
            now=moment,
        )
    assert Record.objects.filter(event="accounts.api_key.revoked").count() == 1
    assert ApiKey.objects.get().revoked_at == NOON
    with pytest.raises(KeyRevoked):
        api_keys.authenticate(secret=made.secret, now=NOON)


def test_the_key_of_a_disabled_person_is_refused() -> None:
    organisation = an_organisation()
    made = an_api_key(organisation)
    owner = owner_of(organisation)
    owner.is_active = False
    owner.save()
    with pytest.raises(KeyRevoked):
        api_keys.authenticate(secret=made.secret, now=NOON)


def test_the_last_use_is_noted_once_a_minute() -> None:
    made = an_api_key(an_organisation())
    seen = []
    for seconds in (0, 59, 60, 61):
        api_keys.authenticate(secret=made.secret, now=NOON + timedelta(seconds=seconds))
        seen.append(ApiKey.objects.get().last_used_at)
    minute = NOON + timedelta(minutes=1)
    assert seen == [NOON, NOON, minute, minute]


def test_scopes_and_ends_that_do_not_exist_are_refused() -> None:
    organisation = an_organisation()
    for scopes, days, refusal in (
        ((), 30, UnknownScope),
        (("everything",), 30, UnknownScope),
        (("ledger:read",), 0, BadExpiry),
        (("ledger:read",), 367, BadExpiry),
    ):
        with pytest.raises(refusal):
            api_keys.create_key(
                organisation_id=organisation.pk,
                name="Key",
                scopes=scopes,
                known_scopes=["ledger:read"],
                valid_days=days,
                maker=owner_of(organisation),
                now=NOON,
            )
    assert ApiKey.objects.exists() is False


def a_buying_key(minor: int | None, *scopes: str) -> ApiKey:
    organisation = an_organisation()
    return api_keys.create_key(
        organisation_id=organisation.pk,
        name="Key",
        scopes=scopes,
        known_scopes=["ledger:read", "orders:buy"],
        valid_days=1,
        maker=owner_of(organisation),
        now=NOON,
        buying_scope="orders:buy",
        buying_limit=None if minor is None else Money(minor, "CNY"),
    ).key


def test_a_key_that_buys_has_a_limit_and_only_such_a_key() -> None:
    for minor, scope in ((None, "orders:buy"), (0, "orders:buy"), (100, "ledger:read")):
        with pytest.raises(BuyingLimitMissing):
            a_buying_key(minor, scope)
    assert ApiKey.objects.exists() is False
    assert a_buying_key(100, "orders:buy").buying_limit_minor == 100


def test_what_a_key_commits_adds_up_to_its_limit_and_of_one_matter_the_most_counts() -> None:
    """Case H5: a key agreed to 250,000 where a person could have agreed to 100."""
    key = a_buying_key(100, "orders:buy").public_id

    def commit(subject: str, minor: int, currency: str = "CNY") -> None:
        api_keys.commit(key_id=key, subject=subject, amount=Money(minor, currency), now=NOON)

    commit("auction:one", 40)
    commit("auction:one", 60)
    commit("auction:one", 50)
    with pytest.raises(KeyLimitReached):
        commit("order:two", 41)
    with pytest.raises(KeyLimitReached):
        commit("order:two", 1, "EUR")
    commit("order:two", 40)
    assert ApiKey.objects.get().bought_minor == 100
    ApiKey.objects.update(revoked_at=NOON)
    with pytest.raises(KeyRevoked):
        commit("order:two", 30)
    with pytest.raises(KeyLimitReached):
        api_keys.commit(
            key_id=an_api_key(an_organisation()).key.public_id,
            subject="order:one",
            amount=Money(1, "CNY"),
            now=NOON,
        )


def test_members_make_no_keys_and_keys_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = an_organisation()
    member = a_member(organisation)
    with pytest.raises(NotAManager):
        api_keys.create_key(
            organisation_id=organisation.pk,
            name="Key",
            scopes=["ledger:read"],
            known_scopes=["ledger:read"],
            valid_days=1,
            maker=member,
            now=NOON,
        )
    monkeypatch.setattr(api_keys, "KEYS_MAX", 1)
    an_api_key(organisation)
    with pytest.raises(TooMany):
        api_keys.create_key(
            organisation_id=organisation.pk,
            name="Key",
            scopes=["ledger:read"],
            known_scopes=["ledger:read"],
            valid_days=1,
            maker=owner_of(organisation),
            now=NOON,
        )
    assert ApiKey.objects.count() == 1


def test_a_key_of_another_organisation_is_not_found() -> None:
    ours, theirs = an_organisation(), an_organisation()
    key = an_api_key(theirs).key
    with pytest.raises(KeyUnknown):
        api_keys.revoke_key(
            organisation_id=ours.pk,
            key_id=key.public_id,
            actor=actor_of(owner_of(ours)),
            now=NOON,
        )
    key.refresh_from_db()
    assert key.revoked_at is None


def test_the_database_stores_nothing_but_a_hash() -> None:
    key = an_api_key(an_organisation()).key
    with pytest.raises(IntegrityError, match="api_key_keeps_a_hash_only"):
        ApiKey.objects.filter(pk=key.pk).update(secret_hash="ask_in_the_clear")
