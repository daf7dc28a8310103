"""What a change of standing touches across the rooms: counted before it is made, told to everybody whom it
concerns, and, once it is lifted, taken up where it was left. What goes on of products whose seller pauses
them is counted here, too."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Func, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, Organisation
from exchange.auctions.access import RUNNING as RUNNING_AUCTIONS
from exchange.auctions.models import Auction, AuctionItem, Bid
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.contracts.lifecycle import ContractState
from exchange.contracts.models import Contract
from exchange.core.calendar import deadline
from exchange.core.lifecycle import Change
from exchange.delivery.lifecycle import EntitlementState
from exchange.delivery.models import Entitlement
from exchange.journeys import delivery
from exchange.members.lifecycle import (
    ADMISSION,
    IDENTITY,
    AdmissionTransition,
    IdentityTransition,
)
from exchange.members.models import Admission, IdentityRequest
from exchange.members.standing import PartyNotInStanding
from exchange.negotiation.lifecycle import RUNNING as NEGOTIATING
from exchange.negotiation.models import Negotiation
from exchange.notices import notify
from exchange.notices.notify import notify_operators, notify_organisation
from exchange.orders.lifecycle import INSPECTION, ORDER, OrderState, OrderTransition
from exchange.orders.models import Order, Subscription
from exchange.payments.lifecycle import PayoutState
from exchange.payments.models import Payout, SettlementShare

Text = str | Promise
X = AdmissionTransition
# What each step is called in the kinds of notices.
TOLD = {
    X.RESTRICT: "restricted", X.SUSPEND: "suspended", X.RESTORE: "restored", X.EXIT: "exited",
}  # fmt: skip
_UNPAID = (OrderState.CREATED, OrderState.CONFIRMED, OrderState.CONTRACT_SIGNED)
_UNDER_WAY = (*_UNPAID, OrderState.ESCROWED, OrderState.DELIVERING, OrderState.DELIVERED)
_CONTRACTS_RUN = (ContractState.SIGNING, ContractState.SIGNED, ContractState.PERFORMING)


@dataclass(frozen=True)
class Touched:
    """So many things of one kind, and what becomes of them."""

    what: Text
    count: int
    when_restricted: Text
    when_suspended: Text


def declare() -> None:
    """Add the reactions. For `AppConfig.ready`."""
    ADMISSION.on(X.RESTORE, _inspect_anew, _deliver_what_waited)
    ADMISSION.on(TOLD, _tell)
    ADMISSION.on((X.APPLY, X.ANSWER), _tell_operators)
    IDENTITY.on((IdentityTransition.APPROVE, IdentityTransition.DECLINE), _tell_identity)


def touched(organisation_id: int, *, now: datetime) -> list[Touched]:
    """What a restriction or suspension of the organisation would touch now."""
    mine = Q(buyer_id=organisation_id) | Q(seller_id=organisation_id)
    keys = ApiKey.objects.filter(
        organisation_id=organisation_id, revoked_at=None, expires_at__gt=now
    )
    rests, goes_on, held = _("rest"), _("go on"), _("are held")
    rights = Q(order__buyer_id=organisation_id) | Q(order__seller_id=organisation_id)
    bids = _of_bidder(organisation_id)
    rows: list[tuple[Text, QuerySet[Any], Text, Text]] = [
        (_("Listings"), _listings(organisation_id), _("stay; nobody can buy"), _("are hidden")),
        (_("Auctions that it holds"), _auctions(organisation_id), _("are paused"), _("are paused")),
        (_("Auctions in which its bids stand"), bids, _("its bids stand"), _("its bids end for good")),
        (_("Negotiations"), _negotiations(organisation_id), rests, rests),
        (_("Contracts to be signed or performed"), _contracts(mine), _("no new signature or order"), rests),
        (_("Orders not yet paid"), _orders(mine, _UNPAID), goes_on, _("are not delivered")),
        (_("Orders in delivery or inspection"), _orders(mine, _UNDER_WAY[len(_UNPAID):]), goes_on, rests),
        (_("Rights to data, given and held"), _rights(rights), goes_on, _("open nothing")),
        (_("Sales whose money is held or clears"), _sales(organisation_id), goes_on, held),
        (_("Payouts under way"), _payouts(organisation_id), goes_on, held),
        (_("API keys"), keys, _("open what reads"), _("open nothing")),
    ]  # fmt: skip
    return [
        Touched(what, found.count(), restricted, suspended)
        for what, found, restricted, suspended in rows
    ]


def goes_on_of(products: Iterable[Product]) -> list[str]:
    """A sentence for each kind of thing that runs of the products and that pausing them does not stop; read
    in one statement."""
    keys = [product.pk for product in products]
    renewing = Subscription.objects.filter(latest__product__in=keys, ended_at=None)
    items = AuctionItem.objects.filter(product__in=keys)
    counts = (
        Product.objects.filter(pk__in=keys[:1])
        .values_list(
            _count(renewing),
            _count(
                Order.objects.filter(product__in=keys, state__in=(*_UNDER_WAY, OrderState.OBJECTED))
            ),
            _count(Negotiation.objects.filter(product__in=keys, state__in=NEGOTIATING)),
            _count(Contract.objects.filter(product__in=keys, state__in=_CONTRACTS_RUN)),
            _count(
                Auction.objects.filter(
                    Q(product__in=keys) | Q(pk__in=items.values("auction")),
                    state__in=RUNNING_AUCTIONS,
                )
            ),
        )
        .first()
    ) or (0, 0, 0, 0, 0)
    subscriptions, orders, negotiations, contracts, auctions = counts
    told = (
        (subscriptions, ngettext(
            "%(count)d subscription goes on. It renews as agreed, until its buyer ends it.",
            "%(count)d subscriptions go on. They renew as agreed, until their buyers end them.",
            subscriptions,
        )),
        (orders, ngettext(
            "%(count)d open order goes on, to its delivery and its payment.",
            "%(count)d open orders go on, to their delivery and their payment.",
            orders,
        )),
        (negotiations, ngettext(
            "%(count)d negotiation goes on. What is agreed in it binds.",
            "%(count)d negotiations go on. What is agreed in them binds.",
            negotiations,
        )),
        (contracts, ngettext(
            "%(count)d contract goes on. A framework can still be called off.",
            "%(count)d contracts go on. A framework can still be called off.",
            contracts,
        )),
        (auctions, ngettext(
            "%(count)d announced auction goes on to its award. You can cancel it until it opens.",
            "%(count)d announced auctions go on to their awards. You can cancel each until it opens.",
            auctions,
        )),
    )  # fmt: skip
    found = [sentence % {"count": count} for count, sentence in told if count]
    return found or [gettext("Nothing is running at the moment.")]


def partners_of(organisation_id: int) -> set[int]:
    """The organisations with whom something is under way."""
    mine = Q(buyer_id=organisation_id) | Q(seller_id=organisation_id)
    deals: Iterable[tuple[int, int]] = (
        *_orders(mine, _UNDER_WAY).values_list("buyer_id", "seller_id"),
        *_contracts(mine).values_list("buyer_id", "seller_id"),
        *_negotiations(organisation_id).values_list("buyer_id", "seller_id"),
        *_of_bidder(organisation_id).values_list("organiser_id", "organiser_id"),
        *Bid.objects.filter(
            auction__organiser_id=organisation_id, auction__state__in=RUNNING_AUCTIONS
        ).values_list("bidder_id", "bidder_id"),
        *Entitlement.objects.filter(
            Q(order__buyer_id=organisation_id) | Q(order__seller_id=organisation_id),
            state=EntitlementState.ACTIVE,
        ).values_list("order__buyer_id", "order__seller_id"),
    )
    return {key for pair in deals for key in pair} - {organisation_id}


def _tell(admission: Admission, change: Change) -> None:
    """Tell the organisation, with the reason, and those with whom something is under way."""
    name, organisation = TOLD[AdmissionTransition(change.transition)], admission.organisation
    notify_organisation(
        organisation_id=organisation.pk,
        roles=None,
        kind=f"members.standing.{name}",
        facts={"organisation": organisation.name, "reason": change.reason or "–"},
        url=notify.path("admission", ""),
        dedupe=f"admission_step:{change.step_id}",
        now=change.at,
    )
    for partner_id in sorted(partners_of(organisation.pk)):
        notify_organisation(
            organisation_id=partner_id,
            roles=None,
            kind=f"members.partner.{name}",
            facts={"organisation": organisation.name},
            url=notify.path("orders", ""),
            dedupe=f"admission_step:{change.step_id}:{partner_id}",
            now=change.at,
        )


def _tell_operators(admission: Admission, change: Change) -> None:
    """Tell the exchange's operators of an admission that waits for them."""
    notify_operators(
        kind=ADMISSION.transitions[change.transition].event,
        facts={"organisation": admission.organisation.name},
        url=notify.path("admissions", ""),
        dedupe=f"admission_step:{change.step_id}",
        now=change.at,
    )


def _tell_identity(request: IdentityRequest, change: Change) -> None:
    organisation = Organisation.objects.get(pk=request.organisation_id)
    notify_organisation(
        organisation_id=organisation.pk,
        roles=None,
        kind=f"members.identity.{change.target}",
        facts={"organisation": organisation.name, "reason": request.note},
        url=notify.path("identity", ""),
        dedupe=f"identity_request:{request.public_id}",
        now=change.at,
    )


def _inspect_anew(admission: Admission, change: Change) -> None:
    """Give the buyers of what rested the whole time of inspection again."""
    mine = Q(buyer=admission.organisation) | Q(seller=admission.organisation)
    until = deadline(INSPECTION, now=change.at)
    for key in sorted(_orders(mine, (OrderState.DELIVERED,)).values_list("pk", flat=True)):
        order = ORDER.lock_key(key)
        if order.state == OrderState.DELIVERED and _was_suspended(change):
            order.due_at = order.inspection_ends_at = until
            order.save(update_fields=["due_at", "inspection_ends_at"])


def _deliver_what_waited(admission: Admission, change: Change) -> None:
    """Deliver what was held up for the standing of a party."""
    mine = Q(buyer=admission.organisation) | Q(seller=admission.organisation)
    for key in sorted(_orders(mine, (OrderState.DELIVERING,)).values_list("pk", flat=True)):
        order = ORDER.lock_key(key)
        last = order.steps.order_by("-number").first()
        if last is None or last.transition != OrderTransition.DELAY:
            continue
        if last.reason_code == PartyNotInStanding.code:
            delivery.open_access(order, now=change.at)


def _was_suspended(change: Change) -> bool:
    return change.source == "suspended"


def _listings(organisation_id: int) -> QuerySet[Product]:
    return Product.objects.filter(seller_id=organisation_id, state=ListingState.LISTED)


def _auctions(organisation_id: int) -> QuerySet[Auction]:
    return Auction.objects.filter(organiser_id=organisation_id, state__in=RUNNING_AUCTIONS)


def _of_bidder(organisation_id: int) -> QuerySet[Auction]:
    bids = Bid.objects.filter(bidder_id=organisation_id, withdrawn_at=None)
    return Auction.objects.filter(pk__in=bids.values("auction"), state__in=RUNNING_AUCTIONS)


def _negotiations(organisation_id: int) -> QuerySet[Negotiation]:
    mine = Q(buyer_id=organisation_id) | Q(seller_id=organisation_id)
    return Negotiation.objects.filter(mine, state__in=NEGOTIATING)


def _contracts(mine: Q) -> QuerySet[Contract]:
    return Contract.objects.filter(mine, state__in=_CONTRACTS_RUN)


def _orders(mine: Q, states: Iterable[OrderState]) -> QuerySet[Order]:
    return Order.objects.filter(mine, state__in=list(states))


def _rights(mine: Q) -> QuerySet[Entitlement]:
    return Entitlement.objects.filter(mine, state=EntitlementState.ACTIVE)


def _sales(organisation_id: int) -> QuerySet[SettlementShare]:
    return SettlementShare.objects.filter(
        organisation_id=organisation_id, settlement__cleared_at=None
    )


def _payouts(organisation_id: int) -> QuerySet[Payout]:
    states = (PayoutState.PROMISED, PayoutState.SENT)
    return Payout.objects.filter(organisation_id=organisation_id, state__in=states)


def _count(rows: QuerySet[Any]) -> Subquery:
    return Subquery(rows.order_by().annotate(count=Func(F("pk"), function="COUNT")).values("count"))
