"""An organisation's way into the exchange and out of it, with its records in the log."""

import json
from datetime import timedelta

import pytest
from django.db import transaction

from exchange.audit.coverage import coverage_rules
from exchange.audit.models import Disclosure, Record
from exchange.core.lifecycle import ReasonMissing
from exchange.core.refusals import NotAllowed, NotFound
from exchange.members import admission, proposals
from exchange.members.lifecycle import ADMISSION, Check, Standing
from exchange.members.models import Admission, AdmissionStep, Qualification
from exchange.members.roles import Kind
from tests.factories import accounts
from tests.factories.members import (
    NOON,
    Exchange,
    acting,
    an_application,
    an_exchange,
    minutes,
    newest,
)

pytestmark = pytest.mark.django_db
NONE_MISSING = {"members.steps.suspend", "members.proposals", "members.documents", "members.roles"}


@pytest.fixture
def exchange() -> Exchange:
    return an_exchange()


def events() -> list[str]:
    return list(Record.objects.order_by("id").values_list("event", flat=True))


def test_an_organisation_is_led_from_application_to_active(exchange: Exchange) -> None:
    organisation = accounts.an_organisation()
    admitted = exchange.admit(organisation, Kind.SELLER, Kind.BUYER)
    assert (admitted.standing, admitted.rules_version) == ("active", admission.RULES_VERSION)
    held = Qualification.objects.filter(admission=admitted, valid_until=None)
    assert set(held.values_list("kind", flat=True)) == {"seller", "buyer"}
    assert [
        (step.source, step.target, step.by, step.approved_by) for step in admitted.steps.all()
    ] == [
        ("", "applied", accounts.owner_of(organisation), None),
        ("applied", "verified", exchange.first, None),
        ("verified", "qualified", exchange.first, exchange.second),
        ("qualified", "active", accounts.owner_of(organisation), None),
    ]
    assert [event for event in events() if event.startswith("members.")] == [
        "members.role.granted",
        "members.role.granted",
        "members.admission.founded",
        "members.admission.applied",
        "members.document.added",
        "members.document.added",
        "members.document.added",
        "members.admission.verified",
        "members.proposal.made",
        "members.admission.qualified",
        "members.admission.activated",
    ]


def test_a_record_names_the_step_and_keeps_persons_and_reasons_out_of_the_clear(
    exchange: Exchange,
) -> None:
    organisation = accounts.an_organisation()
    applied = an_application(organisation)
    step = applied.steps.get()
    record = Record.objects.get(event="members.admission.applied")
    content = json.loads(bytes(record.canonical))
    assert record.subject == f"admission_step:{step.public_id}"
    assert content["facts"] == {
        "admission": applied.public_id,
        "organisation": organisation.public_id,
        "number": 1,
        "from": "",
        "to": "applied",
        "by": accounts.owner_of(organisation).public_id,
        "approved_by": None,
        "kinds": ["seller"],
    }
    assert b"Wang Fang" not in bytes(record.canonical)
    assert Disclosure.objects.get(record=record, field="legal_person").value == "Wang Fang"


def test_a_second_application_while_one_is_open_is_refused(exchange: Exchange) -> None:
    organisation = accounts.an_organisation()
    before = acting(accounts.owner_of(organisation), organisation)
    applied = an_application(organisation)
    written = Record.objects.count()
    with pytest.raises(NotAllowed) as refusal:
        an_application(organisation)
    assert refusal.value.facts["reason"] == "standing_needed"
    with pytest.raises(admission.AdmissionOpen):
        admission.apply(actor=before, kinds=[Kind.BUYER], legal_person="Wang Fang", now=NOON)
    assert list(Admission.objects.filter(organisation=organisation)) == [applied]
    assert Record.objects.count() == written


def test_who_has_left_may_apply_again_and_begins_anew(exchange: Exchange) -> None:
    organisation = accounts.an_organisation()
    left = exchange.expel(exchange.admit(organisation, Kind.SELLER))
    assert left.standing == Standing.EXITED
    assert not Qualification.objects.filter(admission=left, valid_until=None).exists()
    again = an_application(organisation, Kind.BUYER, at=NOON + timedelta(days=1))
    assert (again.standing, again.pk != left.pk) == (Standing.APPLIED, True)
    left.refresh_from_db()
    assert left.standing == Standing.EXITED


@pytest.mark.parametrize(
    ("kinds", "refusal"),
    [
        ([], admission.KindsRefused),
        ([Kind.EXCHANGE_OPERATOR], admission.KindsRefused),
        ([Kind.REGULATOR, Kind.BUYER], admission.KindsConflict),
    ],
)
def test_what_cannot_be_applied_for_is_refused(kinds: list[Kind], refusal: type[Exception]) -> None:
    organisation = accounts.an_organisation()
    with pytest.raises(refusal):
        admission.apply(
            actor=acting(accounts.owner_of(organisation), organisation),
            kinds=kinds,
            legal_person="Wang Fang",
            now=NOON,
        )
    assert not Admission.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "Wang\r\nFang", "Wang\u202eFang", "x" * 201])
def test_a_name_that_no_register_shows_is_refused(name: str) -> None:
    organisation = accounts.an_organisation()
    with pytest.raises(admission.LegalPersonRefused):
        admission.apply(
            actor=acting(accounts.owner_of(organisation), organisation),
            kinds=[Kind.SELLER],
            legal_person=name,
            now=NOON,
        )
    assert not Admission.objects.exists()


def test_a_domestic_organisation_without_credit_code_cannot_apply_a_foreign_one_can() -> None:
    home = accounts.an_organisation(credit_code=None)
    with pytest.raises(admission.CreditCodeMissing):
        an_application(home)
    abroad = accounts.an_organisation(credit_code=None, country="SG")
    assert an_application(abroad).standing == Standing.APPLIED


def test_verifying_needs_every_check_and_its_document(exchange: Exchange) -> None:
    organisation = accounts.an_organisation()
    applied = admission.apply(
        actor=acting(accounts.owner_of(organisation), organisation),
        kinds=[Kind.SELLER],
        legal_person="Wang Fang",
        now=NOON,
    )
    with pytest.raises(admission.EvidenceMissing) as refusal:
        admission.verify(
            applied.public_id,
            actor=exchange.proposer,
            checks=[Check.MANDATE],
            now=NOON,
        )
    assert refusal.value.facts == {
        "unconfirmed_checks": ["credit_code", "legal_person"],
        "missing_documents": ["legal_person", "licence", "mandate"],
    }
    applied.refresh_from_db()
    assert (applied.standing, applied.steps_count) == (Standing.APPLIED, 1)


def test_a_question_passes_the_turn_and_the_answer_gives_it_back(exchange: Exchange) -> None:
    organisation = accounts.an_organisation()
    applied = an_application(organisation)
    owner = acting(accounts.owner_of(organisation), organisation)
    asked = admission.ask(
        applied.public_id,
        actor=exchange.proposer,
        reason="Which mandate?",
        now=NOON + minutes(5),
    )
    assert (asked.turn, asked.standing) == ("member", "applied")
    answered = admission.answer(
        applied.public_id, actor=owner, reason="This one.", now=NOON + minutes(6)
    )
    assert (answered.turn, answered.standing) == ("operator", "applied")
    with pytest.raises(ReasonMissing):
        admission.ask(applied.public_id, actor=exchange.proposer, reason=" ", now=NOON)


def test_the_rules_that_were_read_must_be_those_in_force(exchange: Exchange) -> None:
    organisation = accounts.an_organisation()
    exchange.qualify(exchange.verify(an_application(organisation)), [Kind.SELLER])
    with pytest.raises(admission.RulesChanged):
        admission.accept_rules(
            newest(organisation).public_id,
            actor=acting(accounts.owner_of(organisation), organisation),
            rules_version="1999-01",
            now=NOON + minutes(9),
        )
    assert newest(organisation).standing == Standing.QUALIFIED


def test_withdrawing_ends_an_application_but_not_a_membership(exchange: Exchange) -> None:
    organisation = accounts.an_organisation()
    applied = an_application(organisation)
    owner = acting(accounts.owner_of(organisation), organisation)
    ended = admission.withdraw(
        applied.public_id, actor=owner, reason="Later.", now=NOON + minutes(5)
    )
    assert ended.standing == Standing.EXITED
    other = accounts.an_organisation()
    active = exchange.admit(other, Kind.SELLER)
    with pytest.raises(NotAllowed):
        admission.withdraw(
            active.public_id,
            actor=acting(accounts.owner_of(other), other),
            reason="Now.",
            now=NOON + minutes(9),
        )


def test_strangers_may_not_know_of_an_admission(exchange: Exchange) -> None:
    applied = an_application(accounts.an_organisation())
    other = accounts.an_organisation()
    exchange.admit(other, Kind.SELLER)
    stranger = acting(accounts.owner_of(other), other)
    nowhere = acting(accounts.a_user(), None)
    for actor in (stranger, nowhere):
        with pytest.raises(NotFound):
            admission.answer(applied.public_id, actor=actor, reason="Hello.", now=NOON)
        with pytest.raises(NotFound):
            admission.verify(applied.public_id, actor=actor, checks=list(Check), now=NOON)
    assert AdmissionStep.objects.filter(admission=applied).count() == 1


def test_every_row_that_must_have_a_record_has_one(exchange: Exchange) -> None:
    organisation = accounts.an_organisation()
    exchange.suspend(exchange.admit(organisation, Kind.SELLER))
    for rule in coverage_rules():
        if not rule.name.startswith("members.") or isinstance(rule.rows, str):
            continue
        subjects = set(rule.rows.all())
        recorded = Record.objects.filter(event__in=rule.events, subject__in=subjects)
        assert set(recorded.values_list("subject", flat=True)) == subjects, rule.name
        assert rule.name not in NONE_MISSING or subjects, rule.name


def test_what_does_not_exist_is_not_found(exchange: Exchange) -> None:
    with pytest.raises(NotFound), transaction.atomic():
        ADMISSION.lock_key(0)
    with pytest.raises(NotFound):
        proposals.approve("prp_0", actor=exchange.approver, now=NOON)
    with pytest.raises(NotFound):
        admission.ask("adm_0", actor=exchange.proposer, reason="Where?", now=NOON)
