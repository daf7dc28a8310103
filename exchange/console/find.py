"""One search over every number, name, amount and reference that operators are asked about.

What is typed is first looked for as a whole number or reference. Where none is so, it is read in every other way
that it can be meant: the beginning or the end of a number, a part of a name or title in either language, an amount in
any currency, an organisation or a person whose orders and money are meant. Each kind of row gives its newest few, of
those tables that the reader may open.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Max, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import SearchResult

from accounts.models import Organisation, User
from exchange.asset_sales.models import AssetSale
from exchange.auctions.models import Auction
from exchange.catalog.models import Product
from exchange.console.sites import console
from exchange.core import currencies
from exchange.core.formatting import NOTHING, moment_shown, money_shown
from exchange.core.inputs import InputOutOfRange, InputUnreadable, is_shown, plain, read_amount
from exchange.core.titles import title_of
from exchange.disputes.models import Dispute
from exchange.orders.models import Certificate, Order
from exchange.payments.models import (
    CardTopUp,
    Chargeback,
    Document,
    IncomingTransfer,
    Payment,
    Payout,
    Refund,
    Withdrawal,
)
from pricing.money import Money

SHOWN_MAX = 8
TYPED_CHARS_MAX = 100
ROUGH_CHARS_MIN = 2
OF_NUMBER_CHARS_MIN = 4
NEWEST = 200_000
NAMED_MAX = 30


@dataclass(frozen=True)
class Typed:
    """What was typed, and what it can mean: amounts as minor units by currency, and who is named by it."""

    text: str
    amounts: dict[int, list[str]] = field(default_factory=dict)
    organisations: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Place:
    """One kind of row. `numbers` are found whole, the first of them by its beginning or end too; `words` by any
    part; `amount` names a column of minor units beside a `currency`; `parties` and `people` are keys of who is
    named. `opens` is the attribute whose page is opened in place of the row's own."""

    title: Promise
    model: type[Model]
    numbers: tuple[str, ...]
    about: Callable[[Any], object]
    words: tuple[str, ...] = ()
    amount: str = ""
    parties: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    at: str = ""
    state: str = "state"
    opens: str = ""

    @property
    def opened(self) -> type[Model]:
        """The model whose table has the page."""
        found = self.model._meta.get_field(self.opens).related_model if self.opens else self.model
        if not isinstance(found, type):
            raise TypeError(f"{self.opens} of {self.model.__name__} is no row.")
        return found

    def exactly(self, typed: Typed) -> Q:
        return reduce(or_, (Q(**{number: typed.text}) for number in self.numbers))

    def roughly(self, typed: Typed) -> Q | None:
        """Every other way in which a row can be meant; None where there is no such way."""
        ways = [Q(**{f"{words}__icontains": typed.text}) for words in self.words]
        if len(typed.text) >= OF_NUMBER_CHARS_MIN and typed.text.isascii():
            begins, ends = f"{self.numbers[0]}__startswith", f"{self.numbers[0]}__endswith"
            ways += [Q(**{begins: typed.text}), Q(**{ends: typed.text})]
        if self.amount:
            ways += [
                Q(**{self.amount: minor}, currency__in=codes)
                for minor, codes in typed.amounts.items()
            ]
        if typed.organisations:
            ways += [Q(**{f"{party}__in": typed.organisations}) for party in self.parties]
        if typed.people:
            ways += [Q(**{f"{person}__in": typed.people}) for person in self.people]
        return reduce(or_, ways) if ways else None

    def rows(self, matching: Q) -> QuerySet[Any]:
        found = self.model._default_manager.filter(matching)
        return found.select_related(*self.related) if self.related else found


def _of_order(row: Any) -> str:
    return title_of(row.order)


def _of_payment(row: Any) -> str:
    return title_of(row.payment.order) if row.payment else ""


PLACES = (
    Place(
        gettext_lazy("Organisations"), Organisation, ("public_id", "credit_code"),
        lambda row: row.credit_code, words=("name",), state="",
    ),
    Place(
        gettext_lazy("People"), User, ("public_id", "email"), lambda row: row.email,
        words=("email", "name"), state="",
    ),
    Place(
        gettext_lazy("Listings"), Product, ("public_id",), lambda row: row.seller,
        words=("title", "title_zh"), parties=("seller",), people=("created_by",),
        related=("seller",), at="created_at",
    ),
    Place(
        gettext_lazy("Orders"), Order, ("public_id", "po_number"),
        lambda row: (row.seller, row.buyer), words=("title", "title_zh", "po_number"),
        amount="total_minor", parties=("buyer", "seller"), people=("placed_by", "confirmed_by"),
        related=("buyer", "seller"), at="created_at",
    ),
    Place(
        gettext_lazy("Documents"), Document, ("number", "public_id"), lambda row: row.receiver,
        parties=("receiver", "issuer"), related=("order", "receiver"), at="issued_at", state="",
        opens="order",
    ),
    Place(
        gettext_lazy("Trading certificates"), Certificate, ("number", "order__public_id"),
        _of_order, related=("order",), at="issued_at", state="",
    ),
    Place(
        gettext_lazy("Disputes"), Dispute, ("public_id", "order__public_id"), _of_order,
        amount="wanted_minor", parties=("claimant", "respondent"), people=("opened_by",),
        related=("order",), at="opened_at",
    ),
    Place(
        gettext_lazy("Payments"), Payment,
        ("public_id", "reference", "provider_ref", "charge_ref", "order__public_id"), _of_order,
        words=("reference",), amount="amount_minor", parties=("payer",),
        related=("order",), at="created_at",
    ),
    Place(
        gettext_lazy("Incoming transfers"), IncomingTransfer, ("public_id", "bank_ref"),
        lambda row: row.payer_name, words=("payer_name", "text", "bank_ref"), amount="amount_minor",
        at="received_on",
    ),
    Place(
        gettext_lazy("Refunds"), Refund, ("public_id", "provider_ref", "payment__order__public_id"),
        _of_payment, amount="amount_minor", parties=("payment__payer",), people=("by",),
        related=("payment__order",), at="created_at",
    ),
    Place(
        gettext_lazy("Chargebacks"), Chargeback,
        ("public_id", "provider_ref", "payment__order__public_id"), _of_payment,
        amount="amount_minor", parties=("payment__payer",), related=("payment__order",),
        at="opened_at",
    ),
    Place(
        gettext_lazy("Payouts"), Payout, ("public_id", "transfer_ref", "provider_ref"),
        lambda row: row.organisation, amount="amount_minor", parties=("organisation",),
        related=("organisation",), at="created_at",
    ),
    Place(
        gettext_lazy("Withdrawals"), Withdrawal, ("public_id", "bank_ref"),
        lambda row: row.wallet.organisation, amount="amount_minor",
        parties=("wallet__organisation",), people=("by",), related=("wallet__organisation",),
        at="created_at",
    ),
    Place(
        gettext_lazy("Top-ups by card"), CardTopUp, ("public_id", "provider_ref", "charge_ref"),
        lambda row: row.wallet.organisation, amount="amount_minor",
        parties=("wallet__organisation",), people=("by",), related=("wallet__organisation",),
        at="created_at",
    ),
    Place(
        gettext_lazy("Auctions"), Auction, ("public_id",), lambda row: row.organiser,
        words=("title", "title_zh"), parties=("organiser",), people=("created_by",),
        related=("organiser",), at="opens_at",
    ),
    Place(
        gettext_lazy("State-asset sales"), AssetSale, ("public_id", "filing_no"),
        lambda row: title_of(row.product), amount="price_minor", parties=("seller", "winner"),
        related=("product",),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """The newest rows of one kind; `has_more` says that there are others."""

    place: Place
    rows: list[Any]
    has_more: bool


def look(request: HttpRequest, text: str) -> list[Found]:
    """What the reader may open of what is meant by the text; nothing for a text of one character, or with one
    that nobody sees."""
    typed = Typed(plain(text)[:TYPED_CHARS_MAX])
    if len(typed.text) < ROUGH_CHARS_MIN or not is_shown(typed.text):
        return []
    places = [place for place in PLACES if _may_open(request, place)]
    found = [one for place in places if (one := _newest(place, place.rows(place.exactly(typed))))]
    if found:
        return found
    typed = _read(typed.text)
    return [one for place in places if (one := _rough(place, typed))]


def _may_open(request: HttpRequest, place: Place) -> bool:
    return bool(console.get_model_admin(place.opened).has_view_permission(request))


def _rough(place: Place, typed: Typed) -> Found | None:
    """Among the newest rows: no index helps here, and a table may be long."""
    matching = place.roughly(typed)
    if matching is None:
        return None
    newest = place.model._default_manager.aggregate(newest=Max("pk"))["newest"] or 0
    return _newest(place, place.rows(matching).filter(pk__gt=newest - NEWEST))


def _newest(place: Place, rows: QuerySet[Any]) -> Found | None:
    if place.opens:
        rows = rows.exclude(**{place.opens: None})
    found = list(rows.order_by("-pk")[: SHOWN_MAX + 1])
    return Found(place, found[:SHOWN_MAX], len(found) > SHOWN_MAX) if found else None


def _read(text: str) -> Typed:
    organisations = Organisation.objects.filter(name__icontains=text).order_by("-pk")
    people = User.objects.filter(Q(name__icontains=text) | Q(email__icontains=text)).order_by("-pk")
    return Typed(
        text,
        _amounts(text),
        frozenset(organisations.values_list("pk", flat=True)[:NAMED_MAX]),
        frozenset(people.values_list("pk", flat=True)[:NAMED_MAX]),
    )


def _amounts(text: str) -> dict[int, list[str]]:
    """The minor units that the text names, each with its currencies: `1,234.50` in all, `USD 12.50` in one."""
    code, _space, number = text.upper().partition(" ")
    offered = currencies.offered()
    codes, said = ([code], number) if code in offered else (offered, text)
    found: dict[int, list[str]] = {}
    for one in codes:
        try:
            found.setdefault(read_amount(said, one).minor, []).append(one)
        except (InputUnreadable, InputOutOfRange):
            continue
    return found


def _link(place: Place, row: Any) -> str:
    opened = getattr(row, place.opens) if place.opens else row
    meta = opened._meta
    return reverse(f"console:{meta.app_label}_{meta.model_name}_change", args=[opened.pk])


def _name(place: Place, row: Any) -> str:
    """What a row is called: by its name or title where it has one, else by its number."""
    if hasattr(row, "title_zh"):
        return title_of(row)
    return str(getattr(row, "name", "") or getattr(row, place.numbers[0]))


def _amount(place: Place, row: Any) -> str:
    minor = getattr(row, place.amount) if place.amount else None
    return NOTHING if minor is None else money_shown(Money(minor, row.currency))


def _when(place: Place, row: Any) -> str:
    at = getattr(row, place.at) if place.at else None
    return NOTHING if at is None else moment_shown(at) if hasattr(at, "hour") else str(at)


def _state(place: Place, row: Any) -> str:
    return str(getattr(row, f"get_{place.state}_display")()) if place.state else NOTHING


def _about(place: Place, row: Any) -> str:
    """What a row is about, in words: the side that gives before the one that takes."""
    about = place.about(row)
    return " → ".join(map(str, about)) if isinstance(about, tuple) else str(about or NOTHING)


def _about_linked(place: Place, row: Any) -> str | SafeString:
    """The same, where the names of members lead to their pages."""
    about = place.about(row)
    members = about if isinstance(about, tuple) else (about,)
    if not all(isinstance(one, Organisation) for one in members):
        return _about(place, row)
    page = "console:accounts_organisation_change"
    named = ((reverse(page, args=[one.pk]), one) for one in members)
    return format_html_join(" → ", '<a class="underline" href="{}">{}</a>', named)


def _line(place: Place, row: Any) -> list[str | SafeString]:
    name = format_html(
        '<a class="underline" href="{}">{}</a>', _link(place, row), _name(place, row)
    )
    number = str(getattr(row, place.numbers[0]))
    about = _about_linked(place, row)
    return [name, number, about, _amount(place, row), _state(place, row), _when(place, row)]


def show(request: HttpRequest) -> HttpResponse:
    """The page of the search: what was found, kind by kind."""
    text = request.GET.get("q", "")[:TYPED_CHARS_MAX]
    headers = [_("name"), _("number"), _("about"), _("amount"), _("state"), _("when")]
    screens = [
        {
            "title": one.place.title,
            "has_more": one.has_more,
            "table": {"headers": headers, "rows": [_line(one.place, row) for row in one.rows]},
        }
        for one in look(request, text)
    ]
    context = {
        **console.each_context(request),
        "title": _("Find"),
        "typed": text,
        "screens": screens,
        "newest": NEWEST,
        "shown_max": SHOWN_MAX,
    }
    return TemplateResponse(request, "console/find.html", context)


def suggest(request: HttpRequest, text: str) -> Iterator[SearchResult]:
    """The same in the box of the menu, and where all of it is."""
    for one in look(request, text):
        for row in one.rows:
            yield SearchResult(
                title=_name(one.place, row),
                description=f"{one.place.title} · {_about(one.place, row)}",
                link=_link(one.place, row),
                icon="search",
            )


console.page("find/", show, name="find")
console.finder = suggest
