"""Questions about products, with their answers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.catalog.asking import QUESTION, QuestionState
from exchange.core.lifecycle import REASON_CHARS_MAX

QUESTION_CHARS_MAX = 2000
ENDED_WITHOUT = [QuestionState.REFUSED, QuestionState.HIDDEN]


@QUESTION.governs("product", "organisation")
class Question(models.Model):
    """What a member asks the seller of a product, and the seller's answer.

    `shows_name`: readers see the name of the asking organisation, else only its kind. `note` is why the
    seller does not answer, or why the exchange hid it.
    """

    public_id = PublicIdField(prefix="qst")
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, related_name="questions"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("asked for"), related_name="+"
    )
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("asked by"), related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    shows_name = models.BooleanField(_("shows its name"), default=False)
    text = models.TextField(_("question"), max_length=QUESTION_CHARS_MAX)
    answer = models.TextField(_("answer"), max_length=QUESTION_CHARS_MAX, blank=True)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("answered by"), related_name="+",
        null=True, blank=True,
    )  # fmt: skip
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    note = models.TextField(_("why not"), max_length=REASON_CHARS_MAX, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=QuestionState.choices, default=QUESTION.start
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["product", "-id"], name="question_of_product"),
            models.Index(
                fields=["product"],
                condition=Q(state=QuestionState.OPEN),
                name="question_open_of_product",
            ),
            models.Index(fields=["asked_by", "asked_at"], name="question_of_person"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_says_something"),
            models.CheckConstraint(
                condition=Q(state__in=QuestionState.values), name="question_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_by=None, answered_at=None)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="question_answer_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state=QuestionState.HIDDEN)
                | (Q(state=QuestionState.ANSWERED) & ~Q(answer=""))
                | Q(state__in=[QuestionState.OPEN, QuestionState.REFUSED], answer=""),
                name="question_answered_has_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED_WITHOUT) & ~Q(note="")
                | (~Q(state__in=ENDED_WITHOUT) & Q(note="")),
                name="question_ends_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def asker_name(self) -> str:
        """The name of the asking organisation as readers see it; empty where it does not show it."""
        return self.organisation.name if self.shows_name else ""

    @property
    def seller_id(self) -> int:
        """The organisation that is asked."""
        return self.product.seller_id
