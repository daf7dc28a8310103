import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import memberships, organisations
from accounts.authority import actor_of
from accounts.countries import UnknownCountry, country_choices
from accounts.credit_codes import BadCreditCode
from accounts.lines import NameMissing, NotOneLine, an_address
from accounts.memberships import LastOwner, NoSuchMember, UnknownRole
from accounts.models import Membership, MembershipRole, Organisation
from accounts.organisations import (
    CreditCodeFixed,
    CreditCodeTaken,
    Profile,
    UnknownKind,
)
from accounts.refusals import NotAManager, NotAMember, TooMany
from exchange.audit.models import Record
from tests.factories.accounts import (
    NOON,
    a_credit_code,
    a_member,
    a_user,
    an_api_key,
    an_organisation,
    owner_of,
)

pytestmark = pytest.mark.django_db
OWNER, ADMIN, MEMBER = MembershipRole.OWNER, MembershipRole.ADMIN, MembershipRole.MEMBER


def a_profile(**changes: object) -> Profile:
    fields = {"name": "Sun Data", "kind": "private", "credit_code": a_credit_code()} | changes
    return Profile(**fields)  # type: ignore[arg-type]


def facts_of(event: str) -> dict[str, Any]:
    """The one record of this event."""
    told: dict[str, Any] = json.loads(bytes(Record.objects.get(event=event).canonical))
    return told


def test_the_founder_is_the_first_owner() -> None:
    founder = a_user()
    code = a_credit_code()
    organisation = organisations.create_organisation(
        profile=a_profile(credit_code=code.lower(), country="cn", sme=True),
        owner=founder,
        now=NOON,
    )
    organisation.refresh_from_db()
    assert (organisation.credit_code, organisation.country, organisation.sme) == (code, "CN", True)
    assert [(m.user, m.role) for m in organisation.memberships.all()] == [(founder, OWNER)]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"credit_code": "91350100M000100Y44"}, BadCreditCode),
        ({"country": "XX"}, UnknownCountry),
        ({"kind": "circus"}, UnknownKind),
        ({"name": "  "}, NameMissing),
        ({"name": "x" * 201}, NameMissing),
        ({"name": "Sun\r\nBcc: all@example.com"}, NotOneLine),
        ({"name": "Sun\u2028Data"}, NotOneLine),
    ],
)
def test_what_is_not_well_formed_is_refused_and_nothing_is_registered(
    changes: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        organisations.create_organisation(profile=a_profile(**changes), owner=a_user(), now=NOON)
    assert Organisation.objects.exists() is False


def test_one_credit_code_belongs_to_one_organisation() -> None:
    first = an_organisation()
    with pytest.raises(CreditCodeTaken):
        organisations.create_organisation(
            profile=a_profile(credit_code=first.credit_code), owner=a_user(), now=NOON
        )
    assert Organisation.objects.count() == 1


def test_one_person_owns_a_limited_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organisations, "ORGANISATIONS_PER_OWNER_MAX", 1)
    founder = a_user()
    an_organisation(owner=founder)
    with pytest.raises(TooMany):
        organisations.create_organisation(profile=a_profile(), owner=founder, now=NOON)


def test_a_change_of_profile_names_what_changed() -> None:
    organisation = an_organisation(name="Sun Data")
    changed = organisations.change_profile(
        organisation_id=organisation.pk,
        profile=Profile(
            name="Moon Data", kind="institute", credit_code=organisation.credit_code or ""
        ),
        actor=actor_of(owner_of(organisation)),
        now=NOON,
    )
    told = facts_of("accounts.organisation.changed")
    assert (told["facts"], list(told["personal"])) == ({"kind": "institute"}, ["name"])
    changed.refresh_from_db()
    assert (changed.name, changed.kind) == ("Moon Data", "institute")


def test_the_credit_code_stays() -> None:
    organisation = an_organisation()
    code = organisation.credit_code
    for other in (a_credit_code(), ""):
        with pytest.raises(CreditCodeFixed):
            organisations.change_profile(
                organisation_id=organisation.pk,
                profile=a_profile(credit_code=other),
                actor=actor_of(owner_of(organisation)),
                now=NOON,
            )
    organisation.refresh_from_db()
    assert organisation.credit_code == code


def test_strangers_learn_nothing_and_members_may_not_manage() -> None:
    organisation = an_organisation(name="Sun Data")
    profile = a_profile(name="Taken over", credit_code=organisation.credit_code)
    for actor, refusal in (
        (actor_of(a_user()), NotAMember),
        ("key:key_0", NotAMember),
        ("nobody", NotAMember),
        (actor_of(a_member(organisation)), NotAManager),
    ):
        with pytest.raises(refusal):
            organisations.change_profile(
                organisation_id=organisation.pk, profile=profile, actor=actor, now=NOON
            )
    organisation.refresh_from_db()
    assert organisation.name == "Sun Data"


def test_a_disabled_owner_may_do_nothing() -> None:
    organisation = an_organisation()
    owner = owner_of(organisation)
    owner.is_active = False
    owner.save()
    with pytest.raises(NotAMember):
        memberships.remove_member(
            organisation_id=organisation.pk, user_id=owner.pk, actor=actor_of(owner), now=NOON
        )


def test_the_last_owner_neither_leaves_nor_steps_down() -> None:
    organisation = an_organisation()
    owner = owner_of(organisation)
    a_member(organisation, role=ADMIN)
    with pytest.raises(LastOwner):
        memberships.remove_member(
            organisation_id=organisation.pk, user_id=owner.pk, actor=actor_of(owner), now=NOON
        )
    with pytest.raises(LastOwner):
        memberships.change_role(
            organisation_id=organisation.pk,
            user_id=owner.pk,
            role=MEMBER,
            actor=actor_of(owner),
            now=NOON,
        )
    assert Membership.objects.get(user=owner).role == OWNER


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM accounts_membership WHERE role = 'owner'",
        "UPDATE accounts_membership SET role = 'member'",
    ],
)
def test_the_database_itself_keeps_an_owner(statement: str) -> None:
    organisation = an_organisation()
    with (
        pytest.raises(IntegrityError, match="would be left without an owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert organisation.memberships.get().role == OWNER


@pytest.mark.django_db(transaction=True)
def test_an_owner_may_be_exchanged_for_another_in_one_transaction() -> None:
    organisation = an_organisation()
    second = a_member(organisation)
    with transaction.atomic():
        organisation.memberships.filter(role=OWNER).update(role=MEMBER)
        organisation.memberships.filter(user=second).update(role=OWNER)
    assert organisation.memberships.get(role=OWNER).user == second


def test_only_owners_touch_owners() -> None:
    organisation = an_organisation()
    owner, admin = owner_of(organisation), a_member(organisation, role=ADMIN)
    member = a_member(organisation)
    attempts = ((owner.pk, MEMBER), (member.pk, OWNER))
    for user_id, role in attempts:
        with pytest.raises(NotAManager):
            memberships.change_role(
                organisation_id=organisation.pk,
                user_id=user_id,
                role=role,
                actor=actor_of(admin),
                now=NOON,
            )
    with pytest.raises(NotAManager):
        memberships.remove_member(
            organisation_id=organisation.pk, user_id=owner.pk, actor=actor_of(admin), now=NOON
        )
    assert list(organisation.memberships.order_by("pk").values_list("role", flat=True)) == [
        OWNER,
        ADMIN,
        MEMBER,
    ]


def test_members_leave_but_remove_nobody() -> None:
    organisation = an_organisation()
    leaver, other = a_member(organisation), a_member(organisation)
    with pytest.raises(NotAManager):
        memberships.remove_member(
            organisation_id=organisation.pk, user_id=other.pk, actor=actor_of(leaver), now=NOON
        )
    memberships.remove_member(
        organisation_id=organisation.pk, user_id=leaver.pk, actor=actor_of(leaver), now=NOON
    )
    assert organisation.memberships.filter(user=leaver).exists() is False
    assert organisation.memberships.filter(user=other).exists() is True


def test_the_keys_of_who_leaves_end() -> None:
    organisation = an_organisation()
    founder = owner_of(organisation)
    key = an_api_key(organisation).key
    a_member(organisation, role=OWNER)
    memberships.remove_member(
        organisation_id=organisation.pk, user_id=founder.pk, actor=actor_of(founder), now=NOON
    )
    told = facts_of("accounts.membership.ended")
    assert told["facts"] == {"user": founder.public_id, "revoked_keys": [key.public_id]}
    key.refresh_from_db()
    assert key.revoked_at == NOON


def test_a_role_or_a_member_that_does_not_exist_is_refused() -> None:
    organisation = an_organisation()
    owner = actor_of(owner_of(organisation))
    with pytest.raises(UnknownRole):
        memberships.change_role(
            organisation_id=organisation.pk, user_id=1, role="king", actor=owner, now=NOON
        )
    with pytest.raises(NoSuchMember):
        memberships.change_role(
            organisation_id=organisation.pk, user_id=a_user().pk, role=MEMBER, actor=owner, now=NOON
        )


@pytest.mark.parametrize(
    "address", ["a@example.com\r\nBcc: b@example.com", "a\nb@example.com", "a@exa\x00mple.com"]
)
def test_a_mail_address_with_a_line_break_is_refused_with_its_place(address: str) -> None:
    with pytest.raises(NotOneLine) as refused:
        an_address(address)
    assert refused.value.facts["field"] == "email"
    assert isinstance(refused.value.facts["position"], int)


def test_the_database_refuses_line_breaks_too() -> None:
    user = a_user()
    for field in ("name", "email"):
        with pytest.raises(IntegrityError, match=f"user_{field}_is_one_line"), transaction.atomic():
            type(user).objects.filter(pk=user.pk).update(**{field: "a\nb@example.com"})


def test_countries_are_those_of_iso_with_china_first() -> None:
    choices = country_choices()
    assert choices[0] == ("CN", "China")
    assert len(choices) == 249
    assert {"EU", "XK", "ZZ"} & {code for code, _name in choices} == set()
