"""A product, its listing at the exchange, and the steps that led to where the listing stands."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.catalog.lifecycle import (
    AMENDABLE,
    LISTING,
    SENSITIVE,
    Delivery,
    Grade,
    ListingState,
    ListingTransition,
    ProductKind,
    RefundPolicy,
    Turn,
)
from exchange.core import clock
from exchange.core.models.steps import Step, step_constraints
from exchange.core.titles import title_of

TITLE_CHARS_MAX = 200
SUMMARY_CHARS_MAX = 400
TEXT_CHARS_MAX = 20_000
STATEMENT_CHARS_MAX = 2_000
CODE_CHARS_MAX = 40
KEYWORD_CHARS_MAX = 60
ORIGIN_CHARS_MAX = 200
URL_CHARS_MAX = 2_000
BEFORE_REVIEW = (ListingState.DRAFT, ListingState.RETURNED, ListingState.REJECTED)


@LISTING.governs("seller")
class Product(models.Model):
    """What a seller offers, in words, and where its listing stands.

    `state` and `steps_count` follow the newest step; the database refuses any other value. While
    the listing is up, `amendment` holds the fields that the seller wants changed, which an operator
    accepts or declines; `change_proposed` tells that the exchange has it. `first_approved_by` is the
    first of two operators, while the second one is missing. `parts` are what a bundle consists of.
    """

    public_id = PublicIdField(prefix="prd")
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="products"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ProductKind.choices)
    title = models.CharField(_("title"), max_length=TITLE_CHARS_MAX, blank=True)
    title_zh = models.CharField(_("Chinese title"), max_length=TITLE_CHARS_MAX, blank=True)
    summary = models.CharField(_("summary"), max_length=SUMMARY_CHARS_MAX, blank=True)
    summary_zh = models.CharField(_("Chinese summary"), max_length=SUMMARY_CHARS_MAX, blank=True)
    description = models.TextField(_("description"), max_length=TEXT_CHARS_MAX, blank=True)
    description_zh = models.TextField(
        _("Chinese description"), max_length=TEXT_CHARS_MAX, blank=True
    )
    industry = models.CharField(_("industry"), max_length=CODE_CHARS_MAX, blank=True)
    region = models.CharField(_("region"), max_length=CODE_CHARS_MAX, blank=True)
    rhythm = models.CharField(_("update rhythm"), max_length=CODE_CHARS_MAX, blank=True)
    scenarios = models.JSONField(_("scenarios"), default=list, blank=True)
    keywords = ArrayField(
        models.CharField(max_length=KEYWORD_CHARS_MAX),
        verbose_name=_("keywords"),
        default=list,
        blank=True,
    )
    licence = models.JSONField(_("licence"), default=dict, blank=True)
    refund_policy = models.CharField(
        _("refund policy"), max_length=20, choices=RefundPolicy.choices, blank=True
    )
    source_statement = models.TextField(
        _("where the data comes from"), max_length=STATEMENT_CHARS_MAX, blank=True
    )
    grade = models.CharField(_("grade"), max_length=10, choices=Grade.choices, blank=True)
    personal_statement = models.TextField(
        _("statement on personal data"), max_length=STATEMENT_CHARS_MAX, blank=True
    )
    delivery = models.CharField(_("delivery"), max_length=10, choices=Delivery.choices)
    external_url = models.URLField(_("address"), max_length=URL_CHARS_MAX, blank=True)
    parts = models.JSONField(_("parts"), default=list, blank=True)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    origin = models.CharField(
        _("origin"), max_length=ORIGIN_CHARS_MAX, unique=True, null=True, blank=True
    )
    contact = models.CharField(_("contact"), max_length=TITLE_CHARS_MAX, blank=True)
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("by"),
        related_name="+",
        null=True,
        blank=True,
    )
    state = models.CharField(
        _("state"), max_length=20, choices=ListingState.choices, default=ListingState.DRAFT
    )
    turn = models.CharField(_("whose turn"), max_length=10, choices=Turn.choices)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    steps_count = models.PositiveIntegerField(_("steps"), default=0)
    amendment = models.JSONField(_("changes"), null=True, blank=True)
    change_proposed = models.BooleanField(_("change under review"), default=False)
    first_approved_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("approved by"),
        related_name="+",
        null=True,
        blank=True,
    )
    first_approved_at = models.DateTimeField(_("at"), null=True, blank=True)
    listed_at = models.DateTimeField(_("first listed"), null=True, blank=True)
    created_at = models.DateTimeField(_("begun"), default=clock.now)
    updated_at = models.DateTimeField(_("last change"), default=clock.now)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["seller", "-id"], name="product_of_seller"),
            models.Index(fields=["state", "due_at"], name="product_queue"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ListingState.values), name="product_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*BEFORE_REVIEW, ListingState.ARCHIVED])
                | (~Q(title="") & ~Q(summary="") & ~Q(refund_policy="") & ~Q(grade="")),
                name="product_under_review_is_described",
            ),
            models.CheckConstraint(
                condition=~Q(grade=Grade.CORE)
                | Q(state__in=[*BEFORE_REVIEW, ListingState.ARCHIVED]),
                name="product_of_core_data_is_never_listed",
            ),
            models.CheckConstraint(
                condition=~Q(grade=Grade.IMPORTANT, state=ListingState.LISTED)
                | Q(delivery=Delivery.SANDBOX),
                name="product_of_important_data_stays_in_the_sandbox",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(AMENDABLE)) | Q(listed_at__isnull=False),
                name="product_listed_knows_since_when",
            ),
            models.CheckConstraint(
                condition=Q(change_proposed=False) | Q(amendment__isnull=False),
                name="product_change_under_review_exists",
            ),
            models.CheckConstraint(
                condition=Q(first_approved_by=None, first_approved_at=None)
                | Q(
                    Q(state=ListingState.PRICE_REVIEW) | Q(change_proposed=True),
                    first_approved_by__isnull=False,
                    first_approved_at__isnull=False,
                ),
                name="product_first_approval_waits_for_the_second",
            ),
        ]

    def __str__(self) -> str:
        return title_of(self) or self.public_id

    @property
    def is_sensitive(self) -> bool:
        return self.grade in SENSITIVE


@LISTING.keeps_steps("product")
class ListingStep(Step):
    """What happened to a listing, by whom and why. Rows are never changed or deleted.

    `gates` are the answers of all gates at that moment, `checklist` what the operator ticked,
    `snapshot` the listing as it was approved: the next review shows what differs from it.
    """

    lifecycle = LISTING

    public_id = PublicIdField(prefix="lst")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="steps")
    sensitive = models.BooleanField(_("of a sensitive grade"))
    checklist = models.JSONField(_("checklist"), default=list)
    gates = models.JSONField(_("gates"), default=list)
    snapshot = models.JSONField(_("listing as approved"), null=True, blank=True)

    class Meta:
        verbose_name = _("listing step")
        verbose_name_plural = _("listing steps")
        ordering = ["product_id", "number"]
        constraints = [
            *step_constraints(LISTING, "product"),
            models.CheckConstraint(
                condition=~Q(
                    sensitive=True,
                    transition__in=[ListingTransition.APPROVE, ListingTransition.ACCEPT_CHANGE],
                )
                | Q(by__isnull=False, approved_by__isnull=False),
                name="listing_step_of_a_sensitive_grade_needs_four_eyes",
            ),
        ]
