"""What the provider keeps. Its objects are JSON, as its API tells them."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

ID_CHARS_MAX = 60


class Thing(models.Model):
    """An object of the API: `pi_…`, `re_…`, `acct_…`, `tr_…`, `po_…`, `evt_…` and so on."""

    id = models.CharField(primary_key=True, max_length=ID_CHARS_MAX)
    kind = models.CharField(_("kind"), max_length=40)
    account = models.CharField(_("account"), max_length=ID_CHARS_MAX, blank=True)
    group = models.CharField(_("found by"), max_length=120, blank=True)
    body = models.JSONField(_("object"))

    class Meta:
        verbose_name = _("object of the test provider")
        verbose_name_plural = _("objects of the test provider")
        indexes = [models.Index(fields=["kind", "group"], name="thing_by_group")]

    def __str__(self) -> str:
        return self.id

    @property
    def told(self) -> dict[str, Any]:
        """The object as the API tells it."""
        told: dict[str, Any] = self.body
        return told


class Line(models.Model):
    """A line of an account's balance; `account` is empty for the platform's own."""

    id = models.CharField(primary_key=True, max_length=ID_CHARS_MAX)
    account = models.CharField(_("account"), max_length=ID_CHARS_MAX, blank=True)
    kind = models.CharField(_("kind"), max_length=40)
    source = models.CharField(_("source"), max_length=ID_CHARS_MAX)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(_("amount"))
    fee = models.BigIntegerField(_("fee"), default=0)
    created = models.BigIntegerField(_("made"))
    available_on = models.BigIntegerField(_("available"))

    class Meta:
        verbose_name = _("balance line of the test provider")
        verbose_name_plural = _("balance lines of the test provider")
        ordering = ["-created", "-id"]
        indexes = [models.Index(fields=["account", "currency"], name="line_by_account")]

    def __str__(self) -> str:
        return self.id


class SavedAnswer(models.Model):
    """What was answered under a key the first time."""

    key = models.CharField(primary_key=True, max_length=255)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    body = models.TextField(_("body"), blank=True)
    created = models.BigIntegerField(_("made"))

    class Meta:
        verbose_name = _("saved answer of the test provider")
        verbose_name_plural = _("saved answers of the test provider")

    def __str__(self) -> str:
        return self.key


class Delivery(models.Model):
    """A message on its way to us, until somebody answers it with 2xx."""

    event = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="+")
    due = models.BigIntegerField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    delivered = models.BigIntegerField(_("delivered"), null=True)

    class Meta:
        verbose_name = _("message of the test provider")
        verbose_name_plural = _("messages of the test provider")
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["due"],
                condition=models.Q(delivered__isnull=True),
                name="delivery_to_make",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id} · {self.attempts}"


class Switchboard(models.Model):
    """The provider's clock, its terms and its faults: one row.

    `faults` is a list of {"on": "POST /v1/transfers", "do": …, "times": n}; see `faults.py`.
    """

    clock_offset = models.BigIntegerField(_("seconds ahead"), default=0)
    clearing_seconds = models.BigIntegerField(_("seconds until available"), default=0)
    fee_per_million = models.PositiveIntegerField(_("fee per million"), default=6000)
    faults = models.JSONField(_("faults"), default=list, blank=True)
    copies = models.PositiveSmallIntegerField(_("copies of each message"), default=1)

    class Meta:
        verbose_name = _("switchboard of the test provider")
        verbose_name_plural = _("switchboard of the test provider")

    def __str__(self) -> str:
        return str(self.pk)
