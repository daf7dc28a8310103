"""What one person of an organisation may buy alone: lowered by a leader, raised or lifted by two people."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from exchange.audit import log
from exchange.core.formatting import money_shown
from exchange.core.refusals import Invalid
from exchange.core.use_case import use_case
from exchange.members import approvals, policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.approvals import Act, Arguments
from exchange.members.models import ApprovalRequest
from exchange.members.permissions import Permission
from exchange.orders.models import BuyingLimit
from exchange.orders.placing import limit_of
from pricing.money import Money

RAISE = "orders.limit.raise"


class LimitRefused(Invalid):
    """A buying limit is zero or more."""

    code = "limit_refused"


@use_case()
def set_limit(*, actor: Actor, limit: Money, now: datetime) -> BuyingLimit:
    """Let orders above the limit wait for a second person of the organisation acted for, from now
    on. To raise one takes two people (`ask`). Raises LimitRefused below zero."""
    _check_limit(limit)
    organisation = _locked(actor)
    needed = Permission.LIMIT_RAISE if is_raised(organisation.pk, limit) else Permission.LIMIT_SET
    policy.require(actor, needed, Subject.of(organisation))
    row = _write(organisation, limit.currency, limit.minor, actor=actor, now=now)
    _record(
        organisation, "set", {"currency": limit.currency, "limit_minor": str(limit.minor)},
        actor=actor, now=now,
    )  # fmt: skip
    return row


def _check_limit(limit: Money) -> None:
    if limit.minor < 0:
        raise LimitRefused(_("A limit is zero or more."), minimum=0)


@use_case()
def lift_limit(*, actor: Actor, currency: str, now: datetime) -> None:
    """Let one person buy without limit in a currency, as the second of two people who want it;
    nothing happens where there is none."""
    organisation = _locked(actor)
    policy.require(actor, Permission.LIMIT_RAISE, Subject.of(organisation))
    if limit_of(organisation_id=organisation.pk, currency=currency) is None:
        return
    _write(organisation, currency, None, actor=actor, now=now)
    _record(organisation, "lifted", {"currency": currency}, actor=actor, now=now)


def is_raised(organisation_id: int, limit: Money) -> bool:
    """Whether the limit would let one person spend more than now."""
    current = limit_of(organisation_id=organisation_id, currency=limit.currency)
    return current is not None and limit.minor > current.minor


def ask(
    *, actor: Actor, currency: str, limit: Money | None, reason: str, now: datetime
) -> ApprovalRequest:
    """Ask for a limit to be raised, or lifted without one; another leader or finance approves."""
    organisation = Organisation.objects.get(pk=organisation_of(actor))
    return approvals.ask(
        RAISE,
        subject=f"{organisation.public_id}:{currency}",
        arguments={"currency": currency, "minor": None if limit is None else limit.minor},
        reason=reason,
        actor=actor,
        now=now,
    )


def _raise(_subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> None:
    if asked["minor"] is None:
        lift_limit(actor=actor, currency=asked["currency"], now=now)
    else:
        set_limit(actor=actor, limit=Money(asked["minor"], asked["currency"]), now=now)


def _check(_subject: str, asked: Arguments, _now: datetime) -> None:
    if asked["minor"] is not None:
        _check_limit(Money(asked["minor"], asked["currency"]))


def _shown(_subject: str, asked: Arguments) -> str:
    if asked["minor"] is None:
        return _("No limit in %(currency)s any more") % {"currency": asked["currency"]}
    return money_shown(Money(asked["minor"], asked["currency"]))


def declare() -> None:
    """For `AppConfig.ready`."""
    approvals.declare(
        Act(
            RAISE,
            gettext_lazy("Raise or lift the buying limit"),
            ask=Permission.LIMIT_SET,
            do=Permission.LIMIT_RAISE,
            perform=_raise,
            shown=_shown,
            check=_check,
        )
    )


def _locked(actor: Actor) -> Organisation:
    """The organisation acted for; changes of its limits queue on it. The limits are locked as they are
    to be changed: what orders share could not be taken more strongly afterwards."""
    rows = Organisation.objects.select_for_update(no_key=True)
    organisation = rows.get(pk=organisation_of(actor))
    list(BuyingLimit.objects.select_for_update().filter(organisation=organisation).order_by("pk"))
    return organisation


def _write(
    organisation: Organisation, currency: str, minor: int | None, *, actor: Actor, now: datetime
) -> BuyingLimit:
    row, _made = BuyingLimit.objects.update_or_create(
        organisation=organisation,
        currency=currency,
        defaults={"limit_minor": minor, "set_by": actor.name, "set_at": now},
    )
    return row


def _record(
    organisation: Organisation,
    step: str,
    facts: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    log.record(
        event=f"orders.limit.{step}",
        actor=actor.name,
        subject=f"organisation:{organisation.public_id}",
        facts=facts,
        at=now,
    )
