"""The step that a lifecycle keeps: what happened, by whom and why. Rows never change."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exchange.core.lifecycle import REASON_CHARS_MAX, Lifecycle

TRANSITION_CHARS_MAX = 40
ACTOR_CHARS_MAX = 100
CODE_CHARS_MAX = 40


class Step(models.Model):
    """One step of one subject. A room's own names its lifecycle, its public id and its subject.

    ```python
    @ORDER.keeps_steps("order")
    class OrderStep(Step):
        lifecycle = ORDER
        public_id = PublicIdField(prefix="ost")
        order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="steps")

        class Meta:
            ordering = ["order_id", "number"]
            constraints = step_constraints(ORDER, "order")
    ```
    """

    lifecycle: ClassVar[Lifecycle[Any]]

    number = models.PositiveIntegerField(_("number"))
    transition = models.CharField(_("step"), max_length=TRANSITION_CHARS_MAX)
    source = models.CharField(_("from"), max_length=TRANSITION_CHARS_MAX, blank=True)
    target = models.CharField(_("to"), max_length=TRANSITION_CHARS_MAX)
    actor = models.CharField(_("actor"), max_length=ACTOR_CHARS_MAX)
    by = models.ForeignKey(
        "accounts.User",
        on_delete=models.PROTECT,
        verbose_name=_("by"),
        related_name="+",
        null=True,
        blank=True,
    )
    approved_by = models.ForeignKey(
        "accounts.User",
        on_delete=models.PROTECT,
        verbose_name=_("approved by"),
        related_name="+",
        null=True,
        blank=True,
    )
    reason_code = models.CharField(_("kind of reason"), max_length=CODE_CHARS_MAX, blank=True)
    reason = models.TextField(_("reason"), blank=True, max_length=REASON_CHARS_MAX)
    facts = models.JSONField(_("facts"), default=dict)
    at = models.DateTimeField(_("at"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.number} · {self.get_transition_display()}"

    def get_transition_display(self) -> str:
        """What happened, in the reader's language."""
        return self.lifecycle.label(self.transition)

    def get_source_display(self) -> str:
        """Where it came from, in the reader's language; empty for the first."""
        return str(getattr(self.lifecycle.states(self.source), "label", "")) if self.source else ""

    def get_target_display(self) -> str:
        """Where it led, in the reader's language."""
        return str(getattr(self.lifecycle.states(self.target), "label", self.target))


def step_constraints(lifecycle: Lifecycle[Any], link: str) -> list[models.BaseConstraint]:
    """What holds of every step: numbered without a second, legal, approved by another."""
    steps = [
        Q(transition=name, source=source, target=target)
        for name, source, target in lifecycle.legal_steps()
    ]
    thing = lifecycle.thing
    return [
        models.UniqueConstraint(fields=[link, "number"], name=f"{thing}_step_number_is_unique"),
        models.CheckConstraint(condition=Q(*steps, _connector=Q.OR), name=f"{thing}_step_is_legal"),
        models.CheckConstraint(
            condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("by")),
            name=f"{thing}_step_is_approved_by_another",
        ),
    ]
