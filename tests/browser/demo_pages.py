"""The main pages of the demo's exchange, and who reads each: for the pictures and for what every button
must be."""

from django.urls import reverse

from accounts.models import User
from exchange.asset_sales.models import Announcement
from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Auction
from exchange.catalog.gates import Tab
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Offer, Product
from exchange.contracts.models import Contract
from exchange.delivery.models import Entitlement
from exchange.demo import acting
from exchange.demo.personas import HOUSES, House
from exchange.ledger.models import Account
from exchange.metering.models import MeteredSubscription
from exchange.negotiation.models import Negotiation
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Certificate, Order
from exchange.payments.models import Payment

Pages = dict[str, str]


def readers() -> tuple[tuple[Pages, User | None], ...]:
    """The pages by name with their reader; nobody is the visitor."""
    return (
        (visitor_pages(), None),
        (buyer_pages(), _person("buyer")),
        (seller_pages(), _person("seller")),
        (rival_pages(), _person("analyst")),
        (operator_pages(), _person("operator")),
    )


def visitor_pages() -> Pages:
    """Name to address of what anybody reads."""
    first, second = Product.objects.filter(state=ListingState.LISTED).order_by("pk")[:2]
    certificate = Certificate.objects.order_by("pk")[0]
    return {
        "home": reverse("web:home"),
        "catalogue": reverse("web:catalogue"),
        "search": reverse("web:catalogue") + "?q=负荷",
        "product": reverse("web:product", args=[first.public_id]),
        "compare": reverse("web:compare") + f"?id={first.public_id}&id={second.public_id}",
        "demands": reverse("web:demands"),
        "certificate": reverse("web:verify_certificate", args=[certificate.number]),
        "log": reverse("web:log"),
        "log_entry": reverse("web:log_entry", args=[20]),
        "help": reverse("web:help"),
        "sign_in": reverse("account_login"),
    }


def buyer_pages() -> Pages:
    """Name to address of what the buyer reads."""
    offer = Offer.objects.filter(product__state=ListingState.LISTED, price_minor__gt=0)
    delivered = Order.objects.filter(state=OrderState.DELIVERED).order_by("pk")[0]
    closed = Order.objects.filter(state=OrderState.CLOSED, total_minor__gt=0).order_by("pk")[0]
    entitlement = Entitlement.objects.filter(order=closed)[0]
    payment = Payment.objects.filter(order=closed)[0]
    return {
        "checkout": reverse("web:checkout", args=[offer.order_by("pk")[0].public_id]),
        "orders": reverse("web:orders"),
        "order": reverse("web:order", args=[delivered.public_id]),
        "order_closed": reverse("web:order", args=[closed.public_id]),
        "payment": reverse("web:payment", args=[payment.public_id]),
        "purchases": reverse("web:purchases"),
        "entitlement": reverse("web:entitlement", args=[entitlement.public_id]),
        "contract": reverse("web:order_document", args=[closed.public_id, "contract", "html"]),
        "watchlist": reverse("web:watchlist"),
        "wallet": reverse("web:wallet"),
        "auctions": reverse("web:auctions"),
        "auction": _auction(Kind.ENGLISH),
        "auction_sealed": _auction(Kind.SECOND_PRICE),
        "auction_result": _auction(Kind.DUTCH),
        "negotiations": reverse("web:negotiations"),
        "negotiation": reverse(
            "web:negotiation", args=[Negotiation.objects.order_by("pk")[0].public_id]
        ),
        "product_by_use": reverse("web:product", args=[_metered().offer.product.public_id]),
        "usage_cost": reverse("web:usage_cost", args=[_metered().offer.public_id]) + "?lookups=340",
        "meter": reverse("web:usage_meter", args=[_metered().public_id]),
        "announcements": reverse("web:announcements"),
        "announcement": reverse("web:announcement", args=[_announcement().public_id]),
    }


def _metered() -> MeteredSubscription:
    return MeteredSubscription.objects.select_related("offer__product").order_by("pk")[0]


def _announcement() -> Announcement:
    return Announcement.objects.select_related("asset_sale").order_by("pk")[0]


def _auction(kind: Kind) -> str:
    return reverse("web:auction", args=[Auction.objects.filter(kind=kind)[0].public_id])


def seller_pages() -> Pages:
    """Name to address of what the seller reads."""
    seller = acting.organisation_of(_house("seller"))
    product = Product.objects.filter(seller=seller, state=ListingState.LISTED).order_by("pk")[0]
    return {
        "sell": reverse("web:sell"),
        "sell_data": reverse("web:sell_data", args=[product.public_id]),
        "sell_dictionary": reverse("web:sell_dictionary", args=[product.public_id]),
        "sell_offers": reverse("web:sell_offers", args=[product.public_id]),
        "sell_check": reverse("web:sell_check", args=[product.public_id]),
        "earnings": reverse("web:earnings"),
        "payouts": reverse("web:payouts"),
        "files": reverse("web:files"),
        "statement": reverse(
            "web:statement", args=[Account.objects.filter(owner=seller)[0].public_id]
        ),
        "organisation": reverse("web:organisation", args=[seller.public_id]),
        "admission": reverse("web:admission"),
        "team": reverse("web:team"),
        "notices": reverse("web:notices"),
        "asset_sale": reverse("web:asset_sale", args=[_announcement().asset_sale.public_id]),
        "sell_use": reverse("web:sell_use", args=[product.public_id]),
        "simulate": reverse("web:sell_simulate", args=[product.public_id]),
        "desk": reverse("desk:index"),
        "desk_products": reverse("desk:catalog_product_changelist"),
        "desk_orders": reverse("desk:orders_order_changelist"),
        "desk_product": reverse("desk:catalog_product_change", args=[product.public_id]),
        "desk_new": reverse("desk:sell_new"),
        **{
            f"desk_{tab.value}": reverse(f"desk:sell_{tab.value}", args=[product.public_id])
            for tab in Tab
        },
        "desk_simulate": reverse("desk:sell_simulate", args=[product.public_id]),
    }


def operator_pages() -> Pages:
    """Name to address of what the operator reads."""
    waiting = Product.objects.filter(state__endswith="_review").order_by("pk")[0]
    objected = Order.objects.filter(state=OrderState.OBJECTED).order_by("pk")[0]
    return {
        "console": reverse("console:index"),
        "console_product": reverse("console:catalog_product_change", args=[waiting.pk]),
        "console_order": reverse("console:orders_order_change", args=[objected.pk]),
        "console_bank": reverse("console:payments_incomingtransfer_changelist"),
        "console_fairness": reverse("console:fairness"),
        "console_asset_sale": reverse(
            "console:asset_sales_assetsale_change", args=[_announcement().asset_sale_id]
        ),
    }


def rival_pages() -> Pages:
    """Name to address of what a rival buyer reads: a contract that it signed."""
    signed = Contract.objects.order_by("pk")[0]
    return {"contract_signed": reverse("web:contract", args=[signed.public_id])}


def _house(key: str) -> House:
    return next(house for house in HOUSES if any(person.key == key for person in house.people))


def _person(key: str) -> User:
    return next(
        acting.user_of(person) for house in HOUSES for person in house.people if person.key == key
    )
