"""The journey of an organisation into the exchange: apply, be verified, take part, leave.

Each flow asks policy, acts and writes the log, all in one transaction. What takes two operators is
in `approvals`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import IO

from django.db import transaction

from exchange.audit.actions import log
from exchange.members import policy
from exchange.members.actions import admissions, documents
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.models import Admission, AdmissionDocument, AdmissionStep
from exchange.members.permissions import Permission
from exchange.members.queries.admissions import admission_seen_by, subject_of
from exchange.members.queries.documents import open_content
from exchange.members.roles import Kind
from exchange.members.states import EVENTS, Check, DocumentKind, Move


def apply(*, actor: Actor, kinds: Iterable[Kind], legal_person: str, now: datetime) -> Admission:
    """Apply for the organisation that the actor acts for."""
    organisation_id = actor.organisation_id
    subject = None if organisation_id is None else Subject(organisation_id=organisation_id)
    policy.require(actor, Permission.ADMISSION_APPLY, subject)
    with transaction.atomic():
        step = admissions.apply(
            organisation_id=organisation_of(actor),
            kinds=kinds,
            legal_person=legal_person,
            by_id=person_of(actor),
            now=now,
        )
        record_step(step, actor=actor, personal={"legal_person": step.admission.legal_person})
        return step.admission


def add_document(
    *,
    actor: Actor,
    admission_id: str,
    kind: DocumentKind,
    name: str,
    file: IO[bytes],
    now: datetime,
) -> AdmissionDocument:
    """Hand in a document. The log keeps the hash of its content, and its name as a commitment."""
    admission = _permitted(actor, Permission.DOCUMENT_ADD, admission_id)
    with transaction.atomic():
        document = documents.add_document(
            admission_id=admission.pk,
            kind=kind,
            name=name,
            file=file,
            by_id=person_of(actor),
            now=now,
        )
        log.record(
            event="members.document.added",
            actor=actor.name,
            subject=f"document:{document.public_id}",
            facts={
                "admission": admission.public_id,
                "organisation": admission.organisation.public_id,
                "kind": document.kind,
                "sha256": document.sha256,
                "size_bytes": document.size_bytes,
            },
            personal={"name": document.name},
            at=now,
        )
        return document


def answer(*, actor: Actor, admission_id: str, reason: str, now: datetime) -> Admission:
    """Hand the admission back to the exchange with what was asked for."""
    admission = _permitted(actor, Permission.ADMISSION_ANSWER, admission_id)
    with transaction.atomic():
        step = admissions.answer(
            admission_id=admission.pk, reason=reason, by_id=person_of(actor), now=now
        )
        return record_step(step, actor=actor)


def withdraw(*, actor: Actor, admission_id: str, reason: str, now: datetime) -> Admission:
    """Take the application back before trading has been opened."""
    admission = _permitted(actor, Permission.ADMISSION_WITHDRAW, admission_id)
    with transaction.atomic():
        step = admissions.withdraw(
            admission_id=admission.pk, reason=reason, by_id=person_of(actor), now=now
        )
        return record_step(step, actor=actor)


def accept_rules(
    *, actor: Actor, admission_id: str, rules_version: str, now: datetime
) -> Admission:
    """Accept the rules for the organisation, and trade from now on."""
    admission = _permitted(actor, Permission.ADMISSION_ACCEPT_RULES, admission_id)
    with transaction.atomic():
        step = admissions.accept_rules(
            admission_id=admission.pk,
            rules_version=rules_version,
            by_id=person_of(actor),
            now=now,
        )
        return record_step(step, actor=actor)


def ask(*, actor: Actor, admission_id: str, reason: str, now: datetime) -> Admission:
    """As an operator, ask the organisation for more."""
    admission = _permitted(actor, Permission.ADMISSION_REVIEW, admission_id)
    with transaction.atomic():
        step = admissions.ask(
            admission_id=admission.pk, reason=reason, by_id=person_of(actor), now=now
        )
        return record_step(step, actor=actor)


def verify(
    *,
    actor: Actor,
    admission_id: str,
    checks: Iterable[Check],
    reason: str = "",
    now: datetime,
) -> Admission:
    """As an operator, confirm credit code, legal person and mandate."""
    admission = _permitted(actor, Permission.ADMISSION_REVIEW, admission_id)
    with transaction.atomic():
        step = admissions.verify(
            admission_id=admission.pk,
            checks=checks,
            reason=reason,
            by_id=person_of(actor),
            now=now,
        )
        return record_step(step, actor=actor)


def restrict(*, actor: Actor, admission_id: str, reason: str, now: datetime) -> Admission:
    """As an operator, stop an organisation's new business at once."""
    admission = _permitted(actor, Permission.ADMISSION_REVIEW, admission_id)
    with transaction.atomic():
        step = admissions.restrict(
            admission_id=admission.pk, reason=reason, by_id=person_of(actor), now=now
        )
        return record_step(step, actor=actor)


def open_document(*, actor: Actor, document: AdmissionDocument) -> IO[bytes]:
    """The content of a document for those who may read it."""
    policy.require(actor, Permission.DOCUMENT_SEE, subject_of(document.admission))
    return open_content(document)


def record_step(
    step: AdmissionStep, *, actor: Actor, personal: dict[str, str] | None = None
) -> Admission:
    """Write a step to the log: what moved and where to; its reason as a commitment only."""
    admission = step.admission
    kept = dict(personal or {})
    if step.reason:
        kept["reason"] = step.reason
    log.record(
        event=EVENTS[Move(step.move)],
        actor=actor.name,
        subject=f"admission_step:{step.public_id}",
        facts={
            "admission": admission.public_id,
            "organisation": admission.organisation.public_id,
            "number": step.number,
            "from": step.from_standing,
            "to": step.to_standing,
            "by": step.by.public_id,
            "approved_by": step.approved_by.public_id if step.approved_by else None,
            **step.facts,
        },
        personal=kept or None,
        at=step.at,
    )
    return admission


def _permitted(actor: Actor, permission: Permission, admission_id: str) -> Admission:
    admission = admission_seen_by(actor, admission_id)
    policy.require(actor, permission, subject_of(admission))
    return admission
