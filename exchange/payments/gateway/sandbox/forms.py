"""Requests: decoded from their form, and held against the parameter types that ship with the kit."""

import re
import typing
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any
from urllib.parse import parse_qsl

from stripe import params as types
from stripe.params import checkout

from exchange.payments.gateway.sandbox.store import ApiError

PART = re.compile(r"\[([^\]]*)\]")
# Names that the types mention for the type checker alone.
UNRESOLVED = {
    "Any": Any,
    "Decimal": Decimal,
    "Mapping": Mapping,
    "StripeContext": Any,
    "UntypedStripeObject": list,
}

# What the provider understands: method, path with `*` for an id, and the type of its parameters.
SHAPES: Mapping[tuple[str, str], Any] = {
    ("POST", "/v1/checkout/sessions"): checkout.SessionCreateParams,
    ("GET", "/v1/checkout/sessions"): checkout.SessionListParams,
    ("GET", "/v1/checkout/sessions/*"): checkout.SessionRetrieveParams,
    ("POST", "/v1/checkout/sessions/*/expire"): checkout.SessionExpireParams,
    ("POST", "/v1/payment_intents"): types.PaymentIntentCreateParams,
    ("GET", "/v1/payment_intents"): types.PaymentIntentListParams,
    ("GET", "/v1/payment_methods/*"): types.PaymentMethodRetrieveParams,
    ("POST", "/v1/payment_methods/*/detach"): types.PaymentMethodDetachParams,
    ("GET", "/v1/payment_intents/*"): types.PaymentIntentRetrieveParams,
    ("POST", "/v1/payment_intents/*/capture"): types.PaymentIntentCaptureParams,
    ("POST", "/v1/payment_intents/*/cancel"): types.PaymentIntentCancelParams,
    ("POST", "/v1/refunds"): types.RefundCreateParams,
    ("GET", "/v1/refunds"): types.RefundListParams,
    ("GET", "/v1/refunds/*"): types.RefundRetrieveParams,
    ("GET", "/v1/disputes/*"): types.DisputeRetrieveParams,
    ("POST", "/v1/disputes/*"): types.DisputeUpdateParams,
    ("POST", "/v1/accounts"): types.AccountCreateParams,
    ("POST", "/v1/account_links"): types.AccountLinkCreateParams,
    ("GET", "/v1/accounts/*"): types.AccountRetrieveParams,
    ("POST", "/v1/transfers"): types.TransferCreateParams,
    ("GET", "/v1/transfers"): types.TransferListParams,
    ("POST", "/v1/transfers/*/reversals"): types.TransferReversalCreateParams,
    ("GET", "/v1/transfers/*/reversals"): types.TransferReversalListParams,
    ("POST", "/v1/payouts"): types.PayoutCreateParams,
    ("GET", "/v1/payouts"): types.PayoutListParams,
    ("GET", "/v1/payouts/*"): types.PayoutRetrieveParams,
    ("POST", "/v1/topups"): types.TopupCreateParams,
    ("GET", "/v1/topups"): types.TopupListParams,
    ("GET", "/v1/balance"): types.BalanceRetrieveParams,
    ("GET", "/v1/balance_transactions"): types.BalanceTransactionListParams,
    ("GET", "/v1/balance_transactions/*"): types.BalanceTransactionRetrieveParams,
}


def read(text: str) -> dict[str, Any]:
    """`a[b]=1&l[0]=x` as nested values; lists become objects keyed by their position."""
    form: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, *parts = [name.split("[")[0], *PART.findall(name)]
        inner = form
        for part in parts:
            inner = inner.setdefault(head, {})
            head = part
        inner[head] = value
    return form


def check(shape: Any, form: Mapping[str, Any], *, at: str = "") -> None:
    """Raise ApiError for parameters that are unknown, missing or of no allowed value."""
    hints = _hints(shape)
    for name in sorted(shape.__required_keys__ - form.keys()):
        raise ApiError(
            400, f"Missing required param: {at}{name}.", code="parameter_missing", param=at + name
        )
    for name, value in form.items():
        if name not in hints:
            raise ApiError(
                400,
                f"Received unknown parameter: {at}{name}",
                code="parameter_unknown",
                param=at + name,
            )
        _check_value(hints[name], value, at + name)


@cache
def _hints(shape: Any) -> Mapping[str, Any]:
    return typing.get_type_hints(shape, localns=UNRESOLVED)


def _choices(hint: Any) -> list[Any]:
    """The plain types that a hint allows: unions opened, NotRequired taken off."""
    origin = typing.get_origin(hint)
    if origin is typing.Union or origin is UnionType:
        return [one for part in typing.get_args(hint) for one in _choices(part)]
    if str(origin).endswith("NotRequired"):
        return _choices(typing.get_args(hint)[0])
    return [hint]


def _check_value(hint: Any, value: Any, at: str) -> None:
    choices = _choices(hint)
    if isinstance(value, dict):
        nested = [one for one in choices if typing.is_typeddict(one)]
        if nested:
            check(nested[0], value, at=f"{at}.")
        return
    named = [one for one in choices if any(typing.get_args(one)) and _is_literal(one)]
    # The types let any text stand beside the values they name, for values of later versions.
    told_apart = [*named, *(one for one in choices if one is bool)] if named else choices
    if not any(_fits(one, value) for one in told_apart):
        raise ApiError(400, f"Invalid {at}: {value}", code="parameter_invalid", param=at)


def _is_literal(choice: Any) -> bool:
    return typing.get_origin(choice) is typing.Literal


def _fits(choice: Any, value: str) -> bool:
    if _is_literal(choice):
        return value in typing.get_args(choice)
    if choice is int:
        return re.fullmatch(r"-?[0-9]+", value) is not None
    if choice is bool:
        return value in {"true", "false"}
    return choice in {str, float, Any} or typing.get_origin(choice) is dict
