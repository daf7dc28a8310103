"""What people want: visits by day, watches, saved searches, and demands with their answers."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.catalog.lifecycle import DEMAND, DemandState
from exchange.catalog.models.search import FACET_CHARS_MAX
from exchange.core.fields import CurrencyField
from pricing.money import MoneyOf

NAME_CHARS_MAX = 120
TEXT_CHARS_MAX = 4000
ASKED_CHARS_MAX = 200


class ProductDay(models.Model):
    """How often a product's page was opened and its sample taken on one day of the exchange's zone. Nothing
    says by whom."""

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    views = models.PositiveIntegerField(_("views"))
    samples = models.PositiveIntegerField(_("samples taken"))

    class Meta:
        verbose_name = _("visits of a day")
        verbose_name_plural = _("visits by day")
        ordering = ["product_id", "day"]
        indexes = [models.Index(fields=["day"], name="product_day_old")]
        constraints = [
            models.UniqueConstraint(fields=["product", "day"], name="product_day_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.views}, {self.samples}"


class Watch(models.Model):
    """A person follows a product."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="watches")
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="watches")
    at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="watch_is_one_per_product"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.product}"


class SavedSearch(models.Model):
    """A search that a person keeps. New listings that fit it are told to them.

    `terms` is the text as the search reads it, kept so that a new listing is held against all saved
    searches by the database.
    """

    public_id = PublicIdField(prefix="svs")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("name"), max_length=NAME_CHARS_MAX)
    text = models.CharField(_("words"), max_length=ASKED_CHARS_MAX, blank=True)
    facets = ArrayField(models.CharField(max_length=FACET_CHARS_MAX), verbose_name=_("facets"))
    terms = models.TextField(_("words as read"), blank=True)
    at = models.DateTimeField(_("saved"))

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "text", "facets"], name="saved_search_is_kept_once"
            ),
            models.CheckConstraint(
                condition=~Q(text="") | Q(facets__len__gte=1),
                name="saved_search_looks_for_something",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_search_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


@DEMAND.governs("organisation")
class Demand(models.Model):
    """Data that an organisation looks for, on a public board until it is closed."""

    public_id = PublicIdField(prefix="dem")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="demands")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=NAME_CHARS_MAX)
    description = models.TextField(_("what is needed, and for what"), max_length=TEXT_CHARS_MAX)
    budget_minor = models.BigIntegerField(_("budget"), null=True, blank=True)
    currency = CurrencyField(default="CNY")
    budget = MoneyOf("budget_minor", "currency")
    needed_by = models.DateField(_("needed by"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=DemandState.choices, default=DemandState.OPEN
    )
    posted_at = models.DateTimeField(_("posted"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for data")
        verbose_name_plural = _("requests for data")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["-id"], condition=Q(state=DemandState.OPEN), name="demand_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(description=""), name="demand_says_what_is_needed"
            ),
            models.CheckConstraint(
                condition=Q(budget_minor=None) | Q(budget_minor__gt=0),
                name="demand_budget_is_money",
            ),
            models.CheckConstraint(
                condition=Q(state=DemandState.OPEN, closed_at=None)
                | (~Q(state=DemandState.OPEN) & Q(closed_at__isnull=False)),
                name="demand_closes_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class DemandAnswer(models.Model):
    """A seller points to a product of its own that may be what is looked for."""

    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="answers")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(_("note"), max_length=TEXT_CHARS_MAX, blank=True)
    at = models.DateTimeField(_("answered"))

    class Meta:
        verbose_name = _("answer to a request")
        verbose_name_plural = _("answers to requests")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["demand", "product"], name="demand_answer_names_a_product_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.demand}: {self.product}"
