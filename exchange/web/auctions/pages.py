"""The page of one auction, with its standing."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.auctions import access
from exchange.auctions.access import subject_of
from exchange.auctions.lifecycle import ENDED, NAMED, OVER, AuctionState, Kind
from exchange.auctions.mechanism import is_live
from exchange.auctions.models import Auction
from exchange.auctions.results import BidFact, history
from exchange.auctions.standing import AuctionFacts, BidderStatus, facts
from exchange.core.refusals import Refusal
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.payments import deposits, wallets
from exchange.web.auctions import labels
from exchange.web.auctions.forms_bids import BidForm
from exchange.web.auctions.labels import StatusView, access_of, rules_of
from exchange.web.auctions.results import Pictures, ResultView, bidder_name, pictures_of, result_of
from exchange.web.panels import Fact
from exchange.web.templatetags.assay import money
from pricing.exact import micros
from pricing.money import Money, exponent

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
class Fall:
    """What the page needs to let the price fall as the clock does; amounts in minor units, the
    opening in milliseconds since 1970 with pauses added."""

    start: int
    step: int
    every: int
    floor: int
    opened: int
    digits: int


@dataclass(frozen=True)
class Clock:
    """The moment that the page counts down to, and what time it was when it was drawn."""

    label: str
    ends_at: datetime
    now: str
    ends: str
    left: str
    days: str
    reloads: bool


@dataclass(frozen=True)
class DepositView:
    """The deposit asked for; `missing` is what the wallet lacks, None where it is placed or there."""

    amount: Money
    is_placed: bool
    state: str
    available: Money
    missing: Money | None


@dataclass(frozen=True)
class AuctionPage:
    auction: Auction
    state: AuctionState
    title: str
    explained: str
    tone: str
    access: tuple[str, ...]
    rules: tuple[Fact, ...]
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
    at = access.now()
    mine = actor.organisation_id
    found = facts(auction, organisation_id=mine, at=at)
    state, kind = AuctionState(found.state), Kind(auction.kind)
    is_over = state in ENDED
    is_party = access.is_party(auction, actor, is_registered=found.my_number is not None)
    shown = history(auction, organisation_id=mine, is_party=is_party)
    result = result_of(auction, actor, is_party=is_party)
    names_seen = result is not None and is_party
    obstacle = "" if is_preview or is_over else _obstacle(auction, actor)
    status = labels.status_view(found.my_status, is_over=is_over)
    price = _money(found.price_minor, auction)
    own = next((one for one in shown if one.is_mine and not one.is_withdrawn), None)
    return AuctionPage(
        auction=auction,
        state=state,
        title=title_of(auction),
        explained=str(labels.KINDS[kind]),
        tone=labels.TONES.get(state, "neutral"),
        access=access_of(auction),
        rules=rules_of(auction),
        is_english=kind is Kind.ENGLISH,
        is_dutch=kind is Kind.DUTCH,
        is_sealed=not is_live(auction),
        is_over=is_over,
        is_preview=is_preview,
        price_label=price_label_of(auction, state, kind),
        price=price,
        least=_money(found.least_minor, auction),
        reserve_words=reserve_words_of(auction, found),
        fall=fall_of(auction, state),
        clock=clock_of(auction, state, at),
        status=status,
        my_number=found.my_number,
        my_maximum=_money(found.my_maximum_minor, auction),
        may_bid=not obstacle and not is_over and not is_preview,
        takes_bids=found.takes_bids,
        obstacle=obstacle,
        deposit=deposit_of(auction, mine) if auction.deposit_minor and not obstacle else None,
        left=found.left,
        lines=tuple(_line(one, auction, names_seen=names_seen) for one in shown[:HISTORY_SHOWN]),
        may_withdraw=found.takes_bids and found.my_status == BidderStatus.SEALED,
        my_commitment=own.commitment if own else "",
        pictures=pictures_of(auction, organisation_id=mine, names_seen=names_seen, at=at),
        result=result,
        acts=() if is_preview else _acts(auction, state, actor),
        form=form,
        said=_said(price, status, found),
    )


def _money(minor: int | None, auction: Auction) -> Money | None:
    return None if minor is None else Money(minor, auction.currency)


def _obstacle(auction: Auction, actor: Actor) -> str:
    """Why the reader cannot bid, before any bid is made."""
    try:
        access.enter(auction.public_id, actor=actor)
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


def _acts(auction: Auction, state: AuctionState, actor: Actor) -> tuple[str, ...]:
    """What the reader may do to the auction itself, by the names in addresses."""
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


def price_label_of(auction: Auction, state: AuctionState, kind: Kind) -> str:
    if state in NAMED:
        return _("Final price")
    if kind is Kind.DUTCH:
        return _("Price now")
    if kind is Kind.ENGLISH and auction.bids_count:
        return _("Standing price")
    return _("Opening price")


def reserve_words_of(auction: Auction, found: AuctionFacts) -> str:
    if found.reserve_met is not None and auction.state not in ENDED:
        return _("The reserve is met.") if found.reserve_met else _("The reserve is not met yet.")
    return ""


def fall_of(auction: Auction, state: AuctionState) -> Fall | None:
    if auction.kind != Kind.DUTCH or state is not AuctionState.OPEN:
        return None
    return Fall(
        start=auction.opening_minor,
        step=auction.options["step_minor"],
        every=auction.options["every_seconds"],
        floor=auction.reserve_minor,
        opened=(micros(auction.opens_at) + auction.paused_micros) // 1000,
        digits=exponent(auction.currency),
    )


def clock_of(auction: Auction, state: AuctionState, at: datetime) -> Clock | None:
    label, ends_at = {
        AuctionState.DRAFT: (_("Opens in"), auction.opens_at),
        AuctionState.SCHEDULED: (_("Opens in"), auction.opens_at),
        AuctionState.OPEN: (_("Time left"), auction.closes_at),
        AuctionState.REVEALING: (_("Time left to reveal"), auction.reveal_until),
    }.get(state, ("", None))
    if auction.clearing_until is not None and state in OVER - NAMED:
        label, ends_at = (
            _("Winners are being determined, at the longest for"),
            auction.clearing_until,
        )
    if ends_at is None:
        return None
    return Clock(
        label=label,
        ends_at=ends_at,
        now=at.isoformat(timespec="milliseconds"),
        ends=ends_at.isoformat(timespec="milliseconds"),
        left=labels.left_words(max(0, int((ends_at - at).total_seconds()))),
        days=labels.days_pattern(),
        reloads=state is not AuctionState.DRAFT and ends_at > at,
    )


def deposit_of(auction: Auction, organisation_id: int | None) -> DepositView | None:
    if organisation_id is None:
        return None
    mine = Organisation.objects.get(pk=organisation_id)
    placed = deposits.deposit_of(auction.basis, mine.pk)
    available = wallets.available_in(mine, auction.currency)
    lacks = placed is None and available < auction.deposit
    return DepositView(
        amount=auction.deposit,
        is_placed=placed is not None,
        state=placed.get_state_display() if placed else "",
        available=available,
        missing=auction.deposit - available if lacks else None,
    )
