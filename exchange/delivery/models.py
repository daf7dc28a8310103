"""What an organisation may fetch, since when and until when, and what it fetched."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import ApiKey, Organisation, User
from exchange.catalog.lifecycle import Future, History
from exchange.catalog.models import Product, Revision
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.models.steps import Step, step_constraints
from exchange.core.periods import ends_after_start
from exchange.delivery.lifecycle import (
    COMPARISON,
    ENTITLEMENT,
    ComparisonState,
    EntitlementState,
    Form,
)
from exchange.orders.models import Order
from exchange.vault.models import DataTable


@ENTITLEMENT.governs("order", "organisation", "product")
class Entitlement(models.Model):
    """An order's right to a product's data.

    What it opens is asked of the rules below at every use, so that a new revision is there at once
    and a revoked one is not. `new_since` divides earlier revisions from new ones: the beginning, and
    for an order that renews another the beginning of the first. `due_at` is when the clock ends it:
    `valid_until`, while there is something to end.
    """

    public_id = PublicIdField(prefix="ent")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="entitlement")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="entitlements"
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="entitlements")
    terms = models.JSONField(_("terms"))
    history = models.CharField(_("earlier revisions"), max_length=10, choices=History.choices)
    history_count = models.PositiveIntegerField(_("how many of them"), null=True, blank=True)
    future = models.CharField(_("new revisions"), max_length=10, choices=Future.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=EntitlementState.choices, default=ENTITLEMENT.start
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    steps_count = models.PositiveIntegerField(_("steps"), default=0)
    reason = models.TextField(_("reason"), blank=True, max_length=REASON_CHARS_MAX)
    new_since = models.DateTimeField(_("new revisions are those since"))
    valid_from = models.DateTimeField(_("from"))
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="entitlement_newest"),
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="entitlement_ending"
            ),
        ]
        constraints = [
            ends_after_start("entitlement_ends_after_start"),
            models.CheckConstraint(
                condition=Q(new_since__lte=F("valid_from")),
                name="entitlement_follows_the_one_it_renews",
            ),
            models.CheckConstraint(
                condition=Q(history=History.LAST, history_count__gt=0)
                | (~Q(history=History.LAST) & Q(history_count=None)),
                name="entitlement_counts_the_last_revisions",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[EntitlementState.SUSPENDED, EntitlementState.REVOKED])
                | ~Q(reason=""),
                name="entitlement_is_taken_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=EntitlementState.EXPIRED) | Q(valid_until__isnull=False),
                name="entitlement_expires_at_an_end",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


@ENTITLEMENT.keeps_steps("entitlement")
class EntitlementStep(Step):
    """A step of an entitlement: who, when, why. Never changed."""

    lifecycle = ENTITLEMENT

    public_id = PublicIdField(prefix="ens")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        verbose_name = _("step of an entitlement")
        verbose_name_plural = _("steps of entitlements")
        ordering = ["entitlement_id", "number"]
        constraints = step_constraints(ENTITLEMENT, "entitlement")


class Delivery(models.Model):
    """The delivery of one table of a revision. A download resumed ten times, or repeated, is the same
    delivery; `uses` counts those that began an hour or more after the one before was at its end.

    Of the use that goes on, `use_sent` says by form how many bytes were billed (no more than the form
    has; None where it was begun and nothing was billed yet), and `use_rows` how many rows.
    """

    public_id = PublicIdField(prefix="dlv")
    entitlement = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, related_name="deliveries"
    )
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    table = models.ForeignKey(DataTable, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField(_("first request"))
    last_at = models.DateTimeField(_("latest request"))
    requests = models.PositiveBigIntegerField(_("requests"), default=1)
    uses = models.PositiveBigIntegerField(_("uses"), default=1)
    bytes_sent = models.PositiveBigIntegerField(_("bytes sent"), default=0)
    use_sent = models.JSONField(_("bytes of this use"), default=dict, db_default={})
    use_rows = models.PositiveBigIntegerField(_("rows of this use"), default=0, db_default=0)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entitlement", "revision", "table"], name="delivery_is_counted_once"
            ),
            models.CheckConstraint(
                condition=Q(last_at__gte=F("first_at")), name="delivery_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(uses__gt=0, requests__gte=F("uses")), name="delivery_was_asked_for"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class DownloadLink(models.Model):
    """A link to one table in one form, for a few minutes: who made it (a person or a key), what may be
    spent through it net of tax (None: one use of the table, as every link), and what was."""

    public_id = PublicIdField(prefix="lnk")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="links")
    table = models.ForeignKey(DataTable, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(_("form"), max_length=10, choices=Form.choices)
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    key = models.ForeignKey(
        ApiKey, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    spend_max_minor = models.BigIntegerField(_("may be spent"), null=True, blank=True)
    spent_minor = models.BigIntegerField(_("spent"), default=0)
    bytes_sent = models.PositiveBigIntegerField(_("bytes sent"), default=0)
    requests = models.PositiveBigIntegerField(_("requests"), default=0)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("download link")
        verbose_name_plural = _("download links")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(made_by__isnull=False, key=None) | Q(made_by=None, key__isnull=False),
                name="link_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(spend_max_minor=None) | Q(spend_max_minor__gte=0),
                name="link_cap_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="link_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


@COMPARISON.governs("order")
class Comparison(models.Model):
    """What was delivered under an order, read again beside what was promised. Once made it never changes.

    `document` holds the claims and their verdicts without a value of the data, `figures` the values; the
    log has the hash of each. `progress` is a share in per cent, `readings` counts who began.
    """

    public_id = PublicIdField(prefix="cmp")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="comparisons")
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ComparisonState.choices, default=COMPARISON.start
    )
    reader = models.CharField(_("reader"), max_length=60, blank=True)
    document = models.JSONField(_("document"), default=dict, blank=True)
    figures = models.JSONField(_("figures"), default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=REASON_CHARS_MAX, blank=True)
    readings = models.PositiveIntegerField(_("readings begun"), default=0)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    asked_at = models.DateTimeField(_("asked for"))
    made_at = models.DateTimeField(_("made"), null=True, blank=True)

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        ordering = ["-id"]
        indexes = [models.Index(fields=["order", "-id"], name="comparison_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=[ComparisonState.ASKED, ComparisonState.READING]),
                name="comparison_is_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=ComparisonState.MADE, made_at__isnull=False) & ~Q(reader="")
                | ~Q(state=ComparisonState.MADE) & Q(made_at=None),
                name="comparison_made_names_its_reader",
            ),
            models.CheckConstraint(
                condition=Q(progress__lte=100), name="comparison_progress_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class LinkHolder(models.Model):
    """One address from which a link was used, as a hash."""

    link = models.ForeignKey(DownloadLink, on_delete=models.CASCADE, related_name="holders")
    address_hash = models.CharField(_("hash of the address"), max_length=64)
    first_at = models.DateTimeField(_("first request"))

    class Meta:
        verbose_name = _("holder of a link")
        verbose_name_plural = _("holders of links")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["link", "address_hash"], name="link_holder_is_one_row")
        ]

    def __str__(self) -> str:
        return f"{self.link_id} · {self.address_hash[:8]}"
