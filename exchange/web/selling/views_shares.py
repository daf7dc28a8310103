"""The shares of a product's revenue: the seller proposes them, the parties answer."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog import sharing
from exchange.catalog.buyable import has_part, sharing_at
from exchange.catalog.lifecycle import SharingState
from exchange.catalog.models import Sharing
from exchange.catalog.models.sharing import (
    PERCENT_MAX,
    PERCENT_PLACES,
    RECEIVERS_MAX,
    SOURCES_MAX,
)
from exchange.catalog.queries import permitted
from exchange.catalog.royalties import RoyaltyRequest
from exchange.catalog.sharing import WHOLE, ShareRequest
from exchange.core import clock, currencies
from exchange.core.fields import AmountField, MoneyForm, NumberField
from exchange.core.titles import title_of
from exchange.members.actors import actor_of
from exchange.members.naming import OrganisationField
from exchange.members.permissions import Permission
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.panels import SharePart, share_part
from exchange.web.submissions import blaming, sent, unprocessable
from exchange.web.throttles import throttled
from exchange.web.views import acting, button, form_view, get_view, post_view

VERSIONS_SHOWN = 20
ROWS_PER_PAGE = 50
ROWS_SHOWN = 2
ID_CHARS_MAX = 40
TONES = {
    SharingState.PROPOSED: "warn",
    SharingState.IN_FORCE: "good",
    SharingState.DECLINED: "bad",
}


def _percent_field(label: Any, *, required: bool) -> NumberField:
    return NumberField(
        label=label, places=PERCENT_PLACES, least=Decimal(0), most=WHOLE, required=required
    )


class SharingForm(MoneyForm):
    """What the seller keeps, and a row for each other organisation."""

    percent = _percent_field(gettext_lazy("Your own share, in percent"), required=True)
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency of first amounts"),
        choices=currencies.choices,
        initial=currencies.home,
        help_text=gettext_lazy("They are taken from sales in this currency alone."),
    )
    by_month = forms.BooleanField(
        label=gettext_lazy("The parties confirm each month before it is paid"),
        help_text=gettext_lazy(
            "A month is calculated once it is over; who does not object in time has agreed."
        ),
        required=False,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for number in range(1, RECEIVERS_MAX + 1):
            self.fields |= {
                f"organisation_{number}": OrganisationField(
                    label=_("Organisation"), required=False
                ),
                f"percent_{number}": _percent_field(_("Share in percent"), required=False),
                f"first_{number}": AmountField(
                    label=_("First, of each sale"), required=False, least_minor=0
                ),
                f"most_{number}": _percent_field(
                    _("At most, in percent of the net"), required=False
                ),
            }
        for number in range(1, SOURCES_MAX + 1):
            self.fields |= {
                f"source_{number}": forms.CharField(
                    label=_("Product id"), max_length=ID_CHARS_MAX, required=False
                ),
                f"royalty_{number}": _percent_field(_("Percent of the net"), required=False),
                f"each_{number}": AmountField(
                    label=_("Of each sale"), required=False, least_minor=0
                ),
            }

    @property
    def source_rows(self) -> list[list[forms.BoundField]]:
        """The fields of each product that this one is made of."""
        names = ("source", "royalty", "each")
        return [
            [self[f"{name}_{number}"] for name in names] for number in range(1, SOURCES_MAX + 1)
        ]

    @property
    def names_sources(self) -> bool:
        return any(field.value() for row in self.source_rows for field in row)

    @property
    def royalties(self) -> list[RoyaltyRequest]:
        """The rows of sources that say anything."""
        said = self.cleaned_data
        asked = []
        for number in range(1, SOURCES_MAX + 1):
            source, each = said[f"source_{number}"], said[f"each_{number}"]
            percent = said[f"royalty_{number}"]
            if source or percent or each:
                asked.append(
                    RoyaltyRequest(
                        source=source,
                        percent=percent or Decimal(0),
                        each_minor=0 if each is None else each.minor,
                        field=f"source_{number}",
                    )
                )
        return asked

    @property
    def head(self) -> list[forms.BoundField]:
        """The fields above the rows."""
        return [self["percent"], self["currency"], self["by_month"]]

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The fields of each organisation that is named, and of some more."""
        return self._rows[: self._shown]

    @property
    def further_rows(self) -> list[list[forms.BoundField]]:
        """The fields of organisations that few sellers need."""
        return self._rows[self._shown :]

    @property
    def _rows(self) -> list[list[forms.BoundField]]:
        names = ("organisation", "percent", "first", "most")
        return [
            [self[f"{name}_{number}"] for name in names] for number in range(1, RECEIVERS_MAX + 1)
        ]

    @property
    def _shown(self) -> int:
        filled = [
            number
            for number, row in enumerate(self._rows, start=1)
            if any(field.value() for field in row)
        ]
        return max([ROWS_SHOWN, *filled])

    @property
    def shares(self) -> list[ShareRequest]:
        """The rows that say anything."""
        said = self.cleaned_data
        asked = []
        for number in range(1, RECEIVERS_MAX + 1):
            named, first = said[f"organisation_{number}"], said[f"first_{number}"]
            percent, most = said[f"percent_{number}"], said[f"most_{number}"]
            if named or percent or first:
                asked.append(
                    ShareRequest(
                        organisation="" if named is None else named.public_id,
                        percent=percent or Decimal(0),
                        first_minor=0 if first is None else first.minor,
                        first_percent_max=WHOLE if most is None else most,
                        field=f"organisation_{number}",
                    )
                )
        return asked


@dataclass(frozen=True)
class VersionRow:
    sharing: Sharing
    tone: str
    parties: tuple[SharePart, ...]
    is_waiting: bool


@dataclass(frozen=True)
class SharesPage:
    product_id: str
    title: str
    versions: tuple[VersionRow, ...]
    form: SharingForm | None


@dataclass(frozen=True)
class ReceivedRow:
    sharing: Sharing
    title: str
    seller: str
    tone: str
    mine: SharePart
    may_answer: bool


@form_view
@throttled("names", "POST")
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """The shares of a product in all their versions, and a form for new ones."""
    actor = actor_of(request)
    posted = request.method == "POST"
    wanted = Permission.REVENUE_SHARE if posted else Permission.EARNINGS_SEE
    product = permitted(actor, wanted, product_id)
    now = clock.now()
    form = SharingForm(sent(request), initial=_initial(sharing_at(product, at=now)))
    if form.is_valid():
        with blaming(form):
            made = sharing.propose(
                product_id,
                percent=form.cleaned_data["percent"],
                shares=form.shares,
                royalties=form.royalties,
                currency=form.cleaned_data["currency"],
                by_month=form.cleaned_data["by_month"],
                actor=actor,
                now=now,
            )
            messages.success(request, _said(made))
            return redirect("web:sell_shares", product_id)
    versions = tuple(
        VersionRow(
            sharing=one,
            tone=TONES.get(SharingState(one.state), "neutral"),
            parties=tuple(share_part(row, one) for row in one.parties.all()),
            is_waiting=one.state == SharingState.PROPOSED,
        )
        for one in sharing.sharings_of(product, limit=VERSIONS_SHOWN)
    )
    page = SharesPage(
        product_id=product_id,
        title=title_of(product) or _("Untitled"),
        versions=versions,
        form=None if any(one.is_waiting for one in versions) else form,
    )
    return render_page(request, "selling/shares.html", page, status=unprocessable(form))


def _said(made: Sharing) -> str:
    if made.state == SharingState.IN_FORCE:
        return _("It holds for what is ordered from now on.")
    return _("The other parties are asked. It takes effect once all have agreed.")


def _said_to_receiver(made: Sharing) -> str:
    if made.state == SharingState.IN_FORCE:
        return _("You agreed. It holds for what is ordered from now on.")
    return _("You agreed. It takes effect once all parties have.")


def _initial(before: Sharing | None) -> dict[str, Any]:
    """The form as the sharing in force would have been typed."""
    if before is None:
        return {"percent": PERCENT_MAX}
    rows = [row for row in before.parties.all() if has_part(row)]
    seller = before.product.seller_id
    others = [
        row for row in rows if row.organisation_id != seller and (row.percent or row.first_minor)
    ]
    own = sum((row.percent for row in rows if row.organisation_id == seller), Decimal(0))
    said: dict[str, Any] = {
        "percent": _plain(own),
        "currency": before.currency,
        "by_month": before.by_month,
    }
    for number, row in enumerate(others, start=1):
        said |= {
            f"organisation_{number}": row.organisation.public_id,
            f"percent_{number}": _plain(row.percent),
        }
        if row.first_minor:
            said |= {f"first_{number}": row.first, f"most_{number}": _plain(row.first_percent_max)}
    for number, one in enumerate(before.royalties.all(), start=1):
        said |= {f"source_{number}": one.source.public_id, f"royalty_{number}": _plain(one.percent)}
        if one.each_minor:
            said[f"each_{number}"] = one.each
    return said


def _plain(percent: Decimal) -> str:
    return f"{percent.normalize():f}"


@get_view
def show_received(request: HttpRequest) -> HttpResponse:
    """The products of others whose revenue the organisation acted for has a part in, or is offered one."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    found = key_page(request, sharing.received_by(mine), size=ROWS_PER_PAGE)
    page: KeyPage[ReceivedRow] = found.shown_as(lambda one: _received(one, mine))
    return render_page(request, "selling/shares_received.html", page)


def _received(one: Sharing, mine: int) -> ReceivedRow:
    own = next(row for row in one.parties.all() if row.organisation_id == mine)
    return ReceivedRow(
        sharing=one,
        title=title_of(one.product) or one.product.public_id,
        seller=one.product.seller.name,
        tone=TONES.get(SharingState(one.state), "neutral"),
        mine=share_part(own, one),
        may_answer=one.state == SharingState.PROPOSED and own.agreed_at is None,
    )


@post_view
def agree(request: HttpRequest, sharing_id: str) -> HttpResponse:
    """Agree to the part that is offered."""
    made = sharing.agree(sharing_id, actor=actor_of(request), now=clock.now())
    messages.success(request, _said_to_receiver(made))
    return redirect("web:shares")


decline = button(
    sharing.decline, lead_to="web:shares", with_reason=True, said=gettext_lazy("You declined.")
)


@post_view
def withdraw(request: HttpRequest, product_id: str, sharing_id: str) -> HttpResponse:
    """Take a proposal back."""
    sharing.withdraw(sharing_id, actor=actor_of(request), now=clock.now())
    messages.success(request, _("The proposal was taken back."))
    return redirect("web:sell_shares", product_id)
