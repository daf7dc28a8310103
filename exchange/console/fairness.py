"""Fairness in the console: what the screens find, with the figures; and why a price differs."""

from collections.abc import Iterable, Sequence

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.auctions import bid_rings
from exchange.auctions.bid_rings import Rings
from exchange.catalog.models import Product
from exchange.console.access import actor_of
from exchange.console.readings import chance_shown, figure_shown, share_shown
from exchange.console.sites import console
from exchange.core import clock
from exchange.core.formatting import money_shown
from exchange.core.titles import title_of
from exchange.journeys import fairness
from exchange.journeys.fairness import Findings
from exchange.orders.models import Order


def show(request: HttpRequest) -> HttpResponse:
    """Every screen as a table; an empty one says so."""
    actor, now = actor_of(request), clock.now()
    found, rings = fairness.look(actor=actor, now=now), bid_rings.look(actor=actor, now=now)
    names = Names(found, rings)
    return TemplateResponse(
        request,
        "console/fairness.html",
        {
            **console.each_context(request),
            "title": _("Fairness"),
            "since": found.since,
            "limit": share_shown(found.spread_limit),
            "screens": [
                _spreads(found, names),
                _circles(found, names),
                _related(found, names),
                _unused(found, names),
                _rings(rings, names),
                _turns(rings, names),
            ],
        },
    )


class Names:
    """What organisations, products and orders are called, read once for all tables."""

    def __init__(self, found: Findings, rings: Sequence[Rings]) -> None:
        organisations = {one for row in found.circles for one in (row.first_id, row.second_id)} | {
            one for row in found.related for one in (row.seller_id, row.buyer_id)
        }
        organisations |= {row.buyer_id for row in found.unused}
        organisations |= {row.organiser_id for row in rings}
        self._organisations = dict(
            Organisation.objects.filter(pk__in=organisations).values_list("pk", "name")
        )
        products = {row.product_id for row in found.spreads} | {
            row.product_id for row in found.unused
        }
        self._products = {one.pk: title_of(one) for one in Product.objects.filter(pk__in=products)}
        bidders = {
            one for row in rings for turn in row.rotations for one in (turn.first, turn.second)
        }
        self._bidders = dict(
            Organisation.objects.filter(public_id__in=bidders).values_list("public_id", "name")
        )
        orders = {ref for row in found.spreads for ref in (row.lowest_order, row.highest_order)}
        self._orders = dict(
            Order.objects.filter(public_id__in=orders).values_list("public_id", "pk")
        )

    def organisation(self, pk: int) -> SafeString:
        """Its name, which leads to its page."""
        page = reverse("console:accounts_organisation_change", args=[pk])
        return format_html('<a class="underline" href="{}">{}</a>', page, self._organisations[pk])

    def bidder(self, public_id: str) -> str:
        return self._bidders[public_id]

    def product(self, pk: int) -> str:
        return self._products[pk]

    def order(self, public_id: str, label: str) -> SafeString:
        """A link to the order's own page in the console."""
        url = reverse("console:orders_order_change", args=[self._orders[public_id]])
        return format_html('<a class="underline" href="{}">{}</a>', url, label)


def _spreads(found: Findings, names: Names) -> dict[str, object]:
    return _screen(
        _("Different prices for the same"),
        _("Orders of one product on the same terms. Record a reason on the order whose price differs, and it is compared no more."),
        [_("product"), _("orders"), _("buyers"), _("lowest"), _("highest"), _("apart by")],
        (
            [
                names.product(row.product_id), row.orders_count, row.buyers_count,
                names.order(row.lowest_order, money_shown(row.lowest)),
                names.order(row.highest_order, money_shown(row.highest)), share_shown(row.share),
            ]
            for row in found.spreads
        ),
    )  # fmt: skip


def _circles(found: Findings, names: Names) -> dict[str, object]:
    return _screen(
        _("Trades in circles"),
        _("Two organisations that sell each other about as much."),
        [_("one"), _("sold"), _("the other"), _("sold"), _("smaller by larger")],
        (
            [
                names.organisation(row.first_id),
                _("%(count)d for %(amount)s") % {"count": row.first_sales_count, "amount": money_shown(row.first_sales)},
                names.organisation(row.second_id),
                _("%(count)d for %(amount)s") % {"count": row.second_sales_count, "amount": money_shown(row.second_sales)},
                share_shown(row.share),
            ]
            for row in found.circles
        ),
    )  # fmt: skip


def _related(found: Findings, names: Names) -> dict[str, object]:
    return _screen(
        _("Sales to related organisations"),
        _(
            "Related organisations, and those that get a part of what a product of the seller brings."
            " The share is that of all that the seller sold."
        ),
        [_("seller"), _("buyer"), _("orders"), _("amount"), _("share")],
        (
            [
                names.organisation(row.seller_id), names.organisation(row.buyer_id),
                row.trades_count, money_shown(row.sales), share_shown(row.share),
            ]
            for row in found.related
        ),
    )  # fmt: skip


def _unused(found: Findings, names: Names) -> dict[str, object]:
    return _screen(
        _("Bought again and again, never fetched"),
        _("The same product, bought by the same organisation three times or more."),
        [_("buyer"), _("product"), _("orders"), _("amount")],
        (
            [
                names.organisation(row.buyer_id), names.product(row.product_id), row.orders_count,
                money_shown(row.paid),
            ]
            for row in found.unused
        ),
    )  # fmt: skip


def _rings(rings: Sequence[Rings], names: Names) -> dict[str, object]:
    return _screen(
        _("Sealed bids near the best, and at the floor"),
        _("Independent bidders now and then come close to each other; where nobody ever does, or many stand at the floor, somebody may know more. The chance is that of so few near the best, and of so many at the floor."),
        [
            _("organiser"), _("auctions"), _("near the best"), _("expected"), _("chance"),
            _("at the floor"), _("just above"), _("chance"),
        ],
        (
            [
                names.organisation(row.organiser_id), row.contests_count, row.missing.near_count,
                figure_shown(row.missing.expected), chance_shown(row.missing.p_value),
                row.clustering.just_above, row.clustering.next_above,
                chance_shown(row.clustering.p_value),
            ]
            for row in rings
        ),
    )  # fmt: skip


def _turns(rings: Sequence[Rings], names: Names) -> dict[str, object]:
    return _screen(
        _("Bidders who take turns"),
        _("Two who met often, and who won alternately more than chance would have it."),
        [
            _("one"), _("won"), _("the other"), _("won"), _("turns"), _("expected"), _("chance"),
        ],
        (
            [
                names.bidder(turn.first), turn.first_wins, names.bidder(turn.second),
                turn.second_wins, turn.runs, figure_shown(turn.expected_runs),
                chance_shown(turn.p_value),
            ]
            for row in rings
            for turn in row.rotations
        ),
    )  # fmt: skip


def _screen(
    title: str, about: str, headers: list[str], rows: Iterable[list[object]]
) -> dict[str, object]:
    return {"title": title, "about": about, "table": {"headers": headers, "rows": list(rows)}}


console.page("fairness/", show, name="fairness")
