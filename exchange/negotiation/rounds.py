"""Opening a negotiation and going on with it: each round is one immutable proposal."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.catalog import demands, disclosure
from exchange.catalog.buyable import buyable_offer, check_not_paused, licence_document
from exchange.catalog.choices import NEVER_ALLOWED, REVIEWED, RIGHTS
from exchange.catalog.demands import DemandClosed, demand_named
from exchange.catalog.lifecycle import KEPT_UP, DemandState
from exchange.catalog.models import Demand, Offer, Product
from exchange.catalog.state_assets import check_path
from exchange.contracts.signing import document_hash
from exchange.core import currencies
from exchange.core.calendar import working_deadline
from exchange.core.refusals import NotAllowed, NotFound
from exchange.core.rules import rule
from exchange.core.use_case import use_case
from exchange.members import standing
from exchange.members.actors import Actor, Subject, bound_person, commit, organisation_of
from exchange.members.permissions import Permission
from exchange.negotiation.errors import (
    AlreadyNegotiating,
    NegotiationEnded,
    NothingToAccept,
    NothingToApprove,
    NotYourTurn,
    OtherCurrency,
    ProposalExpired,
    ProposalRefused,
    ProposalSuperseded,
    ProposalWithdrawn,
)
from exchange.negotiation.lifecycle import (
    ANSWER,
    ANSWERING,
    NEGOTIATION,
    OPEN,
    OPENING,
    RUNNING,
    NegotiationState,
    Origin,
    Side,
)
from exchange.negotiation.models import RUNNING_STATES, WORDS_CHARS_MAX, Negotiation, Proposal
from exchange.negotiation.queries import dealing, newest_proposal, speaking_side
from exchange.negotiation.terms import Terms, checked
from pricing.money import Money

FORMAT = "assay.proposal/1"
PROPOSALS_MAX = 100
OFFER_DAYS_MAX = 180


@dataclass(frozen=True)
class Spoken:
    """What one side says in a round: terms, words to them, and until when it keeps to them."""

    terms: Terms
    words: str = ""
    valid_until: datetime | None = None


def _as_buyer(*, actor: Actor, product_id: str, **_said: object) -> Subject:
    return dealing(_listed(product_id), organisation_of(actor))


def _as_seller(*, product_id: str, **_said: object) -> Subject:
    return Subject(organisation_id=_listed(product_id).seller_id)


def _as_taker(*, actor: Actor, offer_id: str, now: datetime, **_said: object) -> Subject:
    mine = organisation_of(actor)
    return dealing(buyable_offer(offer_id, at=now, buyer_id=mine).product, mine)


@use_case(Permission.QUOTE_ASK, about=_as_buyer)
def ask(*, actor: Actor, product_id: str, spoken: Spoken, now: datetime) -> Negotiation:
    """As a buyer, ask for a quote on a listed product, with a price or without."""
    negotiation = _new(Origin.QUOTE, _listed(product_id), organisation_of(actor))
    return _open(negotiation, Side.BUYER, spoken, actor, now)


@use_case(Permission.QUOTE_MAKE, about=_as_seller)
def offer_privately(
    *, actor: Actor, product_id: str, buyer_id: str, spoken: Spoken, now: datetime
) -> Negotiation:
    """As the seller, make one organisation an offer that nobody else sees."""
    product = _listed(product_id)
    buyer = Organisation.objects.filter(public_id=buyer_id).exclude(pk=product.seller_id).first()
    if buyer is None:
        raise NotFound(_("There is no such organisation."))
    negotiation = _new(Origin.PRIVATE_OFFER, product, buyer.pk)
    return _open(negotiation, Side.SELLER, spoken, actor, now)


@use_case(Permission.QUOTE_ASK, about=_as_taker)
def request_offer(*, actor: Actor, offer_id: str, words: str, now: datetime) -> Negotiation:
    """As a buyer, ask for an offer whose seller approves each buyer. The terms are those of the offer
    at this moment, whatever becomes of it; the seller answers in time."""
    mine = organisation_of(actor)
    offer = buyable_offer(offer_id, at=now, buyer_id=mine)
    if not offer.needs_approval:
        raise NothingToApprove(_("This offer is bought without asking."), offer=offer.public_id)
    negotiation = _new(Origin.SUBSCRIPTION, offer.product, mine)
    return _open(negotiation, Side.BUYER, Spoken(_terms_like(offer), words), actor, now)


@use_case(Permission.QUOTE_MAKE, about=_as_seller)
def answer_demand(
    *, actor: Actor, demand_id: str, product_id: str, spoken: Spoken, now: datetime
) -> Negotiation:
    """As a seller, answer a request on the board with an offer of one's own product. Whoever posted
    the request may take it, decline it or make a counter-offer."""
    demand, product = demand_named(demand_id), _listed(product_id)
    if not demand.answers.filter(product=product).exists():
        demands.answer_demand(
            actor=actor, demand_id=demand_id, product_id=product_id, note="", now=now
        )
    elif demand.state != DemandState.OPEN:
        raise DemandClosed(_("This request is closed."), state=str(demand.state))
    if demand.organisation_id == product.seller_id:
        raise NotAllowed(_("This is a request of your own organisation."))
    negotiation = _new(Origin.DEMAND, product, demand.organisation_id, demand=demand)
    return _open(negotiation, Side.SELLER, spoken, actor, now)


@use_case(Permission.NEGOTIATION_SEE, locks=NEGOTIATION)
def counter(
    negotiation: Negotiation, *, actor: Actor, answers: str, spoken: Spoken, now: datetime
) -> Negotiation:
    """Answer the newest proposal, named by its hash, with another one."""
    side = speaking_side(negotiation, actor)
    standing.hold(negotiation.seller_id, negotiation.buyer_id)
    spoken = _licensed(negotiation.product, spoken)
    last = answered(negotiation, side=side, answers=answers, now=now)
    if spoken.terms.currency != negotiation.currency:
        raise OtherCurrency(
            _("This negotiation is held in %(currency)s.") % {"currency": negotiation.currency},
            currency=negotiation.currency,
        )
    spoken = _checked(spoken, names_price=True, now=now)
    if negotiation.proposals_count >= PROPOSALS_MAX:
        raise ProposalRefused(
            _("A negotiation has at most %(limit)d rounds.") % {"limit": PROPOSALS_MAX},
            field="",
            limit=PROPOSALS_MAX,
        )
    proposal = _proposal(negotiation, side, spoken, last, actor, now)
    proposal.save(force_insert=True)
    return NEGOTIATION.transition(
        negotiation, ANSWERING[side], actor=actor, facts=facts_of(proposal, side),
        due_at=proposal.answer_by, save=("proposals_count",), now=now,
    )  # fmt: skip


def answered(negotiation: Negotiation, *, side: Side, answers: str, now: datetime) -> Proposal:
    """The proposal that this side may answer now, which must be the newest, by its hash.

    Raises what became of it otherwise: withdrawn, expired, superseded, ended, not this side's turn.
    """
    newest = newest_proposal(negotiation)
    if negotiation.state == NegotiationState.WITHDRAWN:
        raise ProposalWithdrawn(_("This proposal was withdrawn."), proposal=newest.public_id)
    check_answerable(negotiation, newest, now=now)
    if answers != newest.document_hash:
        raise ProposalSuperseded(
            _("There is a newer proposal. Read it before you answer."),
            newest=newest.document_hash,
            number=newest.number,
        )
    if negotiation.turn != side.value:
        raise NotYourTurn(
            _("It is the other side's turn."), reason="not_your_turn", turn=negotiation.turn
        )
    return newest


def check_answerable(negotiation: Negotiation, newest: Proposal, *, now: datetime) -> None:
    """Raise ProposalExpired once the time to answer the newest proposal is over, whether or not the
    clock has noted it, and NegotiationEnded for one that has come to another end."""
    state = NegotiationState(negotiation.state)
    late = negotiation.due_at is not None and negotiation.due_at <= now
    if state is NegotiationState.EXPIRED or (state in OPEN and late):
        raise ProposalExpired(
            _("The time to answer this proposal is over."), due_at=newest.answer_by.isoformat()
        )
    if state not in RUNNING:
        raise NegotiationEnded(
            _("This negotiation has ended: %(state)s.") % {"state": state.label}, state=state.value
        )


def facts_of(proposal: Proposal, side: Side | None) -> dict[str, str]:
    """What step and log say of a round: whose it is, and the hash of what was said."""
    named = {} if side is None else {"side": side.value}
    return {**named, "proposal": proposal.document_hash}


def total_of(terms: Terms, *, now: datetime) -> Money:
    """The price with tax, for all orders of a framework, rounded up. Raises NothingToAccept without one."""
    if terms.price is None:
        raise NothingToAccept(_("This proposal names no price: make an offer."))
    rate = rule(key="fee.vat_rate", at=now).as_decimal()
    total = math.ceil(terms.price.minor * (terms.calls_max or 1) * (1 + rate))
    return Money(total, terms.price.currency)


def _new(
    origin: Origin, product: Product, buyer_id: int, *, demand: Demand | None = None
) -> Negotiation:
    return Negotiation(
        origin=origin,
        product=product,
        buyer_id=buyer_id,
        seller_id=product.seller_id,
        demand=demand,
    )


def _open(
    negotiation: Negotiation, side: Side, spoken: Spoken, actor: Actor, now: datetime
) -> Negotiation:
    """Begin with the first proposal. Raises AlreadyNegotiating while one of the two runs, and
    CurrencyNotOffered."""
    standing.hold(negotiation.seller_id, negotiation.buyer_id)
    currencies.check_offered(spoken.terms.currency)
    spoken = _licensed(negotiation.product, spoken)
    spoken = _checked(spoken, names_price=side is Side.SELLER, now=now)
    negotiation.currency, negotiation.created_at = spoken.terms.currency, now
    proposal = _proposal(negotiation, side, spoken, None, actor, now)
    try:
        with transaction.atomic():
            NEGOTIATION.transition(
                negotiation, OPENING[side], actor=actor, facts=facts_of(proposal, side),
                due_at=proposal.answer_by, now=now,
            )  # fmt: skip
    except IntegrityError:
        raise _already(negotiation) from None
    proposal.negotiation = negotiation
    proposal.save(force_insert=True)
    return negotiation


def _proposal(
    negotiation: Negotiation,
    side: Side,
    spoken: Spoken,
    last: Proposal | None,
    actor: Actor,
    now: datetime,
) -> Proposal:
    """The next proposal, not written yet."""
    if side is Side.BUYER and spoken.terms.price is not None:
        total = total_of(spoken.terms, now=now)
        commit(actor, subject=f"negotiation:{negotiation.public_id}", amount=total, now=now)
    negotiation.proposals_count += 1
    answer_by = _answer_by(spoken, now)
    document: dict[str, Any] = {
        "format": FORMAT,
        "negotiation": negotiation.public_id,
        "number": negotiation.proposals_count,
        "side": side.value,
        "product": negotiation.product.public_id,
        "answers": "" if last is None else last.document_hash,
        "answer_by": answer_by.isoformat(),
        "terms": spoken.terms.document(),
        "words": spoken.words,
    }
    return Proposal(
        negotiation=negotiation,
        number=negotiation.proposals_count,
        side=side,
        by_id=bound_person(actor),
        document=document,
        document_hash=document_hash(document),
        changes=[] if last is None else _changes(last.document["terms"], document["terms"]),
        answer_by=answer_by,
        at=now,
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Field by field, `{"field", "before", "after"}`, in the order of the fields' names."""
    return [
        {"field": field, "before": before.get(field), "after": after.get(field)}
        for field in sorted(before.keys() | after.keys())
        if before.get(field) != after.get(field)
    ]


def _checked(spoken: Spoken, *, names_price: bool, now: datetime) -> Spoken:
    """What is said, once it is well formed. Raises ProposalRefused."""
    terms, words = checked(spoken.terms, now=now), spoken.words.strip()
    if terms.price_minor is None and names_price:
        raise ProposalRefused(_("An offer names its price."), field="price_minor")
    if len(words) > WORDS_CHARS_MAX or "\x00" in words:
        raise ProposalRefused(
            _("Words may have at most %(limit)d characters.") % {"limit": WORDS_CHARS_MAX},
            field="words",
            limit=WORDS_CHARS_MAX,
        )
    return replace(spoken, terms=terms, words=words)


def _answer_by(spoken: Spoken, now: datetime) -> datetime:
    until = spoken.valid_until
    if until is None:
        return working_deadline(key=ANSWER, now=now)
    if not now < until <= now + timedelta(days=OFFER_DAYS_MAX):
        raise ProposalRefused(
            _("A proposal holds until a moment in the next %(limit)d days.")
            % {"limit": OFFER_DAYS_MAX},
            field="valid_until",
            limit=OFFER_DAYS_MAX,
        )
    return until


def _licensed(product: Product, spoken: Spoken) -> Spoken:
    """What is said, with its uses: those of the product's licence where none are named. Others may be agreed,
    but for those that the exchange reviews with the listing; what is not allowed is forbidden then."""
    check_path(product.seller, spoken.terms.nature)
    disclosure.check_orderable(product)
    licence = licence_document(product)
    own, said = tuple(licence["allowed"]), spoken.terms
    allowed = tuple(sorted(set(said.allowed))) or own
    unreviewed = (set(allowed) & REVIEWED) - set(own)
    if unreviewed or (said.forbidden and not said.allowed):
        raise ProposalRefused(
            _(
                "Taking data out of the country is reviewed with the product: the seller has to allow it there first."
            )
            if unreviewed
            else _("A licence allows one use at least."),
            field="allowed",
            accepted=sorted(set(RIGHTS) - NEVER_ALLOWED - (REVIEWED - set(own))),
        )
    forbidden = tuple(licence["forbidden"]) if allowed == own else _others(allowed)
    if said.forbidden:
        forbidden = tuple(sorted(set(said.forbidden)))
    return replace(spoken, terms=replace(said, allowed=allowed, forbidden=forbidden))


def _others(allowed: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(set(RIGHTS) - set(allowed)))


def _terms_like(offer: Offer) -> Terms:
    return Terms(
        currency=offer.currency,
        price_minor=offer.price_minor,
        plan=offer.plan,
        period=offer.period,
        access_days=offer.access_days,
        history=offer.history,
        history_count=offer.history_count,
        future=offer.future,
    )


def _listed(product_id: str) -> Product:
    rows = Product.objects.select_related("seller").filter(state__in=KEPT_UP)
    product = rows.filter(public_id=product_id).first()
    if product is None:
        raise NotFound(_("There is no such product."))
    check_not_paused(product)
    return product


def _already(negotiation: Negotiation) -> AlreadyNegotiating:
    running = Negotiation.objects.filter(
        product=negotiation.product, buyer_id=negotiation.buyer_id, state__in=RUNNING_STATES
    ).first()
    return AlreadyNegotiating(
        _("A negotiation about this product runs already. Go on with that one."),
        negotiation="" if running is None else running.public_id,
    )
