"""The checkout, and the limit up to which one person may buy alone."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.catalog.lifecycle import OfferKind
from exchange.core import clock, idempotency
from exchange.core.idempotency import Answer
from exchange.core.refusals import Refusal
from exchange.journeys import checkout
from exchange.members import approvals, policy
from exchange.members.actors import Actor, Subject, actor_of, organisation_of
from exchange.members.models import ApprovalRequest
from exchange.members.permissions import Permission
from exchange.metering import subscriptions
from exchange.orders import limits
from exchange.orders.errors import OrderedBefore, TermsChanged
from exchange.orders.lifecycle import PaymentMethod
from exchange.orders.models import BuyingLimit, Order
from exchange.orders.placing import CheckoutRequest, limit_of
from exchange.orders.terms import canonical, terms_hash
from exchange.payments import card_pages, collection, saved_cards
from exchange.web.orders.forms import CheckoutForm, LimitForm
from exchange.web.orders.labels import TermsView, terms_view
from exchange.web.pages import render_page
from exchange.web.product.offers import Holding, holdings_of
from exchange.web.submissions import blaming, sent, status_of, unprocessable
from exchange.web.views import form_view, post_view
from pricing.money import Money

TOKEN_BYTES = 16


@dataclass(frozen=True)
class Change:
    field: str
    seen: str
    now: str


@dataclass(frozen=True)
class CheckoutPage:
    offer_id: str
    seller: str
    buyer: str
    terms: TermsView
    terms_hash: str
    form: CheckoutForm
    changes: tuple[Change, ...]
    refusal: str
    limit: Money | None
    needs_second: bool
    is_free: bool
    set_aside: Money | None
    is_synthetic: bool
    holdings: tuple[Holding, ...]


@dataclass(frozen=True)
class WaitingLimit:
    """A change of the limit that waits for a second person."""

    public_id: str
    wanted: str
    reason: str
    by: str
    may_decide: bool
    is_mine: bool
    obstacle: str
    approvers: str


@dataclass(frozen=True)
class LimitPage:
    limits: tuple[Money, ...]
    lifted: tuple[str, ...]
    waiting: tuple[WaitingLimit, ...]
    form: LimitForm | None
    organisation: str


@form_view
def buy(request: HttpRequest, offer_id: str) -> HttpResponse:
    """Show the terms of an offer, and buy on exactly those."""
    actor = actor_of(request)
    terms = checkout.terms_now(actor=actor, offer_id=offer_id, now=clock.now())
    shape: dict[str, Any] = {
        "ways": checkout.ways_to_pay(total_minor=terms["price"]["total_minor"]),
        "is_subscription": terms["offer"]["kind"] == OfferKind.SUBSCRIPTION,
    }
    form, changes = CheckoutForm(sent(request), initial=_fresh(terms), **shape), None
    if form.is_valid():
        with blaming(form):
            try:
                order_id = _order_once(actor, offer_id, form.cleaned_data)
            except TermsChanged as refusal:
                changes = refusal
            else:
                if form.cleaned_data.get("save_card"):
                    _save_card(request, actor, order_id)
                is_paid = "method" in form.fields
                return redirect("web:order_pay" if is_paid else "web:order", order_id)
    if changes is not None:
        kept = ("method", "save_card", "po_number", "auto_renew", "again")
        seen_again = {**_fresh(terms), **{name: form.cleaned_data.get(name) for name in kept}}
        form = CheckoutForm(initial=seen_again, **shape)
    status = HTTPStatus.CONFLICT if changes else status_of(form)
    page = _page(actor, offer_id, terms, form, changed=changes)
    return render_page(request, "orders/checkout.html", page, status=status)


@form_view
def limit(request: HttpRequest) -> HttpResponse:
    """How much one person of the organisation may buy alone."""
    actor = actor_of(request)
    organisation = Organisation.objects.get(pk=organisation_of(actor))
    may = policy.allowed(actor, Permission.LIMIT_SET, Subject.of(organisation)).allowed
    form = LimitForm(sent(request))
    if form.is_bound:
        policy.require(actor, Permission.LIMIT_SET, Subject.of(organisation))
    if form.is_valid():
        with blaming(form, "amount"):
            _change_limit(request, actor, organisation, form.cleaned_data)
            return redirect("web:buying_limit")
    rows = BuyingLimit.objects.filter(organisation=organisation).order_by("currency")
    page = LimitPage(
        limits=tuple(row.limit for row in rows if row.limit_minor is not None),
        lifted=tuple(row.currency for row in rows if row.limit_minor is None),
        waiting=tuple(
            _waiting(row, actor) for row in approvals.waiting(organisation_id=organisation.pk)
        ),
        form=form if may else None,
        organisation=organisation.name,
    )
    return render_page(request, "orders/limit.html", page, status=unprocessable(form))


@post_view
def decide_limit(request: HttpRequest, request_id: str) -> HttpResponse:
    """Approve or decline, as a second person, what somebody of the organisation asks for; or take back
    what one asked for oneself."""
    actor, now = actor_of(request), clock.now()
    decision = request.POST.get("decision")
    if decision == "approve":
        approvals.approve(request_id, actor=actor, now=now)
    elif decision == "withdraw":
        approvals.withdraw(request_id, actor=actor, note=_("Taken back."), now=now)
    else:
        approvals.decline(request_id, actor=actor, note=_("Declined."), now=now)
    return redirect("web:buying_limit")


def _change_limit(
    request: HttpRequest, actor: Actor, organisation: Organisation, wanted: Mapping[str, Any]
) -> None:
    """Set a lower or first limit at once; ask a second person for a higher one, or for none."""
    now, amount = clock.now(), wanted["limit"]
    if amount is not None and not limits.is_raised(organisation.pk, amount):
        limits.set_limit(actor=actor, limit=amount, now=now)
        return
    limits.ask(
        actor=actor, currency=wanted["currency"], limit=amount, reason=wanted["reason"], now=now
    )
    messages.success(request, _("Another owner, administrator or finance has to approve this."))


def _waiting(row: ApprovalRequest, actor: Actor) -> WaitingLimit:
    may = approvals.may_decide(row, actor)
    return WaitingLimit(
        public_id=row.public_id,
        wanted=approvals.shown(row),
        reason=row.reason,
        by=str(row.proposed_by),
        may_decide=may.allowed,
        is_mine=row.proposed_by_id == actor.user_id,
        obstacle=may.reason,
        approvers=approvals.approvers(row),
    )


def _order_once(actor: Actor, offer_id: str, said: Mapping[str, Any]) -> str:
    """Place the order; the same form sent twice leads to the same order, and another form to another
    one only where it says so."""
    command = CheckoutRequest(
        offer_id=offer_id,
        terms_hash=said["terms_hash"],
        method=PaymentMethod(said.get("method") or PaymentMethod.NONE),
        po_number=said["po_number"],
        auto_renew=bool(said.get("auto_renew")),
        seen=_seen(said["seen"]),
    )

    def perform() -> Answer:
        if not said["again"]:
            _check_not_held(actor, offer_id)
        order = checkout.checkout(command, actor=actor, now=clock.now())
        return Answer(status=HTTPStatus.CREATED, body={"order": order.public_id})

    answer = idempotency.once(
        scope=f"web:checkout:{actor.name}",
        key=said["token"],
        fingerprint=idempotency.fingerprint_of(
            offer_id,
            command.terms_hash,
            command.method.value,
            command.po_number,
            command.auto_renew,
        ),
        perform=perform,
    )
    return str(answer.body["order"])


def _save_card(request: HttpRequest, actor: Actor, order_id: str) -> None:
    """Have the card saved that the order is paid with; say so where it cannot be."""
    payment = collection.payment_of_order(order_id)
    if payment is None:
        messages.info(request, _("Nothing is paid yet, and so no card is saved."))
    elif payment.method == PaymentMethod.CARD:
        try:
            card_pages.choose(payment.public_id, saves=True, actor=actor, now=clock.now())
        except Refusal as refusal:
            messages.error(request, str(refusal.message))


def _check_not_held(actor: Actor, offer_id: str) -> None:
    """Raise OrderedBefore where the organisation has this on the same offer already."""
    buyer = organisation_of(actor)
    first = Order.objects.filter(buyer=buyer, offer__public_id=offer_id).first()
    if first is None:
        return
    holdings = holdings_of(buyer, first.product.public_id, now=clock.now())
    if any(holding.offer_id == offer_id for holding in holdings):
        raise OrderedBefore(
            _("Nothing was ordered: you have ordered this before. Tick here to order it again."),
            field="again",
        )


def _fresh(terms: Mapping[str, Any]) -> dict[str, object]:
    return {
        "terms_hash": terms_hash(terms),
        "seen": canonical(terms).decode(),
        "token": secrets.token_urlsafe(TOKEN_BYTES),
        "auto_renew": True,
    }


def _seen(text: str) -> Mapping[str, Any] | None:
    """The terms as the page showed them; only used to say what differs."""
    try:
        read = json.loads(text)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _page(
    actor: Actor,
    offer_id: str,
    terms: Mapping[str, Any],
    form: CheckoutForm,
    *,
    changed: TermsChanged | None,
) -> CheckoutPage:
    view = terms_view(terms)
    holdings = holdings_of(organisation_of(actor), terms["product"]["id"], now=clock.now())
    if not any(holding.offer_id == offer_id for holding in holdings):
        del form.fields["again"]
    buyer = Organisation.objects.get(pk=organisation_of(actor))
    limit = limit_of(organisation_id=buyer.pk, currency=view.total.currency)
    needs_second = limit is not None and limit < view.total
    # Who pays what a second person has confirmed is asked when they pay.
    if needs_second or not saved_cards.may_ask(actor, buyer):
        form.fields.pop("save_card", None)
    return CheckoutPage(
        offer_id=offer_id,
        seller=terms["seller"]["name"],
        buyer=buyer.name,
        terms=view,
        terms_hash=terms_hash(terms),
        form=form,
        changes=_changes(changed),
        refusal="" if changed is None else str(changed.message),
        limit=limit,
        needs_second=needs_second,
        is_free=view.total.minor == 0 and not view.rates,
        set_aside=subscriptions.first_hold(terms, now=clock.now()),
        is_synthetic=bool(terms["product"]["synthetic"]),
        holdings=holdings,
    )


def _changes(changed: TermsChanged | None) -> tuple[Change, ...]:
    """What differs, in a form that a person reads."""
    if changed is None:
        return ()
    rows = changed.facts.get("changes")
    return tuple(
        Change(
            field=str(row["field"]).replace("_", " ").replace(".", " › "),
            seen=_plain(row["seen"]),
            now=_plain(row["now"]),
        )
        for row in (rows if isinstance(rows, list) else [])
    )


def _plain(value: object) -> str:
    if value is None:
        return _("nothing")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
