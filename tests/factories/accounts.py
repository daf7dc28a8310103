"""People and organisations for tests, straight into the tables: how they came is not the test's matter."""

from datetime import UTC, datetime, timedelta
from itertools import count

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.api_keys import NewKey
from accounts.credit_codes import ALPHABET, check_character
from accounts.models import ApiKey, Membership, MembershipRole, Organisation, User
from accounts.sealing import hash_of, new_key

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
_numbers = count(1)


def a_credit_code(number: int | None = None) -> str:
    """A right credit code; another for every number."""
    rest = next(_numbers) if number is None else number
    digits = ""
    for _place in range(9):
        rest, digit = divmod(rest, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    body = "91310115" + digits
    return body + check_character(body)


def a_user(email: str | None = None, *, name: str = "", active: bool = True) -> User:
    """A person with a verified address, who signs in with PASSWORD."""
    address = email or f"person{next(_numbers)}@example.com"
    user = User.objects.create_user(
        address, PASSWORD, name=name or address.partition("@")[0], is_active=active
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def an_organisation(
    *, owner: User | None = None, name: str | None = None, at: datetime = NOON, **profile: object
) -> Organisation:
    """An organisation with a credit code and an owner. The log knows nothing of it."""
    fields: dict[str, object] = {
        "name": name or f"Organisation {next(_numbers)}",
        "kind": "private",
        "credit_code": a_credit_code(),
        **profile,
    }
    founder = owner or a_user()
    with transaction.atomic():
        organisation = Organisation.objects.create(created_at=at, **fields)
        Membership.objects.create(
            user=founder, organisation=organisation, role=MembershipRole.OWNER, joined_at=at
        )
    return organisation


def a_member(
    organisation: Organisation,
    *,
    role: MembershipRole = MembershipRole.MEMBER,
    user: User | None = None,
) -> User:
    """One more member, straight into the table: how they came is not the test's matter."""
    member = user or a_user()
    Membership.objects.create(user=member, organisation=organisation, role=role, joined_at=NOON)
    return member


def owner_of(organisation: Organisation) -> User:
    """The organisation's first owner."""
    owners = organisation.memberships.filter(role=MembershipRole.OWNER).select_related("user")
    return owners.order_by("pk")[0].user


def an_api_key(
    organisation: Organisation,
    *,
    scopes: tuple[str, ...] = ("organisation:read",),
    at: datetime = NOON,
    valid_days: int = 30,
) -> NewKey:
    """A key made by the organisation's first owner; one that buys may for a lot."""
    owner = owner_of(organisation)
    secret, prefix = new_key()
    key = ApiKey.objects.create(
        organisation=organisation,
        name="Test key",
        prefix=prefix,
        secret_hash=hash_of(secret),
        scopes=sorted(scopes),
        created_by=owner,
        created_at=at,
        expires_at=at + timedelta(days=valid_days),
        buying_limit_minor=10**15 if "orders:buy" in scopes else None,
        buying_currency="CNY" if "orders:buy" in scopes else "",
    )
    return NewKey(key=key, secret=secret)
