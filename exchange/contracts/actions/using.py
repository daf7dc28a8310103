"""Using what a contract permits: each use is counted, and none goes beyond the limit."""

from django.utils.translation import gettext as _

from exchange.contracts.errors import PermitUsedUp
from exchange.contracts.models import Permit


def use(*, order_ref: str) -> bool:
    """Count one use of the permit behind an order; whether it counts any. Raises PermitUsedUp.

    Must be called in a transaction: the permit stays locked, so that of several uses at once none is
    counted beyond the limit.
    """
    limited = Permit.objects.filter(contract__order_ref=order_ref, uses_max__isnull=False)
    permit = limited.select_for_update(of=("self",), no_key=True).first()
    if permit is None or permit.uses_max is None:
        return False
    if permit.used >= permit.uses_max:
        raise PermitUsedUp(
            _("The contract allowed %(count)d uses, and all of them were made.")
            % {"count": permit.uses_max},
            uses_max=permit.uses_max,
        )
    permit.used += 1
    permit.save(update_fields=["used"])
    return True
