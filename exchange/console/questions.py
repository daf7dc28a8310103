"""Questions about products, which the exchange may hide."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from exchange.catalog import questions
from exchange.catalog.asking import QUESTION, QuestionState, QuestionTransition
from exchange.catalog.models import Question
from exchange.console.marks import DANGER, act
from exchange.console.sites import console
from exchange.console.tables import ReadOnlyTable, state_column, where
from exchange.core.fields import FullReasonForm

STATES = {
    QuestionState.OPEN.value: "warning",
    QuestionState.ANSWERED.value: "success",
    QuestionState.REFUSED.value: "info",
    QuestionState.HIDDEN.value: "danger",
}


@admin.register(Question, site=console)
class QuestionTable(ReadOnlyTable):
    """What members asked about products and what sellers answered, the newest first."""

    when_empty = _("Members ask about products. You may hide here what should not stand on a page.")
    list_display = ("product", "organisation", "text", "state_shown", "asked_at")
    list_filter = ("state",)
    list_select_related = ("product", "organisation", "asked_by", "answered_by")
    member_fields = ("organisation", "product__seller")
    search_fields = ("public_id__exact", "product__public_id__exact")
    search_help_text = _("Public id of the question or of the product")
    ordering = ("-pk",)
    fields = (
        "public_id", "product", "organisation", "asked_by", "asked_at", "shows_name", "text", "state",
        "answer", "answered_by", "answered_at", "note",
    )  # fmt: skip
    actions_detail = ("hide",)

    state_shown = state_column(STATES)

    has_hide_permission = where(state__in=QUESTION.transitions[QuestionTransition.HIDE].sources)

    @act(_("Hide"), path="hide", permission="hide", icon="visibility_off", variant=DANGER)
    def hide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(
            request, object_id, questions.hide, FullReasonForm, title=_("Hide the question"),
            button=_("Hide"),
            sentence=_(
                "Question and answer leave the product's page for good. Who asked and the seller read your reason."
            ),
        )  # fmt: skip
