"""The steps of an admission that one person takes alone."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.members import separation
from exchange.members.actions.steps import check_reason, locked_admission, take_step
from exchange.members.errors import KindsConflict, KindsRefused
from exchange.members.models import Admission, AdmissionStep
from exchange.members.models.admissions import NAME_CHARS_MAX
from exchange.members.roles import Kind
from exchange.members.states import EVIDENCE, Check, Move, Standing

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


def apply(
    *,
    organisation_id: int,
    kinds: Iterable[Kind],
    legal_person: str,
    by_id: int,
    now: datetime,
) -> AdmissionStep:
    """Open an admission. Refused while an earlier one is open; after an exit it is a new one."""
    wanted = check_kinds(kinds)
    name = _check_name(legal_person)
    with transaction.atomic():
        organisation = _locked_organisation(organisation_id)
        if not organisation.credit_code and organisation.country == HOME_COUNTRY:
            raise CreditCodeMissing(
                _("Enter the organisation's unified social credit code before you apply.")
            )
        if (
            Admission.objects.filter(organisation=organisation)
            .exclude(standing=Standing.EXITED)
            .exists()
        ):
            raise AdmissionOpen(_("The organisation has an open admission already."))
        admission = Admission(
            organisation=organisation,
            wanted=[kind.value for kind in wanted],
            legal_person=name,
            contact_id=by_id,
            applied_at=now,
        )
        facts = {"kinds": admission.wanted}
        return take_step(admission=admission, move=Move.APPLY, by_id=by_id, now=now, facts=facts)


def ask(*, admission_id: int, reason: str, by_id: int, now: datetime) -> AdmissionStep:
    """Ask the organisation for more; it becomes its turn."""
    return _move(admission_id, Move.ASK, check_reason(reason), by_id, now)


def answer(*, admission_id: int, reason: str, by_id: int, now: datetime) -> AdmissionStep:
    """Hand the admission back to the exchange with what was asked for."""
    return _move(admission_id, Move.ANSWER, check_reason(reason), by_id, now)


def restrict(*, admission_id: int, reason: str, by_id: int, now: datetime) -> AdmissionStep:
    """Stop new business at once. One person may, since lifting it takes two."""
    return _move(admission_id, Move.RESTRICT, check_reason(reason), by_id, now)


def withdraw(*, admission_id: int, reason: str, by_id: int, now: datetime) -> AdmissionStep:
    """Take the application back before trading has been opened."""
    return _move(admission_id, Move.WITHDRAW, check_reason(reason), by_id, now)


def verify(
    *, admission_id: int, checks: Iterable[Check], reason: str, by_id: int, now: datetime
) -> AdmissionStep:
    """Record that credit code, legal person and mandate were checked against their documents."""
    confirmed = frozenset(checks)
    with transaction.atomic():
        admission = locked_admission(admission_id)
        kept = frozenset(admission.documents.values_list("kind", flat=True))
        unconfirmed = sorted(check.value for check in Check if check not in confirmed)
        lacking = sorted(kind.value for kind in EVIDENCE.values() if kind not in kept)
        if unconfirmed or lacking:
            raise EvidenceMissing(
                _("Every check must be confirmed and rest on a document."),
                unconfirmed_checks=unconfirmed,
                missing_documents=lacking,
            )
        return take_step(
            admission=admission,
            move=Move.VERIFY,
            by_id=by_id,
            now=now,
            reason=reason.strip(),
            facts={"checks": sorted(check.value for check in confirmed)},
        )


def accept_rules(
    *, admission_id: int, rules_version: str, by_id: int, now: datetime
) -> AdmissionStep:
    """The organisation accepts the rules in force, and trading is open to it."""
    with transaction.atomic():
        admission = locked_admission(admission_id)
        if rules_version != RULES_VERSION:
            raise RulesChanged(
                _("The rules have changed since you opened this page. Please read them again."),
                rules_version=RULES_VERSION,
            )
        admission.rules_version = rules_version
        return take_step(
            admission=admission,
            move=Move.ACCEPT_RULES,
            by_id=by_id,
            now=now,
            facts={"rules_version": rules_version},
        )


def check_kinds(kinds: Iterable[Kind]) -> list[Kind]:
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
        one, other, reason = conflict
        raise KindsConflict(reason, kinds=[one.value, other.value])
    return wanted


def _check_name(name: str) -> str:
    name = unicodedata.normalize("NFC", name.strip())
    hostile = any(unicodedata.category(letter)[0] == "C" for letter in name)
    if not name or len(name) > NAME_CHARS_MAX or hostile:
        raise LegalPersonRefused(_("Enter the name of the legal person as the register shows it."))
    return name


def _locked_organisation(organisation_id: int) -> Organisation:
    try:
        return Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    except Organisation.DoesNotExist:
        raise NotFound(_("There is no such organisation.")) from None


def _move(admission_id: int, move: Move, reason: str, by_id: int, now: datetime) -> AdmissionStep:
    with transaction.atomic():
        admission = locked_admission(admission_id)
        return take_step(admission=admission, move=move, by_id=by_id, now=now, reason=reason)
