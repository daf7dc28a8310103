"""An organisation that was written past its use case is found by the check of the log."""

import pytest

from accounts import organisations
from accounts.models import User
from accounts.organisations import Profile
from exchange.audit import verification
from exchange.audit.findings import Counts
from tests.factories.accounts import NOON, a_credit_code, a_user, an_organisation

pytestmark = pytest.mark.django_db


def found() -> list[str]:
    """What the check of the whole log says of the rows that must have a record."""
    findings = verification.findings(NOON, Counts())
    return [finding.detail for finding in findings if finding.check == "coverage"]


def test_an_organisation_founded_in_earnest_is_covered_and_people_need_no_record() -> None:
    User.objects.create_superuser("root@example.com", "a long enough password")
    organisations.create_organisation(
        profile=Profile(name="Sun Data", kind="private", credit_code=a_credit_code()),
        owner=a_user(),
        now=NOON,
    )
    assert found() == []


def test_an_organisation_that_came_around_it_is_named() -> None:
    organisation = an_organisation()
    subject = f"organisation:{organisation.public_id}"
    missing = f"accounts.organisations: {subject} has no record accounts.organisation.created."
    assert found() == [f"{subject} has no record at all.", missing]
