"""Purchases, and the files that each one opens."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from exchange.catalog.disclosure import is_held
from exchange.catalog.lifecycle import Future, History
from exchange.core.file_answers import answer, refused
from exchange.core.refusals import NotFound, Refusal
from exchange.core.titles import title_of
from exchange.delivery import after_payment, fetching, links
from exchange.delivery.coverage import Covered, covered
from exchange.delivery.entitlements import check_open, entitlement_of, entitlements_of
from exchange.delivery.lifecycle import EntitlementState, Form
from exchange.delivery.models import Delivery, Entitlement
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.web import errors
from exchange.web.pages import render_page
from exchange.web.purchases.samples import Sample, samples_for

PURCHASES_MAX = 200
TONES = {
    EntitlementState.ACTIVE: "good",
    EntitlementState.SUSPENDED: "warn",
    EntitlementState.REVOKED: "bad",
    EntitlementState.EXPIRED: "neutral",
}


@dataclass(frozen=True)
class PurchaseRow:
    public_id: str
    title: str
    seller: str
    order: str
    state: str
    tone: str
    valid_from: datetime
    valid_until: datetime | None
    synthetic: bool


@dataclass(frozen=True)
class PurchasesPage:
    purchases: tuple[PurchaseRow, ...]


@dataclass(frozen=True)
class FormLink:
    label: str
    form: str
    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class TableRow:
    public_id: str
    name: str
    rows: int
    forms: tuple[FormLink, ...]
    requests: int
    bytes_sent: int
    first_at: datetime | None


@dataclass(frozen=True)
class RevisionCard:
    number: int
    published_at: datetime | None
    note: str
    tables: tuple[TableRow, ...]


@dataclass(frozen=True)
class EntitlementPage:
    purchase: PurchaseRow
    product: str
    obstacle: str
    coverage: tuple[str, ...]
    external_url: str
    revisions: tuple[RevisionCard, ...]
    samples: tuple[Sample, ...]
    may_fetch: bool


@login_required
@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """Everything that the organisation acted for has bought."""
    actor = actor_of(request)
    mine = organisation_of(actor)
    policy.require(actor, Permission.ENTITLEMENT_SEE, Subject(organisation_id=mine))
    now = timezone.now()
    rows = tuple(_row(one, now) for one in entitlements_of(mine)[:PURCHASES_MAX])
    return render_page(request, "purchases/purchases.html", PurchasesPage(rows))


@login_required
@require_GET
def show(request: HttpRequest, entitlement_id: str) -> HttpResponse:
    """One purchase: its files by revision, its end, how to fetch it by program, what was fetched."""
    actor = actor_of(request)
    now = timezone.now()
    entitlement = entitlement_of(actor.organisation_id, entitlement_id)
    subject = Subject(organisation_id=entitlement.organisation_id)
    policy.require(actor, Permission.ENTITLEMENT_SEE, subject)
    obstacle = _obstacle(entitlement, now)
    found = [] if obstacle else covered(entitlement)
    page = EntitlementPage(
        purchase=_row(entitlement, now),
        product=entitlement.product.public_id,
        obstacle=obstacle,
        coverage=_coverage(entitlement),
        external_url="" if obstacle else entitlement.product.external_url,
        revisions=_revisions(found, fetching.deliveries_of(entitlement)),
        samples=samples_for(request, entitlement, found),
        may_fetch=policy.allowed(actor, Permission.ROWS_SEE, subject).allowed,
    )
    return render_page(request, "purchases/purchase.html", page)


@login_required
@require_GET
def fetch(request: HttpRequest, entitlement_id: str, table_id: str, form: str) -> HttpResponse:
    """Make a link for a few minutes and follow it."""
    if form not in Form.values:
        raise NotFound(_("There is no such file."))
    link = fetching.make_link(
        entitlement_id,
        table=table_id,
        form=Form(form),
        actor=actor_of(request),
        now=timezone.now(),
    )
    return redirect("web:download", links.sign(link))


def _row(entitlement: Entitlement, now: datetime) -> PurchaseRow:
    product, state = entitlement.product, EntitlementState(entitlement.state)
    until = entitlement.valid_until
    if state is EntitlementState.ACTIVE and until is not None and until <= now:
        state = EntitlementState.EXPIRED  # the sweep has only not come by yet
    return PurchaseRow(
        public_id=entitlement.public_id,
        title=title_of(product),
        seller=product.seller.name,
        order=entitlement.order.public_id,
        state=str(state.label),
        tone=TONES[state],
        valid_from=entitlement.valid_from,
        valid_until=until,
        synthetic=product.synthetic,
    )


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
    cards: dict[int, RevisionCard] = {}
    for one in found:
        card = cards.get(one.revision.pk)
        row = _table_row(one, fetched.get((one.revision.pk, one.table.pk)))
        cards[one.revision.pk] = RevisionCard(
            number=one.revision.number,
            published_at=one.revision.published_at,
            note=one.revision.note,
            tables=(*(card.tables if card else ()), row),
        )
    return tuple(cards.values())


def _table_row(one: Covered, delivery: Delivery | None) -> TableRow:
    return TableRow(
        public_id=one.table.public_id,
        name=one.table.name,
        rows=one.table.rows,
        forms=tuple(
            FormLink(
                label=str(down.form.label),
                form=down.form.value,
                name=down.name,
                size_bytes=down.blob.size_bytes,
                sha256=down.blob.sha256,
            )
            for down in one.downloads
        ),
        requests=delivery.requests if delivery else 0,
        bytes_sent=delivery.bytes_sent if delivery else 0,
        first_at=delivery.first_at if delivery else None,
    )


@require_safe
def send(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file of a link, in whole or in part. The link is all that is asked for: no sign-in."""
    try:
        fetch = fetching.fetch_by_link(token, now=timezone.now())
        return answer(request, fetch.source, on_begin=fetch.begin, on_sent=fetch.count)
    except Refusal as refusal:
        return _refused(request, refusal)


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A page for a person; a problem document for the programs that links are given to."""
    if request.accepts("text/html") and "text/html" in request.headers.get("Accept", ""):
        return errors.refused(request, refusal)
    return refused(refusal)
