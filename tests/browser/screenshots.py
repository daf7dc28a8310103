"""`make screenshots`: pictures of the main pages in both languages and on a phone, in docs/pictures.

What they show is the exchange of `make demo`, made anew on a database that is thrown away.
"""

# ruff: noqa: E402 - Django is set up before its models are imported
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.test")
os.environ.setdefault("ASSAY_INSTANCE", "test-pictures")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

import django

django.setup()

from django.conf import settings
from django.db import connections
from django.test import Client, override_settings
from django.test.runner import DiscoverRunner
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser

from accounts.models import User
from exchange.asset_sales.models import Announcement
from exchange.auctions.models import Auction
from exchange.auctions.states import Kind
from exchange.audit.actions import sequencer
from exchange.catalog.models import Offer, Product
from exchange.catalog.states import ListingState
from exchange.contracts.models import Contract
from exchange.delivery.models import Entitlement
from exchange.demo import acting, seeding
from exchange.demo.personas import HOUSES, House
from exchange.ledger.models import Account
from exchange.metering.models import MeteredSubscription
from exchange.negotiation.models import Negotiation
from exchange.orders.models import Certificate, Order
from exchange.orders.states import OrderState
from exchange.payments.models import Payment
from tests.browser import chromium, server

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
HEIGHT_MAX_PX = 1500
QUALITY_PERCENT = 60
PHONE = {
    "home",
    "catalogue",
    "product",
    "order",
    "checkout",
    "sell_check",
    "earnings",
    "log",
    "auction",
    "announcement",
    "wallet",
    "meter",
}
DARK = {"home", "product", "order", "auction"}


@contextmanager
def serving() -> Iterator[str]:
    """The demo's exchange on a database and a folder that are thrown away; its address."""
    runner = DiscoverRunner(interactive=False, verbosity=0)
    runner.setup_test_environment()
    databases = runner.setup_databases()
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            override_settings(VAULT_ROOT=folder, SECOND_FACTOR_REQUIRED=False, ALLOWED_HOSTS=["*"]),
            server.serving() as url,
        ):
            now = timezone.now()
            seeding.seed(now)
            sequencer.sequence_batch(now)
            yield url
    finally:
        connections.close_all()
        runner.teardown_databases(databases)
        runner.teardown_test_environment()


def visitor_pages() -> dict[str, str]:
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


def buyer_pages() -> dict[str, str]:
    """Name to address of what the buyer reads."""
    offer = Offer.objects.filter(product__state=ListingState.LISTED, price_minor__gt=0)
    delivered = Order.objects.filter(state=OrderState.DELIVERED).order_by("pk")[0]
    closed = Order.objects.filter(state=OrderState.CLOSED, total_minor__gt=0).order_by("pk")[0]
    entitlement = Entitlement.objects.filter(order_ref=closed.public_id)[0]
    payment = Payment.objects.filter(order_ref=closed.public_id)[0]
    return {
        "checkout": reverse("web:checkout", args=[offer.order_by("pk")[0].public_id]),
        "orders": reverse("web:orders"),
        "order": reverse("web:order", args=[delivered.public_id]),
        "order_closed": reverse("web:order", args=[closed.public_id]),
        "payment": reverse("web:payment", args=[payment.public_id]),
        "purchases": reverse("web:purchases"),
        "entitlement": reverse("web:entitlement", args=[entitlement.public_id]),
        "contract": reverse("web:paper", args=[closed.public_id, "contract", "html"]),
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


def seller_pages() -> dict[str, str]:
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
    }


def operator_pages() -> dict[str, str]:
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


def rival_pages() -> dict[str, str]:
    """Name to address of what a rival buyer reads: a contract that it signed."""
    signed = Contract.objects.order_by("pk")[0]
    return {"contract_signed": reverse("web:contract", args=[signed.public_id])}


def _house(key: str) -> House:
    return next(house for house in HOUSES if any(person.key == key for person in house.people))


def _person(key: str) -> User:
    return next(
        acting.user_of(person) for house in HOUSES for person in house.people if person.key == key
    )


def take(
    browser: Browser, url: str, *, pages: dict[str, str], look: str, user: User | None
) -> None:
    """Pictures of `pages` in one look: en, zh, dark or phone."""
    context = browser.new_context(
        viewport=chromium.PHONE if look == "phone" else chromium.WIDE,
        color_scheme="dark" if look == "dark" else "light",
    )
    cookies = {settings.LANGUAGE_COOKIE_NAME: "zh-hans" if look in {"zh", "phone"} else "en"}
    if user is not None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        sequencer.sequence_batch(timezone.now())  # a sign-in stands in the log, too
    context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
    )
    page = context.new_page()
    for name, address in pages.items():
        answer = page.goto(url + address, wait_until="load")
        if answer is None or not answer.ok:
            raise SystemExit(f"{name} ({address}) answered {answer and answer.status}.")
        height = min(page.evaluate("document.documentElement.scrollHeight"), HEIGHT_MAX_PX)
        clip = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": height}  # type: ignore[index]
        page.screenshot(
            path=PICTURES / f"{name}-{look}.jpg",
            type="jpeg",
            quality=QUALITY_PERCENT,
            full_page=True,
            clip=clip,  # type: ignore[arg-type]  # four numbers by name
        )
    context.close()


def main(names: list[str]) -> None:
    """Take the pictures of every page, or of the pages named."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with serving() as url, chromium.running() as browser:
        try:
            readers = (
                (visitor_pages(), None),
                (buyer_pages(), _person("buyer")),
                (seller_pages(), _person("seller")),
                (rival_pages(), _person("analyst")),
                (operator_pages(), _person("operator")),
            )
            for look, only in {"en": None, "zh": None, "dark": DARK, "phone": PHONE}.items():
                for pages, user in readers:
                    wanted = {
                        name: address
                        for name, address in pages.items()
                        if (not names or name in names) and (only is None or name in only)
                    }
                    take(browser, url, pages=wanted, look=look, user=user)
        finally:
            # Inside Playwright's loop Django keeps connections of its own.
            connections.close_all()


if __name__ == "__main__":
    main(sys.argv[1:])
