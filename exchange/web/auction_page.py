"""The page of an auction: how it stands, for whom, until when, and in the end who won."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.auctions.mechanism import is_live
from exchange.auctions.models import Auction
from exchange.auctions.queries import clock
from exchange.auctions.queries.auctions import subject_of
from exchange.auctions.queries.history import BidFact, history
from exchange.auctions.queries.standing import AuctionFacts, BidderStatus, facts
from exchange.auctions.states import ENDED, AuctionState, Kind
from exchange.core.refusals import Refusal
from exchange.core.titles import title_of
from exchange.flows.auction_entry import enter
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.web import auction_standing as standing
from exchange.web import auction_words
from exchange.web.auction_pictures import Pictures, pictures_of
from exchange.web.auction_results import ResultView, bidder_name, result_of
from exchange.web.auction_rules import Rule, access_of, rules_of
from exchange.web.auction_standing import Clock, DepositView, Fall
from exchange.web.auction_words import StatusView
from exchange.web.forms.auction_bids import BidForm
from exchange.web.templatetags.assay import money
from pricing.money import Money

HISTORY_SHOWN = 50
WAITING = frozenset({AuctionState.DRAFT, AuctionState.SCHEDULED})


@dataclass(frozen=True)
class BidLine:
    seq: int
    at: datetime
    who: str
    is_mine: bool
    price: Money | None
    amount: Money | None
    commitment: str
    is_withdrawn: bool


@dataclass(frozen=True)
class AuctionPage:
    public_id: str
    version: int
    title: str
    kind: str
    explained: str
    state: str
    tone: str
    organiser: str
    product_url: str
    access: tuple[str, ...]
    rules: tuple[Rule, ...]
    is_english: bool
    is_dutch: bool
    is_sealed: bool
    is_over: bool
    is_preview: bool
    price_label: str
    price: Money | None
    least: Money | None
    reserve_words: str
    fall: Fall | None
    clock: Clock | None
    status: StatusView
    my_number: int | None
    my_maximum: Money | None
    may_bid: bool
    takes_bids: bool
    obstacle: str
    deposit: DepositView | None
    bids_count: int
    bidders_count: int
    left: int
    lines: tuple[BidLine, ...]
    may_withdraw: bool
    my_commitment: str
    pictures: Pictures
    result: ResultView | None
    acts: tuple[str, ...]
    form: BidForm | None
    said: str

    @property
    def live_state(self) -> str:
        """What the form depends on: while this is the same, what is being written stays."""
        return f"{self.state}:{self.takes_bids}:{self.may_withdraw}:{self.deposit is not None}"


def auction_page(
    auction: Auction, actor: Actor, *, form: BidForm | None = None, is_preview: bool = False
) -> AuctionPage:
    """Everything on the page, read at once, by the clock that decides."""
    at = clock.now()
    auction = standing.by_the_clock(auction, at)
    mine = actor.organisation_id
    found = facts(auction, organisation_id=mine, at=at)
    state, kind = AuctionState(auction.state), Kind(auction.kind)
    is_over = state in ENDED
    shown = history(auction, organisation_id=mine)
    result = result_of(auction, actor, takes_part=found.my_number is not None)
    names_seen = result is not None and result.names_seen
    obstacle = "" if is_preview or is_over else _obstacle(auction, actor)
    status = auction_words.status_view(found.my_status, is_over=is_over)
    price = _money(found.price_minor, auction)
    own = next((one for one in shown if one.is_mine and not one.is_withdrawn), None)
    return AuctionPage(
        public_id=auction.public_id,
        version=auction.version,
        title=title_of(auction),
        kind=str(kind.label),
        explained=str(auction_words.KINDS[kind]),
        state=str(state.label),
        tone=auction_words.TONES.get(state, "neutral"),
        organiser=auction.organiser.name,
        product_url=reverse("web:product", args=[auction.product.public_id])
        if auction.product
        else "",
        access=access_of(auction),
        rules=rules_of(auction),
        is_english=kind is Kind.ENGLISH,
        is_dutch=kind is Kind.DUTCH,
        is_sealed=not is_live(auction),
        is_over=is_over,
        is_preview=is_preview,
        price_label=standing.price_label_of(auction, state, kind),
        price=price,
        least=_money(found.least_minor, auction),
        reserve_words=standing.reserve_words_of(auction, found),
        fall=standing.fall_of(auction),
        clock=standing.clock_of(auction, state, at),
        status=status,
        my_number=found.my_number,
        my_maximum=_money(found.my_maximum_minor, auction),
        may_bid=not obstacle and not is_over and not is_preview,
        takes_bids=found.takes_bids,
        obstacle=obstacle,
        deposit=standing.deposit_of(auction, mine)
        if auction.deposit_minor and not obstacle
        else None,
        bids_count=auction.bids_count,
        bidders_count=auction.bidders_count,
        left=found.left,
        lines=tuple(_line(one, auction, names_seen=names_seen) for one in shown[:HISTORY_SHOWN]),
        may_withdraw=found.takes_bids and found.my_status == BidderStatus.SEALED,
        my_commitment=own.commitment if own else "",
        pictures=pictures_of(auction, organisation_id=mine, names_seen=names_seen, at=at),
        result=result,
        acts=() if is_preview else _acts(auction, actor),
        form=form,
        said=_said(price, status, found),
    )


def _money(minor: int | None, auction: Auction) -> Money | None:
    return None if minor is None else Money(minor, auction.currency)


def _obstacle(auction: Auction, actor: Actor) -> str:
    """Why the reader cannot bid, before any bid is made."""
    try:
        enter(actor=actor, auction_id=auction.public_id)
    except Refusal as refusal:
        return str(refusal.message)
    return ""


def _line(one: BidFact, auction: Auction, *, names_seen: bool) -> BidLine:
    return BidLine(
        seq=one.seq,
        at=one.at,
        who=bidder_name(one.bidder_number, one.name if names_seen else None, is_mine=one.is_mine),
        is_mine=one.is_mine,
        price=_money(one.price_minor, auction),
        amount=_money(one.amount_minor, auction),
        commitment=one.commitment,
        is_withdrawn=one.is_withdrawn,
    )


def _acts(auction: Auction, actor: Actor) -> tuple[str, ...]:
    """What the reader may do to the auction itself, by the names in addresses."""
    state = AuctionState(auction.state)
    if policy.allowed(actor, Permission.AUCTION_MODERATE, subject_of(auction)).allowed:
        return {
            AuctionState.SCHEDULED: ("cancel",),
            AuctionState.OPEN: ("pause", "extend", "cancel"),
            AuctionState.PAUSED: ("resume", "extend", "cancel"),
        }.get(state, ())
    own = actor.organisation_id == auction.organiser_id
    may = policy.allowed(actor, Permission.AUCTION_SCHEDULE, subject_of(auction)).allowed
    return ("cancel",) if own and may and state in WAITING else ()


def _said(price: Money | None, status: StatusView, found: AuctionFacts) -> str:
    """What a screen reader is told when the page has changed."""
    if price is None:
        return _("%(status)s. %(count)d bids.") % {
            "status": status.word,
            "count": found.bids_count,
        }
    return _("The price is %(price)s. %(status)s.") % {
        "price": money(price),
        "status": status.word,
    }
