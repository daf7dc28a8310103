"""Trading certificates and the series that number them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exchange.core.ids import PublicIdField
from exchange.orders.models.orders import HASH_CHARS, Order

NUMBER_CHARS_MAX = 20
RECORD_CHARS_MAX = 40


class CertificateSeries(models.Model):
    """The one row per year that issuing queues on. Reading the highest number instead would give two
    certificates one number."""

    year = models.PositiveIntegerField(_("year"), unique=True)
    issued_count = models.PositiveIntegerField(_("issued"), default=0)

    class Meta:
        verbose_name = _("series of certificates")
        verbose_name_plural = _("series of certificates")

    def __str__(self) -> str:
        return str(self.year)


class Certificate(models.Model):
    """The exchange's word that a trade took place, numbered without gaps within its year.

    `document` says what; `document_hash` is the SHA-256 of its canonical JSON, which `record_id`, a
    record of the transparency log, carries too. Rows are never changed or deleted.
    """

    public_id = PublicIdField(prefix="crt")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="certificate")
    year = models.PositiveIntegerField(_("year"))
    serial = models.PositiveIntegerField(_("serial number"))
    number = models.CharField(_("number"), max_length=NUMBER_CHARS_MAX, unique=True)
    document = models.JSONField(_("document"))
    document_hash = models.CharField(_("hash"), max_length=HASH_CHARS)
    record_id = models.CharField(_("record in the log"), max_length=RECORD_CHARS_MAX, unique=True)
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        verbose_name = _("trading certificate")
        verbose_name_plural = _("trading certificates")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="certificate_serial_is_unique"),
            models.CheckConstraint(
                condition=Q(serial__gte=1), name="certificate_serial_begins_at_one"
            ),
        ]

    def __str__(self) -> str:
        return self.number
