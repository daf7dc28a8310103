"""A small exchange that has lived a little: what readers in the browser tests and pictures find."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle

from django.urls import NoReverseMatch, reverse

from accounts.models import Organisation, User
from exchange.audit.actions import sequencer
from tests.factories import accounts, audit

RECORD_COUNT = 45
MORNING = datetime(2026, 11, 20, 1, 12, 4, tzinfo=UTC)
EVENTS = [
    ("accounts.user.registered", "user"),
    ("accounts.organisation.created", "organisation"),
    ("members.admission.applied", "admission"),
    ("members.admission.verified", "admission"),
    ("ledger.posting.made", "posting"),
    ("members.role.granted", "role"),
    ("accounts.key.issued", "key"),
]


@dataclass(frozen=True)
class Story:
    person: User
    organisation: Organisation


def tell() -> Story:
    """Make the people, the organisation and the records."""
    person = accounts.a_user("li.wei@sun-data.example", name="李薇 Li Wei")
    organisation = accounts.an_organisation(
        owner=person, name="晴川数据科技有限公司 Sun River Data", kind="private"
    )
    _fill_the_log()
    return Story(person=person, organisation=organisation)


def _fill_the_log() -> None:
    for number, (event, thing) in zip(range(RECORD_COUNT), cycle(EVENTS), strict=False):
        at = MORNING + timedelta(minutes=17 * number, seconds=7 * number)
        audit.record(number, event=event, subject=f"{thing}:{number}", at=at)
    sequencer.sequence_batch(at + timedelta(milliseconds=340))


def public_pages() -> dict[str, str]:
    """Name to address of what anybody may read, as far as this deployment serves it."""
    return _addresses(
        home="web:home",
        help="web:help",
        log="web:log",
        log_verify="web:log_verify",
        sign_in="account_login",
        sign_up="account_signup",
        reset_password="account_reset_password",
    ) | {
        "log_entry": reverse("web:log_entry", args=[20]),
        "nothing": "/nothing-here",
        "refused": "/log/?before=yesterday",
    }


def personal_pages() -> dict[str, str]:
    """Name to address of what somebody signed in reads."""
    return _addresses(
        email="account_email",
        change_password="account_change_password",
        second_factor="mfa_index",
        sign_out="account_logout",
        reauthenticate="account_reauthenticate",
    )


def _addresses(**names: str) -> dict[str, str]:
    found = {}
    for short, name in names.items():
        try:
            found[short] = reverse(name)
        except NoReverseMatch:
            continue
    return found
