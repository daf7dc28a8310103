"""Who gets which answer over the API, in the console, at the sellers' desk, and from the sign-in library."""

from collections.abc import Mapping

from tests.architecture.access_routes import (
    ACCOUNT,
    FILE,
    FILELESS,
    GUEST,
    HOUSE,
    KEY,
    LISTED,
    LISTED_AT_DESK,
    MONEYLESS,
    OFFER,
    OFFERED_CALL,
    ORDER,
    PAYMENT,
    PRODUCT,
    READ,
    RIGHT,
    STRANGE_FILE,
    Route,
    act,
    answer,
    call,
    desk,
    page,
    row,
    selling,
)

# A tab of the desk's editor, by the product of another seller or without a role for offering.
EDITING = page(404, house=403)
EDITED = Route(get=EDITING, post=EDITING, names=PRODUCT)

PROGRAMS: Mapping[str, Route] = {
    # The API.
    "api:root": READ,
    "api:schema": READ,
    "api:docs": READ,
    "api:me": Route(get=answer(200, anonymous=401)),
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
    "api:own-product-pause": Route(
        post=call(404, seller=200, finance=403, staff=403), names=PRODUCT
    ),
    "api:own-product-relist": Route(
        post=call(404, seller=409, finance=403, staff=403), names=PRODUCT
    ),
    "api:own-product-delist": Route(post=call(422), names=PRODUCT),
    "api:own-offers": Route(post=call(422), names=PRODUCT),
    "api:own-offer-withdraw": Route(
        post=call(404, seller=200, finance=403, staff=403), names=OFFER
    ),
    "api:own-revisions": Route(post=call(422), names=PRODUCT),
    "api:own-dictionary": Route(names=PRODUCT),
    "api:own-flags": Route(post=call(422), names=PRODUCT),
    "api:own-flag-lift": Route(post=call(422), names=PRODUCT),
    "api:own-revision-publish": Route(post=OFFERED_CALL, names=PRODUCT),
    "api:own-revision-revoke": Route(post=call(422), names={"revision_id": "rvn_unknown"}),
    "api:files": Route(get=call(200, key=200, **FILELESS)),
    "api:file": Route(get=call(404, key=200, seller=200, **FILELESS), names=FILE),
    "api:file-read-again": Route(post=call(403, **STRANGE_FILE), names=FILE),
    "api:file-answers": Route(post=call(422), names=FILE),
    "api:uploads": Route(post=call(403)),
    "api:upload": Route(get=call(404, key=404, **FILELESS), names={"upload_id": "upl_unknown"}),
    "api:entitlements": Route(get=call(200, key=200, newcomer=403)),
    "api:entitlement": Route(get=call(404, key=404, buyer=200, newcomer=403), names=RIGHT),
    "api:links": Route(
        get=call(404, key=404, buyer=200, newcomer=403),
        post=call(404, key=404, buyer=422, newcomer=403),
        names=RIGHT,
    ),
    "api:link-end": Route(post=call(404, key=404), names={"link_id": "lnk_unknown"}),
    "api:table-content": Route(
        get=call(404, key=404, buyer=403),
        names={**RIGHT, "table_id": "tab_unknown", "form": "csv"},
    ),
    "api:log_records": Route(get=call(200, key=200)),
    "api:log_record": Route(get=call(404, key=404), names={"record_id": "rec_unknown"}),
    "api:log_bundle": Route(get=call(404, key=404), names={"record_id": "rec_unknown"}),
    "api:ledger-accounts": Route(get=call(200, key=200, newcomer=404, buyer=403)),
    "api:ledger-statement": Route(get=call(404, key=200, house=200, buyer=403), names=ACCOUNT),
    "api:ledger-statement-csv": Route(get=call(404, key=200, house=200, buyer=403), names=ACCOUNT),
    "api:payments": Route(get=call(200, key=200, newcomer=403)),
    "api:payment": Route(get=call(404, key=404, buyer=200, staff=200), names=PAYMENT),
    "api:balances": Route(get=call(200, key=200, **MONEYLESS)),
    "api:earnings": Route(get=call(200, key=200, **MONEYLESS)),
    "api:payouts": Route(get=call(200, key=200, **MONEYLESS)),
    "api:documents": Route(get=call(200, key=200, newcomer=403)),
    "api:document": Route(get=call(404, key=404), names={"number": "INV-2026-999999"}),
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
    "console:find": LISTED,
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
    "console:members_identityrequest_approve": act("identity"),
    "console:members_identityrequest_decline": act("identity"),
    "console:members_proposal_approve": act("proposal"),
    "console:members_proposal_decline": act("proposal"),
    # Nothing waits for a second person in this world.
    "console:members_approvalrequest_change": row("members.approvalrequest", get=desk(302)),
    "console:members_approvalrequest_approve": act("members.approvalrequest", operators=403),
    "console:members_approvalrequest_decline": act("members.approvalrequest", operators=403),
    "console:members_approvalrequest_withdraw": act("members.approvalrequest", operators=403),
    "console:core_rule_amend": act("core.rule"),
    "console:core_rule_take_back": act("core.rule"),
    # No fee is agreed in this world.
    "console:orders_feeagreement_change": row("orders.feeagreement", get=desk(302)),
    "console:orders_feeagreement_withdraw": act("orders.feeagreement", operators=403),
    "console:orders_feeagreement_end": act("orders.feeagreement", operators=403),
    "console:orders_feeagreement_agree": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:core_calendaryear_correct": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
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
    "console:catalog_product_flag_column": act("catalog.product"),
    "console:catalog_columnflag_change": row("catalog.columnflag"),
    "console:catalog_columnflag_lift": act("catalog.columnflag"),
    "console:catalog_columnflag_keep": act("catalog.columnflag", operators=403),
    "console:orders_order_change": row("orders.order"),
    "console:disputes_dispute_change": row("disputes.dispute"),
    "console:disputes_dispute_decide": act("disputes.dispute"),
    "console:disputes_dispute_ask_claimant": act("disputes.dispute", operators=403),
    "console:disputes_dispute_ask_respondent": act("disputes.dispute", operators=403),
    "console:disputes_dispute_compare": act("disputes.dispute", operators=403),
    "console:orders_order_refund": act("orders.order", operators=403),
    "console:orders_order_refund_part": act("orders.order"),
    "console:orders_order_deliver_again": act("orders.order", operators=403),
    "console:orders_order_price_reason": act("orders.order"),
    "console:orders_ruling_change": row("orders.ruling", get=desk(302)),
    "console:orders_ruling_approve": act("orders.ruling", operators=403),
    "console:orders_ruling_decline": act("orders.ruling", operators=403),
    "console:orders_certificate_change": row("orders.certificate", get=desk(302)),
    "console:payments_payment_change": row("payments.payment"),
    "console:payments_refund_change": row("payments.refund", get=desk(302)),
    "console:payments_refund_sent": act("payments.refund", operators=404),
    "console:payments_refund_again": act("payments.refund", operators=404),
    "console:payments_chargeback_change": row("payments.chargeback", get=desk(302)),
    "console:payments_chargeback_send_evidence": act("payments.chargeback", operators=403),
    "console:payments_payout_change": row("payments.payout", get=desk(302)),
    "console:payments_payout_note_refused": act("payments.payout", operators=403),
    "console:payments_payoutfile_change": row("payments.payoutfile", get=desk(302)),
    "console:payments_payoutfile_approve": act("payments.payoutfile", operators=403),
    "console:payments_payoutfile_take_xml": act("payments.payoutfile", operators=403),
    "console:payments_payoutfile_take_csv": act("payments.payoutfile", operators=403),
    "console:payments_payoutfile_note_sent": act("payments.payoutfile", operators=403),
    "console:payments_payoutfile_drop": act("payments.payoutfile", operators=403),
    "console:payments_payoutfile_give_up": act("payments.payoutfile", operators=403),
    "console:payments_payoutfile_make": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:payments_distribution_change": row("payments.distribution"),
    "console:payments_distribution_uphold": act("payments.distribution"),
    "console:payments_document_change": row("payments.document", get=desk(302)),
    "console:payments_statementrun_change": row("payments.statementrun", get=desk(302)),
    "console:payments_statementrun_make": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:payments_providerevent_change": row("payments.providerevent", get=desk(302)),
    "console:payments_bankday_change": row("payments.bankday", get=desk(302)),
    "console:payments_difference_change": row("payments.difference", get=desk(302)),
    # The exchange's finance alone.
    "console:payments_difference_run": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:payments_difference_take": act("payments.difference", operators=403),
    "console:payments_difference_explain": act("payments.difference", operators=403),
    "console:payments_incomingtransfer_change": row("payments.incomingtransfer", get=desk(302)),
    "console:payments_incomingtransfer_match": act("payments.incomingtransfer", operators=404),
    "console:payments_incomingtransfer_send_back": act("payments.incomingtransfer", operators=404),
    "console:payments_incomingtransfer_enter_line": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    # The exchange's finance alone, which no operator is by that.
    "console:payments_incomingtransfer_enter_statement": Route(
        get=desk(403), post=desk(403), asks_no_method=True
    ),
    "console:payments_incomingtransfer_top_up": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:members_admission_change": row("members.admission"),
    "console:members_admissionstep_change": row("members.admissionstep"),
    "console:members_admissiondocument_change": row("members.admissiondocument"),
    "console:members_rolegrant_change": row("members.rolegrant"),
    "console:accounts_apikey_change": row("accounts.apikey"),
    "console:notices_banner_change": row("notices.banner", get=desk(302)),
    "console:notices_banner_withdraw": act("notices.banner", operators=403),
    "console:notices_banner_show": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:payments_payouthold_change": row("payments.payouthold", get=desk(302)),
    "console:payments_payouthold_release": act("payments.payouthold", operators=403),
    "console:payments_payout_hold": act("payments.payout", operators=403),
    "console:payments_payoutaccount_hold": act("payments.payoutaccount", operators=403),
    "console:payments_payoutaccount_change": row("payments.payoutaccount", get=desk(302)),
    "console:members_identityrequest_change": row("members.identityrequest"),
    "console:members_proposal_change": row("members.proposal"),
    "console:ledger_account_change": row("ledger.account"),
    "console:ledger_month_change": row("ledger.month", get=desk(302)),
    "console:ledger_month_report": row("ledger.month", get=desk(404), post=desk(404)),
    "console:ledger_month_report_csv": row("ledger.month", get=desk(404), post=desk(404)),
    "console:ledger_month_journal_csv": row("ledger.month", get=desk(404), post=desk(404)),
    "console:ledger_month_journal_datev": row("ledger.month", get=desk(404), post=desk(404)),
    "console:ledger_month_tax": row("ledger.month", get=desk(404), post=desk(404)),
    "console:ledger_month_tax_csv": row("ledger.month", get=desk(404), post=desk(404)),
    "console:ledger_month_reopen": act("ledger.month", operators=403),
    "console:ledger_month_close": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:ledger_journalentry_change": row("ledger.journalentry"),
    "console:ledger_transfer_change": row("ledger.transfer"),
    "console:audit_record_change": row("audit.record"),
    "console:audit_head_change": row("audit.head"),
    "console:accounts_organisation_change": row("accounts.organisation"),
    "console:accounts_user_change": row("accounts.user"),
    "console:members_deactivation_change": row("members.deactivation"),
    "console:accounts_user_deactivate": act("accounts.user"),
    "console:accounts_user_restore": act("accounts.user", operators=403),
    "console:accounts_membership_change": row("accounts.membership"),
    "console:core_rule_change": row("core.rule"),
    "console:core_calendaryear_change": row("core.calendaryear"),
    "console:core_outboxjob_change": row("core.outboxjob"),
    "console:*_csv": Route(get=desk(200)),
    "console:*_changelist": LISTED,
    # The sellers' desk. The thing of another seller is not there for one who may open the desk.
    "desk:index": LISTED_AT_DESK,
    "desk:search": LISTED_AT_DESK,
    "desk:login": Route(get=selling(302), post=selling(302)),
    "desk:logout": Route(get=selling(302), post=selling(302)),
    "desk:jsi18n": Route(get=selling(200)),
    "desk:app_list": Route(
        get=selling(200), post=selling(200), names={"app_label": "catalog"}, asks_no_method=True
    ),
    "desk:catalog_product_change": Route(
        get=page(404, house=200),
        post=page(404, house=403),
        names={"object_id": "product_id"},
        asks_no_method=True,
    ),
    # A view is its person's: nobody of this world keeps one.
    "console:view_save": Route(get=desk(404), post=desk(404)),
    "desk:view_save": Route(get=selling(404), post=selling(404)),
    **{
        f"{site}:view_{act}": Route(get=page(404), post=page(404), names={"view_id": "vew_unknown"})
        for site in ("console", "desk")
        for act in ("rename", "remove")
    },
    "desk:import_products": Route(get=selling(403), post=selling(403), asks_no_method=True),
    # Its editor: the own house sees the product, and offers it with a role for that alone.
    "desk:sell_new": Route(get=selling(403), post=selling(403)),
    **{
        f"desk:sell_{tab}": EDITED
        for tab in (
            "about",
            "data",
            "dictionary",
            "offers",
            "use",
            "licence",
            "documents",
            "check",
            "publish",
        )
    },
    "desk:sell_personal": Route(
        get=page(404, seller=200, finance=403),
        post=page(404, seller=200, finance=403),
        names=PRODUCT,
    ),
    "desk:sell_use_file": Route(post=EDITING, names=PRODUCT),
    "desk:sell_answer_file": Route(post=EDITING, names=PRODUCT),
    "desk:sell_simulate": Route(get=EDITING, names=PRODUCT),
    "desk:sell_offer_withdraw": Route(
        post=page(404, seller=302, finance=403), names={**PRODUCT, **OFFER}
    ),
    "desk:*_csv": Route(get=selling(200)),
    "desk:*_changelist": LISTED_AT_DESK,
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
    "usersessions_list": Route(get=page(200), post=page(302)),  # the page of ours
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
