"""What an organisation was admitted as changes only by a request that the exchange decides (case H3)."""

import pytest
from django.db import connection

from accounts.lines import NotOneLine, a_name
from accounts.models import Organisation
from accounts.organisations import Profile, change_profile
from exchange.core.refusals import NotAllowed
from exchange.members import admission, identity, names
from exchange.members.actors import Actor
from exchange.members.identity import IdentityFixed, RequestOpen
from exchange.members.lifecycle import RequestState
from exchange.members.models import IdentityRequest
from exchange.members.names import NameTaken, skeletons
from exchange.members.roles import Kind
from tests.factories import accounts
from tests.factories.members import NOON, Exchange, acting, an_application, an_exchange, minutes

pytestmark = pytest.mark.django_db
LATER = NOON + minutes(30)


def a_member_of(exchange: Exchange, name: str = "Pipeline Data") -> Organisation:
    organisation = accounts.an_organisation(name=name)
    exchange.admit(organisation, Kind.SELLER)
    return organisation


def as_it_is(organisation: Organisation, **other: object) -> Profile:
    fields = {
        "name": organisation.name,
        "kind": organisation.kind,
        "country": organisation.country,
        "credit_code": organisation.credit_code or "",
        "sme": organisation.sme,
    }
    return Profile(**{**fields, **other})  # type: ignore[arg-type]


def owner_actor(organisation: Organisation) -> Actor:
    return acting(accounts.owner_of(organisation), organisation)


def change(organisation: Organisation, **other: object) -> None:
    change_profile(
        organisation_id=organisation.pk,
        profile=as_it_is(organisation, **other),
        actor=f"user:{accounts.owner_of(organisation).public_id}",
        now=LATER,
    )


def ask(organisation: Organisation, **other: object) -> IdentityRequest:
    return identity.ask(
        profile=as_it_is(organisation, **other),
        reason="The register says so.",
        actor=owner_actor(organisation),
        now=LATER,
    )


@pytest.mark.parametrize(
    "other", [{"name": "Bank of the North"}, {"kind": "private"}, {"sme": True}, {"country": "DE"}]
)
def test_a_member_does_not_change_itself(other: dict[str, object]) -> None:
    organisation = accounts.an_organisation(kind="state_owned")
    an_exchange().admit(organisation, Kind.SELLER)
    with pytest.raises(IdentityFixed):
        change(organisation, **other)
    organisation.refresh_from_db()
    assert organisation.kind == "state_owned"


def test_an_applicant_corrects_itself_only_when_it_was_asked_to() -> None:
    exchange = an_exchange()
    organisation = accounts.an_organisation()
    applied = an_application(organisation)
    with pytest.raises(IdentityFixed):
        change(organisation, name="Another name")
    admission.ask(applied.public_id, actor=exchange.proposer, reason="A typing error.", now=LATER)
    change(organisation, name="Another name")
    organisation.refresh_from_db()
    assert organisation.name == "Another name"


def test_the_exchange_decides_and_the_old_value_stays_in_the_history() -> None:
    exchange = an_exchange()
    organisation = a_member_of(exchange)
    request = ask(organisation, name="Pipeline Data Group", sme=True)
    organisation.refresh_from_db()
    assert organisation.name == "Pipeline Data"
    with pytest.raises(NotAllowed):
        identity.approve(request.public_id, actor=owner_actor(organisation), now=LATER)
    identity.approve(request.public_id, actor=exchange.approver, now=LATER)
    organisation.refresh_from_db()
    assert (organisation.name, organisation.sme) == ("Pipeline Data Group", True)
    kept = identity.requests_of(organisation.pk)[0]
    assert kept.before == {"name": "Pipeline Data", "sme": False}
    assert kept.state == RequestState.APPROVED


def test_a_declined_request_changes_nothing_and_one_waits_at_a_time() -> None:
    exchange = an_exchange()
    organisation = a_member_of(exchange)
    request = ask(organisation, country="DE")
    with pytest.raises(RequestOpen):
        ask(organisation, sme=True)
    identity.decline(
        request.public_id, actor=exchange.proposer, reason="The register differs.", now=LATER
    )
    organisation.refresh_from_db()
    assert organisation.country == "CN"


@pytest.mark.parametrize(
    "name",
    ["Bank of the North", "BANK  OF THE NORTH", "Ваnk оf the Nоrth", "Ｂａｎｋ of the North", "Bánk of the North."],
)  # fmt: skip
def test_nobody_takes_a_members_name_or_one_that_looks_like_it(name: str) -> None:
    exchange = an_exchange()
    a_member_of(exchange, "Bank of the North")
    organisation = a_member_of(exchange, "Pipeline Data")
    with pytest.raises(NameTaken):
        ask(organisation, name=name)
    newcomer = accounts.an_organisation(name=name)
    with pytest.raises(NameTaken):
        an_application(newcomer)


@pytest.mark.parametrize("mark", ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad", "\u0007"])
def test_invisible_and_turning_characters_are_no_part_of_a_name(mark: str) -> None:
    with pytest.raises(NotOneLine):
        a_name(f"Pipe{mark}line", field="name", chars_max=200)


def test_names_that_differ_to_a_reader_differ() -> None:
    assert not skeletons("中国银行") & skeletons("中国农业银行")
    assert not skeletons("Pipeline Data") & skeletons("Pipeline Gas")
    assert not skeletons("Acid") & skeletons("Add")


@pytest.mark.parametrize(
    ("name", "other"),
    [("ΗSBC", "HSBC"), ("ΜΑΖDΑ", "Mazda"), ("Αcid", "Acld"), ("Acld", "Add"), ("ΝΗΣΟΣ", "νησος"), ("Modern", "modem")],
)  # fmt: skip
def test_names_of_letters_that_look_alike_are_alike(name: str, other: str) -> None:
    assert skeletons(name) & skeletons(other)


def test_who_take_a_name_take_turns() -> None:
    names.check("Bank of the North", organisation_id=accounts.an_organisation().pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT classid, objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        assert names.LOCK in cursor.fetchall()
