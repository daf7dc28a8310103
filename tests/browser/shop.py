"""What is sold and bought in the story: products, a draft, and an order in every stage of paying."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse

from accounts.models import Organisation, User
from exchange.catalog import demands, products, revisions
from exchange.catalog import interest as interests
from exchange.catalog.lifecycle import Delivery, ProductKind
from exchange.catalog.models import Offer, Product
from exchange.catalog.models.interest import Demand
from exchange.catalog.search.indexing import index_product
from exchange.delivery.models import Entitlement
from exchange.journeys import acceptance
from exchange.members.roles import Kind, Role
from exchange.orders import conversation
from exchange.orders.lifecycle import PaymentMethod
from exchange.orders.models import Certificate, Order
from exchange.payments.models import Payment
from tests.factories import accounts, delivery, listings, members, vault
from tests.factories import payments as money
from tests.factories.members import Exchange, a_role
from tests.factories.orders import DAY, Market, pay

TITLES: dict[str, Any] = {
    "title": "Meter readings of a river town",
    "title_zh": "江城电表读数",
    "summary": "Quarter-hourly readings with their gaps.",
    "summary_zh": "每十五分钟读数，保留缺测。",
    "industry": "energy",
    "region": "CN-HB",
    "rhythm": "daily",
}


@dataclass(frozen=True)
class Shop:
    """What a seller and a buyer look at."""

    buyer: User
    product: Product
    other: Product
    draft: Product
    offer: Offer
    unpaid: Order
    delivered: Order
    closed: Order
    demand: Demand


def open_shop(exchange: Exchange, seller: Organisation) -> Shop:
    """A seller's product is bought three times; a draft and a demand wait."""
    buyer = accounts.an_organisation(name="港城燃气 City Gas")
    exchange.admit(buyer, Kind.BUYER)
    agent = accounts.a_member(buyer, user=accounts.a_user(name="吴凡 Wu Fan"))
    a_role(buyer, agent, Role.BUYER_AGENT)
    a_role(seller, accounts.owner_of(seller), Role.DATA_OWNER)
    market = Market(exchange=exchange, seller=seller, buyer=buyer, agent=agent)
    product = _product(seller)
    other = listings.a_listing(
        seller=seller, title="Wind of a coast", document=listings.a_document(), has_sample=False
    )
    offer = product.offers.get()
    demand = _interest(market, product)
    return Shop(
        buyer=agent,
        product=product,
        other=other,
        draft=_draft(market),
        offer=offer,
        demand=demand,
        **_orders(market, offer),
    )


def _product(seller: Organisation) -> Product:
    product = listings.a_listing(
        seller=seller,
        price_minor=980_00,
        delivery=Delivery.FILE,
        refund_policy="inspection",
        **TITLES,
    )
    delivery.a_revision(product, vault.a_read_file(seller))
    index_product(product=product)
    return product


def _draft(market: Market) -> Product:
    """Half of the wizard is done."""
    draft = products.draft_product(
        actor=market.selling,
        kind=ProductKind.DATASET,
        values={"title": "Substations"},
        now=DAY,
    )
    file = vault.a_read_file(market.seller, content=vault.csv_of(2), name="substations.csv")
    revisions.attach_file(draft.public_id, actor=market.selling, file_id=file.public_id, now=DAY)
    return draft


def _orders(market: Market, offer: Offer) -> dict[str, Order]:
    unpaid = market.order(offer, method=PaymentMethod.BANK_TRANSFER)
    delivered, closed = market.order(offer, po_number="PO-1"), market.order(offer)
    for order in (delivered, closed):
        pay(order)
    acceptance.accept(closed.public_id, actor=market.buying, now=DAY)
    money.an_account(market)
    conversation.write(
        delivered.public_id,
        actor=market.selling,
        text="The second table is new since March.",
        now=DAY,
    )
    for order in (unpaid, delivered, closed):
        order.refresh_from_db()
    return {"unpaid": unpaid, "delivered": delivered, "closed": closed}


def _interest(market: Market, product: Product) -> Demand:
    interests.watch(user_id=market.agent.pk, product=product, now=DAY)
    return demands.post_demand(
        actor=market.buying,
        wanted=demands.Wanted(
            title="Hourly gas use of districts",
            description="Two winters, by district.",
            budget_minor=30_000_00,
            needed_by=(members.NOON + timedelta(days=400)).date(),
        ),
        now=DAY,
    )


def public_pages(shop: Shop) -> dict[str, str]:
    """Name to address of what anybody may read of it."""
    compared = f"?id={shop.product.public_id}&id={shop.other.public_id}"
    certificate = Certificate.objects.get(order=shop.closed)
    return {
        "catalogue": reverse("web:catalogue"),
        "catalogue_empty": reverse("web:catalogue") + "?q=zzz",
        "product": reverse("web:product", args=[shop.product.public_id]),
        "compare": reverse("web:compare") + compared,
        "demands": reverse("web:demands"),
        "demand": reverse("web:demand", args=[shop.demand.public_id]),
        "verify": reverse("web:verify"),
        "verify_certificate": reverse("web:verify_certificate", args=[certificate.number]),
    }


def seller_pages(shop: Shop) -> dict[str, str]:
    """Name to address of what the seller reads."""
    steps = ("data", "dictionary", "about", "licence", "offers", "check")
    draft, closed = [shop.draft.public_id], shop.closed.public_id
    return {
        "sell": reverse("web:sell"),
        "sell_new": reverse("web:sell_new"),
        **{f"sell_{step}": reverse(f"web:sell_{step}", args=draft) for step in steps},
        "sell_product": reverse("web:sell_product", args=[shop.product.public_id]),
        "sell_publish": reverse("web:sell_publish", args=[shop.product.public_id]),
        "files": reverse("web:files"),
        "sales": reverse("web:orders"),
        "sale": reverse("web:order", args=[shop.delivered.public_id]),
        "earnings": reverse("web:earnings"),
        "payouts": reverse("web:payouts"),
        "payout_account": reverse("web:payout_account"),
        "invoices": reverse("web:invoices"),
        "document_statement": reverse("web:order_document", args=[closed, "statement", "html"]),
        "notices": reverse("web:notices"),
        "notices_preferences": reverse("web:notices_preferences"),
    }


def buyer_pages(shop: Shop) -> dict[str, str]:
    """Name to address of what the buyer reads."""
    entitlement = Entitlement.objects.get(order=shop.delivered)
    payment = Payment.objects.get(order=shop.unpaid)
    documents = {
        f"document_{kind}": reverse(
            "web:order_document", args=[shop.closed.public_id, kind, "html"]
        )
        for kind in ("contract", "invoice", "certificate")
    }
    return {
        "checkout": reverse("web:checkout", args=[shop.offer.public_id]),
        "orders": reverse("web:orders"),
        "order": reverse("web:order", args=[shop.delivered.public_id]),
        "order_unpaid": reverse("web:order", args=[shop.unpaid.public_id]),
        "order_closed": reverse("web:order", args=[shop.closed.public_id]),
        "payment": reverse("web:payment", args=[payment.public_id]),
        "purchases": reverse("web:purchases"),
        "entitlement": reverse("web:entitlement", args=[entitlement.public_id]),
        "watchlist": reverse("web:watchlist"),
        "demand_new": reverse("web:demand_new"),
        "buying_limit": reverse("web:buying_limit"),
        **documents,
    }
