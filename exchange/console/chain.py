"""The money of an order in one table: what was asked for, what came, what went back, what was decided, who was paid.

The same table stands on the page of every row that it names, so that each leads to all others. It is gathered in a
fixed number of statements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from exchange.core.formatting import NOTHING, day_shown, moment_shown, money_shown
from exchange.core.titles import title_of
from exchange.disputes.models import Dispute
from exchange.orders.models import Order, Ruling
from exchange.payments import chart
from exchange.payments.models import (
    Chargeback,
    Deposit,
    Difference,
    Document,
    IncomingTransfer,
    Payment,
    Payout,
    Refund,
    Settlement,
    SettlementShare,
)
from exchange.payments.queries import shares_in, with_payouts
from pricing.money import Money

# More of one kind are not shown; no order has so many.
OF_A_KIND_MAX = 50
ORDERS_MAX = 20
LINK = '<a class="text-primary-600 underline" href="{}">{}</a>'


@dataclass(frozen=True)
class Kind:
    """Rows of one table: how they lead to the order, and which of their fields are shown. Of `at` the first counts
    that has a value."""

    title: Promise
    model: type[Model]
    order: str
    at: tuple[str, ...]
    amount: str = "amount"
    state: str = "state"
    name: str = "public_id"


KINDS = (
    Kind(gettext_lazy("Payment"), Payment, "order", ("received_at", "created_at")),
    Kind(gettext_lazy("Bank transfer"), IncomingTransfer, "payment__order", ("received_on",), name="bank_ref"),
    Kind(gettext_lazy("Bid deposit"), Deposit, "order", ("ended_at", "created_at")),
    Kind(gettext_lazy("Dispute"), Dispute, "order", ("ended_at", "opened_at"), amount="wanted"),
    Kind(
        gettext_lazy("Ruling"), Ruling, "order", ("decided_at", "proposed_at"), amount="refund",
        state="decision",
    ),
    Kind(gettext_lazy("Refund"), Refund, "payment__order", ("decided_at", "created_at")),
    Kind(gettext_lazy("Chargeback"), Chargeback, "payment__order", ("decided_at", "opened_at")),
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One line: what it is, what it is called and where it stands, how far it is, how much, since when."""

    kind: str
    name: str
    url: str
    state: str
    amount: Money | None
    at: datetime | date | None
    is_here: bool = False


def money_of(order: Order, *, here: Model) -> dict[str, Any]:
    """The panel on the page of `here`, for a template."""
    return _panel(_("Money of this order"), _steps(order, here))


def orders_in(payout: Payout) -> dict[str, Any]:
    """The panel on the page of a payout: the sales that it pays, the newest first."""
    shares = shares_in(payout).select_related("settlement__order").order_by("-pk")[:ORDERS_MAX]
    return _panel(_("Orders in this payout"), [_sale(share) for share in shares])


def _panel(title: str, steps: Sequence[Step]) -> dict[str, Any]:
    headers = [_("what"), _("number"), _("state"), _("amount"), pgettext("money", "when")]
    return {
        "chain": {
            "title": title,
            "table": {"headers": headers, "rows": [_cells(one) for one in steps]},
        }
    }


def _cells(step: Step) -> list[str | SafeString]:
    name: str | SafeString = step.name
    if step.is_here:
        name = format_html('<span aria-current="page" class="font-semibold">{}</span>', step.name)
    elif step.url:
        name = format_html(LINK, step.url, step.name)
    return [step.kind, name, step.state or NOTHING, money_shown(step.amount), _when(step.at)]


def _when(at: datetime | date | None) -> str:
    if isinstance(at, datetime):
        return moment_shown(at)
    return day_shown(at) if at else NOTHING


def _steps(order: Order, here: Model) -> list[Step]:
    """From the order to the payouts."""
    found = {kind.model: _rows(kind, order) for kind in KINDS}
    shares = _shares(order)
    payouts = Payout.objects.in_bulk({share.paid_in for share in shares} - {None})  # type: ignore[attr-defined]  # annotated
    steps = [_of_order(order)]
    for kind in KINDS:
        for row in found[kind.model]:
            steps.append(_of(kind, row))
            steps.extend(_set_off(row))
    steps.extend(
        _differences([*found[Payment], *found[Refund], *found[Chargeback], *payouts.values()])
    )
    steps.extend(_released(order, shares, payouts))
    steps.extend(_documents(order))
    shown = _page(here)
    return [replace(one, is_here=one.url == shown) for one in steps]


def _page(row: Model) -> str:
    meta = row._meta
    return reverse(f"console:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def _rows(kind: Kind, order: Order) -> list[Any]:
    """The rows of the order, the oldest first."""
    rows: list[Any] = list(
        kind.model._default_manager.filter(**{kind.order: order}).order_by("pk")[:OF_A_KIND_MAX]
    )
    if kind.order == "order":
        for row in rows:
            row.order = order
    return rows


def _of_order(order: Order) -> Step:
    name = f"{order.public_id} · {title_of(order)}"
    state = order.get_state_display()
    return Step(_("Order"), name, _page(order), state, order.total, order.created_at)


def _of(kind: Kind, row: Any) -> Step:
    amount: Money | None = getattr(row, kind.amount)
    return Step(
        kind=str(kind.title),
        name=getattr(row, kind.name),
        url=_page(row),
        state=getattr(row, f"get_{kind.state}_display")(),
        amount=amount if amount is not None and amount.minor else None,
        at=next((at for field in kind.at if (at := getattr(row, field)) is not None), None),
    )


def _set_off(row: Any) -> Iterator[Step]:
    """What of a refund pays for a chargeback, and the other way round."""
    if isinstance(row, Refund | Chargeback) and row.set_off_minor:
        is_refund = isinstance(row, Refund)
        kind = (
            _("Set off against a chargeback") if is_refund else _("Covered by refunds that failed")
        )
        yield Step(
            kind, row.public_id, _page(row), row.get_state_display(), row.set_off, row.decided_at
        )


def _differences(rows: Sequence[Any]) -> Iterator[Step]:
    """What does not add up about them, by their public ids."""
    names = [row.public_id for row in rows]
    for one in Difference.objects.filter(subject__in=names).order_by("pk")[:OF_A_KIND_MAX]:
        name = f"{one.get_kind_display()} · {one.subject}"
        yield Step(
            _("Difference"), name, _page(one), one.get_state_display(), one.amount, one.opened_at
        )


def _shares(order: Order) -> list[SettlementShare]:
    """What each party gets of the order's money, with the payout that it is in."""
    shares = with_payouts(SettlementShare.objects.filter(settlement__order=order))
    return list(shares.select_related("organisation", "settlement").order_by("position"))


def _released(
    order: Order, shares: Sequence[SettlementShare], payouts: dict[int, Payout]
) -> Iterator[Step]:
    """The release, each party's share, and the payout in which it is."""
    if not shares:
        return
    settled = shares[0].settlement
    held = f"{reverse('console:ledger_account_changelist')}?q={chart.escrow(order.public_id)}"
    yield Step(
        _("Release to the sellers"), settled.public_id, held, _standing_of(settled), settled.gross,
        settled.settled_at,
    )  # fmt: skip
    for share in shares:
        yield Step(
            _("Share of the sale"), share.organisation.name, _page(share.organisation), _standing_of(settled),
            share.amount, settled.cleared_at or settled.clears_at,
        )  # fmt: skip
        payout = payouts.get(share.paid_in)  # type: ignore[attr-defined]  # annotated
        if payout is not None:
            yield Step(
                _("Payout, with other sales"), payout.public_id, _page(payout),
                payout.get_state_display(), payout.amount, payout.sent_at or payout.created_at,
            )  # fmt: skip


def _standing_of(settled: Settlement) -> str:
    """How far the money of a sale is on its way to its sellers."""
    if settled.cleared_at is not None:
        return pgettext("money of a sale", "Available")
    return _("Held for a dispute") if settled.disputed_at is not None else _("Not yet available")


def _documents(order: Order) -> Iterator[Step]:
    rows = Document.objects.filter(order=order).order_by("pk").defer("content")
    for one in rows[:OF_A_KIND_MAX]:
        url = reverse("web:numbered_document", args=[one.number, "html"])
        yield Step(one.get_kind_display(), one.number, url, "", None, one.issued_at)


def _sale(share: Any) -> Step:
    """A sale that a payout pays, by its order."""
    order = share.settlement.order
    state = order.get_state_display()
    name = f"{order.public_id} · {title_of(order)}"
    return Step(_("Order"), name, _page(order), state, share.amount, share.settlement.settled_at)
