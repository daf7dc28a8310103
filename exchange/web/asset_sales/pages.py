"""The page of one asset sale: its steps, documents, bidders."""

from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.asset_sales import limits
from exchange.asset_sales.lifecycle import AssetSaleState, Round
from exchange.asset_sales.models import Announcement, AssetSale, Bidder, Document, Valuation
from exchange.asset_sales.queries import valuation_of
from exchange.asset_sales.rounds import least_days
from exchange.core.calendar import is_provisional
from exchange.core.titles import title_of
from exchange.members.actors import Actor
from exchange.web.asset_sales import acts
from exchange.web.asset_sales.forms import ConflictForm
from exchange.web.panels import Event, Stage, progress
from pricing.money import Money

S = AssetSaleState
ROAD: tuple[tuple[AssetSaleState, ...], ...] = (
    (S.PLANNED,),
    (S.DECIDED, S.STALE),
    (S.VALUED,),
    (S.FILED,),
    (S.ANNOUNCED, S.SUSPENDED, S.QUALIFYING, S.NO_BUYER, S.ONE_BUYER, S.BIDDING),
    (S.WON,),
    (S.RESULT_NOTICE,),
    (S.CONTRACTED,),
    (S.PAID,),
    (S.CERTIFIED,),
    (S.TRANSFERRED,),
)
# Binding prices and maxima are nobody's to know while there may be bidding.
SECRET = frozenset({S.ANNOUNCED, S.SUSPENDED, S.QUALIFYING, S.BIDDING})


@dataclass(frozen=True)
class ActCard:
    title: str
    button: str
    url: str
    form: forms.Form
    is_danger: bool


@dataclass(frozen=True)
class LimitRow:
    """A limit that the rules set, and which rule that is."""

    label: str
    amount: Money | None
    days: int | None
    source: str


@dataclass(frozen=True)
class RoundRow:
    announcement: Announcement
    floor: Money
    deposit: Money
    ends_on: date


@dataclass(frozen=True)
class AssetSalePage:
    asset_sale: AssetSale
    title: str
    due_on: date | None
    is_provisional: bool
    days_left: int | None
    road: tuple[Stage, ...]
    value: Money | None
    basis: str
    acts: tuple[ActCard, ...]
    limits: tuple[LimitRow, ...]
    documents: tuple[Document, ...]
    rounds: tuple[RoundRow, ...]
    bidders: tuple[tuple[Bidder, Money | None], ...]
    events: tuple[Event, ...]
    conflict_form: forms.Form | None
    order_url: str


def asset_sale_page(
    asset_sale: AssetSale,
    actor: Actor,
    *,
    now: datetime,
    sent: tuple[str, forms.Form] | None = None,
) -> AssetSalePage:
    """The page; `sent` is a form that was refused, to be shown with its errors."""
    valuation = valuation_of(asset_sale)
    rounds = list(asset_sale.announcements.order_by("-number"))
    is_open = asset_sale.state not in {S.TRANSFERRED, S.CANCELLED}
    return AssetSalePage(
        asset_sale=asset_sale,
        title=title_of(asset_sale.product),
        due_on=limits.last_day_of(asset_sale.due_at) if asset_sale.due_at else None,
        is_provisional=is_provisional(asset_sale.due_at),
        days_left=limits.days_left(asset_sale.due_at, now=now) if asset_sale.due_at else None,
        road=progress(ROAD, S(asset_sale.state)),
        value=Money(valuation.value_minor, asset_sale.currency) if valuation else None,
        basis=_basis(valuation),
        acts=_acts(asset_sale, actor, sent),
        limits=_limits(asset_sale, valuation, now) if valuation and is_open else (),
        documents=tuple(asset_sale.documents.order_by("pk")),
        rounds=tuple(_round(asset_sale, one) for one in rounds),
        bidders=tuple(_bidder(asset_sale, one) for one in _bidders(rounds)),
        events=tuple(
            Event(one.get_transition_display(), one.at, one.by.name if one.by else "", one.reason)
            for one in asset_sale.steps.select_related("by").order_by("-number")
        ),
        conflict_form=ConflictForm()
        if is_open and actor.organisation_id == asset_sale.seller_id
        else None,
        order_url=reverse("web:order", args=[asset_sale.order.public_id])
        if asset_sale.order
        else "",
    )


def _basis(valuation: Valuation | None) -> str:
    if valuation is None:
        return ""
    if valuation.firm:
        return f"{valuation.firm}, {valuation.report_no}"
    return _("Memo on consulted firms") + ": " + ", ".join(valuation.firms)


def _acts(
    asset_sale: AssetSale, actor: Actor, sent: tuple[str, forms.Form] | None
) -> tuple[ActCard, ...]:
    name, form = sent or ("", None)
    cards = []
    for key, step in acts.possible(asset_sale, actor).items():
        shown = form if key == name and form else acts.form_of(step, asset_sale)
        url = reverse("web:asset_sale_act", args=[asset_sale.public_id, key])
        cards.append(ActCard(str(step.title), str(step.button), url, shown, key == "cancel"))
    return tuple(cards)


def _limits(asset_sale: AssetSale, valuation: Valuation, now: datetime) -> tuple[LimitRow, ...]:
    currency = asset_sale.currency
    value = valuation.value_minor
    free = limits.floor_without_consent(value, at=now)
    deposit = limits.deposit_most(value, at=now)
    first = least_days(Round.FIRST, value, now=now)
    again = limits.extension_days(at=now)
    return (
        LimitRow(
            _("Lowest first floor"), Money(value, currency), None,
            limits.labelled(_basis(valuation)),
        ),
        LimitRow(
            _("Lowest floor without consent"), Money(free.value, currency), None,
            limits.source_of(free.rules[0]),
        ),
        LimitRow(
            _("Largest deposit at that first floor"), Money(deposit.value, currency), None,
            limits.source_of(deposit.rules[0]),
        ),
        LimitRow(
            _("Shortest announcement at that floor"), None, first.value, limits.source_of(first.rules[0])
        ),
        LimitRow(_("Shortest extension"), None, again.value, limits.source_of(again.rules[0])),
    )  # fmt: skip


def _round(asset_sale: AssetSale, one: Announcement) -> RoundRow:
    return RoundRow(
        announcement=one,
        floor=Money(one.floor_minor, asset_sale.currency),
        deposit=Money(one.deposit_minor, asset_sale.currency),
        ends_on=limits.last_day_of(one.ends_at),
    )


def _bidders(rounds: list[Announcement]) -> list[Bidder]:
    if not rounds:
        return []
    return list(rounds[0].bidders.select_related("organisation").order_by("number"))


def _bidder(asset_sale: AssetSale, one: Bidder) -> tuple[Bidder, Money | None]:
    is_secret = asset_sale.state in SECRET
    return one, None if is_secret else Money(one.offer_minor, asset_sale.currency)
