"""The frame of the wizard, and keeping a step while it is written."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from exchange.catalog import products
from exchange.catalog.disclosure import order_obstacle
from exchange.catalog.facts import Listing, listing_of
from exchange.catalog.gates import BY_CODE, Answer, Step, answers, score_of
from exchange.catalog.lifecycle import AMENDABLE, EDITABLE, LISTING, ListingState, ListingTransition
from exchange.catalog.models import Product
from exchange.catalog.reasons import REASONS
from exchange.core import clock
from exchange.core.titles import title_of
from exchange.members.actors import actor_of
from exchange.web.selling.forms import DraftForm
from exchange.web.selling.places import WIZARD, Place
from exchange.web.submissions import blaming

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
# After these the seller has something to correct.
ASKED = frozenset(
    {ListingTransition.RETURN, ListingTransition.DECLINE_CHANGE, ListingTransition.SUSPEND}
)


@dataclass(frozen=True)
class StepLink:
    """A step of the wizard, or a tab. `state` is done, now or next; `missing` counts shut gates."""

    label: str
    url: str
    state: str
    missing: int


@dataclass(frozen=True)
class Remark:
    """What the exchange asked for last, and the page that it concerns. `field` is the form's field there,
    empty where it is about the whole page; without a page it is about the whole product."""

    sentence: str
    url: str = ""
    stop: str = ""
    field: str = ""


@dataclass(frozen=True)
class Wizard:
    """The frame around every page that edits a product. `gaps` is what is missing before it can be
    submitted."""

    place: Place
    product_id: str
    title: str
    kind: str
    stop: str
    label: str
    steps: tuple[StepLink, ...]
    number: int
    previous_url: str
    next_url: str
    product_url: str
    elsewhere_url: str
    score: int
    gaps: "tuple[GateLine, ...]"
    remark: Remark | None
    is_change: bool
    saved_at: datetime

    @property
    def remark_here(self) -> str:
        """The remark where it is about this page and stands at no field of it."""
        if self.remark is None or self.remark.stop != self.stop or self.remark.field:
            return ""
        return self.remark.sentence


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


def wizard_of(
    product: Product, stop: str, *, at: datetime, place: Place = WIZARD
) -> tuple[Wizard, Listing]:
    """The frame for one stop, and the listing as its seller wants it."""
    listing = listing_of(product, at=at, with_changes=True)
    given = answers(listing)
    stops = [one for one in place.stops if one != Step.DICTIONARY or listing.carries_file]
    index = stops.index(stop) if stop in stops else 0
    name = product.public_id
    lines = gate_lines(product, given, place=place)
    wizard = Wizard(
        place=place,
        product_id=name,
        title=title_of(listing.product) or _("Untitled"),
        kind=product.get_kind_display(),
        stop=stop,
        label=str(place.stops[stop]),
        steps=tuple(_link(product, one, stop, given, place) for one in stops),
        number=index + 1,
        previous_url=place.url(stops[index - 1], name) if index else "",
        next_url=place.url(stops[index + 1], name) if index + 1 < len(stops) else "",
        product_url=reverse(place.page, args=[name]),
        elsewhere_url=place.url_elsewhere(stop, name),
        score=score_of(given),
        gaps=tuple(line for line in lines if not line.is_open and not line.is_advice),
        remark=remark_of(product, place=place),
        is_change=product.state in AMENDABLE,
        saved_at=product.updated_at,
    )
    return wizard, listing


def gate_lines(
    product: Product, given: list[Answer], *, place: Place = WIZARD
) -> tuple[GateLine, ...]:
    """The checklist: what is missing first."""
    lines = [
        GateLine(
            sentence=one.sentence,
            is_open=one.is_open,
            is_advice=not one.gate.blocks,
            url=place.gate_url(one.gate, product.public_id),
        )
        for one in given
    ]
    return tuple(sorted(lines, key=lambda line: (line.is_open, line.is_advice)))


def remark_of(product: Product, *, place: Place = WIZARD) -> Remark | None:
    """What the exchange asked for last, while it is the seller's turn."""
    if product.state not in EDITABLE | AMENDABLE:
        return None
    last = product.steps.order_by("-number").first()
    if last is None or last.transition not in ASKED or not last.reason:
        return None
    code = next((one.gate for one in REASONS if one.code == last.reason_code), "")
    if not code:
        return Remark(last.reason)
    gate = BY_CODE[code]
    return Remark(
        last.reason,
        url=place.gate_url(gate, product.public_id),
        stop=place.stop_of(gate),
        field=gate.field,
    )


def show_remark(form: forms.Form, wizard: Wizard) -> None:
    """Put what the exchange asked for at the field of the form that it concerns."""
    remark = wizard.remark
    if remark is None or remark.stop != wizard.stop or remark.field not in form.fields:
        return
    field = form.fields[remark.field]
    field.help_text = format_html(
        '<div class="notice tone-warn"><p class="notice-title">{}</p><p>{}</p></div>{}',
        _("The exchange asks"),
        remark.sentence,
        field.help_text,
    )


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
            _("Complete the draft and submit it."),
            _("Go on"),
            WIZARD.url(Step.DATA, product.public_id),
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
            WIZARD.url(Step.DATA, product.public_id),
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


def _link(product: Product, stop: str, current: str, given: list[Answer], place: Place) -> StepLink:
    shut = [one.gate for one in given if not one.is_open and one.gate.blocks]
    missing = sum(place.stop_of(gate) == stop for gate in shut)
    done = stop != Step.CHECK and not missing
    return StepLink(
        label=str(place.stops[stop]),
        url=place.url(stop, product.public_id),
        state="now" if stop == current else "done" if done else "next",
        missing=missing,
    )


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
