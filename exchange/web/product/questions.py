"""Questions about a product as its readers see them."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from exchange.catalog import questions
from exchange.catalog.asking import QuestionState
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product, Question
from exchange.members.actors import Actor

SHOWN = 5
TONES = {
    QuestionState.OPEN: "warn",
    QuestionState.ANSWERED: "good",
    QuestionState.REFUSED: "neutral",
    QuestionState.HIDDEN: "bad",
}


@dataclass(frozen=True)
class QuestionView:
    """One question as its reader sees it: who asks by name where it wants that, else by kind. `text` is empty where
    the exchange hid it, `url` where the reader has no more to see of it."""

    public_id: str
    text: str
    asker: str
    is_mine: bool
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    note: str
    is_answered: bool
    state: str
    tone: str
    url: str


def newest_of(product: Product, actor: Actor) -> tuple[QuestionView, ...]:
    """What the product's page shows, and one more where there are more."""
    rows = questions.seen_of(product, actor).order_by("-pk")[: SHOWN + 1]
    return tuple(view_of(row, product, actor) for row in rows)


def may_ask(product: Product, actor: Actor) -> bool:
    """Whether the page offers to ask: to everybody but the seller's own people, who sign in on the way."""
    return product.state == ListingState.LISTED and product.seller_id not in actor.own


def view_of(row: Question, product: Product, actor: Actor) -> QuestionView:
    """One question as the actor sees it."""
    state = QuestionState(row.state)
    is_mine = row.organisation_id == actor.organisation_id
    is_shown = state != QuestionState.HIDDEN or actor.oversees
    has_page = is_mine or actor.oversees or actor.organisation_id == product.seller_id
    return QuestionView(
        public_id=row.public_id,
        text=row.text if is_shown else "",
        asker=row.asker_name or row.organisation.get_kind_display(),
        is_mine=is_mine,
        asked_at=row.asked_at,
        answer=row.answer if is_shown else "",
        answered_at=row.answered_at,
        note=row.note,
        is_answered=state == QuestionState.ANSWERED,
        state=str(state.label),
        tone=TONES[state],
        url=reverse("web:question", args=[row.public_id]) if has_page else "",
    )
