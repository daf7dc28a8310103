"""Who is told that something waits for a second person, and what became of it."""

import pytest
from django.core import mail
from django.test import Client
from django.utils.translation import override

from exchange.jobs import runner
from exchange.members import approvals, proposals
from exchange.members.lifecycle import AdmissionTransition
from exchange.members.models import ApprovalRequest
from exchange.members.roles import Kind, Role
from exchange.notices.models import Notice
from exchange.notices.notify import line_of
from exchange.payments import payout_holds
from tests.factories import accounts
from tests.factories.members import NOON, Exchange, an_exchange, minutes

pytestmark = pytest.mark.django_db


def asked(exchange: Exchange) -> ApprovalRequest:
    exchange.staff(Role.EXCHANGE_FINANCE, 2)
    return payout_holds.ask_to_hold(
        accounts.an_organisation(name="Seller").public_id,
        currency="CNY",
        reason="Its papers are looked at.",
        actor=exchange.acting_as(Role.EXCHANGE_FINANCE),
        now=NOON + minutes(20),
    )


def test_the_role_that_may_approve_is_told_once_and_who_asked_is_not() -> None:
    exchange = an_exchange()
    request = asked(exchange)
    (told,) = Notice.objects.filter(kind="members.approval.requested")
    assert told.user == exchange.staff(Role.EXCHANGE_FINANCE, 2)
    assert told.facts["person"] == str(exchange.staff(Role.EXCHANGE_FINANCE, 1))
    assert str(request.pk) in told.url
    with override("en"):
        english = line_of(told.kind, told.facts)
        assert approvals.label(request) in english
    with override("zh-hans"):
        assert line_of(told.kind, told.facts) != english
        assert approvals.label(request) in line_of(told.kind, told.facts)


def test_who_asked_reads_that_it_was_declined_and_why() -> None:
    exchange = an_exchange()
    request = asked(exchange)
    approvals.decline(
        request.public_id,
        actor=exchange.acting_as(Role.EXCHANGE_FINANCE, 2),
        note="Not on the statement.",
        now=NOON + minutes(21),
    )
    told = Notice.objects.get(kind="members.approval.declined")
    assert told.user == exchange.staff(Role.EXCHANGE_FINANCE, 1)
    assert told.facts["reason"] == "Not on the statement."


def test_the_other_operator_is_told_of_a_proposal_and_reads_it_there(settings: object) -> None:
    exchange = an_exchange()
    held = exchange.admit(accounts.an_organisation(name="Seller"), Kind.SELLER)
    Notice.objects.all().delete()
    proposals.propose(
        held.public_id, transition=AdmissionTransition.SUSPEND, actor=exchange.proposer,
        reason="A breach.", now=NOON + minutes(20),
    )  # fmt: skip
    (told,) = Notice.objects.filter(kind="members.proposal.made")
    assert (told.user, told.facts["organisation"]) == (exchange.second, "Seller")
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    client = Client()
    client.force_login(exchange.second, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(told.url).status_code == 200


def test_it_comes_by_mail_too(transactional_db: None) -> None:
    exchange = an_exchange()
    asked(exchange)
    mail.outbox.clear()
    runner.drain(worker="test", limit=50)
    second = exchange.staff(Role.EXCHANGE_FINANCE, 2)
    assert [one.to for one in mail.outbox if "second person" in str(one.subject)] == [
        [second.email]
    ]
