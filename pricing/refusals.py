"""Refusals of the pricing library. They have the shape of the exchange's own: code and facts."""

from typing import ClassVar


class PricingRefusal(Exception):
    """A price cannot be formed from what was given; `facts` say what would be accepted."""

    code: ClassVar[str] = "pricing_refused"
    http_status: ClassVar[int] = 422

    def __init__(self, message: str, **facts: object) -> None:
        self.message = _printable(message)
        super().__init__(self.message)
        self.facts = {
            name: _printable(fact) if isinstance(fact, str) else fact
            for name, fact in facts.items()
        }


def _printable(written: str) -> str:
    """The text, with halves of surrogate pairs escaped: a refusal of them can be printed."""
    return written if written.isascii() else written.encode("utf-8", "backslashreplace").decode()


class UnknownCurrency(PricingRefusal):
    """The code is not an ISO 4217 currency that the exchange settles in."""

    code = "unknown_currency"


class CurrencyMismatch(PricingRefusal):
    """Two amounts of different currencies were put together."""

    code = "currency_mismatch"


class NotAnAmount(PricingRefusal):
    """The value is not a number of whole minor units within the range that the books can hold."""

    code = "not_an_amount"


class NothingToSplitBy(PricingRefusal):
    """A split was asked for with no party, a negative weight, or no weight above zero."""

    code = "nothing_to_split_by"


class RefundTooLarge(PricingRefusal):
    """A refund is negative, or larger than what the parties to a payment still hold."""

    code = "refund_too_large"
