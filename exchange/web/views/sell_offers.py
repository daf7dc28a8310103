"""The step of the publish wizard about offers: several, each immutable, with the linter's findings."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from exchange.catalog.gates import Step
from exchange.catalog.models import Offer
from exchange.catalog.plans import priced
from exchange.catalog.queries.listings import offers_of
from exchange.catalog.states import OfferKind
from exchange.core.refusals import Refusal
from exchange.flows import publish_listing as flow
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.web.forms.selling_offers import OfferForm
from exchange.web.pages import render_page
from exchange.web.product_offers import OfferView, offer_view
from exchange.web.selling import Wizard, wizard_of
from exchange.web.views.sell import OfferLine, offer_line
from exchange.web.wizard_saving import blame


@dataclass(frozen=True)
class OfferCard:
    """An offer with its total as a buyer will see it, and what the linter found in its plan."""

    line: OfferLine
    shown: OfferView
    findings: tuple[str, ...]


@dataclass(frozen=True)
class OffersPage:
    wizard: Wizard
    offers: tuple[OfferCard, ...]
    form: OfferForm
    supersedes: str
    is_standing: bool


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """The offers, and one more. `?like=off_…` begins with another one, whose place it takes."""
    actor = actor_of(request)
    product = flow.permitted(actor, Permission.OFFER_MAKE, product_id)
    now = timezone.now()
    wizard, _listing = wizard_of(product, Step.OFFERS, at=now)
    supersedes = request.POST.get("supersedes", request.GET.get("like", ""))
    like = next((one for one in offers_of(product) if one.public_id == supersedes), None)
    form = OfferForm(request.POST or None, initial=_initial(like))
    if request.method == "POST" and form.is_valid():
        try:
            _offer, price = flow.add_offer(
                actor=actor,
                product_id=product_id,
                wish=form.wish(supersedes=supersedes if like else ""),
                now=now,
            )
        except Refusal as refusal:
            blame(form, refusal)
        else:
            for finding in price.findings:
                messages.warning(request, finding.sentence)
            return redirect("web:sell_offers", product_id)
    page = OffersPage(
        wizard=wizard,
        offers=tuple(
            OfferCard(
                line=offer_line(one),
                shown=offer_view(one, at=now),
                findings=_findings(one, now),
            )
            for one in offers_of(product)
        ),
        form=form,
        supersedes=like.public_id if like else "",
        is_standing=product.listed_at is not None,
    )
    status = 422 if form.errors else 200
    return render_page(request, "catalog/sell_offers.html", page, status=status)


@login_required
@require_POST
def withdraw(request: HttpRequest, product_id: str, offer_id: str) -> HttpResponse:
    """End an offer. What was bought on it stays as agreed."""
    offer = flow.withdraw_offer(actor=actor_of(request), offer_id=offer_id, now=timezone.now())
    messages.success(request, _("The offer “%(name)s” was withdrawn.") % {"name": offer.name})
    if request.POST.get("back") == "product":
        return redirect("web:sell_product", product_id)
    return redirect("web:sell_offers", product_id)


def _findings(offer: Offer, now: datetime) -> tuple[str, ...]:
    price = priced(offer.plan, at=now, by_use=offer.kind == OfferKind.METERED)
    return tuple(finding.sentence for finding in price.findings)


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
