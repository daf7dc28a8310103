"""What the page of a product shows."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.auctions.access import auctions_of_product
from exchange.auctions.exclusive_sales import is_kept_exclusive
from exchange.auctions.models import Auction
from exchange.catalog import interest
from exchange.catalog.difference_words import words_of
from exchange.catalog.disclosure import disclosed_difference, leaving, order_obstacle
from exchange.catalog.lifecycle import ListingState, RevisionState
from exchange.catalog.models import Product, Revision, SearchEntry
from exchange.catalog.search.entries import UNMEASURED, Content, content_of
from exchange.catalog.search.finding import similar_cards
from exchange.core.titles import in_own_language, title_of
from exchange.disputes.statistics import SellerDisputes, disputes_of_seller
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders import reviews
from exchange.orders.models import Review
from exchange.web.catalogue.cards import Card, card_of, say
from exchange.web.charts.distributions import sparkline
from exchange.web.markdown import formatted
from exchange.web.panels import Fact
from exchange.web.product import questions
from exchange.web.product.evidence import Table, table_of, withheld_of
from exchange.web.product.offers import Box, Holding, OfferView, box_of, holdings_of, offers_of
from exchange.web.product.questions import QuestionView

REVISIONS_SHOWN = 20
AUCTIONS_SHOWN = 3


@dataclass(frozen=True)
class ProductPage:
    product: Product
    title: str
    other_title: str
    summary: str
    is_listed: bool
    is_paused: bool
    score: str
    grade: str
    description: SafeString
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]
    revisions: tuple[tuple[Revision, tuple[str, ...]], ...]
    rows_over_time: SafeString
    offers: tuple[OfferView, ...]
    is_kept_exclusive: bool
    order_obstacle: str
    withheld: str
    auctions: tuple[tuple[Auction, bool], ...]
    box: Box
    listing_count: int
    disputes: SellerDisputes
    reviews: tuple[Review, ...]
    review_count: int
    stars: str
    questions: tuple[QuestionView, ...]
    has_more_questions: bool
    may_ask_question: bool
    similar: tuple[Card, ...]
    is_watched: bool
    may_watch: bool
    may_reply: bool
    may_ask: bool
    orders_to_review: tuple[str, ...]
    holdings: tuple[Holding, ...]


def page_of(
    product: Product,
    *,
    actor: Actor,
    orders_to_review: tuple[str, ...],
    now: datetime,
) -> ProductPage:
    """Everything on the page, read at once."""
    content, parts = content_of(product), leaving(product)
    score, grade = content.quality
    opinion = reviews.opinion_of(product)
    title, other_title = _titles(product)
    is_paused = product.state == ListingState.PAUSED
    asked = questions.newest_of(product, actor)
    tables = _tables(product, content, now)
    revisions = list(
        product.revisions.exclude(state=RevisionState.DRAFT)
        .prefetch_related("tables")
        .order_by("-number")[:REVISIONS_SHOWN]
    )
    return ProductPage(
        product=product,
        title=title,
        other_title=other_title,
        summary=in_own_language(product.summary, product.summary_zh),
        is_listed=product.state == ListingState.LISTED,
        is_paused=is_paused,
        score="" if score == UNMEASURED else str(score),
        grade=grade,
        description=formatted(in_own_language(product.description, product.description_zh)),
        facts=_facts(product, content),
        tables=tables,
        revisions=tuple(
            (one, words_of(disclosed_difference(one.difference, parts, content.personal)))
            for one in revisions
        ),
        rows_over_time=_rows_over_time(revisions),
        offers=() if is_paused else offers_of(product, at=now),
        is_kept_exclusive=is_kept_exclusive(product, now=now),
        order_obstacle=str(order_obstacle(product.delivery) or ""),
        withheld=withheld_of(product, tables),
        auctions=tuple(
            (one, one.opens_at <= now)
            for one in auctions_of_product(product.pk, actor=actor)[:AUCTIONS_SHOWN]
        ),
        box=box_of(product),
        listing_count=SearchEntry.objects.filter(product__seller=product.seller).count(),
        disputes=disputes_of_seller(product.seller_id, now=now),
        reviews=tuple(reviews.reviews_of(product)),
        review_count=opinion.count,
        stars="" if opinion.stars is None else f"{opinion.stars:.1f}",
        questions=asked[: questions.SHOWN],
        has_more_questions=len(asked) > questions.SHOWN,
        may_ask_question=questions.may_ask(product, actor),
        similar=tuple(card_of(card) for card in similar_cards(product)),
        is_watched=actor.user_id is not None
        and interest.is_watched(product, user_id=actor.user_id),
        may_watch=actor.user_id is not None,
        may_reply=actor.organisation_id == product.seller_id,
        may_ask=_may_ask(product, actor),
        orders_to_review=orders_to_review,
        holdings=_holdings(product, actor, now),
    )


@dataclass(frozen=True)
class OverPage:
    """A product that is sold no longer: what the reader has of it, and what is like it."""

    title: str
    seller: str
    holdings: tuple[Holding, ...]
    may_look: bool
    similar: tuple[Card, ...]


def over_page_of(product: Product, *, actor: Actor, now: datetime) -> OverPage:
    """What remains to be said of it, to whoever comes by an old address."""
    return OverPage(
        title=title_of(product),
        seller=product.seller.name,
        holdings=_holdings(product, actor, now),
        may_look=actor.organisation_id is not None,
        similar=tuple(card_of(card) for card in similar_cards(product)),
    )


def _holdings(product: Product, actor: Actor, now: datetime) -> tuple[Holding, ...]:
    if actor.organisation_id is None:
        return ()
    return holdings_of(actor.organisation_id, product.public_id, now=now)


def _may_ask(product: Product, actor: Actor) -> bool:
    """Whether the actor may ask for a quote."""
    if actor.organisation_id is None or product.state != ListingState.LISTED:
        return False
    if order_obstacle(product.delivery) is not None:
        return False
    dealing = Subject(organisation_id=product.seller_id, engaged=frozenset({actor.organisation_id}))
    return policy.allowed(actor, Permission.QUOTE_ASK, dealing).allowed


def _titles(product: Product) -> tuple[str, str]:
    """The title in the reader's language, and the other one."""
    title = in_own_language(product.title, product.title_zh)
    return title, product.title if title == product.title_zh else product.title_zh


def _facts(product: Product, content: Content) -> tuple[Fact, ...]:
    rows = sum(int(document["rows"]) for document in content.documents)
    values = (
        (_("Industry"), say("industry", product.industry)),
        (_("Region"), say("region", product.region)),
        (_("Updated"), say("rhythm", product.rhythm)),
        (_("Delivery"), product.get_delivery_display()),
        (_("Formats"), ", ".join(say("format", one.lower()) for one in content.formats)),
        (_("Rows"), f"{rows:,}" if rows else ""),
        (_("Source"), product.source_statement),
        (_("Personal data"), product.personal_statement),
        (_("Grade"), product.get_grade_display() if product.grade else ""),
        (_("Keywords"), ", ".join(product.keywords)),
        (_("Contact"), product.contact),
        (_("Product number"), product.public_id),
    )
    return tuple(Fact(label, value) for label, value in values if value)


def _tables(product: Product, content: Content, now: datetime) -> tuple[Table, ...]:
    return tuple(
        table_of(
            one.document,
            public_id=one.public_id,
            sample_url=reverse("web:product_sample", args=[product.public_id, one.public_id])
            if one.has_sample and product.state != ListingState.PAUSED
            else "",
            today=now,
        )
        for one in content.tables
    )


def _rows_over_time(revisions: list[Revision]) -> SafeString:
    """How the number of rows went from revision to revision."""
    rows = [
        sum(int(table.document["rows"]) for table in one.tables.all()) for one in revisions[::-1]
    ]
    return sparkline(rows, title=_("Rows by revision"))
