"""The page of one announcement."""

from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.asset_sales import bidding, limits
from exchange.asset_sales.lifecycle import AssetSaleState, Standing
from exchange.asset_sales.models import Announcement, Bidder
from exchange.core.calendar import is_provisional
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.payments.wallets import available_in
from exchange.web.asset_sales.forms import RegistrationForm, RoundBidForm
from exchange.web.documents import asset_sale as documents
from pricing.money import Money

S = AssetSaleState
TONES = {
    S.ANNOUNCED: "good", S.BIDDING: "good", S.SUSPENDED: "warn", S.CANCELLED: "bad",
    S.WON: "info", S.RESULT_NOTICE: "info",
}  # fmt: skip


@dataclass(frozen=True)
class MyPart:
    """The acting organisation as a bidder."""

    bidder: Bidder
    offer: Money
    is_leading: bool
    is_winner: bool


@dataclass(frozen=True)
class Bidding:
    price: Money
    bids: int
    ends_on: date
    is_over: bool


@dataclass(frozen=True)
class AnnouncementPage:
    announcement: Announcement
    title: str
    state: str
    tone: str
    is_running: bool
    is_suspended: bool
    floor: Money
    value: Money
    deposit: Money
    ends_on: date
    is_provisional: bool
    days_left: int
    done_percent: int
    price: Money | None
    buyer: str
    result_until: date | None
    bidding: Bidding | None
    mine: MyPart | None
    form: forms.Form | None
    form_url: str
    form_title: str
    form_button: str
    to_spend: Money | None
    documents: tuple[tuple[str, str], ...]


def announcement_page(
    found: Announcement, actor: Actor, *, now: datetime, sent: forms.Form | None = None
) -> AnnouncementPage:
    """The page; `sent` is a form that was refused, to be shown with its errors."""
    asset_sale, state = found.asset_sale, S(found.asset_sale.state)
    is_last = found.number == asset_sale.round
    is_public = is_last and state in documents.RESULT_IS_PUBLIC
    bidder = _bidder(found, actor)
    shown = _bidding(found, now)
    form, url, title, button = _form(found, actor, bidder, now)
    left = limits.days_left(found.ends_at, now=now)
    return AnnouncementPage(
        announcement=found,
        title=title_of(asset_sale.product),
        state=asset_sale.get_state_display() if is_last else _("Followed by another round"),
        tone=TONES.get(state, "neutral") if is_last else "neutral",
        is_running=is_last and state is S.ANNOUNCED and now < found.ends_at,
        is_suspended=is_last and state is S.SUSPENDED,
        floor=Money(found.floor_minor, asset_sale.currency),
        value=Money(found.valuation.value_minor, asset_sale.currency),
        deposit=Money(found.deposit_minor, asset_sale.currency),
        ends_on=limits.last_day_of(found.ends_at),
        is_provisional=is_provisional(found.bidding_ends_at or found.ends_at),
        days_left=left,
        done_percent=max(0, min(100, round(100 * (1 - left / found.days)))),
        price=asset_sale.price if is_public else None,
        buyer=asset_sale.winner.name if is_public and asset_sale.winner else "",
        result_until=limits.last_day_of(asset_sale.due_at)
        if state is S.RESULT_NOTICE and asset_sale.due_at
        else None,
        bidding=shown,
        mine=_part(found, bidder),
        form=(sent or form) if form else None,
        form_url=url,
        form_title=title,
        form_button=button,
        to_spend=_to_spend(actor, asset_sale.currency) if form else None,
        documents=tuple(
            (kind, documents.title_of_kind(kind)) for kind in documents.public_kinds(found)
        ),
    )


def _bidder(found: Announcement, actor: Actor) -> Bidder | None:
    if actor.organisation_id is None:
        return None
    return found.bidders.filter(organisation_id=actor.organisation_id).first()


def _bidding(found: Announcement, now: datetime) -> Bidding | None:
    if found.bidding_ends_at is None:
        return None
    standing = bidding.standing_of(found)
    return Bidding(
        price=Money(standing.price or found.floor_minor, found.asset_sale.currency),
        bids=found.bids_count,
        ends_on=limits.last_day_of(found.bidding_ends_at),
        is_over=now >= found.bidding_ends_at,
    )


def _part(found: Announcement, bidder: Bidder | None) -> MyPart | None:
    if bidder is None:
        return None
    leader = bidding.standing_of(found).leader if found.bidding_ends_at else ""
    is_winner = found.asset_sale.winner_id == bidder.organisation_id
    return MyPart(
        bidder=bidder,
        offer=Money(bidder.offer_minor, found.asset_sale.currency),
        is_leading=leader == bidder.public_id,
        is_winner=is_winner and found.number == found.asset_sale.round,
    )


def _form(
    found: Announcement, actor: Actor, bidder: Bidder | None, now: datetime
) -> tuple[forms.Form | None, str, str, str]:
    """What the actor may send now: a registration, or a bid."""
    asset_sale = found.asset_sale
    if actor.organisation_id is None or found.number != asset_sale.round:
        return None, "", "", ""
    dealing = Subject(
        organisation_id=asset_sale.seller_id, engaged=frozenset({actor.organisation_id})
    )
    if not policy.allowed(actor, Permission.ASSET_SALE_BID, dealing).allowed:
        return None, "", "", ""
    state, currency = S(asset_sale.state), asset_sale.currency
    if bidder is None and state is S.ANNOUNCED and now < found.ends_at:
        url = reverse("web:announcement_register", args=[found.public_id])
        register = RegistrationForm(currency=currency)
        return register, url, _("Register as a bidder"), _("Register with a binding price")
    takes_bids = found.bidding_ends_at is not None and now < found.bidding_ends_at
    if bidder and bidder.standing == Standing.QUALIFIED and state is S.BIDDING and takes_bids:
        url = reverse("web:announcement_bid", args=[found.public_id])
        return RoundBidForm(currency=currency), url, _("Bid"), _("Place the bid")
    return None, "", "", ""


def _to_spend(actor: Actor, currency: str) -> Money | None:
    if actor.organisation_id is None:
        return None
    return available_in(Organisation.objects.get(pk=actor.organisation_id), currency)
