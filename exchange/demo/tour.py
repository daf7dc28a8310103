"""What a visitor may click first: three people, a few steps each."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Step:
    """A step of the tour: what one does there, and the page it begins on."""

    does: str | Promise
    page: str
    query: str = ""

    @property
    def url(self) -> str:
        try:
            return reverse(self.page) + self.query
        except NoReverseMatch:  # a page of the console that this exchange does not open
            return reverse("web:home")


TOUR: dict[str, tuple[Step, ...]] = {
    "buyer": (
        Step(_("Find solar data, look at its quality, buy it with a test card"), "web:catalogue", "?q=southern+solar"),
        Step(_("Outbid two rivals in an auction that runs"), "web:auctions"),
        Step(_("Accept a delivery, or object to it"), "web:orders"),
        Step(_("Answer an offer, and sign; the seller, further down, signs too"), "web:negotiations"),
        Step(_("Download what was bought, with code to copy"), "web:purchases"),
    ),
    "seller": (
        Step(_("Drop a file and publish it"), "web:sell_new"),
        Step(_("See orders and who must act"), "web:orders"),
        Step(_("Follow the money to the payout"), "web:earnings"),
    ),
    "operator": (
        Step(_("Review a listing of important data"), "console:catalog_product_changelist"),
        Step(_("Rule on an objection: release or refund"), "console:orders_order_changelist"),
        Step(_("See what waits for a second person"), "console:members_approvalrequest_changelist"),
        Step(_("Look at prices and bids that seem unfair"), "console:fairness"),
    ),
}  # fmt: skip
