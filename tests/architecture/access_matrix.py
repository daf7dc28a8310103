"""Who gets which answer where. A new address needs a row here; `test_access_matrix` says so.

A row names the methods that are open at all, and for each the answer to everybody, then to those who
get another one. Groups: `people` (all that are signed in), `operators`, `staff` (operators and the
regulator), `house` (people of the seller whose things the address names), `keys`, `strangers`
(neither signed in nor, on pages, known by a key). A later group or visitor overrides an earlier one.
`names` fills the address from the world of `visitors.py`: a name there, or a table "app.model".
Posts send an empty form, or an empty JSON object over the API: 422 means "allowed to try".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.architecture.visitors import Visitor

Expected = Mapping[Visitor, int]
# What a method without a row may answer: sign in, not allowed, no such thing, no such method.
CLOSED = frozenset({302, 401, 403, 404, 405})

GROUPS: Mapping[str, frozenset[Visitor]] = {
    "strangers": frozenset({Visitor.ANONYMOUS, Visitor.KEY_WITH_SCOPE, Visitor.KEY_WITHOUT_SCOPE}),
    "keys": frozenset({Visitor.KEY_WITH_SCOPE, Visitor.KEY_WITHOUT_SCOPE}),
    "operators": frozenset({Visitor.OPERATOR, Visitor.SECOND_OPERATOR}),
    "staff": frozenset({Visitor.OPERATOR, Visitor.SECOND_OPERATOR, Visitor.REGULATOR}),
    "strong": frozenset(
        {Visitor.OPERATOR, Visitor.SECOND_OPERATOR, Visitor.REGULATOR, Visitor.FINANCE}
    ),
    "house": frozenset({Visitor.SELLER, Visitor.FINANCE}),
    "unadmitted": frozenset({Visitor.NEWCOMER, Visitor.OUTSIDER}),
}


@dataclass(frozen=True)
class Route:
    """One address, or several that answer alike."""

    get: Expected | None = None
    post: Expected | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    put: Expected | None = None  # only the sign-in library's forms take PUT as POST
    asks_no_method: bool = False  # a page that answers PUT, PATCH and DELETE as it answers GET
    library_form: bool = False  # the sign-in library answers further methods in its own way
    elsewhere: str = ""  # why it is not knocked at here

    def expected(self, method: str) -> Expected | None:
        said = {"get": self.get, "post": self.post, "put": self.put}.get(method)
        if said is None and method != "post" and self.asks_no_method:
            return self.get
        return said


def answer(everybody: int, **others: int) -> Expected:
    """The answer to everybody, then to groups and visitors by name, in the order given."""
    said = dict.fromkeys(Visitor, everybody)
    for name, status in others.items():
        for visitor in GROUPS.get(name) or {Visitor(name)}:
            said[visitor] = status
    return said


def page(everybody: int, **others: int) -> Expected:
    """A page of ours: strangers are sent to sign in."""
    return answer(everybody, strangers=302, **others)


def call(everybody: int, *, key: int = 403, **others: int) -> Expected:
    """Over the API: strangers get 401, a key without the scope 403."""
    return answer(everybody, anonymous=401, key_without_scope=403, key_with_scope=key, **others)


def desk(staff: int, **others: int) -> Expected:
    """The console: sign in, or nothing is there, unless one is an operator or a regulator."""
    return answer(404, strangers=302, staff=staff, **others)


PUBLIC = Route(get=answer(200), post=answer(200), asks_no_method=True)
ENTRY = Route(get=answer(200), post=answer(200), names={"index": "index"}, asks_no_method=True)
READ = Route(get=answer(200))
LISTED = Route(get=desk(200), post=desk(200), asks_no_method=True)
HOUSE = {"organisation_id": "organisation_id"}
GUEST = {**HOUSE, "invitation_id": "invitation_id"}
ACCOUNT = {"account_id": "account_id"}
KEY = {**HOUSE, "key_id": "key_id"}
ORDER = {"order_id": "order_id"}
OFFER = {"offer_id": "offer_id"}
PRODUCT = {"product_id": "product_id"}
FILE = {"file_id": "file_id"}
RIGHT = {"entitlement_id": "entitlement_id"}
PAYMENT = {"payment_id": "payment_id"}
# Whoever may not see what an organisation earns.
MONEYLESS = {"newcomer": 403, "buyer": 403, "bank": 403, "evaluator": 403}
# Whoever may not see an organisation's files, whatever the organisation.
FILELESS = {"newcomer": 403, "buyer": 403, "bank": 403, "evaluator": 403, "finance": 403}

# Who has no role for offering, though the product is of the own house, may look and not offer.
OFFERED = page(404, house=403, staff=403)
OFFERED_CALL = call(404, house=403, staff=403)
OFFERING = Route(get=OFFERED, post=OFFERED, names=PRODUCT)


def row(label: str, *, get: Expected | None = None, post: Expected | None = None) -> Route:
    """A console page of one row of a table."""
    return Route(
        get=get or desk(200),
        post=post or desk(403),
        names={"object_id": label},
        asks_no_method=True,
    )


def act(label: str, *, operators: int = 200) -> Route:
    """A console act: operators see the form, the regulator does not."""
    allowed = desk(403, operators=operators)
    return Route(get=allowed, post=allowed, names={"object_id": label}, asks_no_method=True)


MATRIX: Mapping[str, Route] = {
    # Everybody's.
    "web:home": PUBLIC,
    "web:help": PUBLIC,
    "web:problems": READ,
    "web:problem": Route(get=answer(200), names={"code": "not_found"}),
    "web:log": PUBLIC,
    "web:log_verify": PUBLIC,
    "web:log_verifier": PUBLIC,
    "web:log_entry": ENTRY,
    "web:log_proof": ENTRY,
    "web:healthz": PUBLIC,
    "web:readyz": PUBLIC,
    "log:key": READ,
    "log:checkpoint": READ,
    "log:entries": READ,
    "log:proof": Route(get=answer(422)),
    "log:consistency": Route(get=answer(422)),
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
    # Admission and roles.
    "web:admission": Route(get=page(200, unadmitted=302)),
    "web:admission_apply": Route(get=page(200), post=page(422)),
    "web:admission_add_document": Route(post=page(422, unadmitted=404)),
    "web:admission_document": Route(
        get=page(404, seller=200, finance=403, staff=200), names={"document_id": "document_id"}
    ),
    "web:admission_answer": Route(post=page(422, unadmitted=404)),
    "web:admission_withdraw": Route(post=page(403, unadmitted=404)),
    "web:admission_accept_rules": Route(post=page(403, unadmitted=404)),
    "web:team": Route(get=page(200, newcomer=403)),
    "web:team_grant": Route(post=page(422)),
    "web:team_revoke": Route(
        post=page(404, seller=422, finance=403, staff=403), names={"grant_id": "grant_id"}
    ),
    # People and organisations.
    "web:profile": Route(get=page(200), post=page(422)),
    "web:organisations": Route(get=page(200)),
    "web:organisation_create": Route(get=page(200), post=page(422)),
    "web:organisation_switch": Route(post=page(404)),
    "web:organisation": Route(get=page(404, house=200), names=HOUSE),
    "web:organisation_edit": Route(
        get=page(404, house=200), post=page(404, house=422), names=HOUSE
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
    "web:file_read_again": Route(post=page(403), names=FILE),
    "web:file_remove": Route(post=page(403), names=FILE),
    "web:upload_abandon": Route(post=page(403), names={"upload_id": "upl_unknown"}),
    "web:purchases": Route(get=page(200, newcomer=403)),
    "web:entitlement": Route(get=page(404, buyer=200), names=RIGHT),
    "web:purchase_fetch": Route(
        get=page(404, buyer=403), names={**RIGHT, "table_id": "tab_unknown", "form": "csv"}
    ),
    "web:download": Route(get=answer(404), names={"token": "unknown"}),
    # Books.
    "web:books": Route(get=page(200, newcomer=403, buyer=403, bank=403, evaluator=403)),
    "web:statement": Route(get=page(404, house=200, staff=200), names=ACCOUNT),
    "web:statement_csv": Route(get=page(404, house=200, staff=200), names=ACCOUNT),
    # Buying. An order is seen by its two parties and by the exchange, and answered by its buyer.
    "web:checkout": Route(get=page(403, buyer=200), post=page(403, buyer=422), names=OFFER),
    "web:buying_limit": Route(
        get=page(200, newcomer=403), post=page(403, seller=422, operator=422)
    ),
    "web:orders": Route(get=page(200, newcomer=403)),
    "web:order": Route(get=page(404, buyer=200, house=200, staff=200), names=ORDER),
    "web:order_version": Route(
        get=answer(404, strangers=403, buyer=200, house=200, staff=200), names=ORDER
    ),
    "web:order_terms": Route(get=page(404, buyer=200, house=200, staff=200), names=ORDER),
    "web:order_confirm": Route(post=page(404, buyer=403, house=403, staff=403), names=ORDER),
    "web:order_decline": Route(post=page(404, buyer=403, house=403, staff=403), names=ORDER),
    "web:order_cancel": Route(post=page(404, buyer=409, house=403, staff=403), names=ORDER),
    "web:order_accept": Route(post=page(404, buyer=302, house=403, staff=403), names=ORDER),
    "web:order_object": Route(post=page(404, buyer=422, house=422, staff=422), names=ORDER),
    "web:order_message": Route(post=page(404, buyer=422, house=422, staff=422), names=ORDER),
    "web:order_renewal": Route(post=page(404, buyer=409, house=403, staff=403), names=ORDER),
    # Selling. The house and the exchange see a product; offering takes a role for it.
    "web:sell": Route(get=page(200, newcomer=403)),
    "web:sell_new": Route(get=page(403), post=page(403)),
    "web:sell_product": Route(get=page(404, house=200, staff=200), names=PRODUCT),
    "web:sell_data": OFFERING,
    "web:sell_use_file": Route(post=OFFERED, names=PRODUCT),
    "web:sell_dictionary": OFFERING,
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
    "web:test_card": Route(get=page(404, staff=403), post=page(404, staff=403), names=PAYMENT),
    "web:earnings": Route(get=page(200, **MONEYLESS)),
    "web:earnings_csv": Route(get=page(200, **MONEYLESS)),
    "web:payouts": Route(get=page(200, **MONEYLESS)),
    "web:payout_account": Route(get=page(403, finance=200), post=page(403, finance=422)),
    "web:invoices": Route(get=page(200, newcomer=403)),
    "web:payment_messages": Route(post=answer(400)),
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
    "console:settlement_incomingtransfer_enter_statement": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:settlement_incomingtransfer_top_up": Route(
        get=desk(403, operators=200), post=desk(403, operators=200), asks_no_method=True
    ),
    "console:members_admission_change": row("members.admission"),
    "console:members_proposal_change": row("members.proposal"),
    "console:ledger_account_change": row("ledger.account"),
    "console:ledger_posting_change": row("ledger.posting", get=desk(302)),
    "console:ledger_transfer_change": row("ledger.transfer", get=desk(302)),
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
