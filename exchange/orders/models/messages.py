"""What the parties of an order write to each other."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.core.ids import PublicIdField
from exchange.orders.models.orders import Order

TEXT_CHARS_MAX = 4000
MESSAGES_MAX = 500


class OrderMessage(models.Model):
    """One message; read by buyer, seller and the exchange. Rows are never changed or deleted."""

    public_id = PublicIdField(prefix="msg")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="messages")
    by = models.ForeignKey(User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("for"), related_name="+"
    )
    text = models.TextField(_("message"), max_length=TEXT_CHARS_MAX)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="order_message_says_something")
        ]

    def __str__(self) -> str:
        return self.text[:60]
