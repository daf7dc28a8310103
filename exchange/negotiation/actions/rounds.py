"""Opening a negotiation and going on with it: each round is one immutable proposal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from exchange.catalog.models import Product
from exchange.contracts.signing import document_hash
from exchange.core.queries.deadlines import working_deadline
from exchange.negotiation.actions.steps import answered, locked_negotiation, take_step
from exchange.negotiation.differences import changes_between
from exchange.negotiation.errors import AlreadyNegotiating, OtherCurrency, ProposalRefused
from exchange.negotiation.models import Negotiation, NegotiationStep, Proposal
from exchange.negotiation.models.proposals import WORDS_CHARS_MAX
from exchange.negotiation.states import (
    ANSWERING,
    MOVES,
    OPENING,
    RUNNING,
    Origin,
    Side,
    Term,
)
from exchange.negotiation.terms import Terms, checked

FORMAT = "assay.proposal/1"
PROPOSALS_MAX = 100
OFFER_DAYS_MAX = 180


@dataclass(frozen=True)
class Spoken:
    """What one side says in a round: terms, words to them, and until when it keeps to them."""

    terms: Terms
    words: str = ""
    valid_until: datetime | None = None


@dataclass(frozen=True)
class Opening:
    """Who opens a negotiation about what, and why."""

    product: Product
    buyer_id: int
    side: Side
    origin: Origin
    demand_ref: str = ""


@transaction.atomic
def open_negotiation(
    *, opening: Opening, spoken: Spoken, actor: str, by_id: int | None, now: datetime
) -> NegotiationStep:
    """Begin with the first proposal. Raises AlreadyNegotiating while one of the two runs."""
    terms = checked(spoken.terms, now=now)
    if terms.price_minor is None and opening.side is Side.SELLER:
        raise ProposalRefused(_("An offer names its price."), field="price_minor")
    move = OPENING[opening.side]
    negotiation = Negotiation(
        origin=opening.origin,
        product=opening.product,
        buyer_id=opening.buyer_id,
        seller_id=opening.product.seller_id,
        demand_ref=opening.demand_ref,
        currency=terms.currency,
        state=MOVES[move].target,
        turn=MOVES[move].turn,
        due_at=_answer_by(spoken, now),
        created_at=now,
        changed_at=now,
    )
    try:
        with transaction.atomic():
            negotiation.save(force_insert=True)
    except IntegrityError:
        raise _already(opening) from None
    proposal = _write(negotiation, opening.side, spoken, terms, None, by_id, now)
    return take_step(
        negotiation=negotiation,
        move=move,
        actor=actor,
        organisation_id=_organisation(negotiation, opening.side),
        by_id=by_id,
        proposal=proposal,
        due_at=proposal.answer_by,
        now=now,
    )


@transaction.atomic
def counter(
    *,
    negotiation_id: str,
    side: Side,
    answers: str,
    spoken: Spoken,
    actor: str,
    by_id: int | None,
    now: datetime,
) -> NegotiationStep:
    """Answer the newest proposal, named by its hash, with another one."""
    negotiation = locked_negotiation(negotiation_id)
    last = answered(negotiation, side=side, answers=answers, now=now)
    if spoken.terms.currency != negotiation.currency:
        raise OtherCurrency(
            _("This negotiation is held in %(currency)s.") % {"currency": negotiation.currency},
            currency=negotiation.currency,
        )
    terms = checked(spoken.terms, now=now)
    if terms.price_minor is None:
        raise ProposalRefused(_("An offer names its price."), field="price_minor")
    if negotiation.proposals_count >= PROPOSALS_MAX:
        raise ProposalRefused(
            _("A negotiation has at most %(limit)d rounds.") % {"limit": PROPOSALS_MAX},
            field="",
            limit=PROPOSALS_MAX,
        )
    proposal = _write(negotiation, side, spoken, terms, last, by_id, now)
    return take_step(
        negotiation=negotiation,
        move=ANSWERING[side],
        actor=actor,
        organisation_id=_organisation(negotiation, side),
        by_id=by_id,
        proposal=proposal,
        due_at=proposal.answer_by,
        now=now,
    )


def _write(
    negotiation: Negotiation,
    side: Side,
    spoken: Spoken,
    terms: Terms,
    last: Proposal | None,
    by_id: int | None,
    now: datetime,
) -> Proposal:
    words = spoken.words.strip()
    if len(words) > WORDS_CHARS_MAX or "\x00" in words:
        raise ProposalRefused(
            _("Words may have at most %(limit)d characters.") % {"limit": WORDS_CHARS_MAX},
            field="words",
            limit=WORDS_CHARS_MAX,
        )
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
        "terms": terms.document(),
        "words": words,
    }
    before: Mapping[str, Any] = {} if last is None else last.document["terms"]
    return Proposal.objects.create(
        negotiation=negotiation,
        number=negotiation.proposals_count,
        side=side,
        by_id=by_id,
        document=document,
        document_hash=document_hash(document),
        changes=[] if last is None else changes_between(before, document["terms"]),
        answer_by=answer_by,
        at=now,
    )


def _answer_by(spoken: Spoken, now: datetime) -> datetime:
    until = spoken.valid_until
    if until is None:
        return working_deadline(key=Term.ANSWER.value, now=now)
    if not now < until <= now + timedelta(days=OFFER_DAYS_MAX):
        raise ProposalRefused(
            _("A proposal holds until a moment in the next %(limit)d days.")
            % {"limit": OFFER_DAYS_MAX},
            field="valid_until",
            limit=OFFER_DAYS_MAX,
        )
    return until


def _organisation(negotiation: Negotiation, side: Side) -> int:
    return negotiation.buyer_id if side is Side.BUYER else negotiation.seller_id


def _already(opening: Opening) -> AlreadyNegotiating:
    running = Negotiation.objects.filter(
        product=opening.product,
        buyer_id=opening.buyer_id,
        state__in=[state.value for state in RUNNING],
    ).first()
    return AlreadyNegotiating(
        _("A negotiation about this product runs already. Go on with that one."),
        negotiation="" if running is None else running.public_id,
    )
