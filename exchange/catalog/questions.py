"""Questions about products: members ask, the seller answers in public or says why not, the exchange may hide one.

Until it is answered a question is seen by its asker and the seller alone.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from exchange.catalog.asking import QUESTION, QuestionState, QuestionTransition
from exchange.catalog.lifecycle import ListingState, Turn
from exchange.catalog.models import Product, Question
from exchange.catalog.models.questions import QUESTION_CHARS_MAX
from exchange.catalog.queries import product_named, subject_of
from exchange.core.inputs import is_shown
from exchange.core.lifecycle import Change
from exchange.core.refusals import Invalid, NotAllowed, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.members.roles import Role
from exchange.notices import notify
from exchange.notices.notify import Party

CHARS_MIN = 5
DAY = timedelta(days=1)
A_DAY_MAX = 20
OPEN_MAX = 5


class QuestionRefused(Invalid):
    """The question or its answer is too short, too long or has characters that cannot be shown; `field` names
    which."""

    code = "question_refused"


class TooManyQuestions(Refusal):
    """The person has asked as often as one may in a day, or the organisation has as many questions about this
    product without an answer as it may."""

    code = "too_many_questions"


def declare() -> None:
    """Who is told, and what the log says. For `AppConfig.ready`."""
    QUESTION.concerns = _concerns
    QUESTION.record_facts = _facts
    for name in (QuestionTransition.ANSWER, QuestionTransition.REFUSE, QuestionTransition.HIDE):
        QUESTION.on(name, _tell_asker)
    notify.declare(
        QUESTION,
        parties={Turn.SELLER: Party("seller_id", (Role.DATA_OWNER, Role.DATA_OPERATOR))},
        facts=lambda question: {"product": question.product},
    )


def asking_about(*, actor: Actor, product_id: str, **_asked: object) -> Subject | None:
    """The organisation acted for, opposite the seller. Raises NotAllowed where both are one."""
    own = actor.organisation_id
    if own is None:
        return None
    seller_id = product_named(product_id).seller_id
    if own == seller_id:
        raise NotAllowed(_("This is a product of your own organisation."))
    return Subject(organisation_id=own, engaged=frozenset({seller_id}))


@use_case(Permission.QUESTION_ASK, about=asking_about)
def ask(*, product_id: str, text: str, shows_name: bool, actor: Actor, now: datetime) -> Question:
    """Ask the seller of a listed product. Raises QuestionRefused and TooManyQuestions."""
    product = Product.objects.filter(public_id=product_id, state=ListingState.LISTED).first()
    if product is None:
        raise NotFound(_("There is no such product."))
    text = _checked(text, "text")
    # Questions of one organisation, and of one person, wait for one another, so that no count misses one.
    own = organisation_of(actor)
    Organisation.objects.select_for_update(no_key=True).get(pk=own)
    person = User.objects.select_for_update(no_key=True).get(pk=person_of(actor))
    asked = Question.objects.filter(asked_by=person, asked_at__gt=now - DAY)
    if asked.count() >= A_DAY_MAX:
        raise TooManyQuestions(
            _("You have asked %(limit)d questions within a day. Go on tomorrow.")
            % {"limit": A_DAY_MAX},
            limit=A_DAY_MAX,
        )
    waiting = Question.objects.filter(
        product=product, organisation_id=own, state=QuestionState.OPEN
    )
    if waiting.count() >= OPEN_MAX:
        raise TooManyQuestions(
            _("%(limit)d questions of your organisation about this product wait for the seller.")
            % {"limit": OPEN_MAX},
            limit=OPEN_MAX,
        )
    question = Question(
        product=product, organisation_id=own, asked_by=person, asked_at=now,
        shows_name=shows_name, text=text,
    )  # fmt: skip
    return QUESTION.transition(
        question, QuestionTransition.ASK, actor=actor, now=now, personal={"text": text}
    )


@use_case(Permission.DEMAND_ANSWER, locks=QUESTION)
def answer(question: Question, *, text: str, actor: Actor, now: datetime) -> Question:
    """Answer a question about one's own product; everybody reads both from then on. Raises QuestionRefused."""
    question.answer = _checked(text, "answer")
    question.answered_by_id, question.answered_at = person_of(actor), now
    return QUESTION.transition(
        question, QuestionTransition.ANSWER, actor=actor, now=now,
        personal={"answer": question.answer}, save=("answer", "answered_by", "answered_at"),
    )  # fmt: skip


@use_case(Permission.DEMAND_ANSWER, locks=QUESTION)
def refuse(question: Question, *, reason: str, actor: Actor, now: datetime) -> Question:
    """Say that a question is not answered, and why; its asker alone reads it."""
    return _end(question, QuestionTransition.REFUSE, reason, actor, now)


@use_case(Permission.LISTING_REVIEW, locks=QUESTION)
def hide(question: Question, *, reason: str, actor: Actor, now: datetime) -> Question:
    """As an operator, take a question and its answer off the page for good."""
    return _end(question, QuestionTransition.HIDE, reason, actor, now)


def _end(
    question: Question, name: QuestionTransition, reason: str, actor: Actor, now: datetime
) -> Question:
    question.note = QUESTION.checked_reason(name, reason)
    return QUESTION.transition(
        question, name, actor=actor, now=now, reason=question.note, save=("note",)
    )


def seen_of(product: Product, actor: Actor) -> QuerySet[Question]:
    """The questions about a product that the actor may read: what is answered, and their own; all of them for the
    seller and for who oversees the exchange."""
    rows = Question.objects.filter(product=product).select_related("organisation")
    if actor.oversees or actor.organisation_id == product.seller_id:
        return rows
    is_seen = Q(state=QuestionState.ANSWERED)
    if actor.organisation_id is not None:
        is_seen |= Q(organisation_id=actor.organisation_id)
    return rows.filter(is_seen)


def question_seen_by(actor: Actor, question_id: str) -> Question:
    """The question of an address. Raises NotFound to who may not know of it."""
    rows = Question.objects.select_related("product", "organisation")
    question = rows.filter(public_id=question_id).first()
    if question is not None and seen_of(question.product, actor).filter(pk=question.pk).exists():
        return question
    raise NotFound(_("There is no such question."))


def waiting_for(seller_id: int) -> QuerySet[Question]:
    """What a seller has not answered yet, the oldest first."""
    rows = Question.objects.filter(product__seller_id=seller_id, state=QuestionState.OPEN)
    return rows.select_related("product").order_by("pk")


def _checked(text: str, field: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not is_shown(text, has_lines=True):
        raise QuestionRefused(_("The text has a character that cannot be shown."), field=field)
    if not CHARS_MIN <= len(text) <= QUESTION_CHARS_MAX:
        raise QuestionRefused(
            _("Write between %(least)d and %(most)d characters.")
            % {"least": CHARS_MIN, "most": QUESTION_CHARS_MAX},
            field=field, least=CHARS_MIN, most=QUESTION_CHARS_MAX,
        )  # fmt: skip
    return text


def _concerns(question: Question) -> Subject:
    """The seller of the product, with the asker opposite, who knows of it."""
    asker = frozenset({question.organisation_id})
    return replace(subject_of(question.product), engaged=asker, other_side=asker)


def _facts(question: Question, _change: Change) -> Mapping[str, Any]:
    return {
        "product": question.product.public_id,
        "organisation": question.organisation.public_id,
    }


def _tell_asker(question: Question, change: Change) -> None:
    kind = QUESTION.transitions[change.transition].event
    notify.tell(
        user_ids=[question.asked_by_id],
        kind=kind,
        facts={"product": question.product},
        url=notify.path("question", question.public_id),
        dedupe=f"question:{question.public_id}:{kind}",
        now=change.at,
    )
