"""What an organisation was admitted as, and how that changes: asked for by it, decided by an operator.

Name, kind, country, credit code and the mark of a small enterprise are what the exchange has checked
and what rules ask (state assets, for one). From the application on they change only by a request; while
the exchange has asked an applicant for more, it may correct them itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import changes, organisations
from accounts.countries import country_names
from accounts.models import Organisation, OrganisationKind
from accounts.organisations import Profile
from exchange.core.lifecycle import Change, checked_reason
from exchange.core.refusals import Refusal
from exchange.core.use_case import use_case
from exchange.members import names
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.lifecycle import IDENTITY, IdentityTransition, RequestState, Standing, Turn
from exchange.members.models import Admission, IdentityRequest
from exchange.members.permissions import Permission

CHANGED = "accounts.organisation.changed"
LABELS = {
    "name": gettext_lazy("Name"),
    "kind": gettext_lazy("Kind"),
    "country": gettext_lazy("Country"),
    "credit_code": gettext_lazy("Unified social credit code"),
    "sme": gettext_lazy("Small or medium-sized enterprise"),
}


class IdentityFixed(Refusal):
    """What an organisation was admitted as changes only by a request that the exchange decides."""

    code = "identity_fixed"


class RequestOpen(Refusal):
    """An earlier request to change the identity waits for its decision; `request` names it."""

    code = "identity_request_open"


class NothingToChange(Refusal):
    """The organisation is already as the request would make it."""

    code = "nothing_to_change"


def declare() -> None:
    """Refuse changes of an identity that is fixed, wherever they come from. For `AppConfig.ready`."""
    IDENTITY.concerns, IDENTITY.record_facts = subject_of, _facts
    changes.listen(_refuse_change)


def subject_of(request: IdentityRequest) -> Subject:
    """The request as policy looks at it, made by who asked."""
    return Subject(
        organisation_id=request.organisation_id, made_by=frozenset({request.asked_by_id})
    )


def is_fixed(organisation_id: int) -> bool:
    """Whether the identity changes only by a request: from the application on, but for an applicant
    whose turn it is to correct it."""
    admission = Admission.objects.filter(organisation_id=organisation_id).exclude(
        standing=Standing.EXITED
    )
    standing = admission.values_list("standing", "turn").first()
    return standing is not None and standing != (Standing.APPLIED, Turn.MEMBER)


def requests_of(organisation_id: int) -> QuerySet[IdentityRequest]:
    """What was asked for, the newest first: the history of an organisation's identity."""
    rows = IdentityRequest.objects.filter(organisation_id=organisation_id)
    return rows.select_related("asked_by", "decided_by").order_by("-pk")


@dataclass(frozen=True)
class Difference:
    """A field that differs, in words."""

    label: str
    before: str
    after: str


def differences_of(row: IdentityRequest) -> tuple[Difference, ...]:
    """What differs, field by field, in the reader's language."""
    return tuple(
        Difference(str(LABELS[name]), _shown(name, row.before), _shown(name, row.wanted))
        for name in LABELS
        if name in row.wanted
    )


def _shown(name: str, values: Mapping[str, Any]) -> str:
    value = values[name]
    if name == "kind":
        return str(OrganisationKind(value).label)
    if name == "country":
        return str(country_names().get(value, value))
    if name == "sme":
        return _("yes") if value else _("no")
    return str(value or "–")


def _own(*, actor: Actor, **_said: object) -> Subject:
    return Subject(organisation_id=organisation_of(actor))


@use_case(Permission.IDENTITY_ASK, about=_own)
def ask(*, profile: Profile, reason: str, actor: Actor, now: datetime) -> IdentityRequest:
    """Ask for the own organisation to be known as `profile` says; nothing changes yet.

    Raises what the form of a profile raises, NothingToChange, NameTaken and RequestOpen.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(
        pk=organisation_of(actor)
    )
    reason = checked_reason(reason)
    fields = organisations.checked(profile)
    wanted = {name: value for name, value in fields.items() if getattr(organisation, name) != value}
    if not wanted:
        raise NothingToChange(_("Your organisation is known as this already."))
    if "name" in wanted:
        names.check(str(wanted["name"]), organisation_id=organisation.pk)
    waiting = requests_of(organisation.pk).filter(state=RequestState.OPEN).first()
    if waiting is not None:
        raise RequestOpen(
            _("An earlier request waits for the exchange. Take it back to ask for something else."),
            request=waiting.public_id,
        )
    request = IdentityRequest(
        organisation=organisation,
        before={name: getattr(organisation, name) for name in wanted},
        wanted=wanted,
        reason=reason,
        asked_by_id=person_of(actor),
        asked_at=now,
    )
    return IDENTITY.transition(request, IdentityTransition.ASK, actor=actor, reason=reason, now=now)


@use_case(Permission.IDENTITY_ASK, locks=IDENTITY)
def withdraw(request: IdentityRequest, *, actor: Actor, now: datetime) -> IdentityRequest:
    """Take the own organisation's request back."""
    return _decide(request, IdentityTransition.WITHDRAW, actor=actor, note="", now=now)


@use_case(Permission.IDENTITY_DECIDE, locks=IDENTITY)
def approve(
    request: IdentityRequest, *, actor: Actor, now: datetime, note: str = ""
) -> IdentityRequest:
    """As an operator, agree: the organisation is known so from now on. Orders, contracts and invoices
    keep what they were made with. Raises NameTaken, CreditCodeTaken and IdentityFixed."""
    organisation = Organisation.objects.select_for_update(no_key=True).get(
        pk=request.organisation_id
    )
    IDENTITY.check(request, IdentityTransition.APPROVE)
    if any(getattr(organisation, name) != value for name, value in request.before.items()):
        raise IdentityFixed(_("The organisation has changed since this was asked for. Decline it."))
    if "name" in request.wanted:
        names.check(str(request.wanted["name"]), organisation_id=organisation.pk)
    organisations.take_identity(organisation, request.wanted, actor=actor.name, now=now)
    return _decide(request, IdentityTransition.APPROVE, actor=actor, note=note, now=now)


@use_case(Permission.IDENTITY_DECIDE, locks=IDENTITY)
def decline(
    request: IdentityRequest, *, actor: Actor, reason: str, now: datetime
) -> IdentityRequest:
    """As an operator, refuse the change, with a reason that the organisation reads."""
    return _decide(request, IdentityTransition.DECLINE, actor=actor, note=reason, now=now)


def _decide(
    request: IdentityRequest,
    transition: IdentityTransition,
    *,
    actor: Actor,
    note: str,
    now: datetime,
) -> IdentityRequest:
    request.decided_by_id, request.decided_at = person_of(actor), now
    request.note = IDENTITY.checked_reason(transition, note)
    return IDENTITY.transition(
        request, transition, actor=actor, now=now, reason=request.note,
        save=("decided_by", "decided_at", "note"),
    )  # fmt: skip


def _facts(request: IdentityRequest, _change: Change) -> Mapping[str, Any]:
    """Which fields, and of whom; the values stay with the request."""
    return {
        "organisation": request.organisation.public_id,
        "fields": sorted(request.wanted),
    }


def _refuse_change(*, event: str, subject: str, **_told: object) -> None:
    """Undo a change of the profile of an organisation whose identity is fixed. A listener."""
    if event != CHANGED:
        return
    organisation = Organisation.objects.get(public_id=subject.partition(":")[2])
    if is_fixed(organisation.pk):
        raise IdentityFixed(
            _(
                "The exchange has checked this. Ask for the change on the page of your admission; it "
                "is decided there."
            )
        )
