import re
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from exchange.audit import log, sequencer
from exchange.audit.models import Head, Record
from exchange.core.calendar import Day, add_working_days
from exchange.core.models import CalendarYear, OutboxJob, Rule, RuleVersion
from exchange.core.rules import rule
from exchange.members.models import Admission, ApprovalRequest, Proposal
from exchange.members.roles import Role
from tests.console.conftest import approve_newest
from tests.factories import accounts, members
from tests.factories.members import Exchange

pytestmark = pytest.mark.django_db

AMENDMENT = {
    "value": "7",
    "tag": "D",
    "source": "Resolution 12 of the exchange",
    "reason": "More time for small firms",
    "valid_from": "",
}


@pytest.fixture
def dead_job() -> OutboxJob:
    return OutboxJob.objects.create(
        topic="core.test",
        dedupe_key="1",
        payload={"n": 1},
        state="dead",
        attempts=9,
        last_error="Traceback\nConnectionError: refused",
        finished_at=members.NOON,
    )


def the_rule() -> Rule:
    return Rule.objects.get(pack__code="cn-2026-07", key="soe.extension_days")


def amend_page() -> str:
    return reverse("console:core_rule_amend", args=[the_rule().pk])


def newest_record() -> tuple[str, str, str]:
    newest = Record.objects.order_by("-pk")[0]
    return newest.event, newest.actor, newest.subject


def test_approvals_list_what_is_open_first_also_acts_that_are_there_no_more(
    exchange: Exchange, operator: Client
) -> None:
    asked: dict[str, Any] = {
        "organisation": None,
        "arguments": {},
        "proposed_by": exchange.first,
        "about": "A-1",
    }
    ApprovalRequest.objects.create(act="gone.open", proposed_at=members.NOON, **asked)
    ApprovalRequest.objects.create(
        act="gone.declined", decision="declined", decided_by=exchange.second,
        proposed_at=timezone.now(), decided_at=timezone.now(), **asked,
    )  # fmt: skip
    page = operator.get(reverse("console:members_approvalrequest_changelist")).content.decode()
    assert -1 < page.find("gone.open") < page.find("gone.declined")


def test_an_operator_amends_no_rule_and_reads_who_can(operator: Client) -> None:
    answer = operator.post(amend_page(), AMENDMENT)
    assert answer.status_code == 422
    assert "You do not have the role that this needs" in answer.content.decode()


def test_two_rule_keepers_amend_a_rule_and_the_log_says_so(
    exchange: Exchange, rule_keeper: Client, second_rule_keeper: Client
) -> None:
    assert rule_keeper.get(amend_page()).status_code == 200
    answer = rule_keeper.post(amend_page(), AMENDMENT)
    second = exchange.staff(Role.RULE_KEEPER, 2)
    assert rule(key="soe.extension_days", at=timezone.now()).as_int() != 7
    approve_newest(second_rule_keeper)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("console:core_rule_change", args=[the_rule().pk])
    now = rule(key="soe.extension_days", at=timezone.now())
    assert (now.as_int(), now.version) == (7, "cn-2026-07/soe.extension_days@2")
    assert now.written_by == f"user:{second.public_id}"
    amended = Record.objects.get(event="core.rule.amended")
    assert (amended.actor, amended.subject) == (
        f"user:{second.public_id}",
        "rule:cn-2026-07/soe.extension_days",
    )
    page = rule_keeper.get(answer["Location"]).content.decode()
    assert "cn-2026-07/soe.extension_days@1" in page
    assert "More time for small firms" in page


@pytest.mark.parametrize(
    ("given", "kept"), [("4.5%", "0.045"), ("4.5％", "0.045"), ("0.045", "0.045"), ("100 %", "1")]
)
def test_a_share_is_given_in_per_cent_as_it_is_shown(
    rule_keeper: Client, second_rule_keeper: Client, given: str, kept: str
) -> None:
    share = Rule.objects.get(pack__code="cn-2026-07", key="soe.deposit_share")
    page = reverse("console:core_rule_amend", args=[share.pk])
    assert re.search(r'name="value" value="[0-9.]+%"', rule_keeper.get(page).content.decode())
    assert rule_keeper.post(page, AMENDMENT | {"value": given}).status_code == 302
    approve_newest(second_rule_keeper)
    assert str(rule(key="soe.deposit_share", at=timezone.now()).as_decimal()) == kept


@pytest.mark.parametrize("given", ["%", "three%", "-1%", "1e9%", "101%"])
def test_what_is_no_share_is_refused_beside_the_form(rule_keeper: Client, given: str) -> None:
    share = Rule.objects.get(pack__code="cn-2026-07", key="soe.deposit_share")
    page = reverse("console:core_rule_amend", args=[share.pk])
    assert rule_keeper.post(page, AMENDMENT | {"value": given}).status_code == 422


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"value": "251"}, "is not a possible value of the rule"),
        ({"valid_from": "2026-01-01T00:00"}, "A rule cannot change in the past."),
        ({"reason": ""}, "This field is required."),
        ({"tag": "X"}, "Select a valid choice."),
    ],
)
def test_a_refused_amendment_stays_on_its_page_and_changes_nothing(
    changes: dict[str, str], sentence: str, exchange: Exchange, rule_keeper: Client
) -> None:
    before = (RuleVersion.objects.count(), Record.objects.count())
    answer = rule_keeper.post(amend_page(), AMENDMENT | changes)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert (RuleVersion.objects.count(), Record.objects.count()) == before


def test_an_operator_revives_dead_work_and_the_log_says_so(
    exchange: Exchange, operator: Client, dead_job: OutboxJob
) -> None:
    address = reverse("console:core_outboxjob_retry", args=[dead_job.pk])
    assert (
        address
        in operator.get(
            reverse("console:core_outboxjob_change", args=[dead_job.pk])
        ).content.decode()
    )
    assert operator.post(address, {"reason": "The bank is back"}).status_code == 302
    dead_job.refresh_from_db()
    assert (dead_job.state, dead_job.attempts) == ("ready", 0)
    assert newest_record()[0] == "core.outbox_job.retried"
    # It is not dead any more: the act is gone.
    assert operator.post(address, {"reason": "Again"}).status_code == 403


def test_a_regulator_reads_and_acts_on_nothing(
    exchange: Exchange, regulator: Client, dead_job: OutboxJob
) -> None:
    retry = reverse("console:core_outboxjob_retry", args=[dead_job.pk])
    applied = members.an_application(accounts.an_organisation())
    before = (RuleVersion.objects.count(), Record.objects.count())
    acts = [
        (amend_page(), AMENDMENT),
        (retry, {"reason": "x"}),
        (reverse("console:members_admission_restrict", args=[applied.pk]), {"reason": "x"}),
        (reverse("console:members_admission_propose", args=[applied.pk]), {"reason": "x"}),
    ]
    for address, said in acts:
        assert regulator.get(address).status_code == 403, address
        assert regulator.post(address, said).status_code == 403, address
    dead_job.refresh_from_db()
    assert dead_job.state == "dead"
    assert (RuleVersion.objects.count(), Record.objects.count()) == before
    page = regulator.get(reverse("console:core_rule_change", args=[the_rule().pk]))
    assert amend_page() not in page.content.decode()


def test_four_eyes_lead_an_organisation_in(
    exchange: Exchange, operator: Client, second_operator: Client
) -> None:
    applied = members.an_application(accounts.an_organisation(name="A seller"))

    def act(name: str) -> str:
        return reverse(f"console:members_admission_{name}", args=[applied.pk])

    checks = {"checks": ["credit_code", "legal_person", "mandate"]}
    assert operator.post(act("verify"), checks).status_code == 302
    proposed = {"transition": "qualify", "kinds": ["seller"], "reason": "In order"}
    assert operator.post(act("propose"), proposed).status_code == 302
    proposal = Proposal.objects.get(decision="open")
    approve = reverse("console:members_proposal_approve", args=[proposal.pk])
    own = operator.post(approve, {"reason": "I agree with myself"})
    assert own.status_code == 422
    assert "A second person must decide on what you proposed." in own.content.decode()
    assert Admission.objects.get(pk=applied.pk).standing == "verified"
    assert second_operator.post(approve, {"reason": "Checked"}).status_code == 302
    assert Admission.objects.get(pk=applied.pk).standing == "qualified"


def test_a_proposal_that_is_declined_changes_no_standing(
    exchange: Exchange, operator: Client, second_operator: Client
) -> None:
    applied = exchange.verify(members.an_application(accounts.an_organisation()))
    propose = reverse("console:members_admission_propose", args=[applied.pk])
    operator.post(propose, {"transition": "qualify", "kinds": ["seller"], "reason": "In order"})
    proposal = Proposal.objects.get(decision="open")
    decline = reverse("console:members_proposal_decline", args=[proposal.pk])
    assert second_operator.post(decline, {"reason": "Documents are old"}).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.decision, proposal.note) == ("declined", "Documents are old")
    assert Admission.objects.get(pk=applied.pk).standing == "verified"


@pytest.fixture
def sequenced(exchange: Exchange) -> Head:
    with transaction.atomic():
        for organisation in Organisation.objects.all():  # the factory made them without a flow
            log.record(
                event="accounts.organisation.created",
                actor="system:test",
                subject=f"organisation:{organisation.public_id}",
                facts={},
                at=timezone.now(),
            )
    while sequencer.sequence_batch(timezone.now()):
        pass
    return Head.objects.latest("tree_size")


def test_a_record_is_proved_in_front_of_the_reader(
    sequenced: Head, operator: Client, regulator: Client
) -> None:
    record = Record.objects.filter(leaf__isnull=False)[0]
    for reader in (operator, regulator):
        answer = reader.get(reverse("console:audit_record_prove", args=[record.pk]))
        assert answer.context["failure"] == ""
        assert answer.context["said"] != []
        assert "The proof holds." in answer.content.decode()


def test_a_record_that_was_tampered_with_is_not_proved(
    sequenced: Head, operator: Client, settings: Any
) -> None:
    record = Record.objects.filter(leaf__isnull=False)[0]
    changed = bytes(record.canonical).replace(b'"event":"', b'"event":"x')
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_record SET canonical = %s WHERE id = %s", [changed, record.pk])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    answer = operator.get(reverse("console:audit_record_prove", args=[record.pk]))
    assert answer.context["failure"] != ""
    assert "The proof does not hold." in answer.content.decode()


def test_the_newest_head_continues_an_older_one(sequenced: Head, operator: Client) -> None:
    members.an_application(accounts.an_organisation())
    sequencer.sequence_batch(timezone.now())
    answer = operator.get(reverse("console:audit_head_prove", args=[sequenced.pk]))
    assert answer.context["failure"] == ""
    assert f"all {sequenced.tree_size} records" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_whole_log_is_verified_at_the_press_of_a_button(
    sequenced: Head, operator: Client
) -> None:
    answer = operator.post(reverse("console:audit_head_verify"), follow=True)
    assert "The whole log holds" in answer.content.decode()
    assert operator.get(reverse("console:audit_head_verify")).status_code == 405


PUBLICATION = {
    "jurisdiction": "CN",
    "year": "2027",
    "off": "2027-01-01 New Year's Day",
    "worked": "2027-01-03 New Year's Day",
    "source": "A notice for the test",
    "tag": "M",
}


def test_two_rule_keepers_publish_the_next_year(
    rule_keeper: Client, second_rule_keeper: Client, regulator: Client
) -> None:
    address = reverse("console:core_calendaryear_publish")
    assert regulator.post(address, PUBLICATION).status_code == 403
    assert rule_keeper.get(address).status_code == 200
    assert rule_keeper.post(address, PUBLICATION | {"off": "1 January"}).status_code == 422
    assert rule_keeper.post(address, PUBLICATION | {"year": "2028"}).status_code == 422
    assert CalendarYear.objects.filter(year__gte=2027).exists() is False
    assert rule_keeper.post(address, PUBLICATION).status_code == 302
    assert not CalendarYear.objects.filter(year__gte=2027).exists()
    approve_newest(second_rule_keeper)
    assert add_working_days(date(2026, 12, 31), 1, counting_start=False) == Day(
        date(2027, 1, 3), provisional=False
    )
    assert Record.objects.filter(
        event="core.calendar.published", subject="calendar:CN/2027"
    ).exists()
