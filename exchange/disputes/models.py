"""Disputes over orders, and what happened to each."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.core.fields import CurrencyField
from exchange.core.formatting import money_shown
from exchange.core.models.steps import Step, step_constraints
from exchange.disputes.lifecycle import (
    DISPUTE,
    DisputeKind,
    DisputeState,
    DisputeTransition,
    DisputeTurn,
    OfferKind,
    Outcome,
    Remedy,
)
from exchange.members.models import DOCUMENT_NAME_CHARS_MAX, SIZE_BYTES_MAX, storage_name
from exchange.metering.models import METER_CHARS_MAX
from exchange.orders.models import Order, Ruling
from pricing.money import Money

OFFER_FIELDS = (
    "offer_by", "offer_number", "offer_kind", "offer_minor", "offer_days", "offer_until",
)  # fmt: skip
MONEY_BACK = (Outcome.PART_REFUNDED, Outcome.CREDITED)


def offer_shown(kind: str, refund: Money | None, days: int | None) -> str:
    """What an offer comes to, in the reader's language; empty for none."""
    if not kind:
        return ""
    said = str(OfferKind(kind).label)
    if refund is not None:
        return f"{said}: {money_shown(refund)}"
    if days is None:
        return said
    more = ngettext("%(days)d day longer", "%(days)d days longer", days) % {"days": days}
    return f"{said}: {more}"


@DISPUTE.governs("order", "claimant", "respondent", "ruling")
class Dispute(models.Model):
    """Who disputes which order with whom, what is asked for, where it stands and how it ended.

    `wanted_minor` is the part that a partial refund is asked of, `refund_minor` what was refunded of a
    partial one. `set_aside` is what each party of a sale that was shared out gave for the time of the
    dispute, `paused_step` the step of the entitlement by which access rests meanwhile. `ruling` is the one that
    stands: the first, or that on the appeal of `appeal_by`. What was said stands in the steps. `line_day` and
    `line_meter` name the line of a bill of use that it is about.
    """

    public_id = PublicIdField(prefix="dsp")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="disputes")
    claimant = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("opened by"), related_name="+"
    )
    respondent = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("against"), related_name="+"
    )
    opened_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("opened by the person"), related_name="+"
    )
    kind = models.CharField(_("what is wrong"), max_length=20, choices=DisputeKind.choices)
    remedy = models.CharField(_("asked for"), max_length=20, choices=Remedy.choices)
    currency = CurrencyField(_("currency"))
    wanted_minor = models.BigIntegerField(_("part asked for"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=DisputeState.choices)
    turn = models.CharField(_("whose turn"), max_length=10, choices=DisputeTurn.choices)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    steps_count = models.PositiveIntegerField(_("steps"), default=0)
    outcome = models.CharField(_("outcome"), max_length=15, choices=Outcome.choices, blank=True)
    refund_minor = models.BigIntegerField(_("part refunded"), null=True, blank=True)
    extended_days = models.PositiveIntegerField(_("extended by days"), null=True, blank=True)
    offer_by = models.CharField(
        _("offered by"), max_length=10, choices=DisputeTurn.choices, blank=True
    )
    offer_number = models.PositiveIntegerField(_("step of the offer"), null=True, blank=True)
    offer_kind = models.CharField(
        _("what is offered"), max_length=10, choices=OfferKind.choices, blank=True
    )
    offer_minor = models.BigIntegerField(_("refund offered"), null=True, blank=True)
    offer_days = models.PositiveIntegerField(_("days offered"), null=True, blank=True)
    offer_until = models.DateTimeField(_("offer stands until"), null=True, blank=True)
    ruling = models.ForeignKey(
        Ruling,
        on_delete=models.PROTECT,
        verbose_name=_("ruling"),
        related_name="+",
        null=True,
        blank=True,
    )
    appeal_by = models.CharField(
        _("appealed by"), max_length=10, choices=DisputeTurn.choices, blank=True
    )
    paused_step = models.PositiveIntegerField(
        _("step of the entitlement that rests"), null=True, blank=True
    )
    line_day = models.DateField(_("day of the bill"), null=True, blank=True)
    line_meter = models.CharField(_("meter"), max_length=METER_CHARS_MAX, blank=True)
    set_aside = models.JSONField(_("set aside"), default=list, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["state", "due_at"],
                condition=Q(due_at__isnull=False),
                name="trade_dispute_due",
            ),
            models.Index(
                fields=["offer_until"],
                condition=Q(offer_until__isnull=False),
                name="trade_dispute_offer_until",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=~Q(state=DisputeState.ENDED),
                name="trade_dispute_is_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(claimant=F("respondent")), name="trade_dispute_has_two_sides"
            ),
            models.CheckConstraint(
                condition=Q(remedy=Remedy.PART, wanted_minor__gt=0)
                | (~Q(remedy=Remedy.PART) & Q(wanted_minor=None)),
                name="trade_dispute_names_the_part_asked_for",
            ),
            models.CheckConstraint(
                condition=(Q(state=DisputeState.ENDED) & ~Q(outcome="") & Q(ended_at__isnull=False))
                | (~Q(state=DisputeState.ENDED) & Q(outcome="", ended_at=None)),
                name="trade_dispute_that_ended_says_how",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=MONEY_BACK, refund_minor__gt=0)
                | (~Q(outcome__in=MONEY_BACK) & Q(refund_minor=None)),
                name="trade_dispute_names_the_part_refunded",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.EXTENDED, extended_days__gt=0)
                | (~Q(outcome=Outcome.EXTENDED) & Q(extended_days=None)),
                name="trade_dispute_names_the_days_extended",
            ),
            models.CheckConstraint(
                condition=Q(
                    offer_by="",
                    offer_number=None,
                    offer_kind="",
                    offer_minor=None,
                    offer_days=None,
                    offer_until=None,
                )
                | (
                    Q(offer_by__in=[DisputeTurn.CLAIMANT, DisputeTurn.RESPONDENT])
                    & Q(offer_number__isnull=False, offer_until__isnull=False)
                    & ~Q(state=DisputeState.ENDED)
                    & (
                        Q(
                            offer_kind__in=[OfferKind.REFUND, OfferKind.CREDIT],
                            offer_minor__gt=0,
                            offer_days=None,
                        )
                        | Q(offer_kind=OfferKind.REDELIVER, offer_minor=None, offer_days=None)
                        | Q(offer_kind=OfferKind.EXTEND, offer_minor=None, offer_days__gt=0)
                    )
                ),
                name="trade_dispute_offer_is_whole_while_it_runs",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DisputeState.RULED, DisputeState.APPEALED])
                | Q(ruling__isnull=False),
                name="trade_dispute_that_is_ruled_has_its_ruling",
            ),
            models.CheckConstraint(
                condition=Q(line_day=None, line_meter="")
                | (Q(line_day__isnull=False) & ~Q(line_meter="")),
                name="trade_dispute_line_has_day_and_meter",
            ),
            models.CheckConstraint(
                condition=Q(appeal_by="") & ~Q(state=DisputeState.APPEALED)
                | Q(
                    appeal_by__in=[DisputeTurn.CLAIMANT, DisputeTurn.RESPONDENT],
                    state__in=[DisputeState.APPEALED, DisputeState.ENDED],
                ),
                name="trade_dispute_appeal_has_its_side",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {self.get_kind_display()}"

    @property
    def wanted(self) -> Money:
        """How much is asked back."""
        if self.remedy == Remedy.END_ACCESS:
            return Money(0, self.currency)
        if self.wanted_minor is None:
            return self.order.total
        return Money(self.wanted_minor, self.currency)

    @property
    def offered(self) -> Money | None:
        """How much would go back by the offer that stands; None where it is no money."""
        return None if self.offer_minor is None else Money(self.offer_minor, self.currency)

    @property
    def offer_shown(self) -> str:
        """The offer that stands, in the reader's language; empty where none does."""
        return offer_shown(self.offer_kind, self.offered, self.offer_days)

    def clear_offer(self) -> None:
        """No offer stands any more; OFFER_FIELDS are to be saved."""
        self.offer_by, self.offer_number, self.offer_kind = "", None, ""
        self.offer_minor = self.offer_days = self.offer_until = None

    @property
    def refund(self) -> Money | None:
        """The part that was refunded or credited; None where it was none or all."""
        return None if self.refund_minor is None else Money(self.refund_minor, self.currency)


class DisputeFile(models.Model):
    """A file that one side handed in, by the hash of its content. Rows are never changed or deleted."""

    public_id = PublicIdField(prefix="dsf")
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="files")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("for"), related_name="+"
    )
    name = models.CharField(_("name"), max_length=DOCUMENT_NAME_CHARS_MAX)
    media_type = models.CharField(_("type"), max_length=40)
    size_bytes = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(_("content hash"), max_length=64)
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+"
    )
    uploaded_at = models.DateTimeField(_("handed in"))

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "organisation", "sha256"], name="dispute_file_is_kept_once"
            ),
            models.CheckConstraint(
                condition=Q(size_bytes__gt=0, size_bytes__lte=SIZE_BYTES_MAX),
                name="dispute_file_size_is_bounded",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stored_as(self) -> str:
        return storage_name(self.sha256, folder="disputes")


@DISPUTE.keeps_steps("dispute")
class DisputeStep(Step):
    """What happened in a dispute, by whom, and what was said. Rows are never changed or deleted."""

    lifecycle = DISPUTE

    public_id = PublicIdField(prefix="dst")
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        verbose_name = _("dispute step")
        verbose_name_plural = _("dispute steps")
        ordering = ["dispute_id", "number"]
        constraints = step_constraints(DISPUTE, "dispute")

    @property
    def offered(self) -> str:
        """What this step offers, in the reader's language; empty of any other step."""
        if self.transition != DisputeTransition.OFFER:
            return ""
        minor, days = self.facts.get("refund_minor"), self.facts.get("days")
        return offer_shown(
            self.facts.get("offer", OfferKind.REFUND),
            None if minor is None else Money(int(minor), self.dispute.currency),
            None if days is None else int(days),
        )
