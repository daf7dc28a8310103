"""A person's account is taken out of use, at once, and brought back by two.

Who is out signs in no more: sessions and open pages end, and so do, for good, the keys that they made. What they
decided before stays decided; what they asked for and nobody has approved can be approved no more.
"""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import people
from accounts.models import Membership, User
from exchange.audit import agreement
from exchange.audit.coverage import require_record, subjects
from exchange.core.lifecycle import Change, checked_reason
from exchange.core.refusals import NotFound, Refusal
from exchange.core.use_case import announce, use_case
from exchange.members import actors, approvals, team
from exchange.members.actors import Actor, Subject, person_of
from exchange.members.approvals import Arguments
from exchange.members.lifecycle import DEACTIVATION, Use, UseTransition
from exchange.members.models import ApprovalRequest, Deactivation
from exchange.members.permissions import Permission
from exchange.members.standing import STANDINGS


class OwnAccount(Refusal):
    """Nobody takes their own account out of use."""

    code = "own_account"


class OutOfUse(Refusal):
    """The account is out of use already."""

    code = "account_out_of_use"


class InUse(Refusal):
    """The account is in use: there is nothing to bring back."""

    code = "account_in_use"


class OwnerAlone(Refusal):
    """Organisations would be left without an owner who can act: the operator has to say that this is meant."""

    code = "owner_alone"


def record_facts(deactivation: Deactivation, _change: Change) -> Mapping[str, object]:
    """What the log says of it: whose account."""
    return {"user": deactivation.user.public_id}


def _about(user_id: str, **_asked: object) -> Subject:
    """The organisations that the person belongs to: who is tied to one of them does not decide. Of the
    operating one all operators are: it bars none."""
    return Subject(organisation_id=None, other_side=frozenset(_parties(user_id, {})))


def _parties(user_id: str, _asked: Arguments) -> list[int]:
    operating = actors.operating_organisation()
    mine = Membership.objects.filter(user__public_id=user_id).exclude(organisation=operating)
    return list(mine.order_by("organisation_id").values_list("organisation_id", flat=True))


def person_named(user_id: str) -> User:
    """The person with this public id. Raises NotFound."""
    person = User.objects.filter(public_id=user_id).first()
    if person is None:
        raise NotFound(_("There is no such person."))
    return person


def what_follows(person: User) -> str:
    """Where the person is an organisation's only owner: which, and what that means; else nothing."""
    alone = people.owned_alone(person.pk)
    if not alone:
        return ""
    return _(
        "%(person)s is the only owner of %(organisations)s. Until the account is in use again or the exchange"
        " helps, nobody there can invite people, make owners or accept the exchange's rules. What runs goes on."
    ) % {"person": person, "organisations": ", ".join(f"“{one}”" for one in alone)}


@use_case(Permission.PERSON_DEACTIVATE, about=_about)
def deactivate(
    user_id: str, *, actor: Actor, reason: str, now: datetime, leaves_no_owner: bool = False
) -> Deactivation:
    """As an operator, take a person's account out of use, at once. `leaves_no_owner` says that this is meant
    where the person is an organisation's only owner.

    It queues behind what changes the person's organisations, roles and keys, and that behind it.
    """
    person = people.lock_with_organisations(person_named(user_id).pk)
    if person.pk == actor.user_id:
        raise OwnAccount(_("Nobody takes their own account out of use. A colleague can do it."))
    if not person.is_active:
        raise OutOfUse(_("This account is out of use already."))
    reason = checked_reason(reason)
    follows = what_follows(person)
    if follows and not leaves_no_owner:
        raise OwnerAlone(
            follows + " " + _("Say that this is meant, or have another owner made first."),
            field="leaves_no_owner",
        )
    team.check_operators_stay(person.pk)
    revoked = people.switch_off(person, now=now)
    deactivation = Deactivation(user=person, by_id=person_of(actor), reason=reason, at=now)
    return DEACTIVATION.transition(
        deactivation,
        UseTransition.DEACTIVATE,
        actor=actor,
        now=now,
        reason=reason,
        facts={"revoked_keys": revoked},
    )


def ask_to_restore(user_id: str, *, actor: Actor, reason: str, now: datetime) -> ApprovalRequest:
    """As an operator, ask that a person's account comes back into use; another operator approves it."""
    return approvals.ask(
        RESTORE,
        subject=user_id,
        arguments={"reason": checked_reason(reason)},
        reason=reason,
        actor=actor,
        now=now,
    )


def open_deactivation(user_id: str) -> Deactivation:
    """That by which the person is out of use now. Raises InUse."""
    rows = Deactivation.objects.filter(user__public_id=user_id, state=Use.OUT)
    deactivation = rows.select_related("user").first()
    if deactivation is None:
        raise InUse(_("This account is in use."))
    return deactivation


@use_case(Permission.PERSON_RESTORE, about=_about)
def restore(user_id: str, *, actor: Actor, reason: str, now: datetime) -> Deactivation:
    """As the second operator, bring the account back: the person signs in anew, and makes new keys. Raises
    InUse."""
    person = people.lock_with_organisations(person_named(user_id).pk)
    deactivation = DEACTIVATION.lock_key(open_deactivation(user_id).pk)
    deactivation.restored_by_id = person_of(actor)
    deactivation.restore_asked_by_id = actor.proposer_id
    deactivation.restored_at, deactivation.restore_reason = now, checked_reason(reason)
    DEACTIVATION.transition(
        deactivation,
        UseTransition.RESTORE,
        actor=actor,
        now=now,
        reason=deactivation.restore_reason,
        save=("restored_by", "restore_asked_by", "restored_at", "restore_reason"),
    )
    people.switch_on(person)
    return deactivation


def _restore(user_id: str, asked: Arguments, *, actor: Actor, now: datetime) -> Deactivation:
    return restore(user_id, actor=actor, reason=asked["reason"], now=now)


def _shown(user_id: str, _asked: Arguments) -> str:
    person = User.objects.filter(public_id=user_id).first()
    return f"{person} · {person.email}" if person else user_id


def _check(user_id: str, _asked: Arguments, _now: datetime) -> None:
    open_deactivation(person_named(user_id).public_id)


RESTORE = "members.person.restore"
ACTS = (
    approvals.Act(
        RESTORE,
        gettext_lazy("Bring a person's account back into use"),
        ask=Permission.PERSON_DEACTIVATE,
        do=Permission.PERSON_RESTORE,
        perform=_restore,
        shown=_shown,
        parties=_parties,
        check=_check,
    ),
)


def declare() -> None:
    """What becomes known of it, and what of it must be in the log. For `AppConfig.ready`."""
    DEACTIVATION.record_facts = record_facts
    DEACTIVATION.on(
        UseTransition.DEACTIVATE,
        lambda deactivation, _change: announce(topic=STANDINGS, version=deactivation.pk),
    )
    for act in ACTS:
        approvals.declare(act)
    every = Deactivation.objects.all()
    for name, rows, event in (
        ("members.deactivations", every, "members.person.deactivated"),
        ("members.deactivations.lifted", every.filter(state=Use.BACK), "members.person.restored"),
    ):
        require_record(name=name, rows=subjects("deactivation", rows), event=event)
    agreement.rows_of(
        "deactivation",
        "members_deactivation AS row JOIN accounts_user AS u ON u.id = row.user_id",
        facts={"user": "u.public_id"},
    )
