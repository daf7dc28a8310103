"""One dispute about use: what was reported, what the buyer says to it, and what was decided."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.core import clock
from exchange.core.refusals import NotAllowed, NotFound
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Subject, actor_of
from exchange.members.permissions import Permission
from exchange.metering import disputes
from exchange.metering.disputes import dispute_seen_by
from exchange.metering.lifecycle import DISPUTE, DisputeKind, DisputeTransition
from exchange.metering.models import UsageDispute
from exchange.web.pages import render_page
from exchange.web.submissions import blaming, unprocessable
from exchange.web.usage.forms import RefusalForm
from exchange.web.usage.rates import meter_name
from exchange.web.views import button, get_view, post_view


@dataclass(frozen=True)
class DisputePage:
    title: str
    dispute: UsageDispute
    meter: str
    is_held: bool
    may_confirm: bool
    form: RefusalForm | None


@get_view
def show(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """As buyer or seller: what is in doubt, and what the buyer can say."""
    return render_page(request, "usage/dispute.html", _page(request, dispute_id, None))


confirm = button(
    disputes.confirm,
    back_to="web:usage_dispute",
    said=gettext_lazy("The report counts as it was made."),
)


@post_view
def refuse(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """As the buyer, refuse a held report."""
    actor, form = actor_of(request), RefusalForm(request.POST)
    dispute_seen_by(actor, dispute_id)
    if form.is_valid():
        with blaming(form, "reason", raising=(NotAllowed, NotFound)):
            disputes.refuse(dispute_id, actor=actor, now=clock.now(), **form.cleaned_data)
            messages.success(request, _("The exchange decides what counts."))
            return redirect("web:usage_dispute", dispute_id)
    page = _page(request, dispute_id, form)
    return render_page(request, "usage/dispute.html", page, status=unprocessable(form))


def _page(request: HttpRequest, dispute_id: str, form: RefusalForm | None) -> DisputePage:
    actor = actor_of(request)
    dispute = dispute_seen_by(actor, dispute_id)
    subject = Subject(organisation_id=dispute.buyer_id)
    may_speak = actor.organisation_id == dispute.buyer_id and bool(
        policy.allowed(actor, Permission.USAGE_DISPUTE, subject)
    )
    may_refuse = may_speak and DISPUTE.may(dispute, DisputeTransition.REFUSE)
    return DisputePage(
        title=title_of(dispute.subscription.offer.product),
        dispute=dispute,
        meter=meter_name(dispute.meter),
        is_held=dispute.kind == DisputeKind.HELD,
        may_confirm=may_speak and DISPUTE.may(dispute, DisputeTransition.CONFIRM),
        form=(form or RefusalForm()) if may_refuse else None,
    )
