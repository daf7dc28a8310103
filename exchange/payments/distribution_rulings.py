"""Objections to a distribution that seller and parties do not settle: two of the exchange's finance end them."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.core.lifecycle import checked_reason
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.members import approvals
from exchange.members.actors import Actor, Subject
from exchange.members.approvals import Act, Arguments
from exchange.members.models import ApprovalRequest
from exchange.members.permissions import Permission
from exchange.payments import distributions
from exchange.payments.distribution_lifecycle import DISTRIBUTION, DistributionTransition
from exchange.payments.models import Distribution, DistributionParty

UPHOLD = "payments.distribution.uphold"


def _concerns(distribution: Distribution, **_asked: object) -> Subject:
    """Its parties: whoever is tied to one of them leaves it to others."""
    return Subject(organisation_id=None, other_side=frozenset(_parties(distribution.public_id, {})))


@use_case(Permission.PAYMENTS_RUN, locks=DISTRIBUTION, about=_concerns)
def uphold(distribution: Distribution, *, actor: Actor, reason: str, now: datetime) -> Distribution:
    """As the exchange's finance, end the objections to a distribution as another of them asked: what each party
    gets stays as it is."""
    distribution.answer = DISTRIBUTION.checked_reason(DistributionTransition.UPHOLD, reason)
    distributions.tell(distribution, distributions.asked(distribution), "upheld", now=now)
    return DISTRIBUTION.transition(
        distribution, DistributionTransition.UPHOLD, actor=actor, now=now, reason=reason,
        save=("answer",),
    )  # fmt: skip


def ask_to_uphold(
    distribution_id: str, *, actor: Actor, reason: str, now: datetime
) -> ApprovalRequest:
    """Ask for the objections to a distribution to be ended, for a reason that all its parties read."""
    asked = {"reason": reason}
    return approvals.ask(UPHOLD, subject=distribution_id, arguments=asked, actor=actor, now=now)


def _named(distribution_id: str) -> Distribution:
    found = Distribution.objects.filter(public_id=distribution_id).first()
    if found is None:
        raise NotFound(_("There is no such distribution."))
    return found


def _perform(distribution_id: str, asked: Arguments, *, actor: Actor, now: datetime) -> object:
    return uphold(distribution_id, actor=actor, reason=asked["reason"], now=now)


def _shown(distribution_id: str, asked: Arguments) -> str:
    return f"{_named(distribution_id)} · {asked['reason']}"


def _check(distribution_id: str, asked: Arguments, _now: datetime) -> None:
    checked_reason(asked["reason"])
    DISTRIBUTION.check(_named(distribution_id), DistributionTransition.UPHOLD)


def _parties(distribution_id: str, _asked: Arguments) -> list[int]:
    rows = DistributionParty.objects.filter(distribution__public_id=distribution_id)
    return list(rows.values_list("organisation_id", flat=True))


def declare() -> None:
    """For `AppConfig.ready`."""
    approvals.declare(
        Act(
            UPHOLD,
            gettext_lazy("End the objections to a distribution"),
            ask=Permission.PAYMENTS_HANDLE,
            do=Permission.PAYMENTS_RUN,
            perform=_perform,
            shown=_shown,
            parties=_parties,
            check=_check,
        )
    )
