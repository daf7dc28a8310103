from django.apps import AppConfig

# Which page shows a thing that a notice speaks of, by its public id (an invitation by its token).
PAGES = {
    "announcement": "web:announcement",
    "auction": "web:auction",
    "chargeback": "web:order",
    "refund": "web:order",
    "column_flag": "web:sell_personal",
    "demand": "web:demand",
    "distribution": "web:distribution",
    "dispute": "web:usage_dispute",
    "invitation": "web:invitation",
    "negotiation": "web:negotiation",
    "listing": "web:sell_product",
    "metered": "web:usage_meter",
    "order": "web:order",
    "organisation": "web:organisation",
    "product": "web:product",
    "question": "web:question",
    "sharing": "web:sell_shares",
    "trade_dispute": "web:dispute",
}
# Things that are looked at among others, on one page.
LISTS = {
    "admission": "web:admission",
    "buying_limit": "web:buying_limit",
    "card_top_up": "web:wallet",
    "help": "web:help",
    "identity": "web:identity",
    "fee": "web:earnings",
    "orders": "web:orders",
    "payout": "web:payouts",
    "payout_account": "web:payouts",
    "payout_hold": "web:payouts",
    "shares": "web:shares",
    "statement": "web:statements",
    "watchlist": "web:watchlist",
}


class WebConfig(AppConfig):
    name = "exchange.web"
    label = "web"

    def ready(self) -> None:
        from exchange.notices import notify  # noqa: PLC0415 - models must be loaded first

        notify.declare_pages(PAGES, lists=LISTS)
