"""What becomes of a question about a product: answered by its seller, refused with a reason, or hidden by the
exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.catalog.lifecycle import Party, Turn
from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.catalog.models import Question


class QuestionState(TextChoices):
    """Whether a question has its answer."""

    OPEN = "open", _("Not answered yet")
    ANSWERED = "answered", _("Answered")
    REFUSED = "refused", _("The seller does not answer")
    HIDDEN = "hidden", _("Hidden by the exchange")


class QuestionTransition(TextChoices):
    """What can happen to a question."""

    ASK = "ask", _("Asked")
    ANSWER = "answer", _("Answered")
    REFUSE = "refuse", _("Answer refused")
    HIDE = "hide", _("Hidden")


S, X = QuestionState, QuestionTransition
QUESTION: Lifecycle[Question] = Lifecycle(
    "catalog.question",
    QuestionState,
    title=_("Question about a product"),
    start=S.OPEN,
    transitions=(
        Transition(X.ASK, NEW, S.OPEN, event="catalog.question.asked", notify=(Turn.SELLER,)),
        Transition(
            X.ANSWER, S.OPEN, S.ANSWERED, by=Party.SELLER, event="catalog.question.answered"
        ),
        Transition(
            X.REFUSE, S.OPEN, S.REFUSED, by=Party.SELLER, event="catalog.question.refused",
            needs_reason=True,
        ),
        Transition(
            X.HIDE, {S.OPEN, S.ANSWERED}, S.HIDDEN, by=Party.OPERATOR,
            event="catalog.question.hidden", needs_reason=True, notify=(Turn.SELLER,),
        ),
    ),
    live=False,
)  # fmt: skip
