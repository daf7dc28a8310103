"""Who gets which answer over the API, in the console, and from the sign-in library."""

from collections.abc import Mapping

from tests.architecture.access_routes import (
    ACCOUNT,
    FILE,
    FILELESS,
    GUEST,
    HOUSE,
    KEY,
    LISTED,
    MONEYLESS,
    OFFER,
    OFFERED_CALL,
    ORDER,
    PAYMENT,
    PRODUCT,
    READ,
    RIGHT,
    Route,
    act,
    answer,
    call,
    desk,
    page,
    row,
)

PROGRAMS: Mapping[str, Route] = {
    # The API.
    "api:root": READ,
    "api:schema": READ,
    "api:docs": READ,
    "api:me": Route(get=call(200, key=200)),
    "api:organisations": Route(get=call(200, key=200)),
    "api:organisation": Route(get=call(404, key=200, house=200), names=HOUSE),
    "api:organisation-members": Route(get=call(404, key=200, house=200), names=HOUSE),
    "api:invitations": Route(
        get=call(404, key=200, house=200), post=call(404, house=422), names=HOUSE
    ),
    "api:invitation-revoke": Route(post=call(404, seller=200, finance=403), names=GUEST),
    "api:api-keys": Route(get=call(404, house=200), post=call(404, house=422), names=HOUSE),
    "api:api-key-revoke": Route(post=call(404, seller=200, finance=403), names=KEY),
    "api:admission": Route(get=call(200, key=200, unadmitted=404), post=call(422)),
    "api:roles": Route(get=call(200, key=200, newcomer=403), post=call(422)),
    "api:role-revoke": Route(post=call(422), names={"role_id": "role_id"}),
    "api:own-products": Route(get=call(200, key=200, newcomer=403), post=call(422)),
    "api:own-product": Route(get=call(404, key=200, house=200, staff=200), names=PRODUCT),
    "api:own-product-submit": Route(post=OFFERED_CALL, names=PRODUCT),
    "api:own-product-delist": Route(post=call(422), names=PRODUCT),
    "api:own-offers": Route(post=call(422), names=PRODUCT),
    "api:own-offer-withdraw": Route(
        post=call(404, seller=200, finance=403, staff=403), names=OFFER
    ),
    "api:own-revisions": Route(post=call(422), names=PRODUCT),
    "api:own-dictionary": Route(names=PRODUCT),
    "api:own-revision-publish": Route(post=OFFERED_CALL, names=PRODUCT),
    "api:own-revision-revoke": Route(post=call(422), names={"revision_id": "rvn_unknown"}),
    "api:files": Route(get=call(200, key=200, **FILELESS)),
    "api:file": Route(get=call(404, key=200, seller=200, **FILELESS), names=FILE),
    "api:file-read-again": Route(post=call(403), names=FILE),
    "api:uploads": Route(post=call(403)),
    "api:upload": Route(get=call(404, key=404, **FILELESS), names={"upload_id": "upl_unknown"}),
    "api:entitlements": Route(get=call(200, key=200, newcomer=403)),
    "api:entitlement": Route(get=call(404, key=404, buyer=200, newcomer=403), names=RIGHT),
    "api:links": Route(post=call(404, key=404, buyer=422, newcomer=403), names=RIGHT),
    "api:table-content": Route(
        get=call(404, key=404, buyer=403),
        names={**RIGHT, "table_id": "tab_unknown", "form": "csv"},
    ),
    "api:log_records": Route(get=call(200, key=200)),
    "api:log_record": Route(get=call(404, key=404), names={"record_id": "rec_unknown"}),
    "api:log_bundle": Route(get=call(404, key=404), names={"record_id": "rec_unknown"}),
    "api:ledger-accounts": Route(
        get=call(200, key=200, newcomer=404, buyer=403, bank=403, evaluator=403)
    ),
    "api:ledger-statement": Route(
        get=call(404, key=200, house=200, buyer=403, bank=403, evaluator=403), names=ACCOUNT
    ),
    "api:ledger-statement-csv": Route(
        get=call(404, key=200, house=200, buyer=403, bank=403, evaluator=403), names=ACCOUNT
    ),
    "api:payments": Route(get=call(200, key=200, newcomer=403)),
    "api:payment": Route(get=call(404, key=404, buyer=200, staff=200), names=PAYMENT),
    "api:earnings": Route(get=call(200, key=200, **MONEYLESS)),
    "api:payouts": Route(get=call(200, key=200, **MONEYLESS)),
    "api:papers": Route(get=call(200, key=200, newcomer=403)),
    "api:paper": Route(get=call(404, key=404), names={"number": "INV-2026-999999"}),
    "api:offer-terms": Route(get=call(403, buyer=200), names=OFFER),
    "api:orders": Route(get=call(200, key=200, newcomer=403), post=call(422)),
    "api:order": Route(get=call(404, key=200, buyer=200, house=200, staff=200), names=ORDER),
    "api:order-confirm": Route(post=call(404, buyer=403, house=403, staff=403), names=ORDER),
    "api:order-decline": Route(post=call(422), names=ORDER),
    "api:order-cancel": Route(post=call(404, buyer=409, house=403, staff=403), names=ORDER),
    "api:order-accept": Route(post=call(404, buyer=200, house=403, staff=403), names=ORDER),
    "api:order-object": Route(post=call(422), names=ORDER),
    "api:order-renewal": Route(post=call(422), names=ORDER),
    "api:order-messages": Route(
        get=call(404, key=200, buyer=200, house=200, staff=200), post=call(422), names=ORDER
    ),
    # The console.
    "console:index": LISTED,
    "console:search": LISTED,
    "console:schedules": LISTED,
    "console:trial_balance": LISTED,
    "console:fairness": LISTED,
    "console:login": Route(get=desk(302), post=desk(302)),
    "console:logout": Route(get=desk(302), post=desk(302)),
    "console:jsi18n": Route(get=desk(200)),
    "console:app_list": Route(
        get=desk(200), post=desk(200), names={"app_label": "members"}, asks_no_method=True
    ),
    "console:members_admission_verify": act("applied"),
    "console:members_admission_ask": act("applied"),
    "console:members_admission_restrict": act("active"),
    "console:members_admission_propose": act("applied"),
    "console:members_proposal_approve": act("proposal"),
    "console:members_proposal_decline": act("proposal"),
    "console:core_rule_amend": act("core.rule"),
    "console:core_calendaryear_publish": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:check_books": Route(post=desk(302)),
    "console:ledger_account_statement": row("ledger.account", post=desk(200)),
    "console:core_outboxjob_retry": act("core.outboxjob", operators=403),
    "console:audit_head_verify": Route(post=desk(302)),
    "console:audit_record_prove": row("audit.record", post=desk(200)),
    "console:audit_head_prove": row("audit.head", post=desk(200)),
    "console:catalog_product_change": row("catalog.product"),
    "console:catalog_product_advance": act("catalog.product", operators=403),
    "console:catalog_product_whole": act("catalog.product", operators=403),
    "console:catalog_product_accept_change": act("catalog.product", operators=403),
    "console:catalog_product_decline_change": act("catalog.product", operators=403),
    "console:catalog_product_send_back": act("catalog.product", operators=403),
    "console:catalog_product_reject": act("catalog.product", operators=403),
    "console:catalog_product_suspend": act("catalog.product"),
    "console:catalog_product_resume": act("catalog.product", operators=403),
    "console:catalog_product_delist": act("catalog.product"),
    "console:trading_order_change": row("trading.order"),
    "console:trading_order_release": act("trading.order", operators=403),
    "console:trading_order_refund": act("trading.order", operators=403),
    "console:trading_order_deliver_again": act("trading.order", operators=403),
    "console:trading_order_price_reason": act("trading.order"),
    "console:trading_ruling_change": row("trading.ruling", get=desk(302)),
    "console:trading_ruling_approve": act("trading.ruling", operators=403),
    "console:trading_ruling_decline": act("trading.ruling", operators=403),
    "console:trading_certificate_change": row("trading.certificate", get=desk(302)),
    "console:settlement_payment_change": row("settlement.payment"),
    "console:settlement_refund_change": row("settlement.refund", get=desk(302)),
    "console:settlement_refund_sent": act("settlement.refund", operators=404),
    "console:settlement_refund_again": act("settlement.refund", operators=404),
    "console:settlement_payout_change": row("settlement.payout", get=desk(302)),
    "console:settlement_providerevent_change": row("settlement.providerevent", get=desk(302)),
    "console:settlement_difference_change": row("settlement.difference", get=desk(302)),
    "console:settlement_difference_take": act("settlement.difference", operators=404),
    "console:settlement_difference_explain": act("settlement.difference", operators=404),
    "console:settlement_incomingtransfer_change": row("settlement.incomingtransfer", get=desk(302)),
    "console:settlement_incomingtransfer_match": act("settlement.incomingtransfer", operators=404),
    "console:settlement_incomingtransfer_send_back": act(
        "settlement.incomingtransfer", operators=404
    ),
    "console:settlement_incomingtransfer_enter_line": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:settlement_incomingtransfer_enter_statement": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:settlement_incomingtransfer_top_up": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:members_admission_change": row("members.admission"),
    "console:members_proposal_change": row("members.proposal"),
    "console:ledger_account_change": row("ledger.account"),
    "console:ledger_posting_change": row("ledger.posting"),
    "console:ledger_transfer_change": row("ledger.transfer"),
    "console:audit_record_change": row("audit.record"),
    "console:audit_head_change": row("audit.head"),
    "console:accounts_organisation_change": row("accounts.organisation"),
    "console:accounts_user_change": row("accounts.user"),
    "console:accounts_membership_change": row("accounts.membership"),
    "console:core_rule_change": row("core.rule"),
    "console:core_calendaryear_change": row("core.calendaryear"),
    "console:core_outboxjob_change": row("core.outboxjob"),
    "console:*_changelist": LISTED,
    # Signing in, out and up, and second factors: the library's, in our look.
    "account_login": Route(
        get=answer(302, strangers=200), post=answer(302, strangers=200), library_form=True
    ),
    "account_signup": Route(
        get=answer(302, strangers=200), post=answer(302, strangers=200), library_form=True
    ),
    "account_logout": Route(get=page(200), post=answer(302)),
    "account_reauthenticate": Route(get=page(200), post=page(200), put=page(200)),
    "account_email": Route(get=page(200), post=answer(302), put=page(200)),
    "account_change_password": Route(get=page(200), post=page(200), put=page(200)),
    "account_reset_password": Route(get=answer(200), post=answer(200), put=answer(200)),
    "account_confirm_email": Route(get=answer(200), post=answer(404), names={"key": "unknown"}),
    "account_reset_password_from_key": Route(
        get=answer(200),
        post=answer(200),
        names={"uidb36": "1", "key": "unknown"},
        asks_no_method=True,
    ),
    "account_inactive": READ,
    "account_email_verification_sent": READ,
    "account_reset_password_done": READ,
    "account_reset_password_from_key_done": READ,
    "account_set_password": Route(get=answer(302), post=answer(302)),
    "account_confirm_login_code": Route(get=answer(302), post=answer(302)),
    "mfa_index": Route(get=page(200)),
    "mfa_list_webauthn": Route(get=page(200)),
    "mfa_reauthenticate": Route(
        get=answer(302, strong=200), post=answer(302, strong=200), put=answer(302, strong=200)
    ),
    "mfa_view_recovery_codes": Route(get=page(404)),
    "mfa_download_recovery_codes": Route(get=page(404), post=page(404)),
    "mfa_deactivate_totp": Route(get=page(404, strong=302), post=page(404, strong=302)),
    "mfa_remove_webauthn": Route(get=answer(302), post=answer(302), names={"pk": "1"}),
    "mfa_edit_webauthn": Route(get=answer(302), post=answer(302), names={"pk": "1"}),
    "mfa_login_webauthn": Route(get=answer(302), post=answer(302), library_form=True),
    "mfa_*": Route(get=answer(302), post=answer(302)),  # a fresh sign-in first, whoever asks
    "socialaccount_login_cancelled": READ,
    "socialaccount_login_error": Route(get=answer(401)),
    "socialaccount_signup": Route(get=answer(302), post=answer(302)),
    "socialaccount_connections": Route(get=page(200), post=page(200), put=page(200)),
    "openid_connect_*": Route(get=answer(404), post=answer(404), names={"provider_id": "none"}),
    "unnamed *": Route(elsewhere="old addresses that lead to the named ones"),
}
