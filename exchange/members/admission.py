"""An organisation's way into the exchange: apply, be verified, accept the rules, be restricted, leave.

What takes two operators is in `proposals.py`.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from exchange.core.lifecycle import Change
from exchange.core.refusals import Invalid, Refusal
from exchange.core.use_case import use_case
from exchange.members import names, separation
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.lifecycle import (
    ADMISSION,
    EVIDENCE,
    PRESENT,
    AdmissionTransition,
    Check,
    Standing,
    Turn,
)
from exchange.members.models import NAME_CHARS_MAX, Admission, AdmissionStep, Qualification
from exchange.members.permissions import Permission
from exchange.members.roles import DEALING, Kind

RULES_VERSION = "2026-07"
HOME_COUNTRY = "CN"


class AdmissionOpen(Refusal):
    """The organisation's earlier application, or its membership, has not ended."""

    code = "admission_open"


class CreditCodeMissing(Invalid):
    """A domestic organisation has no credit code that could be verified."""

    code = "credit_code_missing"


class LegalPersonRefused(Invalid):
    """The name of the legal person is empty, too long or has characters no name has."""

    code = "legal_person_refused"


class EvidenceMissing(Refusal):
    """A check was not confirmed, or the document it rests on has not been handed in."""

    code = "evidence_missing"


class RulesChanged(Refusal):
    """Another version of the rules is in force than the one that was read."""

    code = "rules_changed"


class KindsConflict(Refusal):
    """One organisation may not hold both qualifications."""

    code = "qualifications_conflict"


class KindsRefused(Invalid):
    """No qualification was named, or one that cannot be asked for."""

    code = "qualifications_refused"


def subject_of(admission: Admission) -> Subject:
    """What policy looks at when something is done to an admission."""
    return Subject(organisation_id=admission.organisation_id)


def record_facts(admission: Admission, change: Change) -> Mapping[str, object]:
    """What the log says of a step beside the step itself."""
    people = User.objects.filter(pk__in=[change.by_id, change.approved_by_id])
    public_ids: dict[int | None, str] = dict(people.values_list("pk", "public_id"))
    return {
        "organisation": admission.organisation.public_id,
        "by": public_ids.get(change.by_id),
        "approved_by": public_ids.get(change.approved_by_id),
    }


def newest_admission(organisation_id: int | None) -> Admission | None:
    """The open admission of an organisation, else its last one, else None."""
    if organisation_id is None:
        return None
    rows = Admission.objects.select_related("organisation", "contact")
    return rows.filter(organisation_id=organisation_id).order_by("-id").first()


@dataclass(frozen=True)
class Admitted:
    """What everybody may know of a member: since when it trades, None where it does not, and as what."""

    since: datetime | None
    kinds: tuple[Kind, ...]


def admitted(organisation_id: int) -> Admitted:
    """The standing membership of an organisation, as the public knows it."""
    opened = AdmissionStep.objects.filter(
        admission__organisation_id=organisation_id,
        admission__standing__in=PRESENT,
        transition__in=(AdmissionTransition.ACCEPT_RULES, AdmissionTransition.FOUND),
    )
    held = Qualification.objects.filter(
        admission__organisation_id=organisation_id,
        admission__standing__in=PRESENT,
        valid_until=None,
    )
    kinds = set(held.values_list("kind", flat=True))
    return Admitted(
        since=opened.order_by("number").values_list("at", flat=True).first(),
        kinds=tuple(kind for kind in Kind if kind in kinds & DEALING),
    )


def admissions_waiting() -> QuerySet[Admission]:
    """The queue of the exchange: whose turn is the operator's, the most urgent first."""
    return (
        Admission.objects.filter(turn=Turn.OPERATOR)
        .exclude(standing=Standing.EXITED)
        .select_related("organisation")
        .order_by(F("due_at").asc(nulls_last=True), "id")
    )


def _own_organisation(*, actor: Actor, **_asked: object) -> Subject | None:
    return None if actor.organisation_id is None else Subject(organisation_id=actor.organisation_id)


@use_case(Permission.ADMISSION_APPLY, about=_own_organisation)
def apply(*, actor: Actor, kinds: Iterable[Kind], legal_person: str, now: datetime) -> Admission:
    """Apply for the organisation that the actor acts for. Refused while an earlier admission is
    open; after an exit it is a new one."""
    wanted, name = checked_kinds(kinds), _checked_name(legal_person)
    organisation = Organisation.objects.select_for_update(no_key=True).get(
        pk=organisation_of(actor)
    )
    if not organisation.credit_code and organisation.country == HOME_COUNTRY:
        raise CreditCodeMissing(
            _("Enter the organisation's unified social credit code before you apply.")
        )
    names.check(organisation.name, organisation_id=organisation.pk)
    earlier = Admission.objects.filter(organisation=organisation)
    if earlier.exclude(standing=Standing.EXITED).exists():
        raise AdmissionOpen(_("The organisation has an open admission already."))
    admission = Admission(
        organisation=organisation,
        wanted=[kind.value for kind in wanted],
        legal_person=name,
        contact_id=person_of(actor),
        applied_at=now,
    )
    return ADMISSION.transition(
        admission, AdmissionTransition.APPLY, actor=actor, now=now,
        facts={"kinds": admission.wanted}, personal={"legal_person": name},
    )  # fmt: skip


@use_case(Permission.ADMISSION_ANSWER, locks=ADMISSION)
def answer(admission: Admission, *, actor: Actor, reason: str, now: datetime) -> Admission:
    """Hand the admission back to the exchange with what was asked for."""
    return ADMISSION.transition(
        admission, AdmissionTransition.ANSWER, actor=actor, reason=reason, now=now
    )


@use_case(Permission.ADMISSION_WITHDRAW, locks=ADMISSION)
def withdraw(admission: Admission, *, actor: Actor, reason: str, now: datetime) -> Admission:
    """Take the application back before trading has been opened."""
    return ADMISSION.transition(
        admission, AdmissionTransition.WITHDRAW, actor=actor, reason=reason, now=now
    )


@use_case(Permission.ADMISSION_ACCEPT_RULES, locks=ADMISSION)
def accept_rules(
    admission: Admission, *, actor: Actor, rules_version: str, now: datetime
) -> Admission:
    """Accept the rules in force for the organisation: trading is open to it from now on."""
    if rules_version != RULES_VERSION:
        raise RulesChanged(
            _("The rules have changed since you opened this page. Please read them again."),
            rules_version=RULES_VERSION,
        )
    admission.rules_version = rules_version
    return ADMISSION.transition(
        admission, AdmissionTransition.ACCEPT_RULES, actor=actor, now=now,
        facts={"rules_version": rules_version}, save=("rules_version",),
    )  # fmt: skip


@use_case(Permission.ADMISSION_REVIEW, locks=ADMISSION)
def ask(admission: Admission, *, actor: Actor, reason: str, now: datetime) -> Admission:
    """As an operator, ask the organisation for more; it becomes its turn."""
    return ADMISSION.transition(
        admission, AdmissionTransition.ASK, actor=actor, reason=reason, now=now
    )


@use_case(Permission.ADMISSION_REVIEW, locks=ADMISSION)
def verify(
    admission: Admission,
    *,
    actor: Actor,
    checks: Iterable[Check],
    reason: str = "",
    now: datetime,
) -> Admission:
    """As an operator, confirm that credit code, legal person and mandate were checked against their
    documents."""
    confirmed = sorted(check.value for check in frozenset(checks))
    handed_in = frozenset(admission.documents.values_list("kind", flat=True))
    unconfirmed = sorted(check.value for check in Check if check.value not in confirmed)
    lacking = sorted(kind.value for kind in EVIDENCE.values() if kind not in handed_in)
    if unconfirmed or lacking:
        raise EvidenceMissing(
            _("Every check must be confirmed and rest on a document."),
            unconfirmed_checks=unconfirmed,
            missing_documents=lacking,
        )
    return ADMISSION.transition(
        admission, AdmissionTransition.VERIFY, actor=actor, reason=reason, now=now,
        facts={"checks": confirmed},
    )  # fmt: skip


@use_case(Permission.ADMISSION_REVIEW, locks=ADMISSION)
def restrict(admission: Admission, *, actor: Actor, reason: str, now: datetime) -> Admission:
    """As an operator, stop an organisation's new business at once."""
    return ADMISSION.transition(
        admission, AdmissionTransition.RESTRICT, actor=actor, reason=reason, now=now
    )


def checked_kinds(kinds: Iterable[Kind]) -> list[Kind]:
    """The qualifications in a fixed order; refused when none, in conflict, or not to be asked for."""
    wanted = sorted(frozenset(kinds))
    if not wanted:
        raise KindsRefused(_("Choose at least one qualification."))
    if Kind.EXCHANGE_OPERATOR in wanted:
        raise KindsRefused(
            _("Nobody applies to operate the exchange."), kinds=[Kind.EXCHANGE_OPERATOR.value]
        )
    conflict = separation.conflict_of_kinds(wanted)
    if conflict:
        kind, other, reason = conflict
        raise KindsConflict(reason, kinds=[kind.value, other.value])
    return wanted


def _checked_name(name: str) -> str:
    name = unicodedata.normalize("NFC", name.strip())
    hostile = any(unicodedata.category(letter)[0] == "C" for letter in name)
    if not name or len(name) > NAME_CHARS_MAX or hostile:
        raise LegalPersonRefused(_("Enter the name of the legal person as the register shows it."))
    return name
