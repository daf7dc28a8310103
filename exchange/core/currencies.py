"""The currencies that this exchange takes: an order in one of them is paid, its money held, set aside, refunded
and paid out. What is priced in another is refused where it would be offered.

What was priced before stays as it is, and is carried to its end.
"""

from django.conf import settings
from django.utils.translation import gettext as _

from exchange.core.refusals import Invalid


class CurrencyNotOffered(Invalid):
    """The exchange does not take this currency; `accepted` names those that it takes."""

    code = "currency_not_offered"


def offered() -> tuple[str, ...]:
    """As the settings name them; the first is the exchange's own."""
    return tuple(settings.EXCHANGE_CURRENCIES)


def home() -> str:
    """The exchange's own currency, which is meant where nobody chooses."""
    return offered()[0]


def choices(*others: str) -> list[tuple[str, str]]:
    """For a form's field: the exchange's own first, then the rest, and `others` that are in use."""
    codes = [home(), *sorted({*offered(), *others} - {home()})]
    return [(code, code) for code in codes]


def check_offered(currency: object) -> None:
    """Raise CurrencyNotOffered where nothing may be priced in the currency."""
    if currency not in offered():
        raise CurrencyNotOffered(
            _("The exchange does not take %(currency)s. Choose one of %(accepted)s.")
            % {"currency": str(currency)[:3], "accepted": ", ".join(offered())},
            field="currency",
            accepted=list(offered()),
        )
