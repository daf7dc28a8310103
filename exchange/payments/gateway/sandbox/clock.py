"""The provider's own clock, which tests and demonstrations may put forward."""

from django.db.models import F

from exchange.core import clock
from exchange.payments.gateway.sandbox.models import Switchboard

ROW = 1


def switchboard() -> Switchboard:
    """The one row, made when first asked for."""
    return Switchboard.objects.get_or_create(pk=ROW)[0]


def now() -> int:
    """Seconds since 1970 by the provider's clock."""
    return int(clock.now().timestamp()) + switchboard().clock_offset


def advance(seconds: int) -> None:
    """Put the clock forward."""
    switchboard()
    Switchboard.objects.filter(pk=ROW).update(clock_offset=F("clock_offset") + seconds)
