"""Fees that the exchange agrees with one seller for a time, in the place of the schedule for all.

One rule keeper asks, another approves, and nobody who is tied to the seller does either. What is planned can be
withdrawn before it begins, what runs can be ended; both take two as well. Orders keep the one that they were placed
under.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from exchange.audit import log
from exchange.core import currencies
from exchange.core.formatting import end_shown, moment_shown, money_shown
from exchange.core.inputs import checked_amount
from exchange.core.lifecycle import checked_reason
from exchange.core.periods import in_force
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members import approvals
from exchange.members.actors import Actor, Subject, person_of
from exchange.members.approvals import Act, Arguments
from exchange.members.permissions import Permission
from exchange.notices import notify
from exchange.orders.models import FeeAgreement
from exchange.orders.models.fees import RATE_PLACES
from pricing.money import Money

AGREE, WITHDRAW, END = "orders.fee.agree", "orders.fee.withdraw", "orders.fee.end"
NAMES = (AGREE, WITHDRAW, END)
FINEST = Decimal(1).scaleb(-RATE_PLACES)
HUNDRED = Decimal(100)


class FeeRefused(Invalid):
    """A field of the agreement is not well formed; `field` names it."""

    code = "agreed_fee_refused"


class FeeOverlaps(Refusal):
    """Another agreed fee of the seller holds for a part of that time."""

    code = "agreed_fee_overlaps"


class FeeNotPlanned(Refusal):
    """It has begun or was withdrawn; what was ordered under it keeps it."""

    code = "agreed_fee_not_planned"


class FeeNotRunning(Refusal):
    """It does not run at the moment at which it shall end."""

    code = "agreed_fee_not_running"


def in_force_at(seller: Organisation, *, at: datetime) -> FeeAgreement | None:
    """What is agreed with a seller for orders placed at a moment."""
    return FeeAgreement.objects.filter(in_force(at), seller=seller, withdrawn_at=None).first()


def frozen(seller: Organisation, *, at: datetime) -> dict[str, Any]:
    """What the terms of an order name: the agreed fee, where there is one. How much it is, is not the buyer's
    to know."""
    agreement = in_force_at(seller, at=at)
    return {} if agreement is None else {"fee": agreement.public_id}


def named(agreement_id: str) -> FeeAgreement:
    """The agreement. Raises NotFound."""
    agreement = FeeAgreement.objects.select_related("seller").filter(public_id=agreement_id).first()
    if agreement is None:
        raise NotFound(_("There is no such agreed fee."))
    return agreement


def seller_named(name: str) -> Organisation:
    """The organisation by its id or credit code. Raises NotFound."""
    found = Organisation.objects.filter(Q(public_id=name) | Q(credit_code=name)).first()
    if found is None:
        raise NotFound(_("There is no organisation with this id or credit code."), field="seller")
    return found


def _of_seller(*, seller: str, **_rest: object) -> Subject:
    return Subject(organisation_id=None, other_side=frozenset({seller_named(seller).pk}))


def _of_agreement(agreement_id: str, **_rest: object) -> Subject:
    return Subject(organisation_id=None, other_side=frozenset({named(agreement_id).seller_id}))


@use_case(Permission.RULES_CHANGE, about=_of_seller)
def agree(
    *,
    seller: str,
    rate: Decimal,
    currency: str,
    minimum_minor: int,
    cap_minor: int,
    valid_from: datetime,
    valid_until: datetime | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> FeeAgreement:
    """As a rule keeper, agree the fee of a seller for what is ordered between two moments, which another of
    them asked for. Raises NotFound, FeeRefused, FeeOverlaps."""
    agreement = FeeAgreement(
        seller=_lock(seller_named(seller).pk), rate=rate, currency=currency, minimum_minor=minimum_minor,
        cap_minor=cap_minor, valid_from=valid_from, valid_until=valid_until,
        reason=checked_reason(reason), proposed_by_id=_proposer_of(actor),
        approved_by_id=person_of(actor), approved_at=now,
    )  # fmt: skip
    _check(agreement, now)
    agreement.save()
    facts = {
        "seller": agreement.seller.public_id,
        "rate": f"{rate.normalize():f}",
        "currency": currency,
        "minimum_minor": str(minimum_minor),
        "cap_minor": str(cap_minor),
        "valid_from": valid_from.isoformat(),
        "valid_until": valid_until.isoformat() if valid_until else None,
        "reason": agreement.reason,
    }
    _record("agreed", agreement, facts, actor=actor, now=now)
    _tell("agreed", agreement, percent=percent_of(rate), at=valid_from, now=now)
    return agreement


@use_case(Permission.RULES_CHANGE, about=_of_agreement)
def withdraw(agreement_id: str, *, reason: str, actor: Actor, now: datetime) -> FeeAgreement:
    """As a rule keeper, withdraw an agreed fee that has not begun, which another of them asked for. Raises
    NotFound and FeeNotPlanned."""
    agreement = _locked(agreement_id)
    _check_planned(agreement, now)
    agreement.withdrawn_by_id, agreement.withdrawn_at = person_of(actor), now
    agreement.save(update_fields=["withdrawn_by", "withdrawn_at"])
    facts = {"seller": agreement.seller.public_id, "reason": checked_reason(reason)}
    _record("withdrawn", agreement, facts, actor=actor, now=now)
    _tell("withdrawn", agreement, at=agreement.valid_from, now=now)
    return agreement


@use_case(Permission.RULES_CHANGE, about=_of_agreement)
def end(
    agreement_id: str, *, at: datetime, reason: str, actor: Actor, now: datetime
) -> FeeAgreement:
    """As a rule keeper, have an agreed fee end sooner, which another of them asked for: what is ordered from
    then on goes by the schedule for all. Raises NotFound and FeeNotRunning."""
    agreement = _locked(agreement_id)
    at = max(at, now)
    _check_runs(agreement, at)
    agreement.valid_until = at
    agreement.save(update_fields=["valid_until"])
    facts = {
        "seller": agreement.seller.public_id,
        "valid_until": at.isoformat(),
        "reason": checked_reason(reason),
    }
    _record("ended", agreement, facts, actor=actor, now=now)
    _tell("ended", agreement, at=at, now=now)
    return agreement


def _proposer_of(actor: Actor) -> int:
    """Who asked: the permission takes two people."""
    if actor.proposer_id is None:
        raise TypeError("a fee is agreed by approving")
    return actor.proposer_id


def percent_of(rate: Decimal) -> str:
    """A share in percent, without needless digits."""
    return f"{(rate * HUNDRED).normalize():f}"


def _lock(seller_id: int) -> Organisation:
    """The seller's row, on which changes of what is agreed with it queue: two that meet at the constraint
    would each wait for the other."""
    return Organisation.objects.select_for_update(no_key=True).get(pk=seller_id)


def _locked(agreement_id: str) -> FeeAgreement:
    agreement = named(agreement_id)
    _lock(agreement.seller_id)
    rows = FeeAgreement.objects.select_for_update(of=("self",)).select_related("seller")
    return rows.get(pk=agreement.pk)


def _check(agreement: FeeAgreement, now: datetime) -> None:
    """Raise FeeRefused unless the agreement is well formed, FeeOverlaps where it meets another."""
    rate, cap = agreement.rate, agreement.cap_minor
    if not 0 <= rate <= 1 or rate != rate.quantize(FINEST):
        raise FeeRefused(
            _("A fee is from 0 to 100 percent, with at most 4 decimals."), field="percent"
        )
    currencies.check_offered(agreement.currency)
    checked_amount(agreement.minimum_minor, agreement.currency, least_minor=0, field="minimum")
    checked_amount(cap, agreement.currency, least_minor=0, field="cap")
    if cap and cap < agreement.minimum_minor:
        raise FeeRefused(_("The most is at least the least."), field="cap")
    if agreement.valid_from < now:
        raise FeeRefused(_("A fee is not agreed for the past."), field="valid_from")
    if agreement.valid_until is not None and agreement.valid_until <= agreement.valid_from:
        raise FeeRefused(_("It ends after it begins."), field="valid_until")
    still = Q(valid_until=None) | Q(valid_until__gt=agreement.valid_from)
    before_end = Q(valid_from__lt=agreement.valid_until) if agreement.valid_until else Q()
    others = FeeAgreement.objects.filter(still, before_end, withdrawn_at=None)
    if others.filter(seller=agreement.seller_id).exists():
        raise FeeOverlaps(
            _(
                "Another fee is agreed with this seller for a part of that time. End or withdraw it first."
            )
        )


def _check_planned(agreement: FeeAgreement, now: datetime) -> None:
    if agreement.withdrawn_at is not None or agreement.valid_from <= now:
        raise FeeNotPlanned(_("Only a fee that has not begun can be withdrawn. End it instead."))


def _check_runs(agreement: FeeAgreement, at: datetime) -> None:
    until = agreement.valid_until
    is_over = agreement.withdrawn_at is not None or (until is not None and until <= at)
    if is_over or at <= agreement.valid_from:
        raise FeeNotRunning(_("This fee does not run at that time, so it cannot end then."))


def _record(
    what: str, agreement: FeeAgreement, facts: dict[str, Any], *, actor: Actor, now: datetime
) -> None:
    log.record(
        event=f"orders.fee.{what}",
        actor=actor.name,
        subject=f"agreed_fee:{agreement.public_id}",
        facts=facts,
        at=now,
    )


def _tell(
    what: str, agreement: FeeAgreement, *, at: datetime, now: datetime, **facts: object
) -> None:
    notify.notify_organisation(
        organisation_id=agreement.seller_id,
        roles=None,
        kind=f"orders.fee.{what}",
        facts={"at": at, **facts},
        url=notify.path("fee", agreement.public_id),
        dedupe=f"agreed_fee:{agreement.public_id}:{what}:{at.isoformat()}",
        now=now,
    )


def arguments(
    *,
    rate: Decimal,
    currency: str,
    minimum_minor: int,
    cap_minor: int,
    valid_from: datetime | None,
    valid_until: datetime | None,
    reason: str,
) -> Arguments:
    """What is asked for, as it waits for its second person. Without a beginning it is its approval."""
    return {
        "rate": f"{rate:f}",
        "currency": currency,
        "minimum_minor": minimum_minor,
        "cap_minor": cap_minor,
        "valid_from": valid_from.isoformat() if valid_from else None,
        "valid_until": valid_until.isoformat() if valid_until else None,
        "reason": reason,
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _read(asked: Arguments, now: datetime) -> dict[str, Any]:
    """What was to begin before it is approved begins with the approval."""
    return {
        **asked,
        "rate": Decimal(asked["rate"]),
        "valid_from": max(_moment(asked["valid_from"]) or now, now),
        "valid_until": _moment(asked["valid_until"]),
    }


def _agree(seller: str, asked: Arguments, *, actor: Actor, now: datetime) -> FeeAgreement:
    return agree(seller=seller, actor=actor, now=now, **_read(asked, now))


def _check_agreement(seller: str, asked: Arguments, now: datetime) -> None:
    planned = _moment(asked["valid_from"])
    if planned is not None and planned < now:
        raise FeeRefused(_("A fee is not agreed for the past."), field="valid_from")
    read = _read(asked, now)
    checked_reason(read.pop("reason"))
    _check(FeeAgreement(seller=seller_named(seller), **read), now)


def _agreement_shown(seller: str, asked: Arguments) -> str:
    currency = asked["currency"]
    minimum, cap = asked["minimum_minor"], asked["cap_minor"]
    begins, ends = asked["valid_from"], asked["valid_until"]
    said = [
        seller_named(seller).name,
        _("%(percent)s %% of the net") % {"percent": percent_of(Decimal(asked["rate"]))},
        _("at least %(amount)s") % {"amount": money_shown(Money(minimum, currency))}
        if minimum
        else "",
        _("at most %(amount)s") % {"amount": money_shown(Money(cap, currency))} if cap else "",
        _("from %(at)s") % {"at": moment_shown(_moment(begins)) if begins else _("its approval")},
        _("until %(at)s") % {"at": end_shown(_moment(ends))} if ends else "",
        asked["reason"],
    ]
    return " · ".join(filter(None, said))


def _withdraw(agreement_id: str, asked: Arguments, *, actor: Actor, now: datetime) -> FeeAgreement:
    return withdraw(agreement_id, reason=asked["reason"], actor=actor, now=now)


def _check_withdrawal(agreement_id: str, asked: Arguments, now: datetime) -> None:
    checked_reason(asked["reason"])
    _check_planned(named(agreement_id), now)


def _end(agreement_id: str, asked: Arguments, *, actor: Actor, now: datetime) -> FeeAgreement:
    at = _moment(asked["at"]) or now
    return end(agreement_id, at=at, reason=asked["reason"], actor=actor, now=now)


def _check_end(agreement_id: str, asked: Arguments, now: datetime) -> None:
    checked_reason(asked["reason"])
    _check_runs(named(agreement_id), max(_moment(asked["at"]) or now, now))


def _end_shown(agreement_id: str, asked: Arguments) -> str:
    at = _moment(asked.get("at"))
    said = (str(named(agreement_id)), moment_shown(at) if at else "", asked["reason"])
    return " · ".join(filter(None, said))


def _seller_of(agreement_id: str, _asked: Arguments) -> Iterable[int]:
    return (named(agreement_id).seller_id,)


ACTS = (
    Act(
        AGREE, gettext_lazy("Agree a fee with a seller"), ask=Permission.RULES_PROPOSE,
        do=Permission.RULES_CHANGE, perform=_agree, shown=_agreement_shown, check=_check_agreement,
        parties=lambda seller, _asked: (seller_named(seller).pk,),
    ),
    Act(
        WITHDRAW, gettext_lazy("Withdraw a planned fee"), ask=Permission.RULES_PROPOSE,
        do=Permission.RULES_CHANGE, perform=_withdraw, shown=_end_shown, check=_check_withdrawal,
        parties=_seller_of,
    ),
    Act(
        END, gettext_lazy("End an agreed fee"), ask=Permission.RULES_PROPOSE,
        do=Permission.RULES_CHANGE, perform=_end, shown=_end_shown, check=_check_end,
        parties=_seller_of,
    ),
)  # fmt: skip


def declare() -> None:
    """For `AppConfig.ready`."""
    for act in ACTS:
        approvals.declare(act)
