"""Doors of pages: each with somebody's thing, and a form that its owner's call is answered with."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from exchange.catalog.models import Offer
from exchange.contracts.models import Contract
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries import newest_proposal
from tests.attack.doors import Door, get, post
from tests.attack.town import Town
from tests.factories.orders import a_command
from tests.factories.vault import csv_of

STAFF = "operator second_operator regulator"
PARTIES = f"seller agent {STAFF}"
BUYERS = "agent other_buyer third_buyer"
REASON = {"reason": "It is said why."}
DISPUTED = {**REASON, "kind": "not_as_described", "remedy": "refund"}
OFFERED = {**REASON, "kind": "refund", "refund": "1.00"}
TOKEN = {"token": "town-token"}


def signing(thing: str) -> Callable[[Town], dict[str, Any]]:
    """The hash of the contract that is signed."""

    def body(town: Town) -> dict[str, Any]:
        found = Contract.objects.get(public_id=town.things[thing])
        return {"seen_hash": found.document_hash, "agree": "on"}

    return body


def answering(**more: Any) -> Callable[[Town], dict[str, Any]]:
    """The proposal that is answered."""

    def body(town: Town) -> dict[str, Any]:
        found = Negotiation.objects.get(public_id=town.things["negotiation"])
        return {"answers": newest_proposal(found).document_hash, **more}

    return body


PROPOSED = {
    "price_minor": "400", "period": "", "history": "all", "future": "none", "template": "provision",
    "nature": "licence", "currency": "CNY", "environment": "", "valid_days": "7",
}  # fmt: skip


def _evidence(_town: Town) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("gaps.txt", b"Gaps.")}


def _file(_town: Town) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("meters.csv", csv_of(77))}


def _pdf(field: str, **more: Any) -> Callable[[Town], dict[str, Any]]:
    def body(_town: Town) -> dict[str, Any]:
        content = SimpleUploadedFile("a.pdf", b"%PDF-1.4\nwords", content_type="application/pdf")
        return {field: content, **more}

    return body


def checkout(town: Town) -> dict[str, Any]:
    """What the buyer's own page of the offer holds."""
    offer = Offer.objects.get(public_id=town.things["offer"])
    command = a_command(town.actor("buyer"), offer, at=town.now)
    return {
        "method": "wallet",
        "agree": "on",
        "again": "on",
        "terms_hash": command.terms_hash,
        **TOKEN,
    }


Names = dict[str, Any]  # part of an address: what is named there
HOUSE: Names = {"organisation_id": "seller"}
ORDER: Names = {"order_id": "order"}
DISPUTE: Names = {"dispute_id": "dispute"}
PRODUCT: Names = {"product_id": "product"}
OFFER: Names = {"offer_id": "offer"}
FILE: Names = {"file_id": "file"}
RIGHT: Names = {"entitlement_id": "right"}
AUCTION: Names = {"auction_id": "auction"}
METER: Names = {"subscription_id": "metered"}

PEOPLE = (
    get("web:organisation", "seller", **HOUSE),
    get("web:organisation_edit", "seller", **HOUSE),
    post("web:organisation_billing", "seller", {"street": "1 Pipe Road", "city": "Harbin"}, **HOUSE),
    post("web:organisation_invite", "seller", {"email": "new@example.com", "role": "member"}, **HOUSE),
    post("web:invitation_revoke", "seller", **HOUSE, invitation_id="invitation"),
    get("web:member_role", "seller", **HOUSE, member_id="member"),
    post("web:member_role", "seller", {"role": "admin"}, **HOUSE, member_id="member"),
    get("web:member_remove", "seller", **HOUSE, member_id="member"),
    post("web:member_remove", "seller", **HOUSE, member_id="member"),
    get("web:api_keys", "seller", **HOUSE),
    get("web:api_key_create", "seller", **HOUSE),
    post(
        "web:api_key_create", "seller",
        {"name": "A key", "scopes": ["orders:read"], "valid_days": "30"}, **HOUSE,
    ),
    get("web:api_key_revoke", "seller", **HOUSE, key_id="api_key"),
    post("web:api_key_revoke", "seller", **HOUSE, key_id="api_key"),
    get("web:admission_document", "seller", also=STAFF, document_id="document"),
    post("web:team_revoke", "seller", REASON, grant_id="grant"),
    post("web:organisation_switch", "seller", lambda town: {"organisation": town.things["seller"]}),
    post("web:identity_withdraw", "seller", REASON, request_id="identity"),
    post("web:search_delete", "buyer", search_id="search"),
    get("web:notice", "buyer", notice_id="notice"),
)  # fmt: skip
TOWNS_ANSWER = {"encoding:towns.csv": "cp1251"}
WARES = (
    get("web:file", "seller", also=STAFF, **FILE),
    get("web:file_progress", "seller", also=STAFF, **FILE),
    post("web:file_read_again", "seller", file_id="refused_file"),
    post("web:file_answer", "seller", TOWNS_ANSWER, file_id="asking_file"),
    post("web:file_remove", "seller", **FILE),
    post("web:upload_abandon", "seller", upload_id="upload"),
    get("web:sell_product", "seller", also=STAFF, **PRODUCT),
    get("desk:catalog_product_change", "seller", object_id="product"),
    *(
        get(f"desk:sell_{page}", "seller", product_id="draft")
        for page in (
            "about", "data", "dictionary", "offers", "use", "simulate", "licence", "documents", "check",
        )
    ),
    *(get(f"desk:view_{act}", "seller", view_id="view") for act in ("rename", "remove")),
    post("desk:view_rename", "seller", {"name": "Begun"}, view_id="view"),
    post("desk:view_remove", "seller", view_id="view"),
    post("desk:sell_about", "seller", {"title": "Better"}, product_id="draft"),
    post("desk:sell_use_file", "seller", _file, product_id="draft"),
    post("desk:sell_answer_file", "seller", TOWNS_ANSWER, product_id="asking"),
    post("desk:sell_offer_withdraw", "seller", **PRODUCT, **OFFER),
    *(
        get(f"web:sell_{page}", "seller", product_id="draft")
        for page in ("data", "dictionary", "about", "licence", "offers", "check", "use")
    ),
    post("web:file_stop", "seller", **FILE),
    get("web:sell_personal", "seller", **PRODUCT),
    get("desk:sell_personal", "seller", **PRODUCT),
    get("desk:sell_publish", "seller", **PRODUCT),
    get("web:sell_shares", "seller", also=STAFF, **PRODUCT),
    post("web:sell_shares_withdraw", "seller", **PRODUCT, sharing_id="sharing"),
    post("web:shares_agree", "other_seller", also="two_hats", sharing_id="sharing"),
    get("web:distribution", "seller", also="other_seller two_hats", distribution_id="sent_month"),
    get("web:distribution_csv", "seller", also="other_seller two_hats", distribution_id="sent_month"),
    post("web:distribution", "seller", REASON, distribution_id="objected_month"),
    post("web:distribution_send", "seller", distribution_id="distribution"),
    post("web:distribution_agree", "other_seller", also="two_hats", distribution_id="sent_month"),
    post("web:distribution_object", "other_seller", REASON, also="two_hats", distribution_id="sent_month"),
    post("web:shares_decline", "other_seller", REASON, also="two_hats", sharing_id="sharing"),
    get("web:sell_publish", "seller", **PRODUCT),
    get("web:sell_simulate", "seller", **PRODUCT),
    get("web:sell_auction", "seller", **PRODUCT),
    get("web:sell_auction_new", "seller", **PRODUCT, kind="=english"),
    get("web:sell_private_offer", "seller", **PRODUCT),
    get("web:product", "seller", also=STAFF, product_id="submitted"),
    post("web:sell_about", "seller", {"title": "Better"}, product_id="draft"),
    post("web:sell_data", "seller", {"delivery": "file"}, product_id="draft"),
    post("web:sell_use_file", "seller", _file, product_id="draft"),
    post("web:sell_answer_file", "seller", TOWNS_ANSWER, product_id="asking"),
    post(
        "web:sell_offers", "seller",
        {"name": "One", "kind": "one_off", "price": "10", "currency": "CNY", "history": "all", "future": "none"},
        product_id="draft",
    ),
    post(
        "web:sell_act", "seller", {"reason_code": "no_longer_offered", **REASON}, **PRODUCT,
        name="=delist",
    ),
    post("web:sell_act", "seller", **PRODUCT, name="=pause"),
    post("web:sell_act", "seller", product_id="paused", name="=relist"),
    post("web:sell_act", "seller", product_id="draft", name="=duplicate"),
    post("web:sell_offer_withdraw", "seller", **PRODUCT, **OFFER),
    post("web:sell_revoke", "seller", REASON, **PRODUCT, revision_id="revision"),
    post("web:discount_tier_end", "seller", tier_id="tier", known=True),
    post("web:demand_answer", "seller", lambda town: {"product": town.things["product"], "note": ""},
         demand_id="demand", known=True),
    post("web:demand_close", "buyer", demand_id="demand", known=True, also="agent"),
    get("web:question_ask", "buyer", also=f"{BUYERS} other_seller state_seller committee two_hats restricted",
        **PRODUCT, known=True),
    get("web:question", "buyer", also=PARTIES, question_id="question"),
    post("web:question", "seller", {"answer": "Every quarter of an hour."}, question_id="question"),
    post("web:review_reply", "seller", {"text": "Thank you for saying so."}, review_id="review",
         known=True),
    post(
        "web:product_review", "buyer",
        lambda town: {"order": town.things["accepted_order"], "stars": "4", "text": "Complete and punctual."},
        **PRODUCT, known=True, also="agent",
    ),
)  # fmt: skip
DEALS = (
    get("web:checkout", "buyer", **OFFER, known=True, also="agent other_buyer third_buyer"),
    post("web:checkout", "buyer", checkout, **OFFER, known=True, also="agent"),
    *(
        get(f"web:order{page}", "buyer", also=PARTIES, **ORDER)
        for page in ("", "_version", "_terms", "_comparison", "_case_file")
    ),
    get("web:order_document", "buyer", also=PARTIES, **ORDER, kind="=order", form="=html"),
    get("web:order_pay", "buyer", also=PARTIES, order_id="waiting_order"),
    post("web:order_confirm", "buyer", order_id="limited_order"),
    post("web:order_decline", "buyer", REASON, order_id="limited_order"),
    post("web:order_cancel", "buyer", REASON, also="agent", order_id="waiting_order"),
    post("web:order_accept", "buyer", also="agent", **ORDER),
    get("web:order_refund", "seller", **ORDER),
    post("web:order_refund", "seller", {"amount": "1.00", **REASON}, **ORDER),
    post("web:order_object", "buyer", DISPUTED, also="agent", **ORDER),
    get("web:dispute", "buyer", also=PARTIES, **DISPUTE),
    post("web:dispute_answer", "seller", REASON, **DISPUTE),
    post("web:dispute_hand_in", "seller", _evidence, also="buyer agent", **DISPUTE),
    post("web:dispute_offer", "seller", OFFERED, also="buyer agent", **DISPUTE),
    post("web:dispute_take_offer", "seller", dispute_id="asked_dispute", number="offer_number"),
    post("web:dispute_decline_offer", "seller", dispute_id="asked_dispute", number="offer_number"),
    get("web:dispute_file", "buyer", also=PARTIES, file_id="dispute_file", **DISPUTE),
    post("web:dispute_reply", "seller", REASON, dispute_id="asked_dispute"),
    post("web:dispute_concede", "seller", **DISPUTE),
    post("web:dispute_withdraw", "buyer", also="agent", **DISPUTE),
    post("web:dispute_appeal", "buyer", REASON, also="agent", dispute_id="appealable_dispute"),
    post("web:dispute_accept_ruling", "buyer", also="agent", dispute_id="appealable_dispute"),
    post("web:dispute_answer_appeal", "seller", REASON, dispute_id="appealed_dispute"),
    post("web:dispute_withdraw_appeal", "buyer", also="agent", dispute_id="appealed_dispute"),
    get("web:dispute_arbitration", "buyer", also=PARTIES, dispute_id="decided_dispute"),
    post("web:order_message", "buyer", {"text": "Hello."}, also="agent seller operator second_operator", **ORDER),
    post("web:order_comparison_ask", "buyer", also="agent seller operator second_operator", **ORDER),
    post("web:order_renewal", "buyer", {"wanted": "no"}, also="agent", order_id="subscribed_order"),
    get("web:entitlement", "buyer", also="agent", **RIGHT),
    post("web:purchase_link", "buyer", lambda town: {"file": f"{town.things['table']}:csv"}, also="agent", **RIGHT),
    post("web:purchase_link_end", "buyer", also="agent", **RIGHT, link_id="link"),
    get("web:purchase_fetch", "buyer", also="agent", **RIGHT, table_id="table", form="=csv"),
    get("web:payment", "buyer", also=f"agent {STAFF}", payment_id="payment"),
    post("web:payment_card", "buyer", also="agent", payment_id="waiting_payment"),
    get("web:payment_back", "buyer", also=f"agent {STAFF}", payment_id="waiting_payment"),
    get("web:test_card", "buyer", also="agent", payment_id="opened_payment"),
    post("web:test_card", "buyer", {"card": "good"}, also="agent", payment_id="opened_payment"),
    get("web:saved_card_back", "buyer", also="agent", card_id="saved_card"),
    post("web:saved_card_default", "buyer", also="agent", card_id="saved_card"),
    post("web:saved_card_remove", "buyer", also="agent", card_id="saved_card"),
    post("web:top_up_card", "buyer", also="agent", top_up_id="top_up"),
    get("web:top_up_back", "buyer", also="agent", top_up_id="top_up"),
    get("web:top_up_send_back", "buyer", also="agent", top_up_id="top_up_done"),
    post(
        "web:top_up_send_back", "buyer", {"amount": "5", "token": "door-1"}, also="agent",
        top_up_id="top_up_done",
    ),
    get("web:statement", "seller", also=STAFF, account_id="account"),
    get("web:statement_csv", "seller", also=STAFF, account_id="account"),
    get("web:numbered_document", "seller", also=f"buyer agent {STAFF}", number="invoice", form="=html"),
    get("web:contract", "buyer", also=PARTIES, contract_id="contract"),
    get("web:contract_download", "buyer", also=PARTIES, contract_id="contract", form="=json"),
    post("web:contract_sign", "buyer", signing("contract"), also="seller", contract_id="contract"),
    post("web:contract_call_off", "buyer", {"number": "2"}, also="agent", contract_id="framework"),
    get("web:negotiation", "buyer", also=PARTIES, negotiation_id="negotiation"),
    post("web:negotiation_act", "seller", answering(), negotiation_id="negotiation", name="=accept"),
    post("web:negotiation_act", "seller", answering(**PROPOSED), negotiation_id="negotiation", name="=counter"),
    post("web:negotiation_act", "seller", answering(**REASON), negotiation_id="negotiation", name="=decline"),
    post("web:negotiation_act", "buyer", REASON, also="agent", negotiation_id="negotiation", name="=withdraw"),
    get("web:request_offer", "buyer", also="agent other_buyer third_buyer", offer_id="approved_offer", known=True),
    post("web:request_offer", "buyer", {"words": "For forecasts."}, also="agent other_buyer third_buyer",
         offer_id="approved_offer", known=True),
    get("web:ask_quote", "buyer", also="agent other_buyer third_buyer", **PRODUCT, known=True),
    get("web:usage_meter", "buyer", also="agent seller", **METER),
    get("web:usage_version", "buyer", also="agent seller", **METER),
    post("web:usage_cap", "buyer", {"amount": "2000", "soft": "1000"}, also="agent", **METER),
    post("web:usage_end", "buyer", also="agent", **METER),
    get("web:usage_receipt", "buyer", also="agent seller", **METER, day="day"),
    get("web:usage_receipt_events", "buyer", also="agent seller", **METER, day="day"),
    get("web:usage_bill", "buyer", also="agent seller", **METER, number="=1"),
)  # fmt: skip
# Members in good standing read what is announced; restricted ones too.
READERS = f"{BUYERS} buyer other_seller state_seller committee two_hats restricted {STAFF}"
SALES = (
    *(get(f"web:auction{page}", "seller", also=READERS, known=True, **AUCTION) for page in ("", "_version")),
    post("web:auction_bid", "buyer", {"amount": "300", "confirmed": "1", **TOKEN}, **AUCTION, known=True, also=BUYERS),
    post("web:auction_register", "buyer", auction_id="deposit_auction", known=True, also=BUYERS),
    post("web:auction_withdraw", "buyer", REASON, auction_id="sealed_auction", known=True, also="agent"),
    get("web:auction_evidence", "seller", also=f"buyer agent {STAFF}", auction_id="ended_auction", known=True),
    post("web:auction_act", "seller", REASON, auction_id="coming_auction", name="=cancel", known=True, also="operator second_operator"),
    get("web:asset_sale", "state_seller", also=f"committee {STAFF}", asset_sale_id="asset_sale"),
    post("web:asset_sale_conflict", "committee", {"words": "My brother buys."}, asset_sale_id="planned", also="state_seller"),
    get("web:asset_sale_document", "state_seller", also=f"committee {STAFF}", asset_sale_id="asset_sale", document_id="sale_document"),
    post("web:asset_sale_act", "committee", _pdf("minutes", **REASON), asset_sale_id="planned", name="=decide"),
    post("web:asset_sale_act", "state_seller", REASON, asset_sale_id="planned", name="=cancel"),
    post("web:announcement_register", "buyer", {"offer_minor": "1000000", "disclosure": "", "confirmed": "1"}, announcement_id="announcement", known=True, also="agent third_buyer other_buyer"),
)  # fmt: skip
WEB: tuple[Door, ...] = (*PEOPLE, *WARES, *DEALS, *SALES)
