"""Related organisations, and people tied to an organisation that they are no member of."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.core.models.steps import ACTOR_CHARS_MAX

RELATION_REASON_CHARS_MAX = 500


class RelationKind(models.TextChoices):
    """How two organisations are related."""

    CONTROL = "control", _("One controls the other")
    COMMON_CONTROL = "common_control", _("Both are controlled by a third")
    PEOPLE = "people", _("The same people lead both")
    OFFICERS = "officers", _("Both have the same officers")
    OWNER = "owner", _("Both have the same beneficial owner")
    OTHER = "other", _("Another relation")


class Declared(models.Model):
    """What was declared by somebody for a reason, and until when it holds."""

    reason = models.CharField(_("reason"), max_length=RELATION_REASON_CHARS_MAX)
    declared_by = models.CharField(_("declared by"), max_length=ACTOR_CHARS_MAX)
    declared_at = models.DateTimeField(_("declared"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        abstract = True


class RelatedParty(Declared):
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


class TieKind(models.TextChoices):
    """How a person is tied to an organisation that they are no member of."""

    OFFICER = "officer", _("An officer of it")
    OWNER = "owner", _("A beneficial owner of it")
    FAMILY = "family", _("Close family leads or owns it")
    FORMER = "former", _("Worked for it until lately")
    OTHER = "other", _("Another tie")


class PersonalTie(Declared):
    """A person's tie to an organisation that was declared, and until when it holds.

    It bars the person as a membership would. Who declared it and why stays; an end is only ever added.
    """

    public_id = PublicIdField(prefix="tie")
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("person"), related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("tied to"), related_name="+"
    )
    kind = models.CharField(_("tie"), max_length=15, choices=TieKind.choices)

    class Meta:
        verbose_name = _("personal tie")
        verbose_name_plural = _("personal ties")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=TieKind.values), name="personal_tie_kind_is_known"
            ),
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(ended_at=None),
                name="personal_tie_is_declared_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"
