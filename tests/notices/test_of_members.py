"""Who is told that something waits for a second person, and what became of it."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from exchange.jobs import runner
from exchange.members import approvals, proposals
from exchange.members.lifecycle import AdmissionTransition
from exchange.members.models import ApprovalRequest
from exchange.members.roles import Kind, Role
from exchange.notices.models import Notice
from exchange.notices.notify import line_of
from exchange.orders import limits
from exchange.payments import payout_holds
from pricing.money import Money
from tests.factories import accounts
from tests.factories.members import NOON, Exchange, a_role, an_admin, an_exchange, minutes
from tests.factories.orders import DAY, a_market

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


def test_whoever_may_approve_in_the_organisation_is_told_and_nobody_else() -> None:
    market = a_market()
    administrator = an_admin(market.buyer)
    keeper = accounts.a_member(market.buyer)
    a_role(market.buyer, keeper, Role.FINANCE)
    an_admin(market.seller)
    Notice.objects.all().delete()
    limits.set_limit(actor=market.leading, limit=Money(100, "CNY"), now=DAY)
    asked_for = limits.ask(
        actor=market.leading, currency="CNY", limit=Money(20_000, "CNY"), reason="We grew.", now=DAY
    )
    told = Notice.objects.filter(kind="members.approval.asked")
    assert {one.user_id for one in told} == {administrator.user_id, keeper.pk}
    with override("en"):
        assert "Raise or lift the buying limit" in line_of(told[0].kind, told[0].facts)
        assert "200.00" in line_of(told[0].kind, told[0].facts)
    assert told[0].url == reverse("web:buying_limit")

    approvals.approve(asked_for.public_id, actor=administrator, now=DAY)
    (done,) = Notice.objects.filter(kind="members.approval.agreed")
    assert (done.user_id, done.url) == (market.leading.user_id, reverse("web:buying_limit"))


def test_who_asked_in_the_organisation_reads_that_it_was_declined_and_why() -> None:
    market = a_market()
    limits.set_limit(actor=market.leading, limit=Money(100, "CNY"), now=DAY)
    asked_for = limits.ask(
        actor=market.leading, currency="CNY", limit=None, reason="More.", now=DAY
    )
    approvals.decline(asked_for.public_id, actor=an_admin(market.buyer), note="Not yet.", now=DAY)
    told = Notice.objects.get(kind="members.approval.refused")
    assert (told.user_id, told.facts["reason"]) == (market.leading.user_id, "Not yet.")
    assert not Notice.objects.filter(kind="members.approval.declined")
