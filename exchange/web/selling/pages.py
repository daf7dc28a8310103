"""The frame of the wizard, and keeping a step while it is written."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from exchange.catalog import products
from exchange.catalog.disclosure import order_obstacle
from exchange.catalog.facts import Listing, listing_of
from exchange.catalog.gates import Answer, Step, answers, score_of
from exchange.catalog.lifecycle import AMENDABLE, EDITABLE, LISTING, ListingState, ListingTransition
from exchange.catalog.models import Product
from exchange.core import clock
from exchange.core.titles import title_of
from exchange.members.actors import actor_of
from exchange.web.selling.forms import AboutForm, BundleForm, DeliveryForm, LicenceForm
from exchange.web.submissions import blaming

ROUTES = {
    Step.DATA: "web:sell_data",
    Step.DICTIONARY: "web:sell_dictionary",
    Step.ABOUT: "web:sell_about",
    Step.LICENCE: "web:sell_licence",
    Step.OFFERS: "web:sell_offers",
    Step.CHECK: "web:sell_check",
}
TONES = {
    ListingState.DRAFT: "neutral",
    ListingState.RETURNED: "warn",
    ListingState.REJECTED: "bad",
    ListingState.LISTED: "good",
    ListingState.PAUSED: "warn",
    ListingState.SUSPENDED: "bad",
    ListingState.DELISTED: "neutral",
    ListingState.ARCHIVED: "neutral",
}
AUTOSAVE = "X-Autosave"
DraftForm = AboutForm | LicenceForm | DeliveryForm | BundleForm


@dataclass(frozen=True)
class StepLink:
    """A step of the wizard. `state` is done, now or next; `missing` counts shut gates."""

    label: str
    url: str
    state: str
    missing: int


@dataclass(frozen=True)
class Wizard:
    """The frame around every page of the wizard."""

    product_id: str
    title: str
    kind: str
    steps: tuple[StepLink, ...]
    number: int
    previous_url: str
    next_url: str
    score: int
    is_change: bool
    saved_at: datetime


@dataclass(frozen=True)
class GateLine:
    """A gate as the checklist shows it."""

    sentence: str
    is_open: bool
    is_advice: bool
    url: str


@dataclass(frozen=True)
class NextAction:
    """What the seller does next; without a URL there is nothing to do but wait."""

    sentence: str
    label: str = ""
    url: str = ""


def labels() -> dict[Step, str]:
    return {
        Step.DATA: _("Data"),
        Step.DICTIONARY: _("Dictionary"),
        Step.ABOUT: _("Description"),
        Step.LICENCE: _("Licence"),
        Step.OFFERS: _("Offers"),
        Step.CHECK: _("Check and submit"),
    }


def wizard_of(product: Product, step: Step, *, at: datetime) -> tuple[Wizard, Listing]:
    """The frame for one step, and the listing as its seller wants it."""
    listing = listing_of(product, at=at, with_changes=True)
    given = answers(listing)
    steps = [one for one in Step if one is not Step.DICTIONARY or listing.carries_file]
    place = steps.index(step) if step in steps else 0
    words = labels()
    wizard = Wizard(
        product_id=product.public_id,
        title=title_of(listing.product) or _("Untitled"),
        kind=product.get_kind_display(),
        steps=tuple(_link(product, one, step, given, words[one]) for one in steps),
        number=place + 1,
        previous_url=_url(product, steps[place - 1]) if place else "",
        next_url=_url(product, steps[place + 1]) if place + 1 < len(steps) else "",
        score=score_of(given),
        is_change=product.state in AMENDABLE,
        saved_at=product.updated_at,
    )
    return wizard, listing


def gate_lines(product: Product, given: list[Answer]) -> tuple[GateLine, ...]:
    """The checklist: what is missing first."""
    lines = [
        GateLine(
            sentence=str(one.gate.sentence),
            is_open=one.is_open,
            is_advice=not one.gate.blocks,
            url=_url(product, one.gate.step),
        )
        for one in given
    ]
    return tuple(sorted(lines, key=lambda line: (line.is_open, line.is_advice)))


def is_editable(product: Product) -> bool:
    """Whether the seller can change the product now."""
    return product.state in EDITABLE | AMENDABLE and not product.change_proposed


def next_action(product: Product) -> NextAction:
    """What the seller has to do next, by where the listing stands."""
    check = reverse("web:sell_check", args=[product.public_id])
    if product.change_proposed:
        return NextAction(_("The exchange looks at your change. The listing stays as it is."))
    if product.amendment is not None:
        return NextAction(
            _("You changed something that is not submitted yet."), _("Submit the change"), check
        )
    page = reverse("web:product", args=[product.public_id])
    return {
        ListingState.DRAFT: NextAction(
            _("Complete the draft and submit it."), _("Go on"), _url(product, Step.DATA)
        ),
        ListingState.RETURNED: NextAction(
            _("The exchange asks for changes. Correct it and submit it again."),
            _("Correct it"),
            check,
        ),
        ListingState.LISTED: NextAction(
            str(order_obstacle(product.delivery) or _("Buyers can find and buy it.")),
            _("See the page"),
            page,
        ),
        ListingState.PAUSED: NextAction(
            _("You paused it. It takes nothing new until you list it again; what runs goes on.")
        ),
        ListingState.SUSPENDED: NextAction(
            _("Nobody new can buy it. Answer the exchange, or change what it asks for."),
            _("Change it"),
            _url(product, Step.DATA),
        ),
        ListingState.REJECTED: NextAction(
            _("It was rejected. You can duplicate it as a new draft.")
        ),
        ListingState.DELISTED: NextAction(_("It is off the list. Buyers keep what they bought.")),
    }.get(ListingState(product.state), NextAction(_("The exchange reviews it.")))


def acts_of(product: Product) -> tuple[str, ...]:
    """What else the seller may do now, by the names in addresses."""
    acts = ["duplicate"]
    by_move = {
        "recall": ListingTransition.RECALL,
        "pause": ListingTransition.PAUSE,
        "relist": ListingTransition.RELIST,
        "delist": ListingTransition.DELIST,
        "archive": ListingTransition.ARCHIVE,
    }
    acts += [name for name, move in by_move.items() if LISTING.may(product, move)]
    if product.change_proposed:
        acts.append("take_change_back")
    elif product.amendment is not None:
        acts.append("discard_change")
    return tuple(acts)


def _url(product: Product, step: Step) -> str:
    return reverse(ROUTES[step], args=[product.public_id])


def _link(product: Product, step: Step, current: Step, given: list[Answer], label: str) -> StepLink:
    missing = sum(
        1 for one in given if not one.is_open and one.gate.blocks and one.gate.step is step
    )
    done = step is not Step.CHECK and not missing
    state = "now" if step is current else "done" if done else "next"
    return StepLink(label=label, url=_url(product, step), state=state, missing=missing)


def save_draft(
    request: HttpRequest, product_id: str, form: DraftForm, *, next_url: str
) -> HttpResponse | None:
    """Save what was posted and go on; None when the form has to be shown, anew or with its errors.

    A page that saves by itself is answered with a line of JSON instead.
    """
    by_itself = AUTOSAVE in request.headers
    if form.is_valid():
        with blaming(form):
            products.save_draft(
                product_id,
                actor=actor_of(request),
                values=form.values(),
                now=clock.now(),
            )
            goal = next_url if "go_on" in request.POST else request.get_full_path()
            return saved() if by_itself else redirect(goal)
    if by_itself and form.is_bound:
        errors = {field: str(listed[0]) for field, listed in form.errors.items()}
        return JsonResponse({"errors": errors}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return None


def saved() -> JsonResponse:
    """What the page that saved by itself shows."""
    now = formats.time_format(timezone.localtime(clock.now()), "H:i:s")
    return JsonResponse({"saved": _("Saved at %(time)s") % {"time": now}})
