"""Holding a seller's payouts in one currency back, and letting them go: each by two of the exchange's finance.

What is available stays available: the run passes the seller over, a payout that waits for a file of the bank waits
on, and one that the provider has not been asked for is taken back. What the provider or the bank has goes on.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from exchange.core.lifecycle import checked_reason
from exchange.core.refusals import NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members import approvals
from exchange.members.actors import Actor, Subject, person_of
from exchange.members.approvals import Act, Arguments
from exchange.members.models import ApprovalRequest
from exchange.members.permissions import Permission
from exchange.payments.hold_lifecycle import PAYOUT_HOLD, PayoutHoldState, PayoutHoldTransition
from exchange.payments.models import PayoutHold

HOLD, RELEASE = "payments.payout_hold.make", "payments.payout_hold.release"
HELD = "payout_held"


class PayoutsHeld(Refusal):
    """The seller's payouts in this currency are held already."""

    code = "payouts_held"


def _about(organisation_id: str, **_asked: object) -> Subject:
    return Subject(organisation_id=None, other_side=frozenset({_organisation(organisation_id).pk}))


@use_case(Permission.PAYMENTS_RUN, about=_about)
def hold(
    organisation_id: str, *, currency: str, actor: Actor, reason: str, now: datetime
) -> PayoutHold:
    """As the second of the exchange's finance, hold a seller's payouts in a currency back from now on. Raises
    PayoutsHeld."""
    row = PayoutHold(
        organisation=_organisation(organisation_id),
        currency=currency,
        reason=checked_reason(reason),
        held_by_id=person_of(actor),
        held_at=now,
    )
    row.asked_by_id = actor.proposer_id  # type: ignore[assignment]  # the permission takes two people
    try:
        with transaction.atomic():
            return PAYOUT_HOLD.transition(
                row, PayoutHoldTransition.HOLD, actor=actor, now=now, reason=row.reason
            )
    except IntegrityError as error:
        if "payout_hold_is_one_per_currency" not in str(error):
            raise
        raise PayoutsHeld(
            _("The payouts of this seller in this currency are held already.")
        ) from None


@use_case(Permission.PAYMENTS_RUN, locks=PAYOUT_HOLD)
def release(row: PayoutHold, *, actor: Actor, reason: str, now: datetime) -> PayoutHold:
    """As the second of the exchange's finance, let the seller's payouts go: the next run pays them."""
    row.release_reason, row.released_at = checked_reason(reason), now
    row.release_asked_by_id, row.released_by_id = actor.proposer_id, person_of(actor)
    return PAYOUT_HOLD.transition(
        row, PayoutHoldTransition.RELEASE, actor=actor, now=now, reason=row.release_reason,
        save=("release_reason", "released_at", "release_asked_by", "released_by"),
    )  # fmt: skip


def held_of(organisation_ids: Iterable[int], currency: str) -> frozenset[int]:
    """Those of the sellers whose payouts in the currency are held."""
    rows = PayoutHold.objects.filter(
        organisation__in=list(organisation_ids), currency=currency, state=PayoutHoldState.HELD
    )
    return frozenset(rows.values_list("organisation_id", flat=True))


def reasons_of(organisation_id: int) -> dict[str, str]:
    """Why the seller's payouts are held, by currency."""
    rows = PayoutHold.objects.filter(organisation=organisation_id, state=PayoutHoldState.HELD)
    return dict(rows.values_list("currency", "reason"))


def ask_to_hold(
    organisation_id: str, *, currency: str, actor: Actor, reason: str, now: datetime
) -> ApprovalRequest:
    """Ask for a seller's payouts in a currency to be held back, for a reason that the seller reads."""
    return approvals.ask(
        HOLD, subject=f"{organisation_id}:{currency}", arguments={"reason": checked_reason(reason)},
        reason=reason, actor=actor, now=now,
    )  # fmt: skip


def ask_to_release(hold_id: str, *, actor: Actor, reason: str, now: datetime) -> ApprovalRequest:
    """Ask for the seller's payouts to go again."""
    return approvals.ask(
        RELEASE, subject=hold_id, arguments={"reason": checked_reason(reason)},
        reason=reason, actor=actor, now=now,
    )  # fmt: skip


def _organisation(public_id: str) -> Organisation:
    found = Organisation.objects.filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such organisation."))
    return found


def _hold_named(public_id: str) -> PayoutHold:
    found = PayoutHold.objects.select_related("organisation").filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such hold."))
    return found


def _parted(subject: str) -> tuple[str, str]:
    organisation_id, _colon, currency = subject.partition(":")
    return organisation_id, currency


def _hold(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> PayoutHold:
    organisation_id, currency = _parted(subject)
    return hold(organisation_id, currency=currency, actor=actor, reason=asked["reason"], now=now)


def _release(subject: str, asked: Arguments, *, actor: Actor, now: datetime) -> PayoutHold:
    return release(subject, actor=actor, reason=asked["reason"], now=now)


def _check_hold(subject: str, _asked: Arguments, _now: datetime) -> None:
    organisation_id, currency = _parted(subject)
    if currency in reasons_of(_organisation(organisation_id).pk):
        raise PayoutsHeld(_("The payouts of this seller in this currency are held already."))


def _check_release(subject: str, _asked: Arguments, _now: datetime) -> None:
    PAYOUT_HOLD.check(_hold_named(subject), PayoutHoldTransition.RELEASE)


def _hold_shown(subject: str, asked: Arguments) -> str:
    organisation_id, currency = _parted(subject)
    return f"{_organisation(organisation_id)} · {currency} · {asked['reason']}"


def _release_shown(subject: str, asked: Arguments) -> str:
    return f"{_hold_named(subject)} · {asked['reason']}"


def _of_seller(subject: str, _asked: Arguments) -> list[int]:
    return [_organisation(_parted(subject)[0]).pk]


def _of_hold(subject: str, _asked: Arguments) -> list[int]:
    return [_hold_named(subject).organisation_id]


ACTS = (
    Act(
        HOLD,
        gettext_lazy("Hold a seller's payouts back"),
        ask=Permission.PAYMENTS_HANDLE,
        do=Permission.PAYMENTS_RUN,
        perform=_hold,
        shown=_hold_shown,
        parties=_of_seller,
        check=_check_hold,
    ),
    Act(
        RELEASE,
        gettext_lazy("Let a seller's held payouts go"),
        ask=Permission.PAYMENTS_HANDLE,
        do=Permission.PAYMENTS_RUN,
        perform=_release,
        shown=_release_shown,
        parties=_of_hold,
        check=_check_release,
    ),
)


def declare() -> None:
    """For `AppConfig.ready`."""
    PAYOUT_HOLD.concerns = lambda row: Subject(
        organisation_id=None, other_side=frozenset({row.organisation_id})
    )
    PAYOUT_HOLD.record_facts = lambda row, _change: {
        "organisation": row.organisation.public_id,
        "currency": row.currency,
    }
    for act in ACTS:
        approvals.declare(act)
