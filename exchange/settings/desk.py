"""How the sellers' desk looks and where its navigation leads. The theme reads `UNFOLD_DESK`."""

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from exchange.settings.console import UNFOLD


def _page(title: Any, icon: str, name: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(name), **more}


# Who sees the links to the organisation's money.
OF_MONEY = {"permission": "exchange.console.desk.money.sees_earnings"}


NAVIGATION = [
    {
        "items": [
            _page(_("Overview"), "space_dashboard", "desk:index"),
        ],
    },
    {
        "title": _("Catalogue"),
        "separator": True,
        "items": [
            _page(_("Products"), "storefront", "desk:catalog_product_changelist"),
            _page(_("New product"), "add", "desk:sell_new"),
            _page(_("Revisions"), "history", "desk:catalog_revision_changelist"),
            _page(_("Offers"), "sell", "desk:catalog_offer_changelist"),
        ],
    },
    {
        "title": _("Trading"),
        "separator": True,
        "items": [
            _page(_("Orders"), "shopping_cart", "desk:orders_order_changelist"),
            _page(_("Negotiations"), "forum", "desk:negotiation_negotiation_changelist"),
            _page(_("Questions"), "contact_support", "desk:catalog_question_changelist"),
            _page(_("Subscribers"), "autorenew", "desk:orders_subscription_changelist"),
            _page(_("Usage"), "speed", "desk:metering_meteredsubscription_changelist"),
            _page(_("Disputes"), "gavel", "desk:disputes_dispute_changelist"),
        ],
    },
    {
        "title": _("Money"),
        "separator": True,
        "items": [
            _page(_("Earnings"), "payments", "desk:payments_settlement_changelist", **OF_MONEY),
            _page(_("Payouts"), "outbound", "desk:payments_payout_changelist", **OF_MONEY),
        ],
    },
    {
        "title": _("Organisation"),
        "separator": True,
        "items": [
            _page(_("Team"), "group", "desk:accounts_membership_changelist"),
        ],
    },
    {
        "title": _("On the site"),
        "separator": True,
        "items": [
            _page(_("My products"), "arrow_back", "web:sell"),
            _page(_("New product, step by step"), "format_list_numbered", "web:sell_new"),
            _page(_("Files"), "folder", "web:files"),
        ],
    },
]

UNFOLD_DESK: dict[str, Any] = {
    **UNFOLD,
    "SITE_TITLE": _("Assay desk"),
    "SITE_SUBHEADER": _("Seller's desk"),
    "SITE_SYMBOL": "storefront",
    "SITE_URL": reverse_lazy("web:sell"),
    "COLORS": {
        "primary": {
            "50": "#f0faf8",
            "100": "#d7f2ed",
            "200": "#b0e4db",
            "300": "#7dcfc3",
            "400": "#43b0a2",
            "500": "#138277",
            "600": "#0f6b62",
            "700": "#10574f",
            "800": "#114640",
            "900": "#123a36",
            "950": "#072220",
        }
    },
    "SIDEBAR": {"show_search": True, "navigation": NAVIGATION},
}
