"""Who gets which answer on our pages."""

from collections.abc import Mapping

from tests.architecture.access_routes import (
    ACCOUNT,
    DISPUTE,
    DISTRIBUTION,
    ENTRY,
    FILE,
    FILELESS,
    GUEST,
    HOUSE,
    KEY,
    MONEYLESS,
    OFFER,
    OFFERED,
    OFFERING,
    ORDER,
    PAYMENT,
    PRODUCT,
    PUBLIC,
    READ,
    RIGHT,
    STRANGE_FILE,
    Route,
    answer,
    page,
)

PAGES: Mapping[str, Route] = {
    # Everybody's.
    "web:home": PUBLIC,
    "web:help": PUBLIC,
    "web:problems": READ,
    "web:ruling_rules": READ,
    "web:problem": Route(get=answer(200), names={"code": "not_found"}),
    "web:log": PUBLIC,
    "web:log_verify": PUBLIC,
    "web:log_verifier": PUBLIC,
    "web:log_receipt_verifier": PUBLIC,
    "web:log_entry": ENTRY,
    "web:log_proof": ENTRY,
    "web:healthz": PUBLIC,
    "web:readyz": PUBLIC,
    "log:key": READ,
    "log:checkpoint": READ,
    "log:entries": READ,
    "log:proof": Route(get=answer(422)),
    "log:consistency": Route(get=answer(422)),
    "web:legal": Route(get=answer(200), names={"name": "terms"}),
    "web:banner_close": Route(post=answer(302), names={"banner_id": "ban_unknown"}),
    "set_language": Route(get=answer(302), post=answer(302)),
    # Finding and judging.
    "web:catalogue": READ,
    "web:product": Route(get=answer(404), names={"product_id": "unknown"}),
    "web:product_sample": Route(
        get=answer(404), names={"product_id": "unknown", "table_id": "unknown"}
    ),
    "web:product_watch": Route(post=page(404), names={"product_id": "unknown"}),
    "web:product_review": Route(post=page(404), names={"product_id": "unknown"}),
    "web:review_reply": Route(post=page(422), names={"review_id": "unknown"}),
    "web:compare": READ,
    "web:seller": Route(get=answer(200), names=HOUSE),
    "web:questions": Route(get=answer(200), names=PRODUCT),
    # Members that deal ask, but not of their own house.
    "web:question_ask": Route(get=page(403, buyer=200), post=page(403, buyer=422), names=PRODUCT),
    "web:watchlist": Route(get=page(200)),
    "web:search_save": Route(post=page(422)),
    "web:search_delete": Route(post=page(404), names={"search_id": "unknown"}),
    "web:demands": READ,
    "web:demand": Route(get=answer(404), names={"demand_id": "unknown"}),
    "web:demand_new": Route(get=page(200), post=page(422)),
    "web:demand_answer": Route(post=page(404), names={"demand_id": "unknown"}),
    "web:demand_close": Route(post=page(404), names={"demand_id": "unknown"}),
    "web:notices": Route(get=page(200)),
    "web:notice": Route(get=page(404), names={"notice_id": "unknown"}),
    "web:notices_read": Route(post=page(302)),
    "web:notices_preferences": Route(get=page(200), post=page(302)),
    "api:products": READ,
    "api:product": Route(get=answer(404), names={"product_id": "unknown"}),
    "api:product_questions": Route(get=answer(200), names=PRODUCT),
    # Admission and roles.
    "web:admission": Route(get=page(200, unadmitted=302)),
    "web:admission_apply": Route(get=page(200), post=page(422)),
    "web:admission_add_document": Route(post=page(422, unadmitted=404)),
    "web:admission_document": Route(
        get=page(404, seller=200, finance=403, staff=200), names={"document_id": "document_id"}
    ),
    "web:admission_answer": Route(post=page(422, unadmitted=404)),
    "web:admission_withdraw": Route(post=page(403, unadmitted=404)),
    "web:identity": Route(get=page(200, newcomer=403), post=page(422, newcomer=403)),
    "web:identity_withdraw": Route(post=page(404, newcomer=403), names={"request_id": "unknown"}),
    "web:admission_accept_rules": Route(post=page(403, unadmitted=404)),
    "web:team": Route(get=page(200, newcomer=403)),
    "web:team_grant": Route(post=page(422)),
    "web:team_revoke": Route(
        post=page(404, seller=422, finance=403, staff=403), names={"grant_id": "grant_id"}
    ),
    # People and organisations.
    "web:sessions": Route(get=page(200), post=page(302)),
    "web:profile": Route(get=page(200), post=page(422)),
    "web:organisations": Route(get=page(200)),
    "web:organisation_create": Route(get=page(200), post=page(422)),
    "web:organisation_switch": Route(post=page(404)),
    "web:organisation": Route(get=page(404, house=200), names=HOUSE),
    "web:organisation_edit": Route(
        get=page(404, house=200), post=page(404, house=422), names=HOUSE
    ),
    "web:organisation_billing": Route(
        get=page(404, house=200), post=page(404, seller=302, finance=403), names=HOUSE
    ),
    "web:organisation_invite": Route(post=page(404, house=422), names=HOUSE),
    "web:invitation": Route(get=page(404), post=page(404), names={"token": "unknown"}),
    "web:invitation_revoke": Route(post=page(404, seller=302, finance=403), names=GUEST),
    "web:member_role": Route(
        get=page(404), post=page(404), names={**HOUSE, "member_id": "usr_unknown"}
    ),
    "web:member_remove": Route(
        get=page(404), post=page(404), names={**HOUSE, "member_id": "usr_unknown"}
    ),
    "web:api_keys": Route(get=page(404, house=200), names=HOUSE),
    "web:api_key_create": Route(get=page(404, house=200), post=page(404, house=422), names=HOUSE),
    "web:api_key_revoke": Route(
        get=page(404, house=200), post=page(404, seller=302, finance=403), names=KEY
    ),
    # Files and what was bought.
    "web:files": Route(
        get=page(200, **FILELESS),
        post=page(403),
    ),
    "web:file": Route(get=page(404, seller=200, finance=403, staff=200), names=FILE),
    "web:file_progress": Route(get=page(404, seller=200, finance=403, staff=200), names=FILE),
    "web:file_stop": Route(post=page(403, **STRANGE_FILE), names=FILE),
    "web:file_read_again": Route(post=page(403, **STRANGE_FILE), names=FILE),
    "web:file_answer": Route(post=page(403, **STRANGE_FILE), names=FILE),
    "web:file_remove": Route(post=page(403, **STRANGE_FILE), names=FILE),
    "web:upload_abandon": Route(post=page(404), names={"upload_id": "upl_unknown"}),
    "web:purchases": Route(get=page(200, newcomer=403)),
    "web:entitlement": Route(get=page(404, buyer=200), names=RIGHT),
    "web:purchase_fetch": Route(
        get=page(404, buyer=403), names={**RIGHT, "table_id": "tab_unknown", "form": "csv"}
    ),
    "web:purchase_link": Route(post=page(404, buyer=422), names=RIGHT),
    "web:purchase_link_end": Route(post=page(404), names={**RIGHT, "link_id": "lnk_unknown"}),
    "web:download": Route(get=answer(404), names={"token": "unknown"}),
    # Books.
    "web:books": Route(get=page(200, newcomer=403, buyer=403)),
    "web:journal": Route(get=page(422, newcomer=403, buyer=403)),
    "web:statement": Route(get=page(404, house=200, staff=200), names=ACCOUNT),
    "web:statement_csv": Route(get=page(404, house=200, staff=200), names=ACCOUNT),
    # Buying. An order is seen by its two parties and by the exchange, and answered by its buyer.
    # Who owns or operates the data of an admitted seller.
    "web:discount_tiers": Route(get=page(403), post=page(403)),
    "web:discount_tier_end": Route(post=page(403), names={"tier_id": "dct_unknown"}),
    "web:checkout": Route(get=page(403, buyer=200), post=page(403, buyer=422), names=OFFER),
    "web:buying_limit": Route(
        get=page(200, newcomer=403), post=page(403, seller=422, operator=422)
    ),
    "web:orders": Route(get=page(200, newcomer=403)),
    # Documents: of an order for those who see it, by number for finance; anybody checks a certificate.
    "web:order_document": Route(
        get=page(404, buyer=200, house=200, staff=200),
        names={**ORDER, "kind": "document_kind", "form": "document_form"},
    ),
    "web:numbered_document": Route(
        get=page(404), names={"number": "no_document", "form": "document_form"}
    ),
    "web:verify": READ,
    "web:verify_certificate": Route(get=answer(404), names={"number": "no_document"}),
    "web:order": Route(get=page(404, buyer=200, house=200, staff=200), names=ORDER),
    "web:order_version": Route(
        get=answer(404, strangers=403, buyer=200, house=200, staff=200), names=ORDER
    ),
    "web:order_terms": Route(get=page(404, buyer=200, house=200, staff=200), names=ORDER),
    "web:order_case_file": Route(get=page(404, buyer=200, house=200, staff=200), names=ORDER),
    "web:order_comparison": Route(get=page(404, buyer=200, house=200, staff=200), names=ORDER),
    "web:order_comparison_ask": Route(
        post=page(404, buyer=409, house=409, staff=409, regulator=403), names=ORDER
    ),
    "web:order_pay": Route(get=page(404, buyer=302, house=302, staff=302), names=ORDER),
    "web:order_confirm": Route(post=page(404, buyer=403, house=403, staff=403), names=ORDER),
    "web:order_decline": Route(post=page(404, buyer=403, house=403, staff=403), names=ORDER),
    "web:order_cancel": Route(post=page(404, buyer=409, house=403, staff=403), names=ORDER),
    "web:order_accept": Route(post=page(404, buyer=302, house=403, staff=403), names=ORDER),
    "web:order_object": Route(post=page(404, buyer=422, house=422, staff=422), names=ORDER),
    # The seller's alone: nobody of the buyer's side or the exchange gives its money back here.
    "web:order_refund": Route(
        get=page(404, house=200, staff=403), post=page(404, house=422, staff=403), names=ORDER
    ),
    "web:order_message": Route(post=page(404, buyer=422, house=422, staff=422), names=ORDER),
    "web:order_renewal": Route(post=page(404, buyer=409, house=403, staff=403), names=ORDER),
    # The order of the dispute is the buyer's; the house sold it, and may answer for a role alone.
    "web:disputes": Route(get=page(200, newcomer=403)),
    "web:dispute": Route(get=page(404, buyer=200, house=200, staff=200), names=DISPUTE),
    "web:dispute_answer": Route(post=page(404, buyer=422, house=422, staff=422), names=DISPUTE),
    "web:dispute_hand_in": Route(post=page(404, buyer=422, house=422, staff=422), names=DISPUTE),
    "web:dispute_offer": Route(post=page(404, buyer=422, house=422, staff=422), names=DISPUTE),
    # No offer stands there; who is not of a side reads no more than that.
    "web:dispute_take_offer": Route(
        post=page(404, buyer=409, seller=409, finance=403, staff=403),
        names={**DISPUTE, "number": "offer_number"},
    ),
    "web:dispute_decline_offer": Route(
        post=page(404, buyer=409, seller=409, finance=403, staff=403),
        names={**DISPUTE, "number": "offer_number"},
    ),
    "web:dispute_file": Route(
        get=page(404, buyer=200, house=200, staff=200),
        names={**DISPUTE, "file_id": "dispute_file_id"},
    ),
    "web:dispute_reply": Route(post=page(404, buyer=422, house=422, staff=422), names=DISPUTE),
    "web:dispute_concede": Route(
        post=page(404, buyer=403, seller=302, finance=403, staff=403), names=DISPUTE
    ),
    "web:dispute_withdraw": Route(post=page(404, house=403, staff=403, buyer=302), names=DISPUTE),
    # Nothing is ruled there.
    "web:dispute_appeal": Route(post=page(404, buyer=422, house=422, staff=422), names=DISPUTE),
    "web:dispute_answer_appeal": Route(
        post=page(404, buyer=422, house=422, staff=422), names=DISPUTE
    ),
    "web:dispute_accept_ruling": Route(
        post=page(404, buyer=409, seller=409, finance=403, staff=403), names=DISPUTE
    ),
    "web:dispute_withdraw_appeal": Route(
        post=page(404, buyer=409, seller=409, finance=403, staff=403), names=DISPUTE
    ),
    "web:dispute_arbitration": Route(get=page(404, buyer=409, house=409, staff=409), names=DISPUTE),
    # Selling. The house and the exchange see a product; offering takes a role for it.
    "web:sell": Route(get=page(200, newcomer=403)),
    "web:sell_new": Route(get=page(403), post=page(403)),
    "web:sell_product": Route(get=page(404, house=200, staff=200), names=PRODUCT),
    "web:sell_data": OFFERING,
    "web:sell_use_file": Route(post=OFFERED, names=PRODUCT),
    "web:sell_answer_file": Route(post=OFFERED, names=PRODUCT),
    "web:sell_dictionary": OFFERING,
    "web:sell_personal": Route(
        get=page(404, seller=200, finance=403, staff=403),
        post=page(404, seller=200, finance=403, staff=403),
        names=PRODUCT,
    ),
    "web:sell_shares": Route(
        get=page(404, house=200, staff=200), post=page(404, house=422, staff=403), names=PRODUCT
    ),
    "web:sell_shares_withdraw": Route(
        post=page(404, seller=302, finance=302, staff=403),
        names={**PRODUCT, "sharing_id": "sharing_id"},
    ),
    "web:shares": Route(get=page(200, **MONEYLESS)),
    "web:shares_agree": Route(post=page(404, staff=403), names={"sharing_id": "sharing_id"}),
    "web:shares_decline": Route(post=page(404, staff=403), names={"sharing_id": "sharing_id"}),
    "web:sell_about": OFFERING,
    "web:sell_licence": OFFERING,
    "web:sell_offers": OFFERING,
    "web:sell_check": OFFERING,
    "web:sell_publish": OFFERING,
    "web:sell_act": Route(
        post=page(404, seller=422, finance=403, staff=403), names={**PRODUCT, "name": "delist"}
    ),
    "web:sell_offer_withdraw": Route(
        post=page(404, seller=302, finance=403, staff=403), names={**PRODUCT, **OFFER}
    ),
    "web:sell_revoke": Route(post=page(404), names={**PRODUCT, "revision_id": "rvn_unknown"}),
    # Money. A payment is its payer's; what a seller earns is for its finance.
    "web:payment": Route(get=page(404, buyer=200, staff=200), names=PAYMENT),
    "web:payment_card": Route(post=page(404, buyer=302, staff=403), names=PAYMENT),
    "web:payment_back": Route(get=page(404, buyer=302, staff=302), names=PAYMENT),
    "web:test_card": Route(
        get=page(404, staff=403), post=page(404, buyer=302, staff=403), names=PAYMENT
    ),
    "web:earnings": Route(get=page(200, **MONEYLESS)),
    "web:earnings_held": Route(get=page(200, **MONEYLESS)),
    "web:tax": Route(get=page(200, **MONEYLESS)),
    "web:tax_csv": Route(get=page(200, **MONEYLESS)),
    "web:earnings_csv": Route(get=page(200, **MONEYLESS)),
    "web:statements": Route(get=page(200, **MONEYLESS)),
    "web:departments": Route(get=page(200, **MONEYLESS), post=page(403, house=422, operator=422)),
    "web:departments_csv": Route(get=page(200, **MONEYLESS)),
    "web:distributions": Route(get=page(200, **MONEYLESS)),
    "web:distribution": Route(
        get=page(404, house=200, **MONEYLESS),
        post=page(403, house=422, operator=404),
        names=DISTRIBUTION,
    ),
    "web:distribution_csv": Route(get=page(404, house=200, **MONEYLESS), names=DISTRIBUTION),
    "web:distribution_send": Route(post=page(404, house=409, staff=403), names=DISTRIBUTION),
    "web:distribution_agree": Route(post=page(404, staff=403), names=DISTRIBUTION),
    "web:distribution_object": Route(post=page(404, staff=403), names=DISTRIBUTION),
    "web:payouts": Route(get=page(200, **MONEYLESS)),
    "web:payout_account": Route(
        get=page(403, house=200, operator=200), post=page(403, house=422, operator=422)
    ),
    "web:payout_account_back": Route(get=page(403, house=302, operator=302)),
    "web:invoices": Route(get=page(200, newcomer=403)),
    "web:payment_messages": Route(post=answer(400)),
}
