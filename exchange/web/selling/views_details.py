"""The wizard's steps about the data: what it is, its files and dictionary, and the check."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.catalog import file_answers, products, revisions
from exchange.catalog.dictionary import correct_dictionary
from exchange.catalog.difference_words import Change, changes_in_words, offer_changes
from exchange.catalog.differences import document_difference
from exchange.catalog.disclosure import disclosed, leaving, order_obstacle
from exchange.catalog.errors import RevisionMissing
from exchange.catalog.facts import (
    Listing,
    approved_snapshot,
    details_of,
    draft_revision,
    newest_revision,
    offers_of,
    snapshot_of,
    tables_of,
)
from exchange.catalog.gates import Tab, answers
from exchange.catalog.lifecycle import (
    AMENDABLE,
    EDITABLE,
    ListingState,
    ProductKind,
)
from exchange.catalog.models import Product
from exchange.catalog.queries import permitted
from exchange.core import clock
from exchange.core.titles import title_of
from exchange.members.actors import actor_of
from exchange.members.permissions import Permission
from exchange.vault import files
from exchange.vault.files import files_of
from exchange.vault.lifecycle import FileState
from exchange.vault.models import DataFile
from exchange.web.markdown import formatted
from exchange.web.product.evidence import Table, table_of, withheld_of
from exchange.web.product.offers import Box, OfferView, box_of, offer_view
from exchange.web.selling.dictionary import TableForm, corrections_of, table_forms
from exchange.web.selling.forms import BundleForm, DeliveryForm, FileForm
from exchange.web.selling.pages import (
    AUTOSAVE,
    GateLine,
    Wizard,
    gate_lines,
    save_draft,
    saved,
    show_remark,
    wizard_of,
)
from exchange.web.selling.places import WIZARD, Place
from exchange.web.selling.questions import QuestionBox, box_of_questions, said_in
from exchange.web.selling.views_files import UploadBox, upload_box
from exchange.web.submissions import Problem, noting, sent, unprocessable
from exchange.web.views import form_view, post_view

FILES_OFFERED = 10
OWN_MAX = 200
WAITING = {FileState.STORED, FileState.READING}
REFRESH_SECONDS = 3


@dataclass(frozen=True)
class DetailsPage:
    wizard: Wizard
    form: forms.Form
    box: Box | None
    descriptions: tuple[SafeString, ...]


@form_view
def about(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """What it is, for whom, and how it is found."""
    return _edit(request, product_id, Tab.ABOUT, place)


@form_view
def licence(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """What buyers may do and when they get their money back. The wizard asks here too what the data is in
    law, the desk how buyers get it."""
    return _edit(request, product_id, Tab.LICENCE, place)


@form_view
def documents(request: HttpRequest, product_id: str, place: Place) -> HttpResponse:
    """What the data is in law, as its seller states it."""
    return _edit(request, product_id, Tab.DOCUMENTS, place)


def _edit(request: HttpRequest, product_id: str, stop: Tab, place: Place) -> HttpResponse:
    product = permitted(actor_of(request), Permission.OFFER_MAKE, product_id)
    wizard, listing = wizard_of(product, stop, at=clock.now(), place=place)
    form = place.forms[stop](sent(request), product=listing.product)
    show_remark(form, wizard)
    answered = save_draft(request, product_id, form, next_url=wizard.next_url)
    box = box_of(listing.product) if stop is Tab.LICENCE else None
    page = DetailsPage(
        wizard=wizard,
        form=form,
        box=box,
        descriptions=_descriptions(listing.product) if stop is Tab.ABOUT else (),
    )
    return answered or place.draw(
        request, f"selling/{stop.value}.html", page, status=unprocessable(form)
    )


def _descriptions(product: Product) -> tuple[SafeString, ...]:
    """As buyers see what is saved, in each language."""
    return tuple(formatted(one) for one in (product.description, product.description_zh) if one)


@dataclass(frozen=True)
class DataPage:
    wizard: Wizard
    carries_file: bool
    file: DataFile | None
    others: tuple[DataFile, ...]
    box: UploadBox
    delivery: DeliveryForm | None
    bundle: BundleForm | None
    published: int | None
    refresh_seconds: int | None
    problem: str
    questions: QuestionBox | None


@dataclass(frozen=True)
class DictionaryPage:
    wizard: Wizard
    tables: tuple[TableForm, ...]
    is_draft: bool
    is_waiting: bool
    problem: str


@form_view
def show(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """Upload data. Posting saves how it is delivered, where the place asks for it here, or the parts of a
    bundle."""
    product = permitted(actor_of(request), Permission.OFFER_MAKE, product_id)
    wizard, listing = wizard_of(product, Tab.DATA, at=clock.now(), place=place)
    bundle = _bundle_form(request, listing.product)
    form = DeliveryForm(None if bundle else sent(request), product=listing.product)
    posted = bundle or (form if place.asks_delivery_with_data else None)
    if posted is not None:
        answered = save_draft(request, product_id, posted, next_url=wizard.next_url)
        if answered is not None:
            return answered
    page = _data_page(request, product, wizard, form, bundle, carries_file=listing.carries_file)
    status = HTTPStatus.OK if posted is None else unprocessable(posted)
    return place.draw(request, "selling/data.html", page, status=status)


@post_view
def use_file(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """Make a stored file, or one that comes with the form, the product's next revision."""
    actor = actor_of(request)
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    file_id = request.POST.get("file", "")
    form = FileForm(request.POST, request.FILES)
    wizard, listing = wizard_of(product, Tab.DATA, at=clock.now(), place=place)
    problem = Problem(status=HTTPStatus.UNPROCESSABLE_ENTITY)
    with noting(problem):
        if not file_id and form.is_valid():
            content = form.cleaned_data["file"]
            kept = files.keep(actor=actor, name=content.name, content=content, now=clock.now())
            file_id = kept.file.public_id
        if file_id:
            revisions.attach_file(product_id, actor=actor, file_id=file_id, now=clock.now())
            return redirect(place.url(Tab.DATA, product_id))
    upload = form if not file_id else FileForm()
    return _refused_file(request, product, wizard, listing, problem, upload=upload)


@post_view
def answer_file(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """Answer what the reading of the product's file asked; it is read again."""
    actor = actor_of(request)
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    wizard, listing = wizard_of(product, Tab.DATA, at=clock.now(), place=place)
    draft = draft_revision(product)
    problem = Problem(status=HTTPStatus.UNPROCESSABLE_ENTITY)
    with noting(problem):
        if draft is None or draft.file is None:
            raise RevisionMissing(_("There is no draft of a revision to read again."))
        said = said_in(request.POST)
        file_answers.answer(draft.file.public_id, actor=actor, said=said, now=clock.now())
        return redirect(place.url(Tab.DATA, product_id))
    return _refused_file(request, product, wizard, listing, problem)


@form_view
def dictionary(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """The columns: names, units, descriptions, and an answer to each finding of personal data."""
    actor = actor_of(request)
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    wizard, _listing = wizard_of(product, Tab.DICTIONARY, at=clock.now(), place=place)
    draft = draft_revision(product)
    rows = tables_of(draft or newest_revision(product))
    problem = Problem()
    if request.method == "POST":
        with noting(problem):
            correct_dictionary(
                product_id,
                actor=actor,
                corrections=corrections_of(request.POST, rows),
                now=clock.now(),
            )
            if AUTOSAVE in request.headers:
                return saved()
            return redirect(wizard.next_url if "go_on" in request.POST else request.path)
    page = DictionaryPage(
        wizard=wizard,
        tables=table_forms(rows, product.flags.all(), request.POST if problem.sentence else None),
        is_draft=draft is not None,
        is_waiting=draft is not None and draft.file is not None and draft.file.state in WAITING,
        problem=problem.sentence,
    )
    return place.draw(request, "selling/dictionary.html", page, status=problem.status)


def _refused_file(
    request: HttpRequest,
    product: Product,
    wizard: Wizard,
    listing: Listing,
    problem: Problem,
    *,
    upload: forms.Form | None = None,
) -> HttpResponse:
    """The page of the data with the reason why nothing was done."""
    page = _data_page(
        request,
        product,
        wizard,
        DeliveryForm(product=listing.product),
        None,
        carries_file=listing.carries_file,
        upload=upload,
        problem=problem.sentence,
    )
    return wizard.place.draw(request, "selling/data.html", page, status=problem.status)


def _data_page(
    request: HttpRequest,
    product: Product,
    wizard: Wizard,
    delivery: DeliveryForm,
    bundle: BundleForm | None,
    *,
    carries_file: bool,
    upload: forms.Form | None = None,
    problem: str = "",
) -> DataPage:
    draft, newest = draft_revision(product), newest_revision(product)
    stored = list(files_of(product.seller_id)[:FILES_OFFERED])
    file = draft.file if draft is not None else None
    waits = file is not None and file.state in WAITING
    return DataPage(
        wizard=wizard,
        carries_file=carries_file,
        file=file,
        others=tuple(
            one
            for one in stored
            if one.state != FileState.REFUSED and (file is None or one.pk != file.pk)
        ),
        box=_box(upload, wizard),
        delivery=delivery if wizard.place.asks_delivery_with_data else None,
        bundle=bundle,
        published=None if newest is None else newest.number,
        refresh_seconds=REFRESH_SECONDS if waits else None,
        problem=problem,
        questions=box_of_questions(
            request,
            file,
            action=wizard.place.url("answer_file", product.public_id),
            page_url=wizard.place.url(Tab.DATA, product.public_id),
        ),
    )


def _box(form: forms.Form | None, wizard: Wizard) -> UploadBox:
    """The upload form, which posts to the wizard itself: what was uploaded is the next revision's data."""
    shown = form if isinstance(form, FileForm) else FileForm()
    action = wizard.place.url("use_file", wizard.product_id)
    return replace(upload_box(shown), action=action, attaches=True)


def _bundle_form(request: HttpRequest, product: Product) -> BundleForm | None:
    if product.kind != ProductKind.BUNDLE:
        return None
    own = Product.objects.filter(seller_id=product.seller_id, state=ListingState.LISTED)
    choices = [
        (one.public_id, str(one)) for one in own.exclude(pk=product.pk).order_by("title")[:OWN_MAX]
    ]
    return BundleForm(sent(request), product=product, own=choices)


@dataclass(frozen=True)
class CheckPage:
    wizard: Wizard
    gates: tuple[GateLine, ...]
    missing: int
    may_submit: bool
    is_change: bool
    waits: bool
    returned_for: str
    changes: tuple[Change, ...]
    product: Product
    title: str
    description: SafeString
    box: Box
    offers: tuple[OfferView, ...]
    tables: tuple[Table, ...]
    order_obstacle: str
    withheld: str
    problem: str


@form_view
def show_check(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """Everything at a glance; posting hands it to the exchange."""
    actor = actor_of(request)
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    problem = Problem()
    if request.method == "POST":
        with noting(problem):
            products.hand_in(product, actor=actor, now=clock.now())
            messages.success(request, _("Submitted. We'll notify you of the result."))
            return redirect(place.page, product_id)
    page = _page(product, place, problem.sentence)
    return place.draw(request, "selling/check.html", page, status=problem.status)


def _page(product: Product, place: Place, problem: str) -> CheckPage:
    now = clock.now()
    wizard, listing = wizard_of(product, Tab.CHECK, at=now, place=place)
    given = answers(listing)
    missing = sum(1 for one in given if not one.is_open and one.gate.blocks)
    standing = product.state in AMENDABLE
    something = product.amendment is not None and not product.change_proposed
    wanted = listing.product
    seen = leaving(wanted)
    tables = tuple(
        table_of(
            disclosed(table.document, seen, table.hidden),
            public_id="",
            sample_url="",
            today=now,
        )
        for table in listing.tables
    )
    return CheckPage(
        wizard=wizard,
        gates=gate_lines(product, given, place=place),
        missing=missing,
        may_submit=not missing and (something if standing else product.state in EDITABLE),
        is_change=standing,
        waits=product.state not in AMENDABLE | EDITABLE or product.change_proposed,
        returned_for="" if wizard.remark is None else wizard.remark.sentence,
        changes=_changes(product, wanted)
        if standing
        else _since_approval(product, listing_snapshot=snapshot_of(listing)),
        product=wanted,
        title=title_of(wanted) or _("Untitled"),
        description=formatted(wanted.description),
        box=box_of(wanted),
        offers=tuple(offer_view(one, at=now) for one in offers_of(product)),
        tables=tables,
        withheld=withheld_of(wanted, tables),
        order_obstacle=str(order_obstacle(wanted.delivery) or ""),
        problem=problem,
    )


def _changes(product: Product, wanted: Product) -> tuple[Change, ...]:
    described = changes_in_words(document_difference(details_of(product), details_of(wanted)))
    return (*described, *offer_changes(product))


def _since_approval(product: Product, *, listing_snapshot: dict[str, object]) -> tuple[Change, ...]:
    """What differs from the listing as it was approved last; nothing where it never was."""
    approved = approved_snapshot(product)
    if approved is None:
        return ()
    return changes_in_words(document_difference(approved, listing_snapshot))
