"""The steps of the publish wizard that describe: about, licence. They save by themselves."""

from dataclasses import dataclass

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from exchange.catalog.gates import Step
from exchange.flows import publish_listing as flow
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.web.forms.selling import AboutForm, LicenceForm
from exchange.web.pages import render_page
from exchange.web.product_offers import Box, box_of
from exchange.web.selling import Wizard, wizard_of
from exchange.web.wizard_saving import save_form

FORMS: dict[Step, type[AboutForm | LicenceForm]] = {
    Step.ABOUT: AboutForm,
    Step.LICENCE: LicenceForm,
}


@dataclass(frozen=True)
class DetailsPage:
    wizard: Wizard
    form: forms.Form
    box: Box | None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def about(request: HttpRequest, product_id: str) -> HttpResponse:
    """What it is, for whom, and how it is found."""
    return _edit(request, product_id, Step.ABOUT)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def licence(request: HttpRequest, product_id: str) -> HttpResponse:
    """What buyers may do, when they get their money back, and what the data is in law."""
    return _edit(request, product_id, Step.LICENCE)


def _edit(request: HttpRequest, product_id: str, step: Step) -> HttpResponse:
    actor = actor_of(request)
    product = flow.permitted(actor, Permission.OFFER_MAKE, product_id)
    wizard, listing = wizard_of(product, step, at=timezone.now())
    form = FORMS[step](request.POST or None, product=listing.product)
    if request.method == "POST":
        answered = save_form(
            request,
            form,
            lambda valid: flow.save_draft(
                actor=actor, product_id=product_id, values=valid.values(), now=timezone.now()
            ),
            next_url=wizard.next_url,
        )
        if answered is not None:
            return answered
    page = DetailsPage(
        wizard=wizard,
        form=form,
        box=box_of(listing.product) if step is Step.LICENCE else None,
    )
    template = f"catalog/sell_{step.value}.html"
    return render_page(request, template, page, status=422 if form.errors else 200)
