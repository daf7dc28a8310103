"""In which time zone the exchange reckons its days."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

ZONE_CHARS_MAX = 80


class BooksZone(models.Model):
    """The zone of everything reckoned from `created_at` on. The newest row counts; none ever changes."""

    zone = models.CharField(_("time zone"), max_length=ZONE_CHARS_MAX)
    written_by = models.CharField(_("written by"), max_length=100)
    reason = models.TextField(_("reason"), blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("zone of the books")
        verbose_name_plural = _("zones of the books")

    def __str__(self) -> str:
        return self.zone
