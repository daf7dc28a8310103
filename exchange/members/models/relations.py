"""Organisations that are related: they do not bid on what the other offers."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from exchange.core.ids import PublicIdField

ACTOR_CHARS_MAX = 100
REASON_CHARS_MAX = 500


class RelationKind(models.TextChoices):
    """How two organisations are related."""

    CONTROL = "control", _("One controls the other")
    COMMON_CONTROL = "common_control", _("Both are controlled by a third")
    PEOPLE = "people", _("The same people lead both")
    OTHER = "other", _("Another relation")


class RelatedParty(models.Model):
    """A relation that was declared, and until when it holds. It holds in both directions.

    Who declared it and why stays; an end is only ever added.
    """

    public_id = PublicIdField(prefix="rel")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("organisation"), related_name="+"
    )
    other = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("related to"), related_name="+"
    )
    kind = models.CharField(_("relation"), max_length=15, choices=RelationKind.choices)
    reason = models.CharField(_("reason"), max_length=REASON_CHARS_MAX)
    declared_by = models.CharField(_("declared by"), max_length=ACTOR_CHARS_MAX)
    declared_at = models.DateTimeField(_("declared"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("related organisation")
        verbose_name_plural = _("related organisations")
        ordering = ["-id"]
        indexes = [models.Index(fields=["other"], name="related_party_other")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(organisation=F("other")), name="related_party_is_another"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=RelationKind.values), name="related_party_kind_is_known"
            ),
            models.UniqueConstraint(
                fields=["organisation", "other"],
                condition=Q(ended_at=None),
                name="related_party_is_declared_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.other}"
