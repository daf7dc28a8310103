"""People and organisations for tests, made by the actions that make them in earnest."""

from datetime import UTC, datetime
from itertools import count

from allauth.account.models import EmailAddress

from accounts.actions import api_keys, organisations
from accounts.actions.api_keys import NewKey
from accounts.actions.organisations import Profile
from accounts.credit_codes import ALPHABET, check_character
from accounts.models import Membership, MembershipRole, Organisation, User
from accounts.queries.authority import actor_of

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
    """An organisation with a credit code and an owner."""
    fields: dict[str, object] = {
        "name": name or f"Organisation {next(_numbers)}",
        "kind": "private",
        "credit_code": a_credit_code(),
        **profile,
    }
    return organisations.create_organisation(
        profile=Profile(**fields),  # type: ignore[arg-type]  # a test may pass what is refused
        owner=owner or a_user(),
        now=at,
    )


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
    """A key made by the organisation's first owner."""
    owner = owner_of(organisation)
    return api_keys.create_key(
        organisation_id=organisation.pk,
        name="Test key",
        scopes=scopes,
        known_scopes=scopes,
        valid_days=valid_days,
        maker=owner,
        actor=actor_of(owner),
        now=at,
    )
