"""Doors of the API: each with somebody's thing, and a body that its owner's call is answered with."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from exchange.catalog.models import Offer
from tests.attack.doors import Door, get, post
from tests.attack.doors_web import (
    AUCTION,
    BUYERS,
    FILE,
    HOUSE,
    METER,
    OFFER,
    ORDER,
    PARTIES,
    PRODUCT,
    READERS,
    REASON,
    RIGHT,
    STAFF,
    answering,
)  # fmt: skip
from tests.attack.town import Town
from tests.factories.orders import a_command

SELLS = "seller_key"
BUYS = "buyer_key"
PROGRAMS = f"{READERS} {SELLS} {BUYS} foreign_key"


def ordering(town: Town) -> dict[str, Any]:
    """An order on the terms of the moment."""
    offer = Offer.objects.get(public_id=town.things["offer"])
    command = a_command(town.actor("buyer"), offer, at=town.now)
    return {"offer": offer.public_id, "terms_hash": command.terms_hash, "payment_method": "card"}


def using(town: Town) -> list[dict[str, Any]]:
    """Use of the seller's own product."""
    at = (town.now + timedelta(seconds=1)).isoformat()
    return [
        {"subscription": town.things["metered"], "source": "gateway", "event_id": "new",
         "meter": "rows", "quantity": 1, "at": at}
    ]  # fmt: skip


def thing(name: str, key: str, **more: Any) -> Callable[[Town], dict[str, Any]]:
    """A body that names a thing."""
    return lambda town: {key: town.things[name], **more}


def describing(_town: Town) -> list[dict[str, Any]]:
    """What a column holds."""
    return [{"position": 0, "columns": [{"column": "kwh", "description": "Energy."}]}]


HOUSES = (
    get("api:organisation", "seller", also=SELLS, **HOUSE),
    get("api:organisation-members", "seller", also=SELLS, **HOUSE),
    get("api:invitations", "seller", also=SELLS, **HOUSE),
    post("api:invitations", "seller", {"email": "new@example.com", "role": "member"}, also=SELLS, **HOUSE),
    post("api:invitation-revoke", "seller", also=SELLS, **HOUSE, invitation_id="invitation"),
    get("api:api-keys", "seller", **HOUSE),
    post("api:api-keys", "seller", {"name": "A", "scopes": ["orders:read"], "valid_days": 30}, **HOUSE),
    post("api:api-key-revoke", "seller", **HOUSE, key_id="api_key"),
    post("api:role-revoke", "seller", REASON, role_id="grant"),
    get("api:log_record", "buyer", also=f"two_hats agent {STAFF} {BUYS}", record_id="record"),
    get("api:log_bundle", "buyer", also=f"two_hats agent {STAFF} {BUYS}", record_id="record"),
    get("api:ledger-statement", "seller", also=SELLS, account_id="account"),
    get("api:ledger-statement-csv", "seller", also=SELLS, account_id="account"),
)  # fmt: skip
TOWNS_ANSWER = {"asked": "encoding", "place": "towns.csv", "value": "cp1251"}
WARES = (
    get("api:file", "seller", also=SELLS, **FILE),
    post("api:file", "seller", also=SELLS, method="delete", **FILE),
    post("api:file-read-again", "seller", also=SELLS, file_id="refused_file"),
    post("api:file-answers", "seller", {"answers": [TOWNS_ANSWER]}, also=SELLS, file_id="asking_file"),
    get("api:upload", "seller", also=SELLS, upload_id="upload"),
    post("api:upload", "seller", also=SELLS, method="delete", upload_id="upload", headers={"Tus-Resumable": "1.0.0"}),
    get("api:own-product", "seller", also=f"{SELLS} {STAFF}", **PRODUCT),
    post("api:own-product", "seller", {"title": "Better"}, also=SELLS, method="patch", product_id="draft"),
    post("api:own-product-pause", "seller", also=SELLS, **PRODUCT),
    post("api:own-product-relist", "seller", also=SELLS, product_id="paused"),
    post("api:own-product-delist", "seller", REASON, also=SELLS, **PRODUCT),
    post("api:own-offers", "seller", {"name": "New", "kind": "one_off", "price_minor": 500}, also=SELLS, **PRODUCT),
    post("api:own-offer-withdraw", "seller", also=SELLS, **OFFER),
    post("api:own-revisions", "seller", thing("read_file", "file"), also=SELLS, **PRODUCT),
    post("api:own-flags", "seller", {"column": "meter", **REASON}, also=SELLS, **PRODUCT),
    post("api:own-flag-lift", "seller", {"column": "kwh", **REASON}, also=SELLS, **PRODUCT),
    post("api:own-dictionary", "seller", describing, also=SELLS, method="patch", product_id="described"),
    post("api:own-product-submit", "seller", also=SELLS, product_id="submittable"),
    post("api:own-revision-revoke", "seller", REASON, also=SELLS, revision_id="revision"),
)  # fmt: skip
DEALS = (
    get("api:offer-terms", "buyer", also=BUYERS, known=True, **OFFER),
    post("api:orders", "buyer", ordering, also="agent", known=True),
    get("api:order", "buyer", also=f"{PARTIES} {BUYS} {SELLS}", **ORDER),
    get("api:order-messages", "buyer", also=f"{PARTIES} {BUYS} {SELLS}", **ORDER),
    post("api:order-messages", "buyer", {"text": "Hello."}, also="agent seller operator second_operator", **ORDER),
    post("api:order-confirm", "buyer", order_id="limited_order"),
    post("api:order-decline", "buyer", REASON, order_id="limited_order"),
    post("api:order-cancel", "buyer", REASON, also="agent", order_id="waiting_order"),
    post("api:order-accept", "buyer", also="agent", **ORDER),
    post("api:order-object", "buyer", REASON, also="agent", **ORDER),
    post("api:order-renewal", "buyer", {"auto_renew": False}, also="agent", order_id="subscribed_order"),
    get("api:top-up", "buyer", also=f"agent {BUYS}", top_up_id="top_up"),
    post("api:top-up-page", "buyer", also="agent", top_up_id="top_up"),
    post("api:saved-card-page", "buyer", also="agent", card_id="asked_card"),
    post("api:saved-card-default", "buyer", also="agent", card_id="saved_card"),
    post("api:saved-card-remove", "buyer", also="agent", card_id="saved_card"),
    get("api:payment", "buyer", also=f"agent {STAFF} {BUYS}", payment_id="payment"),
    get("api:document", "buyer", also=f"{PARTIES} {BUYS} {SELLS}", number="invoice"),
    get("api:entitlement", "buyer", also=f"agent {BUYS}", **RIGHT),
    post("api:links", "buyer", thing("table", "table", form="csv"), also=f"agent {BUYS}", **RIGHT),
    post("api:link-end", "buyer", also=f"agent {BUYS}", link_id="link"),
    get("api:table-content", "buyer", also=f"agent {BUYS}", **RIGHT, table_id="table", form="=csv"),
    get("api:contract", "buyer", also=f"{PARTIES} {BUYS} {SELLS}", contract_id="contract"),
    get("api:contract-document", "buyer", also=f"{PARTIES} {BUYS} {SELLS}", contract_id="contract"),
    get("api:contract-policy", "buyer", also=f"{PARTIES} {BUYS} {SELLS}", contract_id="contract"),
    get("api:negotiation", "buyer", also=f"{PARTIES} {BUYS} {SELLS}", negotiation_id="negotiation"),
    get("api:negotiation-proposals", "buyer", also=f"{PARTIES} {BUYS} {SELLS}", negotiation_id="negotiation"),
    post("api:negotiation-counter", "seller", answering(terms={"currency": "CNY", "price_minor": 40_000}), also=SELLS, negotiation_id="negotiation"),
    post("api:negotiation-accept", "seller", answering(), also=SELLS, negotiation_id="negotiation"),
    post("api:negotiation-decline", "seller", REASON, also=SELLS, negotiation_id="negotiation"),
    post("api:negotiation-withdraw", "buyer", REASON, also=f"agent {BUYS}", negotiation_id="negotiation"),
    post("api:usage", "seller", using, also=SELLS, known=True),
    *(
        get(f"api:usage-{page}", "buyer", also=f"agent seller {BUYS} {SELLS}", **METER)
        for page in ("bills", "receipts")
    ),
    get("api:usage-receipt", "buyer", also=f"agent seller {BUYS} {SELLS}", **METER, day="day"),
    get("api:usage-receipt-events", "buyer", also=f"agent seller {BUYS} {SELLS}", **METER, day="day"),
    post("api:usage-cap", "buyer", {"cap_minor": 200_000}, also="agent", **METER),
    post("api:usage-end", "buyer", also="agent", **METER),
)  # fmt: skip
SALES = (
    get("api:auction", "seller", also=PROGRAMS, known=True, **AUCTION),
    get("api:auction-bids", "seller", also=PROGRAMS, known=True, **AUCTION),
    post("api:auction-bids", "buyer", {"currency": "CNY", "amount_minor": 30_000}, also=f"{BUYERS} {BUYS}", known=True, **AUCTION),
    post("api:auction-register", "buyer", also=f"{BUYERS} {BUYS}", known=True, auction_id="deposit_auction"),
    post("api:auction-withdraw", "buyer", REASON, also=f"agent {BUYS}", known=True, auction_id="sealed_auction"),
    post("api:auction-reveal", "buyer", {"rows": [{"price": 10_000}], "nonce": "0f" * 16}, also=f"agent {BUYS}", known=True, auction_id="revealing_auction"),
    post("api:auction-cancel", "seller", REASON, also="operator second_operator", known=True, auction_id="coming_auction"),
    get("api:auction-awards", "seller", also=f"buyer agent {STAFF} {BUYS} {SELLS}", known=True, auction_id="ended_auction"),
    get("api:auction-evidence", "seller", also=f"buyer agent {STAFF} {BUYS} {SELLS}", known=True, auction_id="ended_auction"),
    post("api:announcement-register", "buyer", {"offer_minor": 100_000_000}, also="agent other_buyer third_buyer", known=True, announcement_id="announcement"),
    get("api:asset_sale", "state_seller", also=f"committee {STAFF}", asset_sale_id="asset_sale"),
)  # fmt: skip
API: tuple[Door, ...] = (*HOUSES, *WARES, *DEALS, *SALES)
