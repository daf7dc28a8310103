"""Purchases, and the files that each one opens."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from rest_framework.throttling import BaseThrottle

from exchange.catalog.disclosure import is_held
from exchange.catalog.lifecycle import Future, History
from exchange.catalog.models import Revision
from exchange.core import clock
from exchange.core.downloads import answer, refused
from exchange.core.refusals import NotAllowed, NotFound, Refusal
from exchange.core.titles import title_of
from exchange.delivery import after_payment, fetching, links
from exchange.delivery.coverage import Covered, covered
from exchange.delivery.entitlements import check_open, entitlement_of, entitlements_of
from exchange.delivery.lifecycle import EntitlementState, Form
from exchange.delivery.models import Delivery, DownloadLink, Entitlement
from exchange.members import policy
from exchange.members.actors import Subject, actor_of
from exchange.members.permissions import Permission
from exchange.metering.subscriptions import meter_of
from exchange.web import errors
from exchange.web.pages import render_page
from exchange.web.purchases.forms import LinkForm
from exchange.web.purchases.samples import Sample, samples_for
from exchange.web.submissions import blaming, unprocessable
from exchange.web.views import acting, get_view, post_view
from pricing.money import Money

PURCHASES_MAX = 200
TONES = {
    EntitlementState.ACTIVE: "good",
    EntitlementState.SUSPENDED: "warn",
    EntitlementState.REVOKED: "bad",
    EntitlementState.EXPIRED: "neutral",
}


@dataclass(frozen=True)
class PurchaseRow:
    """`state` is the state of this moment: ended, where the sweep has only not come by yet."""

    entitlement: Entitlement
    title: str
    state: str
    tone: str


@dataclass(frozen=True)
class PurchasesPage:
    purchases: tuple[PurchaseRow, ...]


@dataclass(frozen=True)
class RevisionCard:
    """A revision, and each of its tables with what was fetched of it."""

    revision: Revision
    tables: tuple[tuple[Covered, Delivery | None], ...]


@dataclass(frozen=True)
class LinkRow:
    """A link that is still good. `cap` and `spent` only where use is metered."""

    link: DownloadLink
    url: str
    owner: str
    cap: Money | None
    spent: Money | None


@dataclass(frozen=True)
class EntitlementPage:
    purchase: PurchaseRow
    obstacle: str
    coverage: tuple[str, ...]
    external_url: str
    revisions: tuple[RevisionCard, ...]
    samples: tuple[Sample, ...]
    may_fetch: bool
    links: tuple[LinkRow, ...]
    link_form: LinkForm | None
    meter_id: str


@get_view
def show_all(request: HttpRequest) -> HttpResponse:
    """Everything that the organisation acted for has bought."""
    _actor, mine = acting(request, Permission.ENTITLEMENT_SEE)
    now = clock.now()
    rows = tuple(_row(one, now) for one in entitlements_of(mine)[:PURCHASES_MAX])
    return render_page(request, "purchases/purchases.html", PurchasesPage(rows))


@get_view
def show(request: HttpRequest, entitlement_id: str) -> HttpResponse:
    """One purchase: its files by revision, its end, how to fetch it by program, what was fetched."""
    return render_page(request, "purchases/purchase.html", _page(request, entitlement_id, None))


def _page(request: HttpRequest, entitlement_id: str, form: LinkForm | None) -> EntitlementPage:
    actor = actor_of(request)
    now = clock.now()
    entitlement = entitlement_of(actor.organisation_id, entitlement_id)
    subject = Subject(organisation_id=entitlement.organisation_id)
    policy.require(actor, Permission.ENTITLEMENT_SEE, subject)
    obstacle = _obstacle(entitlement, now)
    found = [] if obstacle else covered(entitlement)
    may_fetch = policy.allowed(actor, Permission.ROWS_SEE, subject).allowed
    may_link = may_fetch and any(one.downloads for one in found)
    return EntitlementPage(
        purchase=_row(entitlement, now),
        obstacle=obstacle,
        coverage=_coverage(entitlement),
        external_url="" if obstacle else entitlement.product.external_url,
        revisions=_revisions(found, fetching.deliveries_of(entitlement)),
        samples=samples_for(request, entitlement, found),
        may_fetch=may_fetch,
        links=_links(request, entitlement, now) if may_fetch else (),
        link_form=(form or _link_form(entitlement, found)) if may_link else None,
        meter_id=meter_of(entitlement.order),
    )


@post_view
def make_link(request: HttpRequest, entitlement_id: str) -> HttpResponse:
    """Make a link that is handed on, with a cap of what may be spent through it."""
    actor = actor_of(request)
    entitlement = entitlement_of(actor.organisation_id, entitlement_id)
    form = _link_form(entitlement, covered(entitlement), data=request.POST)
    if form.is_valid():
        table, wanted = form.cleaned_data["file"].split(":", 1)
        with blaming(form, "file", raising=(NotAllowed, NotFound)):
            fetching.make_link(
                entitlement_id,
                table=table,
                form=Form(wanted),
                spend_max_minor=form.cleaned_data.get("spend_max_minor"),
                actor=actor,
                now=clock.now(),
            )
            messages.success(request, _("The link is made. Copy it below."))
            return redirect("web:entitlement", entitlement_id)
    page = _page(request, entitlement_id, form)
    return render_page(request, "purchases/purchase.html", page, status=unprocessable(form))


@post_view
def end_link(request: HttpRequest, entitlement_id: str, link_id: str) -> HttpResponse:
    """Take a link back."""
    links.end(link_id, actor=actor_of(request), now=clock.now())
    messages.success(request, _("The link opens nothing any more."))
    return redirect("web:entitlement", entitlement_id)


def _link_form(
    entitlement: Entitlement, found: list[Covered], data: QueryDict | None = None
) -> LinkForm:
    files = [
        (
            f"{one.table.public_id}:{download.form.value}",
            f"{one.table.name} · {download.form.label}",
        )
        for one in found
        for download in one.downloads
    ]
    currency = entitlement.order.currency if fetching.is_metered(entitlement) else ""
    return LinkForm(data, files=files, currency=currency)


def _links(request: HttpRequest, entitlement: Entitlement, now: datetime) -> tuple[LinkRow, ...]:
    currency = entitlement.order.currency if fetching.is_metered(entitlement) else ""
    return tuple(
        LinkRow(
            link=one,
            url=request.build_absolute_uri(reverse("web:download", args=[links.sign(one)])),
            owner=str(one.made_by or one.key or ""),
            cap=None
            if not currency or one.spend_max_minor is None
            else Money(one.spend_max_minor, currency),
            spent=Money(one.spent_minor, currency) if currency else None,
        )
        for one in links.live_links(entitlement, now=now)
    )


@get_view
def fetch(request: HttpRequest, entitlement_id: str, table_id: str, form: str) -> HttpResponse:
    """Follow a link that is good for a few minutes."""
    if form not in Form.values:
        raise NotFound(_("There is no such file."))
    link = fetching.link_to_follow(
        entitlement_id,
        table=table_id,
        form=Form(form),
        actor=actor_of(request),
        now=clock.now(),
    )
    return redirect("web:download", links.sign(link))


def _row(entitlement: Entitlement, now: datetime) -> PurchaseRow:
    state, until = EntitlementState(entitlement.state), entitlement.valid_until
    if state is EntitlementState.ACTIVE and until is not None and until <= now:
        state = EntitlementState.EXPIRED  # the sweep has only not come by yet
    return PurchaseRow(entitlement, title_of(entitlement.product), str(state.label), TONES[state])


def _obstacle(entitlement: Entitlement, now: datetime) -> str:
    try:
        check_open(entitlement, at=now)
        if is_held(entitlement.product.delivery):
            after_payment.check_opens_files(entitlement)
    except Refusal as refusal:
        return str(refusal.message)
    return ""


def _coverage(entitlement: Entitlement) -> tuple[str, ...]:
    """The rules in plain words."""
    earlier = {
        History.ALL: _("All revisions that were there when you bought."),
        History.LAST: _("Of the revisions that were there when you bought, the latest: %(count)s.")
        % {"count": entitlement.history_count},
        History.NONE: _("No revision from before you bought."),
    }
    later = {
        Future.ALL: _("Every new revision while your access lasts."),
        Future.NONE: _("No new revisions."),
    }
    return earlier[History(entitlement.history)], later[Future(entitlement.future)]


def _revisions(
    found: list[Covered], fetched: dict[tuple[int, int], Delivery]
) -> tuple[RevisionCard, ...]:
    by_revision = groupby(found, key=lambda one: one.revision)
    return tuple(
        RevisionCard(
            revision, tuple((one, fetched.get((revision.pk, one.table.pk))) for one in tables)
        )
        for revision, tables in by_revision
    )


@require_safe
def send(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file of a link, in whole or in part. The link is all that is asked for: no sign-in."""
    try:
        address = BaseThrottle().get_ident(request)  # type: ignore[arg-type]  # it reads headers only
        fetch = fetching.fetch_by_link(token, address=address, now=clock.now())
        return answer(request, fetch.source, on_begin=fetch.begin, on_sent=fetch.count)
    except Refusal as refusal:
        return _refused(request, refusal)


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A page for a person; a problem document for the programs that links are given to."""
    if request.accepts("text/html") and "text/html" in request.headers.get("Accept", ""):
        return errors.refused(request, refusal)
    return refused(refusal)
