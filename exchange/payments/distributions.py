"""What a product brought in a month, confirmed by those who share in it before anybody has it.

It is for sales under a sharing that says so. Once a month is over its sales are gathered, the seller checks what
each party gets and sends it to them, and they agree or object within their working days; who says nothing has
agreed. A distribution that is confirmed clears with the clearing of its sales; until then none of them does. The
amounts are those of the settlements: nothing is reckoned here. What a party is owed beyond them the seller gives
of its own part, as a correction, when it answers an objection.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import partial

from django.db.models import Exists, F, OuterRef, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.core import scheduled
from exchange.core.downloads import csv_line
from exchange.core.lifecycle import Change, Doer
from exchange.core.periods import after_months
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.ledger import books, months
from exchange.ledger.entries import Entry, EntryRequest, Posting
from exchange.ledger.lifecycle import MonthState
from exchange.ledger.models import Month
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.notices import notify
from exchange.payments.chart import Chart
from exchange.payments.distribution_lifecycle import (
    DISTRIBUTION,
    DistributionState,
    DistributionTransition,
)
from exchange.payments.models import (
    Distribution,
    DistributionParty,
    Settlement,
    SettlementShare,
)
from pricing.money import Money

SCOPE = "payments.distribution"
BATCH_MAX = 100
CSV_STEP = 500
CSV_HEAD = ("order", "title", "settled_at", "currency", "shared_out", "part", "given_back")

S, X = DistributionState, DistributionTransition


class CorrectionRefused(Invalid):
    """The seller gives a party no more than its own part of the distribution holds; `field` names it."""

    code = "correction_refused"


class NothingToAnswer(Refusal):
    """The organisation has agreed already, or gets nothing of the distribution."""

    code = "nothing_to_answer"


def subject_of(distribution: Distribution) -> Subject:
    """Whose product it is, and who gets a part."""
    parties = frozenset(distribution.parties.values_list("organisation_id", flat=True))
    return Subject(organisation_id=distribution.product.seller_id, engaged=parties)


def _of_seller(distribution: Distribution, **_rest: object) -> Subject:
    return Subject(organisation_id=distribution.product.seller_id)


# By the clock.


def run_due(*, actor: Doer, now: datetime) -> int:
    """Calculate the distributions of months that are over, send and confirm those whose time is over, and note
    which are available to their parties and in closed books. Say how many steps were made."""
    made: int = sum(
        scheduled.attempts(
            DISTRIBUTION.name,
            _to_calculate(now),
            lambda key: _calculate_for(key, actor=actor, now=now),
        )
    )
    deeds: dict[str, Callable[..., object]] = {
        X.SEND: partial(_send, actor=actor),
        X.CONFIRM: partial(_confirm, actor=actor),
    }
    made += sum(scheduled.run_due(DISTRIBUTION, deeds, now=now).values())
    pay = partial(_pay, actor=actor, now=now)
    post = partial(_post, actor=actor, now=now)
    made += sum(scheduled.attempts(DISTRIBUTION.name, _cleared(), pay))
    return made + sum(scheduled.attempts(DISTRIBUTION.name, _closed(), post))


def _month_before(now: datetime) -> date:
    return after_months(timezone.localtime(now).date().replace(day=1), -1)


def _undistributed(now: datetime) -> QuerySet[Settlement]:
    """What waits for a distribution and was settled in a month that is over."""
    _begins_at, ends_at = months.bounds(_month_before(now))
    return Settlement.objects.filter(by_month=True, distribution=None, settled_at__lt=ends_at)


def _to_calculate(now: datetime) -> list[int]:
    """The oldest sale of each product and currency that has no distribution of the month yet. What was settled
    late is in the next one."""
    done = Distribution.objects.filter(
        product=OuterRef("order__product"),
        currency=OuterRef("currency"),
        first_day=_month_before(now),
    )
    rows = _undistributed(now).exclude(Exists(done)).order_by("order__product_id", "currency", "pk")
    return list(
        rows.distinct("order__product_id", "currency").values_list("pk", flat=True)[:BATCH_MAX]
    )


@use_case()
def _calculate_for(key: int, *, actor: Doer, now: datetime) -> bool:
    """Gather the sales of a product with the one named. Whether nobody was quicker."""
    named = Settlement.objects.select_related("order__product__seller").get(pk=key)
    product, currency = named.order.product, named.currency
    rows = _undistributed(now).filter(order__product=product, currency=currency)
    locked = rows.select_for_update(no_key=True, of=("self",)).order_by("pk")
    keys = [row.pk for row in locked.only("pk")]
    if key not in keys:
        return False
    parts = _parts_of(keys, seller_id=product.seller_id)
    distribution = DISTRIBUTION.transition(
        Distribution(
            product=product, first_day=_month_before(now), currency=currency, sales_count=len(keys),
            amount_minor=sum(minor for _owner, minor in parts), calculated_at=now,
        ),
        X.CALCULATE, actor=actor, now=now,
    )  # fmt: skip
    DistributionParty.objects.bulk_create(
        DistributionParty(
            distribution=distribution, position=position, organisation_id=owner, currency=currency,
            amount_minor=minor,
        )
        for position, (owner, minor) in enumerate(parts)
    )  # fmt: skip
    Settlement.objects.filter(pk__in=keys).update(distribution=distribution)
    return True


def _parts_of(keys: list[int], *, seller_id: int) -> list[tuple[int, int]]:
    """What each party gets of the sales, the seller first and then by their ids."""
    rows = SettlementShare.objects.filter(settlement__in=keys).order_by()
    sums = rows.values_list("organisation", "organisation__public_id").annotate(
        left_minor=Sum(F("amount_minor") - F("refunded_minor"))
    )
    ordered = sorted(sums, key=lambda row: (row[0] != seller_id, row[1]))
    return [(owner, int(minor)) for owner, _name, minor in ordered]


def _send(distribution: Distribution, *, actor: Doer, now: datetime) -> Distribution:
    DISTRIBUTION.transition(distribution, X.SEND, actor=actor, now=now)
    return _ask_parties(distribution, actor=actor, now=now)


def _confirm(distribution: Distribution, *, actor: Doer, now: datetime) -> Distribution:
    return DISTRIBUTION.transition(distribution, X.CONFIRM, actor=actor, now=now)


def _cleared() -> list[int]:
    """Confirmed ones of which every sale is available that is not in dispute."""
    waiting = Settlement.objects.filter(cleared_at=None, disputed_at=None)
    rows = Distribution.objects.filter(state=S.CONFIRMED).exclude(
        Exists(waiting.filter(distribution=OuterRef("pk")))
    )
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH_MAX])


@use_case()
def _pay(key: int, *, actor: Doer, now: datetime) -> bool:
    distribution = DISTRIBUTION.lock_key(key)
    if distribution.state != S.CONFIRMED:
        return False
    distribution.paid_at = now
    DISTRIBUTION.transition(distribution, X.PAY, actor=actor, now=now, save=("paid_at",))
    _correct(distribution, actor=actor, now=now)
    return True


def _correct(distribution: Distribution, *, actor: Doer, now: datetime) -> None:
    """Give the corrections out of what the seller has available; what it was paid already it owes."""
    rows = distribution.parties.filter(correction_minor__gt=0).select_related("organisation")
    corrected = list(rows.order_by("position"))
    if not corrected:
        return
    accounts = Chart(currency=distribution.currency, actor=actor, now=now)
    seller = distribution.product.seller
    own = accounts.available(seller)
    there = books.available_of([own], distribution.currency)[own]
    entries: list[Entry] = []
    for row in corrected:
        here = min(row.correction, there)
        there -= here
        target = accounts.available(row.organisation)
        sources = [(own, here)]
        if here < row.correction:
            sources.append((accounts.receivable(seller), row.correction - here))
        entries += [
            EntryRequest(debit=source, credit=target, amount=moved)
            for source, moved in sources
            if moved.minor
        ]
    accounts.post(
        Posting(
            scope=SCOPE,
            key=f"{distribution.public_id}:corrected",
            kind="payments.distribution.corrected",
            transfers=entries,
            subject=f"distribution:{distribution.public_id}",
        )
    )


def _closed() -> list[int]:
    """Those available since a month of the books that is closed."""
    closed = Month.objects.filter(
        state=MonthState.CLOSED,
        begins_at__lte=OuterRef("paid_at"),
        ends_at__gt=OuterRef("paid_at"),
    )
    rows = Distribution.objects.filter(Exists(closed), state=S.PAID)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH_MAX])


@use_case()
def _post(key: int, *, actor: Doer, now: datetime) -> bool:
    distribution = DISTRIBUTION.lock_key(key)
    if distribution.state != S.PAID:
        return False
    DISTRIBUTION.transition(distribution, X.POST, actor=actor, now=now)
    return True


# By the seller.


@use_case(Permission.REVENUE_SHARE, locks=DISTRIBUTION, about=_of_seller)
def review(distribution: Distribution, *, actor: Actor, now: datetime) -> Distribution:
    """As the seller, send a calculated distribution to its parties. It is confirmed at once where nobody else
    gets anything."""
    DISTRIBUTION.transition(distribution, X.REVIEW, actor=actor, now=now)
    return _ask_parties(distribution, actor=actor, now=now)


@use_case(Permission.REVENUE_SHARE, locks=DISTRIBUTION, about=_of_seller)
def answer(
    distribution: Distribution,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    corrections: Mapping[str, Money] | None = None,
) -> Distribution:
    """As the seller, answer the objections, and give parties something of one's own part. Who objected, and whose
    correction changed, is asked again. Raises CorrectionRefused, NotFound."""
    DISTRIBUTION.check(distribution, X.ANSWER)
    rows = list(distribution.parties.select_related("organisation").order_by("position"))
    own = next(row for row in rows if row.organisation_id == distribution.product.seller_id)
    others = {row.organisation.public_id: row for row in rows if row != own}
    for party, correction in (corrections or {}).items():
        _set_correction(others, party, correction)
    given = sum((row.correction for row in others.values()), Money(0, distribution.currency))
    if given > own.amount:
        raise CorrectionRefused(
            _("Your own part is %(amount)s; the corrections come to %(given)s.")
            % {"amount": own.amount, "given": given},
            field="corrections",
        )
    for row in others.values():
        row.objection = ""
    DistributionParty.objects.bulk_update(
        others.values(), ["correction_minor", "agreed_at", "agreed_by", "objection"]
    )
    distribution.answer = DISTRIBUTION.checked_reason(X.ANSWER, reason)
    DISTRIBUTION.transition(
        distribution, X.ANSWER, actor=actor, now=now, reason=reason, save=("answer",),
        facts={"corrections_minor": str(given.minor)},
    )  # fmt: skip
    return _ask_parties(distribution, actor=actor, now=now)


def _set_correction(others: Mapping[str, DistributionParty], party: str, correction: Money) -> None:
    row = others.get(party)
    if row is None:
        raise NotFound(_("There is no such party of this distribution."))
    if correction.currency != row.currency or correction.minor < 0:
        raise CorrectionRefused(
            _("A correction is an amount in %(currency)s.") % {"currency": row.currency},
            field=f"correction_{row.position}",
        )
    if correction.minor != row.correction_minor:
        row.correction_minor = correction.minor
        row.agreed_at = row.agreed_by = None


# By the others.


@use_case(Permission.REVENUE_SHARE, locks=DISTRIBUTION)
def agree(distribution: Distribution, *, actor: Actor, now: datetime) -> Distribution:
    """As a party, agree to what it gets, and take an objection back; with the last one it is confirmed. Agreeing
    again changes nothing. Raises NotFound, TooLate."""
    row = _own_part(distribution, actor)
    if row.agreed_at is not None:
        return distribution
    DISTRIBUTION.check(distribution, X.AGREE)
    row.agreed_at, row.agreed_by_id, row.objection = now, person_of(actor), ""
    row.save(update_fields=["agreed_at", "agreed_by", "objection"])
    DISTRIBUTION.transition(
        distribution, X.AGREE, actor=actor, now=now, due_at=distribution.due_at,
        facts={"party": row.organisation.public_id},
    )  # fmt: skip
    is_objected = distribution.parties.exclude(objection="").exists()
    if distribution.state == S.OBJECTED and not is_objected:
        DISTRIBUTION.transition(distribution, X.RESUME, actor=actor, now=now)
    return distribution if is_objected else _confirm_agreed(distribution, actor=actor, now=now)


@use_case(Permission.REVENUE_SHARE, locks=DISTRIBUTION)
def object_to(
    distribution: Distribution, *, reason: str, actor: Actor, now: datetime
) -> Distribution:
    """As a party, object for a reason; nothing of it is paid until the seller has answered or the exchange has
    decided. Raises NotFound, TooLate, NothingToAnswer."""
    row = _own_part(distribution, actor)
    if row.agreed_at is not None:
        raise NothingToAnswer(_("You have agreed to this distribution already."))
    row.objection = DISTRIBUTION.checked_reason(X.OBJECT, reason)
    row.save(update_fields=["objection"])
    return DISTRIBUTION.transition(
        distribution, X.OBJECT, actor=actor, now=now, reason=reason,
        facts={"party": row.organisation.public_id},
    )  # fmt: skip


def _own_part(distribution: Distribution, actor: Actor) -> DistributionParty:
    """The part of the organisation acted for. The seller's is nobody's to answer, nor is a part of nothing."""
    rows = asked(distribution).select_related("organisation")
    row = rows.filter(organisation=organisation_of(actor)).first()
    if row is None:
        raise NotFound(_("There is no such distribution."))
    return row


def asked(distribution: Distribution) -> QuerySet[DistributionParty]:
    """Those who get something and are not its seller."""
    others = distribution.parties.exclude(organisation=distribution.product.seller_id)
    return others.exclude(amount_minor=0, correction_minor=0).order_by("position")


def _ask_parties(distribution: Distribution, *, actor: Doer, now: datetime) -> Distribution:
    tell(distribution, asked(distribution).filter(agreed_at=None), "reviewed", now=now)
    return _confirm_agreed(distribution, actor=actor, now=now)


def tell(
    distribution: Distribution, rows: Iterable[DistributionParty], step: str, *, now: datetime
) -> None:
    """Tell parties of a step, each with its own part."""
    for row in rows:
        notify.notify_organisation(
            organisation_id=row.organisation_id,
            roles=None,
            kind=f"payments.distribution.{step}",
            facts=facts_of(distribution) | {"amount": row.whole},
            url=notify.path("distribution", distribution.public_id),
            dedupe=f"distribution:{distribution.public_id}:{step}:{now.isoformat()}",
            now=now,
        )


def _confirm_agreed(distribution: Distribution, *, actor: Doer, now: datetime) -> Distribution:
    if asked(distribution).filter(agreed_at=None).exists():
        return distribution
    return _confirm(distribution, actor=actor, now=now)


def facts_of(distribution: Distribution) -> dict[str, object]:
    """What a notice of it shows."""
    return {"product": distribution.product, "month": f"{distribution.first_day:%Y-%m}"}


# Reading.


def distributions_of(organisation_id: int) -> QuerySet[Distribution]:
    """Those in which the organisation has a part, as seller or otherwise, newest first."""
    mine = DistributionParty.objects.filter(
        distribution=OuterRef("pk"), organisation=organisation_id
    )
    rows = Distribution.objects.filter(Exists(mine)).select_related("product__seller")
    return rows.order_by("-pk")


def parts_of(organisation_id: int, rows: Iterable[Distribution]) -> dict[int, Money]:
    """An organisation's part of each, with its correction, by their keys."""
    parts: dict[int, Money] = {}
    found = DistributionParty.objects.filter(distribution__in=[row.pk for row in rows])
    for part in found.select_related("distribution__product"):
        is_seller = part.distribution.product.seller_id == organisation_id
        own = parts.get(part.distribution_id, Money(0, part.currency))
        if part.organisation_id == organisation_id:
            own += part.whole
        elif is_seller:
            own -= part.correction
        parts[part.distribution_id] = own
    return parts


def distribution_of(organisation_id: int, distribution_id: str) -> Distribution:
    """The one of its distributions with this id. Raises NotFound."""
    found = distributions_of(organisation_id).filter(public_id=distribution_id).first()
    if found is None:
        raise NotFound(_("There is no such distribution."))
    return found


def sales_of(distribution: Distribution, organisation_id: int) -> QuerySet[SettlementShare]:
    """What a party gets of each sale, in the order of settling."""
    rows = SettlementShare.objects.filter(
        settlement__distribution=distribution, organisation=organisation_id
    )
    return rows.select_related("settlement__order").order_by("-pk")


def parts_shown(distribution: Distribution, organisation_id: int) -> list[DistributionParty]:
    """All parts to the seller, its own to a party."""
    rows = distribution.parties.select_related("organisation").order_by("position")
    if organisation_id != distribution.product.seller_id:
        rows = rows.filter(organisation=organisation_id)
    return list(rows)


def csv_of(distribution: Distribution, organisation_id: int) -> Iterator[str]:
    """The sales of a distribution with a party's part of each, as CSV."""
    yield csv_line(CSV_HEAD)
    rows = sales_of(distribution, organisation_id)
    batch = list(rows[:CSV_STEP])
    while batch:
        for share in batch:
            yield csv_line(_cells(share))
        batch = list(rows.filter(pk__lt=batch[-1].pk)[:CSV_STEP])


def _cells(share: SettlementShare) -> tuple[object, ...]:
    settlement = share.settlement
    return (
        settlement.order.public_id,
        settlement.title,
        settlement.settled_at.isoformat(),
        share.currency,
        settlement.pool.decimal,
        share.amount.decimal,
        Money(share.refunded_minor, share.currency).decimal,
    )


def _record_facts(distribution: Distribution, _change: Change) -> dict[str, object]:
    return {
        "product": distribution.product.public_id,
        "month": f"{distribution.first_day:%Y-%m}",
        "amount_minor": str(distribution.amount_minor),
        "currency": distribution.currency,
    }


DISTRIBUTION.concerns = subject_of
DISTRIBUTION.record_facts = _record_facts
