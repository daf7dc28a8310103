"""The wizard's steps about money: offers, metered offers, and the price simulator."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.catalog.buyable import sharing_at
from exchange.catalog.facts import offers_of, proposed_offers
from exchange.catalog.gates import Step
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Offer, Product
from exchange.catalog.offers import add_offer, price_command, withdraw_offer
from exchange.catalog.plans import priced
from exchange.catalog.queries import permitted
from exchange.core import clock, currencies
from exchange.core.formatting import money_shown
from exchange.members.actors import actor_of
from exchange.members.permissions import Permission
from exchange.orders.models import Subscription
from exchange.payments import fees
from exchange.payments.settlement import shared_by
from exchange.web.documents.money import fee_in_words
from exchange.web.product.offers import OfferView, access_words, offer_view
from exchange.web.selling.finding_words import finding_words
from exchange.web.selling.forms_offers import OfferForm, SimulatorForm, UseOfferForm
from exchange.web.selling.pages import Wizard, wizard_of
from exchange.web.selling.places import WIZARD, Place
from exchange.web.selling.simulator import (
    Comparables,
    Simulation,
    comparables_of,
    findings_of,
    prices_of_comparables,
    simulate,
)
from exchange.web.submissions import blaming, sent, unprocessable
from exchange.web.throttles import throttled
from exchange.web.usage.cost import CostLine, cost_lines, cost_picture, main_meter
from exchange.web.usage.rates import meter_name, rates_in_words
from exchange.web.views import form_view, get_view, post_view

TRIAL = "trial"


@dataclass(frozen=True)
class OfferCard:
    """An offer with its total as a buyer will see it, and what the linter found in its plan. One that
    begins later may be taken back; one that is to be replaced says by what."""

    offer: Offer
    access: tuple[str, ...]
    shown: OfferView
    findings: tuple[str, ...]
    then: OfferView | None


@dataclass(frozen=True)
class ProposedOffer:
    """An offer that the exchange has to accept: what it replaces, and how many subscriptions run on
    that one and keep its price."""

    offer: Offer
    shown: OfferView
    replaces: str
    running: int


@dataclass(frozen=True)
class OffersPage:
    wizard: Wizard
    offers: tuple[OfferCard, ...]
    proposed: tuple[ProposedOffer, ...]
    form: OfferForm
    supersedes: str
    is_standing: bool
    check_url: str
    use_url: str
    simulator_url: str


@form_view
def show(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """The offers, and one more. `?like=off_…` begins with another one, whose place it takes."""
    actor = actor_of(request)
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    now = clock.now()
    wizard, _listing = wizard_of(product, Step.OFFERS, at=now, place=place)
    supersedes = request.POST.get("supersedes", request.GET.get("like", ""))
    like = next((one for one in offers_of(product) if one.public_id == supersedes), None)
    form = OfferForm(sent(request), initial=_initial(like))
    if form.is_valid():
        with blaming(form):
            _offer, price = add_offer(
                product_id,
                actor=actor,
                command=form.command(supersedes=supersedes if like else ""),
                now=now,
            )
            for finding in price.findings:
                messages.warning(request, finding_words(finding, price.plan))
            return redirect(place.url(Step.OFFERS, product_id))
    page = OffersPage(
        wizard=wizard,
        offers=_cards(product, now),
        proposed=tuple(
            _proposed(one, now) for one in proposed_offers(product).select_related("supersedes")
        ),
        form=form,
        supersedes=like.public_id if like else "",
        is_standing=product.listed_at is not None,
        check_url=place.url(Step.CHECK, product_id),
        use_url=place.url("use", product_id),
        simulator_url=place.url("simulate", product_id),
    )
    return place.draw(request, "selling/offers.html", page, status=unprocessable(form))


def _cards(product: Product, now: datetime) -> tuple[OfferCard, ...]:
    standing = offers_of(product)
    shown = {one.pk: offer_view(one, at=now) for one in standing}
    later = {one.supersedes_id: shown[one.pk] for one in standing if one.valid_from > now}
    return tuple(
        OfferCard(
            offer=one,
            access=access_words(one),
            shown=shown[one.pk],
            findings=_findings(one, now),
            then=later.get(one.pk),
        )
        for one in standing
    )


def _proposed(offer: Offer, now: datetime) -> ProposedOffer:
    before = offer.supersedes
    return ProposedOffer(
        offer=offer,
        shown=offer_view(offer, at=now),
        replaces="" if before is None else f"{before.name}, {money_shown(before.price)}",
        running=0
        if before is None
        else Subscription.objects.filter(latest__offer=before, ended_at=None).count(),
    )


@post_view
def withdraw(
    request: HttpRequest, product_id: str, offer_id: str, place: Place = WIZARD
) -> HttpResponse:
    """End an offer. What was bought on it stays as agreed."""
    now = clock.now()
    offer = withdraw_offer(offer_id, actor=actor_of(request), now=now)
    sentence = (
        _("The offer “%(name)s” was taken back before it began.")
        if offer.valid_from > now
        else _("The offer “%(name)s” was withdrawn.")
    )
    messages.success(request, sentence % {"name": offer.name})
    if request.POST.get("back") == "product":
        return redirect(place.page, product_id)
    return redirect(place.url(Step.OFFERS, product_id))


def _findings(offer: Offer, now: datetime) -> tuple[str, ...]:
    price = priced(offer.plan, at=now, by_use=offer.kind == OfferKind.METERED)
    return tuple(finding_words(finding, price.plan) for finding in price.findings)


def _initial(like: Offer | None) -> dict[str, object]:
    if like is None:
        return {}
    return {
        "name": like.name,
        "kind": like.kind,
        "price": like.price.decimal,
        "currency": like.currency,
        "period": like.period,
        "access_days": like.access_days,
        "history": like.history,
        "history_count": like.history_count,
        "future": like.future,
    }


@dataclass(frozen=True)
class Trial:
    """What the price of the form says and comes to."""

    rates: tuple[str, ...]
    meter: str
    lines: tuple[CostLine, ...]
    picture: SafeString
    findings: tuple[str, ...]


@dataclass(frozen=True)
class UseOfferPage:
    wizard: Wizard
    label: str
    form: UseOfferForm
    trial: Trial | None


@form_view
def show_metered(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """Try a price by use as often as wanted; then offer it."""
    actor, now = actor_of(request), clock.now()
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    form, trial = UseOfferForm(sent(request)), None
    if form.is_valid():
        with blaming(form):
            if TRIAL not in request.POST:
                _offer, price = add_offer(product_id, actor=actor, command=form.command(), now=now)
                for finding in price.findings:
                    messages.warning(request, finding_words(finding, price.plan))
                return redirect(place.url(Step.OFFERS, product_id))
            price = price_command(form.command(), product=product, number=1, at=now)
            trial = Trial(
                rates=rates_in_words(price.plan),
                meter=meter_name(main_meter(price.plan)),
                lines=cost_lines(price.plan, at=now),
                picture=cost_picture(price.plan, {}, at=now),
                findings=tuple(finding_words(finding, price.plan) for finding in price.findings),
            )
    wizard, _listing = wizard_of(product, Step.OFFERS, at=now, place=place)
    page = UseOfferPage(wizard, _("Offer it by use"), form, trial)
    return place.draw(request, "selling/use.html", page, status=unprocessable(form))


@dataclass(frozen=True)
class SimulatorPage:
    wizard: Wizard
    label: str
    form: SimulatorForm
    comparables: Comparables | None
    findings: tuple[str, ...]
    simulation: Simulation | None
    fee: str


@get_view
@throttled("costly")
def show_simulator(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """Enter expected demand in the address, see what each price would earn. Nothing is kept."""
    now = clock.now()
    product = permitted(actor_of(request), Permission.OFFER_MAKE, product_id)
    prices = prices_of_comparables(product, currency=currencies.home())
    usual = comparables_of(prices, currency=currencies.home())
    form = SimulatorForm(request.GET or None, currency=currencies.home(), comparables=prices)
    fee = fees.schedule(product.seller, at=now)
    simulation = None
    if form.is_valid():
        simulation = simulate(
            form.demand,
            currency=currencies.home(),
            usual=usual,
            shared=shared_by(sharing_at(product, at=now), seller=product.seller, at=now),
            fee=fee.fee_in(currencies.home()),
            at=now,
        )
    wizard, _listing = wizard_of(product, Step.OFFERS, at=now, place=place)
    page = SimulatorPage(
        wizard=wizard,
        label=_("Try prices"),
        form=form,
        comparables=usual,
        findings=findings_of(product, at=now),
        simulation=simulation,
        fee=fee_in_words({"currency": currencies.home(), **fee.facts_in(currencies.home())}),
    )
    return place.draw(request, "selling/simulate.html", page, status=unprocessable(form))
