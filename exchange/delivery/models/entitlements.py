"""What an organisation may fetch, since when and until when."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from exchange.catalog.lifecycle import Future, History
from exchange.catalog.models import Product
from exchange.core.ids import PublicIdField
from exchange.core.periods import ends_after_start
from exchange.delivery.states import ENTITLEMENT_MOVES, EntitlementState

ORDER_CHARS_MAX = 40
REASON_CHARS_MAX = 2000
ACTOR_CHARS_MAX = 100


class Entitlement(models.Model):
    """An order's right to a product's data. The order is known by its public id alone.

    What it opens is asked of the rules below at every use, so that a new revision is there at once
    and a revoked one is not. `new_since` divides earlier revisions from new ones: the beginning, and
    for an order that renews another the beginning of the first.
    """

    public_id = PublicIdField(prefix="ent")
    order_ref = models.CharField(_("order"), max_length=ORDER_CHARS_MAX, unique=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="entitlements"
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="entitlements")
    terms = models.JSONField(_("terms"))
    history = models.CharField(_("earlier revisions"), max_length=10, choices=History.choices)
    history_count = models.PositiveIntegerField(_("how many of them"), null=True, blank=True)
    future = models.CharField(_("new revisions"), max_length=10, choices=Future.choices)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=EntitlementState.choices,
        default=EntitlementState.ACTIVE,
    )
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
                fields=["valid_until"],
                condition=Q(
                    state__in=[EntitlementState.ACTIVE, EntitlementState.SUSPENDED],
                    valid_until__isnull=False,
                ),
                name="entitlement_ending",
            ),
        ]
        constraints = [
            ends_after_start("entitlement_ends_after_start"),
            models.CheckConstraint(condition=~Q(order_ref=""), name="entitlement_has_an_order"),
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


class EntitlementStep(models.Model):
    """A change of an entitlement's state: who, when, why. Never changed."""

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="steps")
    source = models.CharField(_("from"), max_length=10, blank=True)
    target = models.CharField(_("to"), max_length=10, choices=EntitlementState.choices)
    by = models.CharField(_("by"), max_length=ACTOR_CHARS_MAX)
    reason = models.TextField(_("reason"), blank=True, max_length=REASON_CHARS_MAX)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("step of an entitlement")
        verbose_name_plural = _("steps of entitlements")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source="", target=EntitlementState.ACTIVE)
                | Q(
                    *(
                        Q(source=source, target=target)
                        for source, targets in ENTITLEMENT_MOVES.items()
                        for target in sorted(targets)
                    ),
                    _connector=Q.OR,
                ),
                name="entitlement_step_is_a_legal_move",
            ),
            models.UniqueConstraint(
                fields=["entitlement"],
                condition=Q(source=""),
                name="entitlement_begins_once",
            ),
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="entitlement_step_changes_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
