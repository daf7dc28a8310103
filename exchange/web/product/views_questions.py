"""Asking about a product: the list for everybody, a new question, and one question on its own page."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from exchange.catalog import questions
from exchange.catalog.asking import QuestionState
from exchange.catalog.models.questions import QUESTION_CHARS_MAX
from exchange.core import clock
from exchange.core.fields import FullReasonForm, text_field
from exchange.core.refusals import NotAllowed, NotFound
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import actor_of
from exchange.members.permissions import Permission
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.product.questions import QuestionView, may_ask, view_of
from exchange.web.product.views import product_seen_by
from exchange.web.submissions import blaming, sent, status_of
from exchange.web.views import form_view

ROWS_PER_PAGE = 20
PAGES = (NotAllowed, NotFound)  # refusals that have a page of their own


class AskForm(forms.Form):
    """A question, and whether readers see who asks."""

    text = text_field(gettext_lazy("Your question"), chars_max=QUESTION_CHARS_MAX, rows=4)
    shows_name = forms.BooleanField(
        label=gettext_lazy("Show the name of my organisation"),
        help_text=gettext_lazy("Without it, readers and the seller see only what kind it is."),
        required=False,
    )


class AnswerForm(forms.Form):
    """The seller's answer."""

    answer = text_field(gettext_lazy("Your answer"), chars_max=QUESTION_CHARS_MAX, rows=4)


@dataclass(frozen=True)
class QuestionsPage:
    product_id: str
    title: str
    may_ask: bool
    questions: KeyPage[QuestionView]


@dataclass(frozen=True)
class AskPage:
    product_id: str
    title: str
    form: AskForm


@dataclass(frozen=True)
class QuestionPage:
    product_id: str
    title: str
    question: QuestionView
    may_answer: bool
    answer_form: AnswerForm
    refusal_form: FullReasonForm


@require_GET
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """All questions about a product that the reader may see, the newest first."""
    actor = actor_of(request)
    product = product_seen_by(actor, product_id)
    rows = key_page(request, questions.seen_of(product, actor), size=ROWS_PER_PAGE)
    page = QuestionsPage(
        product_id=product.public_id,
        title=title_of(product),
        may_ask=may_ask(product, actor),
        questions=rows.shown_as(lambda row: view_of(row, product, actor)),
    )
    return render_page(request, "product/questions.html", page)


@form_view
def ask(request: HttpRequest, product_id: str) -> HttpResponse:
    """Ask the seller of a listed product."""
    actor = actor_of(request)
    product = product_seen_by(actor, product_id)
    subject = questions.asking_about(actor=actor, product_id=product_id)
    policy.require(actor, Permission.QUESTION_ASK, subject)
    form = AskForm(sent(request))
    if form.is_valid():
        with blaming(form, raising=PAGES):
            asked = questions.ask(
                product_id=product_id, actor=actor, now=clock.now(), **form.cleaned_data
            )
            messages.success(request, _("The seller is asked. You are told once it answers."))
            return redirect("web:question", asked.public_id)
    page = AskPage(product.public_id, title_of(product), form)
    return render_page(request, "product/question_ask.html", page, status=status_of(form))


@form_view
def show_one(request: HttpRequest, question_id: str) -> HttpResponse:
    """One question: its asker reads it, the seller answers or says why not."""
    actor = actor_of(request)
    question = questions.question_seen_by(actor, question_id)
    refuses = "refuse" in request.POST
    answer_form = AnswerForm(None if refuses else sent(request))
    refusal_form = FullReasonForm(sent(request) if refuses else None)
    form = refusal_form if refuses else answer_form
    if form.is_valid():
        with blaming(form, raising=PAGES):
            if refuses:
                reason = form.cleaned_data["reason"]
                questions.refuse(question_id, reason=reason, actor=actor, now=clock.now())
                messages.success(request, _("Who asked reads your reason."))
            else:
                text = form.cleaned_data["answer"]
                questions.answer(question_id, text=text, actor=actor, now=clock.now())
                messages.success(request, _("Everybody reads your answer now."))
            return redirect("web:question", question_id)
    page = QuestionPage(
        product_id=question.product.public_id,
        title=title_of(question.product),
        question=view_of(question, question.product, actor),
        may_answer=question.state == QuestionState.OPEN
        and actor.organisation_id == question.product.seller_id,
        answer_form=answer_form,
        refusal_form=refusal_form,
    )
    return render_page(request, "product/question.html", page, status=status_of(form))
