"""What is on offer and kept in the town: files, products in each state, offers, requests, keys."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.api_keys import NewKey
from accounts.models import Invitation
from exchange.catalog import demands, interest, offers, review, revisions
from exchange.catalog import products as catalogue
from exchange.catalog.demands import Wanted
from exchange.catalog.lifecycle import Delivery, Grade, OfferKind, ProductKind
from exchange.catalog.models import Offer
from exchange.catalog.offers import OfferRequest
from exchange.catalog.search.requests import SearchRequest
from exchange.members import saved_views
from exchange.orders import discount_tiers
from exchange.orders.lifecycle import PriceGround
from exchange.vault.models import DataFile
from pricing.charges.plans import read_plan
from pricing.money import Money
from tests.factories import accounts, listings
from tests.factories.catalog import ALL_POINTS
from tests.factories.catalog import DETAILS as FACTS
from tests.factories.delivery import a_revision
from tests.factories.vault import a_file, a_read_file, an_asking_file, an_upload, csv_of

if TYPE_CHECKING:
    from tests.attack.town import Town

PLAN: dict[str, Any] = {
    "format": "assay.plan/1",
    "plan": "by-rows",
    "version": 1,
    "currency": "CNY",
    "minimum": "10.00",
    "charges": [
        {"name": "rows", "model": "per_unit", "meter": "rows", "unit": "0.01", "free_units": 100}
    ],
}

DETAILS: dict[str, Any] = {
    **FACTS,
    "delivery": "external",
    "external_url": "https://data.example",
    "contact": "data@example.com",
}


def stock(town: "Town") -> None:
    """Files, products and what people asked for."""
    seller = town.house("seller")
    town.things["file"] = a_file(seller, content=csv_of(1)).public_id
    town.things["upload"] = an_upload(seller).public_id
    file = a_read_file(seller)
    bad = a_read_file(seller, content=b"PK\x03\x04 no workbook", name="bad.xlsx")
    town.things["refused_file"] = bad.public_id
    town.things["asking_file"] = an_asking_file(seller).public_id
    asking = listings.a_draft(seller=seller, delivery=Delivery.FILE, title="Asking")
    revisions.attach_file(
        asking.public_id,
        actor=town.actor("seller"),
        file_id=town.things["asking_file"],
        now=town.now,
    )
    town.things["asking"] = asking.public_id
    town.things["read_file"] = a_read_file(seller, content=csv_of(5), name="more.csv").public_id
    _products(town, file)
    _requests(town)
    _invited(town)


def _products(town: "Town", file: DataFile) -> None:
    things, products = town.things, town.products
    seller = town.house("seller")
    product = listings.a_listing(
        seller=seller,
        price_minor=10_000,
        delivery=Delivery.FILE,
        refund_policy="inspection",
        title="Meters",
    )
    revision = a_revision(product, file)
    products["file"] = product
    things["product"] = product.public_id
    things["revision"] = revision.public_id
    things["table"] = file.tables.get().public_id
    offer = product.offers.get()
    things["offer"] = offer.public_id
    things["approved_offer"] = listings.an_offer(
        product, price_minor=20_000, needs_approval=True, name="Asked"
    ).public_id
    things["metered_offer"] = metered_offer(town, "metered").public_id
    things["subscription_offer"] = listings.an_offer(
        product, price_minor=5_000, period="P1M", name="Monthly"
    ).public_id
    draft = listings.a_draft(seller=seller, delivery=Delivery.FILE, title="A draft")
    things["draft"] = draft.public_id
    products["draft"] = draft
    described = listings.a_draft(seller=seller, delivery=Delivery.FILE, title="Described")
    kept = a_read_file(seller, content=csv_of(6), name="described.csv")
    revisions.attach_file(
        described.public_id, actor=town.actor("seller"), file_id=kept.public_id, now=town.now
    )
    things["described"] = described.public_id
    important = listings.a_listing(
        seller=seller, price_minor=10_000, delivery=Delivery.SANDBOX, grade=Grade.IMPORTANT,
        title="Important",
    )  # fmt: skip
    secret = a_read_file(seller, content=csv_of(3), name="important.csv")
    a_revision(important, secret)
    products["important"] = important
    things["important"] = important.public_id
    things["important_table"] = secret.tables.get().public_id
    other = listings.a_listing(
        seller=town.house("other_seller"), price_minor=8_000, title="Other meters"
    )
    products["other"] = other
    things["other_product"] = other.public_id
    things["other_offer"] = other.offers.get().public_id
    shut = listings.a_listing(seller=town.house("suspended"), price_minor=9_000, title="Shut")
    products["suspended"] = shut
    things["suspended_product"] = shut.public_id
    things["suspended_offer"] = shut.offers.get().public_id
    _under_way(town)
    tier = discount_tiers.grant(
        actor=town.actor("seller"),
        buyer_id=town.house("other_buyer").public_id,
        name="Friends",
        percent=Decimal(10),
        ground=next(iter(PriceGround)),
        words="A long contract.",
        now=town.now,
    )
    things["tier"] = tier.public_id


def _under_way(town: "Town") -> None:
    """Products that are paused, complete, and sent for their review."""
    things = town.things
    paused = _complete(town)
    who: dict[str, Any] = {"actor": town.actor("seller"), "now": town.now}
    catalogue.submit(paused, **who)
    review.pass_whole_review(
        paused, checklist=ALL_POINTS, actor=town.exchange.proposer, now=town.now
    )
    catalogue.pause(paused, **who)
    things["paused"] = paused
    things["submittable"] = _complete(town)
    submitted = _complete(town)
    catalogue.submit(submitted, actor=town.actor("seller"), now=town.now)
    things["submitted"] = submitted


def _complete(town: "Town") -> str:
    """A draft that lacks nothing for its review."""
    who: dict[str, Any] = {"actor": town.actor("seller"), "now": town.now}
    made = catalogue.draft_product(kind=ProductKind.DATASET, values=DETAILS, **who)
    price = Money(10_000, "CNY")
    command = OfferRequest(name="One", kind=OfferKind.ONE_OFF, price=price)
    offers.add_offer(made.public_id, command=command, **who)
    return made.public_id


def metered_offer(town: "Town", name: str) -> Offer:
    product = listings.a_listing(seller=town.house("seller"), price_minor=None, title="By use")
    town.products[name] = product
    town.things[f"{name}_product"] = product.public_id
    return listings.an_offer(
        product, period="P1M", kind="metered", plan=PLAN, plan_digest=read_plan(PLAN).digest
    )


def _requests(town: "Town") -> None:
    posted = demands.post_demand(
        actor=town.actor("buyer"),
        wanted=Wanted(title="Wanted: meters", description="Quarter-hourly readings of homes."),
        now=town.now,
    )
    town.things["demand"] = posted.public_id
    demands.answer_demand(
        actor=town.actor("other_seller"),
        demand_id=posted.public_id,
        product_id=town.things["other_product"],
        note="",
        now=town.now,
    )
    person = town.people["buyer"].user
    kept = interest.save_search(
        user_id=person.pk, name="Meters", command=SearchRequest(text="meters"), now=town.now
    )
    town.things["search"] = kept.public_id
    for party, name, site in (("seller", "view", "desk"), ("operator", "console_view", "console")):
        view = saved_views.save_view(
            actor=town.actor(party),
            list_name=f"{site}:catalog.product",
            name="Drafts",
            query="state__exact=draft",
            now=town.now,
        )
        town.things[name] = view.public_id
    interest.watch(user_id=person.pk, product=town.products["file"], now=town.now)


def _invited(town: "Town") -> None:
    seller, now = town.house("seller"), timezone.now()
    invitation = Invitation.objects.create(
        organisation=seller,
        email="guest@example.com",
        role="member",
        token_hash="0" * 64,
        invited_by="user:usr_matrix",
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    town.things["invitation"] = invitation.public_id
    town.things["seller"] = seller.public_id
    member = accounts.a_member(seller)
    town.things["member"] = member.public_id
    town.things["api_key"] = a_key(town, "seller").key.public_id
    grant = seller.role_grants.order_by("pk").first()
    town.things["grant"] = grant.public_id if grant else ""
    document = seller.admissions.get().documents.order_by("pk")[0]
    town.things["document"] = document.public_id


def a_key(town: "Town", name: str, *, scopes: tuple[str, ...] = ("orders:read",)) -> NewKey:
    return accounts.an_api_key(town.house(name), scopes=scopes, at=timezone.now())
