"""Acts that take two people: one asks for it, another with the right role approves it, and it is done then.

An act is declared once by the room that does it: who may ask, who may approve, what is done, and whom it
concerns, so that nobody tied to a party asks or approves. The permission to do it asks for a seconded
actor (`policy.py`), so that no other way leads around this one. Approving does the act in the same
transaction; of two who approve at once the second is refused.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext as _

from accounts.models import User
from exchange.core.lifecycle import Change, Lifecycle, checked_reason
from exchange.core.refusals import NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members import actors, policy
from exchange.members.actors import Actor, Subject, person_of
from exchange.members.lifecycle import APPROVAL, Decision, ProposalTransition
from exchange.members.models import SUBJECT_CHARS_MAX, ApprovalRequest, Proposed
from exchange.members.permissions import PERMISSION_RULES, Permission

Arguments = Mapping[str, Any]
P = TypeVar("P", bound=Proposed)


class ApprovalOpen(Refusal):
    """The same act is asked for already and waits for its second person."""

    code = "approval_open"


class ProposerLeft(Refusal):
    """Who proposed may not propose it any more, so that one pair of eyes would be missing."""

    code = "proposer_left"


class NotProposer(Refusal):
    """A proposal is taken back by who made it; others decline it."""

    code = "not_proposer"
    http_status = HTTPStatus.FORBIDDEN


@dataclass(frozen=True)
class Act:
    """Something that takes two people.

    `perform` is called with the subject, the arguments, `actor` and `now`; `shown` says in words what
    is asked for; `parties` are the organisations that it concerns. `check`, called when it is asked
    for, refuses what could not be done.
    """

    name: str
    label: Promise
    ask: Permission
    do: Permission
    perform: Callable[..., object]
    shown: Callable[[str, Arguments], str]
    parties: Callable[[str, Arguments], Iterable[int]] = lambda _subject, _arguments: ()
    check: Callable[[str, Arguments, datetime], object] = lambda _subject, _arguments, _now: None


_acts: dict[str, Act] = {}


def declare(act: Act) -> None:
    """Make an act known. Called in `AppConfig.ready`; again replaces it."""
    _acts[act.name] = act


def act_named(name: str) -> Act:
    """The act. Raises NotFound for one that no room declares (any more)."""
    if name not in _acts:
        raise NotFound(_("There is no such act."))
    return _acts[name]


def _act_of(request: ApprovalRequest) -> Act:
    """The request's act. Where no room declares it any more nobody approves it, and the request is ended by
    those who decide on the exchange's staff or, of an organisation, on its limit."""
    if request.act in _acts:
        return _acts[request.act]
    of_exchange = request.organisation_id is None
    return Act(
        name=request.act,
        label=lazystr(request.act),
        ask=Permission.CONSOLE_OPEN if of_exchange else Permission.LIMIT_SET,
        do=Permission.STAFF_APPOINT if of_exchange else Permission.LIMIT_RAISE,
        perform=_there_no_more,
        shown=lambda subject, _arguments: subject,
    )


def _there_no_more(*_subject: object, **_asked: object) -> object:
    raise NotFound(_("There is no such act."))


def subject_of(request: ApprovalRequest) -> Subject:
    """The request as policy looks at it: made by who asked, with all whom the act concerns."""
    act = _act_of(request)
    return Subject(
        organisation_id=request.organisation_id,
        made_by=frozenset({request.proposed_by_id}),
        other_side=frozenset(act.parties(request.about, request.arguments)),
    )


def record_facts(request: ApprovalRequest, _change: Change) -> Mapping[str, object]:
    """What the log says of a request: the act and what it is done to."""
    return {"act": request.act, "subject": request.about}


@use_case()
def ask(
    name: str,
    *,
    subject: str,
    actor: Actor,
    now: datetime,
    arguments: Arguments | None = None,
    reason: str = "",
) -> ApprovalRequest:
    """Ask for an act; somebody else with the right role approves it. Changes nothing else.

    Raises NotAllowed, ApprovalOpen, NotFound for a subject that is longer than any, and what the act's own
    check raises.
    """
    act = act_named(name)
    if len(subject) > SUBJECT_CHARS_MAX:
        raise NotFound(_("There is no such thing."))
    request = ApprovalRequest(
        act=name,
        organisation_id=None if is_of_exchange(act) else actor.organisation_id,
        about=subject,
        arguments=dict(arguments or {}),
        reason=reason.strip(),
        proposed_by_id=person_of(actor),
        proposed_at=now,
    )
    asked_of = replace(subject_of(request), made_by=frozenset())
    policy.require(actor, act.ask, asked_of)
    act.check(request.about, request.arguments, now)
    try:
        with transaction.atomic():
            return APPROVAL.transition(
                request, ProposalTransition.MAKE, actor=actor, now=now, reason=request.reason
            )
    except IntegrityError as error:
        if "approval_is_asked_once" not in str(error):
            raise
        raise ApprovalOpen(
            _("This is asked for already. A second person approves or declines it first."),
            act=name,
            subject=request.about,
        ) from None


@use_case(locks=APPROVAL)
def approve(
    request: ApprovalRequest, *, actor: Actor, now: datetime, note: str = ""
) -> ApprovalRequest:
    """Approve as the second person: the act is done at once, or refused with all its reasons."""
    act = act_named(request.act)
    seconded = replace(actor, proposer_id=request.proposed_by_id)
    policy.require(seconded, act.do, subject_of(request))
    _check_proposer(request, act, actor, now)
    decide(APPROVAL, request, ProposalTransition.APPROVE, actor=actor, note=note, now=now)
    act.perform(request.about, request.arguments, actor=seconded, now=now)
    return request


@use_case(locks=APPROVAL)
def decline(request: ApprovalRequest, *, actor: Actor, note: str, now: datetime) -> ApprovalRequest:
    """Refuse as the second person, with a reason: nothing is done. Also where the act is there no more."""
    seconded = replace(actor, proposer_id=request.proposed_by_id)
    policy.require(seconded, _act_of(request).do, subject_of(request))
    note = checked_reason(note)
    return decide(APPROVAL, request, ProposalTransition.DECLINE, actor=actor, note=note, now=now)


@use_case(locks=APPROVAL)
def withdraw(
    request: ApprovalRequest, *, actor: Actor, note: str, now: datetime
) -> ApprovalRequest:
    """Take one's own request back."""
    asked_of = replace(subject_of(request), made_by=frozenset())
    policy.require(actor, _act_of(request).ask, asked_of)
    return withdraw_own(APPROVAL, request, actor=actor, note=note, now=now)


def decide(
    lifecycle: Lifecycle[P],
    proposed: P,
    transition: ProposalTransition,
    *,
    actor: Actor,
    note: str,
    now: datetime,
) -> P:
    """Write down on a locked proposal or request who decided it and how."""
    proposed.decided_by_id = person_of(actor)
    proposed.decided_at = now
    proposed.note = note.strip()
    return lifecycle.transition(
        proposed,
        transition,
        actor=actor,
        now=now,
        save=("decided_by", "decided_at", "note"),
        personal={"note": proposed.note} if proposed.note else None,
    )


def withdraw_own(
    lifecycle: Lifecycle[P], proposed: P, *, actor: Actor, note: str, now: datetime
) -> P:
    """Take back what one proposed oneself. Raises NotProposer."""
    note = checked_reason(note)
    lifecycle.check(proposed, ProposalTransition.WITHDRAW)
    if proposed.proposed_by_id != actor.user_id:
        raise NotProposer(_("Only its proposer may take a proposal back."))
    return decide(lifecycle, proposed, ProposalTransition.WITHDRAW, actor=actor, note=note, now=now)


def is_of_exchange(act: Act) -> bool:
    """Whether the exchange does it, not an organisation for itself."""
    return PERMISSION_RULES[act.do].is_of_exchange


def waiting(*, organisation_id: int | None = None) -> QuerySet[ApprovalRequest]:
    """What waits for a second person: of the exchange, or of one organisation. The oldest first."""
    mine = Q(organisation_id=organisation_id) if organisation_id else Q(organisation=None)
    rows = ApprovalRequest.objects.filter(mine, decision=Decision.OPEN)
    return rows.select_related("proposed_by").order_by("proposed_at", "id")


def label(request: ApprovalRequest) -> str:
    """What the act is called; its bare name where no room declares it any more."""
    return str(_act_of(request).label)


def shown(request: ApprovalRequest) -> str:
    """What is asked for, in words; what it is about where the act or that is there no more."""
    try:
        return _act_of(request).shown(request.about, request.arguments)
    except NotFound:
        return request.about


def approvers(request: ApprovalRequest) -> str:
    """Who can approve it, in words: the roles that may, other than who asked. Nobody can where no room
    declares the act any more."""
    act = _acts.get(request.act)
    if act is None:
        return ""
    rule = PERMISSION_RULES[act.do]
    names = [str(held.label) for held in (*sorted(rule.roles), *sorted(rule.memberships))]
    return ", ".join(names)


def may_decide(request: ApprovalRequest, actor: Actor) -> policy.Decision:
    """Whether the actor can be the second person, and if not, why."""
    seconded = replace(actor, proposer_id=request.proposed_by_id)
    return policy.allowed(seconded, _act_of(request).do, subject_of(request))


def _check_proposer(request: ApprovalRequest, act: Act, actor: Actor, now: datetime) -> None:
    check_proposer(
        request.proposed_by, may=act.ask, about=subject_of(request), second=actor, now=now
    )


def check_proposer(
    person: User, *, may: Permission, about: Subject, second: Actor, now: datetime
) -> None:
    """Whether who proposed may still propose it, with the roles and conflicts of now: they may have left, or
    joined a side, since. `second` acts for the same organisation. Raises ProposerLeft."""
    proposer = actors.actor_from(
        user=person,
        organisation_id=second.organisation_id,
        second_factor=True,
        at=now,
    )
    asked_of = replace(about, made_by=frozenset())
    if not person.is_active or not policy.allowed(proposer, may, asked_of):
        raise ProposerLeft(
            _("Who proposed this may not propose it any more. Decline it and propose it anew.")
        )
