"""Using what a contract permits: each use is counted, and none goes beyond the limit."""

from django.db.models import F
from django.utils.translation import gettext as _

from exchange.contracts.errors import PermitUsedUp
from exchange.contracts.models import Permit


def use(*, order_ref: str) -> bool:
    """Count one use of the permit behind an order; whether it counts any. Raises PermitUsedUp.

    One statement decides, so that of several at once none is counted beyond the limit.
    """
    limited = Permit.objects.filter(contract__order_ref=order_ref, uses_max__isnull=False)
    if limited.filter(used__lt=F("uses_max")).update(used=F("used") + 1):
        return True
    found = limited.values_list("uses_max", flat=True).first()
    if found is None:
        return False
    raise PermitUsedUp(
        _("The contract allowed %(count)d uses, and all of them were made.") % {"count": found},
        uses_max=found,
    )
