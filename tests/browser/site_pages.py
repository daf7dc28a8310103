"""The site's further pages on the demo's exchange, with who reads each: what `demo_pages` leaves out."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.urls import reverse

from accounts.models import Organisation, User
from exchange.asset_sales.models import Announcement, AssetSale
from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Auction
from exchange.catalog.lifecycle import ListingState, OfferKind
from exchange.catalog.models import Offer, Product, Question
from exchange.catalog.models.interest import Demand
from exchange.contracts.models import Contract
from exchange.delivery.models import Entitlement
from exchange.demo import acting
from exchange.demo.personas import HOUSES
from exchange.disputes.models import Dispute
from exchange.ledger.models import Account
from exchange.members.models import ApprovalRequest
from exchange.metering.models import MeteredSubscription, UsageDispute
from exchange.negotiation.models import Negotiation
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments.models import CardTopUp, Distribution, Document, Payment
from exchange.vault.models import DataFile

Pages = dict[str, str]

STATUS = {"nothing_here": 404, "refused": 422, "socialaccount_login_error": 401}

# What one is asked again before it is shown, and forms that a sent one leads to.
ACCOUNT = (
    "account_email",
    "account_change_password",
    "account_set_password",
    "account_logout",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_activate_totp",
    "socialaccount_connections",
)
ENTRANCE = (
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
    "account_inactive",
    "socialaccount_login_error",
    "socialaccount_login_cancelled",
)
OWN = (
    "profile",
    "sessions",
    "organisations",
    "organisation_create",
    "team",
    "admission",
    "identity",
)
HOUSE = ("organisation", "organisation_edit", "organisation_billing", "api_keys", "api_key_create")
MONEY = (
    "earnings_held", "departments", "distributions", "statements", "tax", "payout_account", "invoices",
    "books", "shares", "discount_tiers",
)  # fmt: skip
WIZARD = (
    "sell_product", "sell_data", "sell_dictionary", "sell_personal", "sell_about", "sell_licence",
    "sell_offers", "sell_shares", "sell_check", "sell_publish", "sell_auction", "sell_private_offer",
)  # fmt: skip


def readers() -> tuple[tuple[Pages, User | None], ...]:
    """The pages by name with their reader; nobody is the visitor."""
    return (
        (visitor_pages(), None),
        (buyer_pages(), person("buyer")),
        (seller_pages(), person("seller")),
        (applicant_pages(), person("applicant")),
        *((party_pages(key), person(key)) for key in ("mobile", "freight", "analyst", "machinery")),
    )


def visitor_pages() -> Pages:
    """Name to address of what anybody reads."""
    listed = Product.objects.filter(state=ListingState.LISTED).order_by("pk")
    asked = Question.objects.order_by("pk")
    return {
        **_plain("problems", "ruling_rules", "log_verify", "verify", "announcements"),
        **{name: reverse(name) for name in ENTRANCE},
        **_one("legal", ("terms", "privacy", "imprint")),
        **_one("problem", ("key_reused", "not_found")),
        **_one(
            "seller", [product.seller.public_id for product in listed.select_related("seller")[:1]]
        ),
        **_each("questions", (asked[0].product,)),
        **_each("question", asked[:2]),
        **_each("demand", Demand.objects.order_by("pk")[:1]),
        **_each("product", listed[:12]),
        **_each("announcement", Announcement.objects.all()[:1]),
        "catalogue_nothing": reverse("web:catalogue") + "?q=zzzz",
        "catalogue_energy": reverse("web:catalogue") + "?industry=energy&sort=price",
        "nothing_here": "/nothing-here",
        "refused": "/log/?before=yesterday",
    }


def buyer_pages() -> Pages:
    """Name to address of what the buyer reads."""
    house = organisation("buyer")
    orders = Order.objects.filter(buyer=house).order_by("pk")
    return {
        **personal_pages(house),
        **_plain(
            "buying_limit",
            "wallet_withdraw",
            "saved_cards",
            "wallet_top_up",
            "procure",
            "contracts",
            "usage",
            "disputes",
            "demand_new",
            "invoices",
            "books",
            "statements",
        ),
        **_each("order", orders),
        **_each("order_comparison", orders.filter(disputes__isnull=False)[:1]),
        **_each("order_pay", orders.filter(state=OrderState.CONTRACT_SIGNED)[:1]),
        **_documents(orders, ("contract", "invoice", "certificate")),
        **_numbered(Document.objects.filter(receiver=house)),
        **_each("payment", Payment.objects.filter(order__buyer=house).order_by("pk")),
        **_each("dispute", Dispute.objects.filter(order__buyer=house).order_by("pk")),
        **_each("entitlement", Entitlement.objects.filter(order__buyer=house).order_by("pk")),
        **_each("usage_meter", MeteredSubscription.objects.filter(buyer=house)),
        **_each("usage_dispute", UsageDispute.objects.filter(subscription__buyer=house)),
        **_each("top_up_send_back", CardTopUp.objects.filter(wallet__organisation=house)),
        **_one(
            "decide_limit",
            ApprovalRequest.objects.filter(act__contains="limit").values_list(
                "public_id", flat=True
            )[:1],
        ),
        **_each("auction", Auction.objects.order_by("pk")),
        **_each("negotiation", Negotiation.objects.filter(buyer=house)),
        **_each("announcement", Announcement.objects.all()[:1]),
        **_each("statement", Account.objects.filter(owner=house)),
        **_each(
            "checkout",
            [
                Offer.objects.filter(kind=kind, product__state=ListingState.LISTED).order_by("pk")[
                    :1
                ][0]
                for kind in (
                    OfferKind.ONE_OFF,
                    OfferKind.SUBSCRIPTION,
                    OfferKind.METERED,
                    OfferKind.FREE,
                )
            ],
        ),
        **_each(
            "question_ask", Product.objects.filter(state=ListingState.LISTED).order_by("pk")[:1]
        ),
        **_each("ask_quote", Product.objects.filter(state=ListingState.LISTED).order_by("pk")[:1]),
        **_each(
            "request_offer",
            Offer.objects.filter(needs_approval=True, product__state=ListingState.LISTED)[:1],
        ),
    }


def seller_pages() -> Pages:
    """Name to address of what the seller reads."""
    house = organisation("seller")
    product = Product.objects.filter(seller=house, state=ListingState.LISTED).order_by("pk")[:1]
    sold = Order.objects.filter(seller=house).order_by("pk")
    return {
        **personal_pages(house),
        **_plain(
            *MONEY,
            "sell_new",
            "asset_sales",
            "contracts",
            "usage",
            "orders",
            "disputes",
            "auctions",
            "negotiations",
        ),
        **_each("file", DataFile.objects.filter(organisation=house).order_by("pk")[:2]),
        **{name: address for step in WIZARD for name, address in _each(step, product).items()},
        **{
            f"sell_auction_new_{kind}": reverse(
                "web:sell_auction_new", args=[product[0].public_id, kind]
            )
            for kind in Kind
            if kind != Kind.PROCUREMENT  # the buyer's, who asks sellers
        },
        **_each("order", sold[:4]),
        **_each("order_refund", sold.filter(state=OrderState.CLOSED, total_minor__gt=0)[:1]),
        **_documents(sold, ("statement",)),
        **_numbered(
            Document.objects.filter(issuer=house) | Document.objects.filter(receiver=house)
        ),
        **_each("distribution", Distribution.objects.filter(parties__organisation=house)[:1]),
        **_each("asset_sale", AssetSale.objects.all()[:1]),
        **_each("usage_meter", MeteredSubscription.objects.filter(seller=house)),
    }


def applicant_pages() -> Pages:
    """Name to address of what a house reads that is not admitted yet."""
    return _plain(
        "home",
        "admission",
        "admission_apply",
        "identity",
        "team",
        "orders",
        "wallet",
        "notices",
        "organisations",
    )


def party_pages(key: str) -> Pages:
    """Name to address of what another house reads of its deals."""
    house = organisation(key)
    return {
        **_plain("home", "orders", "negotiations", "disputes"),
        **_each(
            "negotiation",
            Negotiation.objects.filter(seller=house) | Negotiation.objects.filter(buyer=house),
        ),
        **_each(
            "contract", Contract.objects.filter(seller=house) | Contract.objects.filter(buyer=house)
        ),
        **_each("distribution", Distribution.objects.filter(product__seller=house)),
        **_each("auction", Auction.objects.filter(organiser=house)),
    }


def personal_pages(house: Organisation) -> Pages:
    """Name to address of what every member reads of themselves and of their house."""
    return {
        **_plain("home", *OWN, "notices", "notices_preferences"),
        **{name: reverse(name) for name in ACCOUNT},
        **{name: reverse(f"web:{name}", args=[house.public_id]) for name in HOUSE},
    }


def organisation(key: str) -> Organisation:
    return next(
        acting.organisation_of(one) for one in HOUSES if any(p.key == key for p in one.people)
    )


def person(key: str) -> User:
    return next(acting.user_of(one) for house in HOUSES for one in house.people if one.key == key)


def _plain(*names: str) -> Pages:
    return {name: reverse(f"web:{name}") for name in names}


def _one(name: str, values: Iterable[Any]) -> Pages:
    return {
        f"{name}_{at}": reverse(f"web:{name}", args=[value])
        for at, value in enumerate(values, start=1)
    }


def _each(name: str, rows: Iterable[Model]) -> Pages:
    return _one(name, [row.public_id for row in rows])  # type: ignore[attr-defined]


def _documents(orders: Any, kinds: Iterable[str]) -> Pages:
    order = orders.filter(state=OrderState.CLOSED, total_minor__gt=0)[0]
    return {
        f"document_{kind}": reverse("web:order_document", args=[order.public_id, kind, "html"])
        for kind in kinds
    }


def _numbered(documents: Any) -> Pages:
    newest = {document.kind: document.number for document in documents.order_by("pk")}
    return {
        f"numbered_{kind}": reverse("web:numbered_document", args=[number, "html"])
        for kind, number in newest.items()
    }
