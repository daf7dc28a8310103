"""How the console looks and where its navigation leads. The theme reads `UNFOLD`."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

_static = lazy(static, str)


def _page(title: Any, icon: str, name: str, *, words: Any = "") -> dict[str, Any]:
    """`words` are others by which the menu's search finds the page."""
    return {"title": title, "icon": icon, "link": reverse_lazy(f"console:{name}"), "words": words}


NAVIGATION = [
    {
        "items": [
            _page(_("Overview"), "space_dashboard", "index"),
            _page(_("Find"), "search", "find"),
        ],
    },
    {
        "title": _("Members"),
        "separator": True,
        "items": [
            _page(_("Admissions"), "how_to_reg", "members_admission_changelist"),
            _page(_("Proposals"), "groups_2", "members_proposal_changelist"),
            _page(_("Approvals"), "how_to_vote", "members_approvalrequest_changelist"),
            _page(_("Organisations"), "domain", "accounts_organisation_changelist"),
            _page(_("People"), "person", "accounts_user_changelist"),
            _page(
                _("Accounts out of use"),
                "person_off",
                "members_deactivation_changelist",
                words=_("deactivate, block, person"),
            ),
            _page(_("Memberships"), "badge", "accounts_membership_changelist"),
            _page(_("Roles"), "assignment_ind", "members_rolegrant_changelist"),
            _page(_("API keys"), "key", "accounts_apikey_changelist"),
            _page(_("Documents of admissions"), "folder", "members_admissiondocument_changelist"),
            _page(_("Steps of admissions"), "history", "members_admissionstep_changelist"),
        ],
    },
    {
        "title": _("Trading"),
        "separator": True,
        "items": [
            _page(_("Orders"), "shopping_cart", "orders_order_changelist"),
            _page(
                _("Disputes"),
                "gavel",
                "disputes_dispute_changelist",
                words=_("objection, complaint, appeal"),
            ),
            _page(_("Rulings"), "balance", "orders_ruling_changelist", words=_("decision, refund")),
            _page(_("Trading certificates"), "verified", "orders_certificate_changelist"),
            _page(_("Auctions"), "gavel", "auctions_auction_changelist"),
            _page(_("State-asset sales"), "account_balance", "asset_sales_assetsale_changelist"),
            _page(_("Bidders for state assets"), "how_to_reg", "asset_sales_bidder_changelist"),
            _page(_("Related organisations"), "link", "members_relatedparty_changelist"),
            _page(_("Personal ties"), "diversity_3", "members_personaltie_changelist"),
            _page(_("Fairness"), "balance", "fairness"),
        ],
    },
    {
        "title": _("Catalogue"),
        "separator": True,
        "items": [
            _page(
                _("Listings"),
                "storefront",
                "catalog_product_changelist",
                words=_("product, review"),
            ),
            _page(_("Personal columns"), "visibility_off", "catalog_columnflag_changelist"),
            _page(_("Questions"), "contact_support", "catalog_question_changelist"),
        ],
    },
    {
        "title": _("Settlement"),
        "separator": True,
        "items": [
            _page(_("Payments"), "payments", "payments_payment_changelist"),
            _page(
                _("Incoming transfers"),
                "account_balance",
                "payments_incomingtransfer_changelist",
                words=_("bank, statement"),
            ),
            _page(_("Refunds"), "undo", "payments_refund_changelist"),
            _page(_("Chargebacks"), "credit_card_off", "payments_chargeback_changelist"),
            _page(_("Payouts"), "outbound", "payments_payout_changelist"),
            _page(_("Payout accounts"), "account_box", "payments_payoutaccount_changelist"),
            _page(
                _("Holds on payouts"),
                "pause_circle",
                "payments_payouthold_changelist",
                words=_("keep back, stop, block"),
            ),
            _page(_("Files of payouts"), "upload_file", "payments_payoutfile_changelist"),
            _page(_("Distributions of months"), "call_split", "payments_distribution_changelist"),
            _page(_("Monthly statements"), "receipt_long", "payments_statementrun_changelist"),
            _page(_("Invoices for service fees"), "request_quote", "payments_document_changelist"),
            _page(_("Wallets"), "account_balance_wallet", "payments_wallet_changelist"),
            _page(_("Saved cards"), "credit_card", "payments_savedcard_changelist"),
            _page(_("Top-ups by card"), "login", "payments_cardtopup_changelist"),
            _page(_("Withdrawals"), "logout", "payments_withdrawal_changelist"),
            _page(
                _("Disputes about use"),
                "gavel",
                "metering_usagedispute_changelist",
                words=_("objection, usage, meter"),
            ),
            _page(_("Bid deposits"), "lock", "payments_deposit_changelist"),
            _page(_("Differences"), "rule", "payments_difference_changelist"),
            _page(_("Closes of days"), "account_balance", "payments_bankday_changelist"),
            _page(
                _("Messages of the provider"),
                "mark_email_read",
                "payments_providerevent_changelist",
            ),
        ],
    },
    {
        "title": _("Books"),
        "separator": True,
        "items": [
            _page(_("Trial balance"), "balance", "trial_balance"),
            _page(_("Accounts"), "account_balance_wallet", "ledger_account_changelist"),
            _page(_("Postings"), "receipt_long", "ledger_journalentry_changelist"),
            _page(_("Transfers"), "swap_horiz", "ledger_transfer_changelist"),
            _page(_("Months"), "event_available", "ledger_month_changelist"),
        ],
    },
    {
        "title": _("Transparency log"),
        "separator": True,
        "items": [
            _page(_("Log records"), "history_edu", "audit_record_changelist"),
            _page(_("Signed heads"), "verified", "audit_head_changelist"),
        ],
    },
    {
        "title": _("Rules"),
        "separator": True,
        "items": [
            _page(_("Rules in force"), "gavel", "core_rule_changelist"),
            _page(_("Fees"), "percent", "orders_feeagreement_changelist"),
            _page(_("Working days"), "calendar_month", "core_calendaryear_changelist"),
        ],
    },
    {
        "title": _("Machine room"),
        "separator": True,
        "items": [
            _page(
                _("Announcements on every page"),
                "campaign",
                "notices_banner_changelist",
                words=_("banner, message, maintenance"),
            ),
            _page(_("Promised work"), "outbox", "core_outboxjob_changelist"),
            _page(_("Schedules"), "schedule", "schedules"),
        ],
    },
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Assay console"),
    "SITE_HEADER": "Assay",
    "SITE_SUBHEADER": _("Console"),
    "SITE_SYMBOL": "balance",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _static("img/logo.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "STYLES": [_static("css/console.css")],
    "ENVIRONMENT": "exchange.console.dashboard.environment",
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "primary": {
            "50": "#f0f6fb",
            "100": "#dceaf6",
            "200": "#bcd7ee",
            "300": "#8dbbe1",
            "400": "#5898cf",
            "500": "#357ab8",
            "600": "#245f98",
            "700": "#1f4d7b",
            "800": "#1d4267",
            "900": "#1c3856",
            "950": "#122439",
        }
    },
    "ACCOUNT": {
        "navigation": [{"title": _("Second factor"), "link": reverse_lazy("mfa_index")}],
    },
    "SIDEBAR": {"show_search": True, "navigation": NAVIGATION},
}
