"""Whose a record of the log is: the parties of a certificate, contract, bill, receipt or bid may have its bytes,
so that each proves it offline without asking the other or the exchange."""

from typing import Any

from django.db.models import Model, QuerySet

from exchange.auctions.models import Award, Bid
from exchange.contracts.models import ContractStep
from exchange.metering.models import MeteredSubscription, UsageBill
from exchange.orders.models import Certificate
from exchange.payments.models import Document, Settlement

# Kind of subject: the model, the column that the subject names, and the paths to its parties.
PARTIES: dict[str, tuple[type[Model], str, tuple[str, ...]]] = {
    "certificate": (Certificate, "number", ("order__buyer_id", "order__seller_id")),
    "contract_step": (ContractStep, "public_id", ("contract__buyer_id", "contract__seller_id")),
    "usage_receipt": (MeteredSubscription, "public_id", ("buyer_id", "seller_id")),
    "usage_bill": (
        UsageBill,
        "public_id",
        ("period__subscription__buyer_id", "period__subscription__seller_id"),
    ),
    "bid": (Bid, "public_id", ("bidder_id",)),
    "award": (Award, "public_id", ("bidder_id", "auction__organiser_id")),
    "document": (Document, "public_id", ("issuer_id", "receiver_id")),
    "settlement": (Settlement, "public_id", ("seller_id",)),
}


def parties_of(subject: str) -> frozenset[int]:
    """The organisations that may have the records of a subject, by key; empty where nobody is its party."""
    kind, _colon, key = subject.partition(":")
    if kind not in PARTIES:
        return frozenset()
    model, column, paths = PARTIES[kind]
    if kind == "usage_receipt":
        key = key.partition(".")[0]  # the subscription, then the day
    rows: QuerySet[Any, Any] = model._default_manager.filter(**{column: key})
    found = rows.values_list(*paths).first() or ()
    return frozenset(organisation for organisation in found if organisation is not None)
