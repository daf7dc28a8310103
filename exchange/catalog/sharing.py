"""Sharing the revenue of a product with other organisations.

A seller proposes who gets what; it takes effect once every party has agreed, those too who would lose a part
that they have now. What was ordered before keeps the shares of its day. To end it, the seller proposes to keep
everything. Amounts are never computed here: `pricing.worth.proceeds` does that when an order is settled.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import rfc8785
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.catalog.buyable import has_part, sharing_at, with_parties
from exchange.catalog.lifecycle import LISTING, SHARING, SharingState, SharingTransition
from exchange.catalog.models import Product, Sharing, SharingParty, SharingRoyalty
from exchange.catalog.models.sharing import PERCENT_MAX, PERCENT_PLACES, RECEIVERS_MAX
from exchange.catalog.royalties import RoyaltyRequest, check_no_circle, checked
from exchange.core import currencies
from exchange.core.inputs import checked_amount
from exchange.core.lifecycle import checked_reason
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members import standing
from exchange.members.actors import (
    Actor,
    Subject,
    operating_organisation,
    organisation_of,
    person_of,
)
from exchange.members.permissions import Permission
from exchange.notices import notify

WHOLE = Decimal(PERCENT_MAX)
FINEST = Decimal(1).scaleb(-PERCENT_PLACES)


class SharesRefused(Invalid):
    """A share is not well formed, or all of them are not the whole; `field` names it."""

    code = "shares_refused"


class SharingWaits(Refusal):
    """One proposal at a time waits for its parties."""

    code = "sharing_waits"


@dataclass(frozen=True)
class ShareRequest:
    """What one receiver shall get. `organisation` is its public id or credit code; `field` is what a
    refusal names."""

    organisation: str
    percent: Decimal
    first_minor: int = 0
    first_percent_max: Decimal = WHOLE
    field: str = "shares"


def subject_of(sharing: Sharing) -> Subject:
    """Whose product it is, and who takes part."""
    parties = sharing.parties.values_list("organisation_id", flat=True)
    return Subject(organisation_id=sharing.product.seller_id, engaged=frozenset(parties))


def _of_seller(sharing: Sharing, **_rest: object) -> Subject:
    return Subject(organisation_id=sharing.product.seller_id)


def _lock_product(sharing: Sharing | str) -> None:
    """The product is locked before its sharing, as orders do that read it, and the one that is in force before
    the one that may end it. Raises NotFound."""
    public_id = sharing if isinstance(sharing, str) else sharing.public_id
    key = Sharing.objects.filter(public_id=public_id).values_list("product_id", flat=True).first()
    if key is None:
        raise NotFound(_("There is no such sharing of revenue."))
    product = LISTING.lock_key(key)
    in_force = product.sharings.filter(state=SharingState.IN_FORCE).values_list("pk", flat=True)
    for former in in_force:
        SHARING.lock_key(former)


@use_case(Permission.REVENUE_SHARE, locks=LISTING)
def propose(
    product: Product,
    *,
    percent: Decimal,
    shares: Sequence[ShareRequest],
    currency: str,
    actor: Actor,
    now: datetime,
    royalties: Sequence[RoyaltyRequest] = (),
    by_month: bool = False,
) -> Sharing:
    """As the seller of a product, propose to keep `percent` of what its sales bring and to give the rest to
    others, once `royalties` to the products that it is made of are paid; `by_month` with the parties confirming
    each month. It takes effect at once where nobody else has a part in it or in the one before.

    Raises SharesRefused (also where the exchange itself is named), RoyaltyRefused, SharingWaits, NotFound,
    and PartyNotInStanding.
    """
    currencies.check_offered(currency)
    waiting = product.sharings.filter(state=SharingState.PROPOSED).first()
    if waiting is not None:
        raise SharingWaits(
            _("A proposal waits for its parties already. Take it back before you make another."),
            sharing=waiting.public_id,
        )
    receivers = _receivers(product, shares)
    _check_sum(percent, shares)
    _check_percents({one.field: one.percent for one in royalties}.items())
    owed = checked(product, royalties, currency)
    if owed:
        check_no_circle(product, [one.source for one in owed], at=now)
    upstream = {one.source.seller_id for one in owed}
    standing.check(product.seller_id, *upstream)
    before = sharing_at(product, at=now)
    last = product.sharings.order_by("-number").values_list("number", flat=True).first()
    sharing = Sharing(
        product=product, number=(last or 0) + 1, currency=currency, by_month=by_month,
        proposed_by_id=person_of(actor), proposed_at=now,
    )  # fmt: skip
    sharing = SHARING.transition(sharing, SharingTransition.PROPOSE, actor=actor, now=now)
    rows = [
        SharingParty(
            sharing=sharing, organisation=product.seller, percent=percent, currency=currency,
            agreed_by_id=person_of(actor), agreed_at=now,
        ),
        *_rows(sharing, receivers, before, upstream, seller_id=product.seller_id),
    ]  # fmt: skip
    for position, row in enumerate(rows):
        row.position = position
    SharingParty.objects.bulk_create(rows)
    for one in owed:
        one.sharing = sharing
    SharingRoyalty.objects.bulk_create(owed)
    _ask_receivers(sharing, rows[1:], now=now)
    return _take_effect(sharing, actor=actor, now=now)


def _rows(
    sharing: Sharing,
    receivers: dict[int, ShareRequest],
    before: Sharing | None,
    upstream: set[int],
    *,
    seller_id: int,
) -> list[SharingParty]:
    """A row for each receiver and each seller of a source, and one with nothing for each that loses its part, in
    the order of their ids: who comes first in a tie does not depend on how a seller wrote them."""
    leaving = set() if before is None else {
        row.organisation_id for row in before.parties.all() if has_part(row)
    }  # fmt: skip
    nothing = ShareRequest("", Decimal(0))
    wanted = dict.fromkeys((leaving | upstream) - {seller_id}, nothing) | receivers
    named = Organisation.objects.filter(pk__in=wanted).order_by("public_id")
    return [
        SharingParty(
            sharing=sharing, organisation=organisation, currency=sharing.currency,
            percent=wanted[organisation.pk].percent, first_minor=wanted[organisation.pk].first_minor,
            first_percent_max=wanted[organisation.pk].first_percent_max,
            has_royalty=organisation.pk in upstream,
        )
        for organisation in named
    ]  # fmt: skip


def _receivers(product: Product, shares: Sequence[ShareRequest]) -> dict[int, ShareRequest]:
    """The receivers by their keys. Raises SharesRefused, NotFound and PartyNotInStanding."""
    if len(shares) > RECEIVERS_MAX:
        raise SharesRefused(
            _("At most %(limit)d organisations share with you.") % {"limit": RECEIVERS_MAX},
            limit=RECEIVERS_MAX,
        )
    found: dict[int, ShareRequest] = {}
    for share in shares:
        named = Q(public_id=share.organisation) | Q(credit_code=share.organisation)
        receiver = Organisation.objects.filter(named).first()
        if receiver is None:
            raise NotFound(
                _("There is no organisation with this id or credit code."), field=share.field
            )
        if receiver == operating_organisation():
            raise SharesRefused(
                _("The exchange takes its fee, and no part of what members sell."),
                field=share.field,
            )
        if receiver.pk == product.seller_id or receiver.pk in found:
            raise SharesRefused(
                _("Name each other organisation once; your own part stands above."),
                field=share.field,
            )
        if not share.percent and not share.first_minor:
            raise SharesRefused(_("Give a percentage, an amount or both."), field=share.field)
        checked_amount(share.first_minor, "CNY", least_minor=0, field=share.field)
        found[receiver.pk] = share
    standing.check(product.seller_id, *found)
    return found


def _check_sum(percent: Decimal, shares: Sequence[ShareRequest]) -> None:
    """Raise SharesRefused unless the percentages are such, and sum to the whole."""
    named = {"percent": percent} | {share.field: share.percent for share in shares}
    limits = [(share.field, share.first_percent_max) for share in shares]
    _check_percents([*named.items(), *limits])
    total = percent + sum(share.percent for share in shares)
    if total != WHOLE:
        raise SharesRefused(
            _("The percentages sum to %(total)s; they have to sum to 100.")
            % {"total": f"{total.normalize():f}"},
            field="percent",
            total=f"{total.normalize():f}",
        )


def _check_percents(named: Iterable[tuple[str, Decimal]]) -> None:
    for field, value in named:
        if not 0 <= value <= WHOLE or value != value.quantize(FINEST):
            raise SharesRefused(
                _("A percentage is from 0 to 100, with at most %(places)d decimals.")
                % {"places": PERCENT_PLACES},
                field=field,
            )


def _ask_receivers(sharing: Sharing, rows: Sequence[SharingParty], *, now: datetime) -> None:
    for row in rows:
        notify.notify_organisation(
            organisation_id=row.organisation_id,
            roles=None,
            kind="catalog.sharing.proposed",
            facts={"product": sharing.product, "seller": sharing.product.seller.name},
            url=notify.path("shares", sharing.public_id),
            dedupe=f"sharing:{sharing.public_id}",
            now=now,
        )


@use_case(Permission.REVENUE_SHARE, locks=SHARING, before=_lock_product)
def agree(sharing: Sharing, *, actor: Actor, now: datetime) -> Sharing:
    """As one of its parties, agree to a proposal; with the last one it takes effect, for what is ordered from
    now on. Agreeing again changes nothing. Raises NotFound, PartyNotInStanding, and BidderRelated while the
    party or an organisation related to it bids in an auction of the product."""
    party = _own_part(sharing, actor)
    if party.agreed_at is not None:
        return sharing
    SHARING.check(sharing, SharingTransition.AGREE)
    standing.check(sharing.product.seller_id, party.organisation_id)
    party.agreed_at, party.agreed_by_id = now, person_of(actor)
    party.save(update_fields=["agreed_at", "agreed_by"])
    SHARING.transition(
        sharing, SharingTransition.AGREE, actor=actor, now=now,
        facts={"party": party.organisation.public_id},
    )  # fmt: skip
    return _take_effect(sharing, actor=actor, now=now)


def _take_effect(sharing: Sharing, *, actor: Actor, now: datetime) -> Sharing:
    if sharing.parties.filter(agreed_at=None).exists():
        return sharing
    sources = [row.source for row in sharing.royalties.select_related("source")]
    if sources:
        check_no_circle(sharing.product, sources, at=now)
    before = Sharing.objects.filter(product=sharing.product_id, state=SharingState.IN_FORCE).first()
    if before is not None:
        before.ended_at = now
        SHARING.transition(before, SharingTransition.END, actor=actor, now=now, save=("ended_at",))
    sharing.effective_at = now
    return SHARING.transition(
        sharing, SharingTransition.TAKE_EFFECT, actor=actor, now=now, save=("effective_at",)
    )


@use_case(Permission.REVENUE_SHARE, locks=SHARING, before=_lock_product)
def decline(sharing: Sharing, *, reason: str, actor: Actor, now: datetime) -> Sharing:
    """As one of its parties, decline a proposal: what is in force stays so. Raises NotFound."""
    party = _own_part(sharing, actor)
    sharing.reason = checked_reason(reason)
    return SHARING.transition(
        sharing, SharingTransition.DECLINE, actor=actor, reason=reason, now=now, save=("reason",),
        facts={"party": party.organisation.public_id},
    )  # fmt: skip


@use_case(Permission.REVENUE_SHARE, locks=SHARING, about=_of_seller, before=_lock_product)
def withdraw(sharing: Sharing, *, actor: Actor, now: datetime) -> Sharing:
    """As the seller, take back a proposal that not all have agreed to."""
    return SHARING.transition(sharing, SharingTransition.WITHDRAW, actor=actor, now=now)


def _own_part(sharing: Sharing, actor: Actor) -> SharingParty:
    """The part of the organisation acted for. The seller has proposed it and answers nothing."""
    mine = organisation_of(actor)
    rows = sharing.parties.select_related("organisation").exclude(
        organisation=sharing.product.seller_id
    )
    party = rows.filter(organisation=mine).first()
    if party is None:
        raise NotFound(_("There is no such sharing of revenue."))
    return party


def sharings_of(product: Product, *, limit: int) -> list[Sharing]:
    """All versions, newest first."""
    return list(with_parties(product.sharings.all()).order_by("-number")[:limit])


def received_by(organisation_id: int) -> QuerySet[Sharing]:
    """The sharings in which others give the organisation a part, or ask it to let go of one, newest first."""
    rows = Sharing.objects.filter(parties__organisation=organisation_id).exclude(
        product__seller=organisation_id
    )
    return with_parties(rows).select_related("product__seller").order_by("-pk")


def frozen_sharing(public_id: str) -> Sharing:
    """The sharing that terms name."""
    return with_parties(Sharing.objects.all()).get(public_id=public_id)


def digest(sharing: Sharing) -> str:
    """`sha256:` and the hash of who gets what, for the log."""
    rows = sharing.parties.select_related("organisation").order_by("position")
    said = [
        {
            "organisation": row.organisation.public_id,
            "percent": f"{row.percent.normalize():f}",
            "first_minor": str(row.first_minor),
            "first_percent_max": f"{row.first_percent_max.normalize():f}",
        }
        for row in rows
    ]
    owed = [
        {
            "product": row.source.public_id,
            "percent": f"{row.percent.normalize():f}",
            "each_minor": str(row.each_minor),
        }
        for row in sharing.royalties.select_related("source").order_by("position")
    ]
    more: dict[str, Any] = {"royalties": owed} if owed else {}
    if sharing.by_month:
        more |= {"by_month": True}
    whole = rfc8785.dumps({"currency": sharing.currency, "parties": said, **more})
    return f"sha256:{hashlib.sha256(whole).hexdigest()}"
