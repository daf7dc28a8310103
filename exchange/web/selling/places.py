"""Where the pages that edit a product stand: as steps of the wizard, and as tabs of the sellers' desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.catalog.gates import Gate, Step, Tab
from exchange.web.pages import render_page
from exchange.web.selling.forms import (
    AboutForm,
    DraftForm,
    RightsForm,
    StatementsForm,
    TermsForm,
)

Around = Callable[[HttpRequest], Mapping[str, Any]]


@dataclass(frozen=True)
class Place:
    """One of the places. `stops` are its pages in their order, with their labels: a page of the stop
    `about` has the address `<space>:sell_about`.

    `layout` is the template around a stop, `aside` that around a page beside them, `around` what the
    layout is given. `stop_of` says at which stop a gate is opened, `forms` what is filled in there.
    `home` is the list of products and `page` the seller's page of one.
    """

    space: str
    other_space: str
    layout: str
    aside: str
    stops: Mapping[str, str | Promise]
    stop_of: Callable[[Gate], str]
    forms: Mapping[str, type[DraftForm]]
    home: str
    page: str
    begins_at: str
    around: Around = lambda _request: {}

    @property
    def asks_delivery_with_data(self) -> bool:
        """Whether the page of the data asks how buyers get it; elsewhere the licence's page does."""
        return not issubclass(self.forms[Tab.LICENCE], TermsForm)

    def url(self, page: str, *names: str) -> str:
        """The address of one of the pages."""
        return reverse(f"{self.space}:sell_{page}", args=names)

    def gate_url(self, gate: Gate, product_id: str) -> str:
        """Where the gate is opened: the page, and the field on it."""
        return self.url(self.stop_of(gate), product_id) + (
            f"#id_{gate.field}" if gate.field else ""
        )

    def url_elsewhere(self, stop: str, product_id: str) -> str:
        """The same stop in the other place."""
        kept = Tab.LICENCE if stop == Tab.DOCUMENTS else stop
        return reverse(f"{self.other_space}:sell_{kept}", args=[product_id])

    def draw(
        self, request: HttpRequest, template: str, page: object, *, status: int = 200
    ) -> HttpResponse:
        """Draw a page of this place."""
        return render_page(request, template, page, status=status, around=self.around(request))


WIZARD = Place(
    space="web",
    other_space="desk",
    layout="selling/_frame.html",
    aside="selling/_aside.html",
    stops={
        Step.DATA: _("Data"),
        Step.DICTIONARY: _("Dictionary"),
        Step.ABOUT: _("Description"),
        Step.LICENCE: _("Licence"),
        Step.OFFERS: _("Offers"),
        Step.CHECK: _("Check and submit"),
    },
    stop_of=lambda gate: gate.step,
    forms={Step.ABOUT: AboutForm, Step.LICENCE: RightsForm},
    home="web:sell",
    page="web:sell_product",
    begins_at=Step.DATA,
)


def desk_of(around: Around) -> Place:
    """The sellers' desk, whose site gives what its layout needs."""
    return Place(
        space="desk",
        other_space="web",
        layout="console/desk/editor_frame.html",
        aside="console/desk/editor_frame.html",
        stops={
            Tab.ABOUT: _("Details"),
            Tab.DATA: _("Files"),
            Tab.DICTIONARY: _("Dictionary"),
            Tab.OFFERS: _("Prices"),
            Tab.LICENCE: _("Licence and delivery"),
            Tab.DOCUMENTS: _("Documents"),
            Tab.CHECK: _("Check and submit"),
        },
        stop_of=lambda gate: gate.tab,
        forms={Tab.ABOUT: AboutForm, Tab.LICENCE: TermsForm, Tab.DOCUMENTS: StatementsForm},
        home="desk:catalog_product_changelist",
        page="desk:catalog_product_change",
        begins_at=Tab.ABOUT,
        around=around,
    )
