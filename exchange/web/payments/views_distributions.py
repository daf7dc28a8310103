"""Distributions of months: what a product brought, what each party gets of it, and their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.core import clock
from exchange.core.downloads import Download
from exchange.core.fields import AmountField, MoneyForm, amount_label, text_field
from exchange.core.lifecycle import REASON_CHARS_MAX, IllegalTransition
from exchange.core.refusals import NotFound
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.queries import titles_of
from exchange.payments import distributions
from exchange.payments.distribution_lifecycle import DistributionState
from exchange.payments.models import Distribution, DistributionParty, SettlementShare
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.submissions import blaming, sent, unprocessable
from exchange.web.views import acting, button, form_view, get_view
from pricing.money import Money

ROWS_PER_PAGE = 50
WITH_PARTIES = (DistributionState.REVIEWED, DistributionState.OBJECTED)
TONES = {
    DistributionState.CALCULATED: "warn",
    DistributionState.REVIEWED: "warn",
    DistributionState.OBJECTED: "bad",
    DistributionState.CONFIRMED: "info",
    DistributionState.PAID: "good",
    DistributionState.POSTED: "good",
}


class AnswerForm(MoneyForm):
    """What the seller says to the objections, and what it gives each other party of its own part."""

    reason = text_field(gettext_lazy("Your answer"), chars_max=REASON_CHARS_MAX)

    def __init__(
        self, *args: Any, currency: str, parties: Sequence[DistributionParty], **options: Any
    ) -> None:
        super().__init__(*args, currency=currency, **options)
        self.names = {f"correction_{row.position}": row.organisation.public_id for row in parties}
        for row in parties:
            name = f"correction_{row.position}"
            self.fields[name] = AmountField(
                label=amount_label(
                    _("To “%(party)s” besides its part") % {"party": row.organisation.name},
                    currency,
                ),
                required=False,
                least_minor=0,
            )
            self.initial[name] = row.correction if row.correction_minor else None

    @property
    def corrections(self) -> Mapping[str, Money]:
        """By party; nothing where the field is empty."""
        nothing = Money(0, self.currency_code)
        return {party: self.cleaned_data.get(name) or nothing for name, party in self.names.items()}


@dataclass(frozen=True)
class DistributionRow:
    """A line of the list; `mine` is the reader's part."""

    distribution: Distribution
    title: str
    seller: str
    tone: str
    mine: Money


@dataclass(frozen=True)
class PartRow:
    """What a party gets. The seller is short of what it gives the others."""

    party: DistributionParty
    correction: Money | None
    whole: Money
    is_seller: bool


@dataclass(frozen=True)
class SaleRow:
    share: SettlementShare
    order_id: str
    title: str
    settled_at: datetime
    pool: Money
    refunded: Money


@dataclass(frozen=True)
class DistributionPage:
    """`may_send`, `may_answer` and `form` are for who may do that now."""

    distribution: Distribution
    title: str
    tone: str
    is_mine: bool
    parts: Sequence[PartRow]
    sales: KeyPage[SaleRow]
    may_send: bool
    may_agree: bool
    may_object: bool
    form: AnswerForm | None


@get_view
def show_all(request: HttpRequest) -> HttpResponse:
    """The distributions in which the organisation acted for has a part, newest first."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    found = key_page(request, distributions.distributions_of(mine), size=ROWS_PER_PAGE)
    own = distributions.parts_of(mine, found.rows)
    page: KeyPage[DistributionRow] = found.shown_as(
        lambda one: DistributionRow(
            distribution=one,
            title=title_of(one.product) or one.product.public_id,
            seller=one.product.seller.name,
            tone=TONES[DistributionState(one.state)],
            mine=own[one.pk],
        )
    )
    return render_page(request, "payments/distributions.html", page)


@form_view
def show(request: HttpRequest, distribution_id: str) -> HttpResponse:
    """A distribution with its parts and sales; what is sent is the seller's answer to objections."""
    posted = request.method == "POST"
    actor, mine = acting(request, Permission.REVENUE_SHARE if posted else Permission.EARNINGS_SEE)
    one = distributions.distribution_of(mine, distribution_id)
    seller_id = one.product.seller_id
    rows = distributions.parts_shown(one, mine)
    others = [row for row in rows if row.organisation_id != seller_id] if mine == seller_id else []
    form = AnswerForm(sent(request), currency=one.currency, parties=others)
    if form.is_valid():
        with blaming(form, raising=(NotFound, IllegalTransition)):
            distributions.answer(
                distribution_id,
                reason=form.cleaned_data["reason"],
                corrections=form.corrections,
                actor=actor,
                now=clock.now(),
            )
            messages.success(request, _("The parties are asked again."))
            return redirect("web:distribution", distribution_id)
    page = _page(request, one, rows, actor, mine, form)
    return render_page(request, "payments/distribution.html", page, status=unprocessable(form))


def _page(
    request: HttpRequest,
    one: Distribution,
    rows: Sequence[DistributionParty],
    actor: Actor,
    mine: int,
    form: AnswerForm,
) -> DistributionPage:
    state, is_mine = DistributionState(one.state), mine == one.product.seller_id
    may_act = policy.allowed(actor, Permission.REVENUE_SHARE, Subject(organisation_id=mine))
    is_asked = not is_mine and any(row.whole.minor and row.agreed_at is None for row in rows)
    may_agree = bool(may_act) and is_asked and state in WITH_PARTIES
    return DistributionPage(
        distribution=one,
        title=title_of(one.product) or one.product.public_id,
        tone=TONES[state],
        is_mine=is_mine,
        parts=_parts(one, rows),
        sales=_sales(request, one, mine),
        may_send=bool(may_act) and is_mine and state == DistributionState.CALCULATED,
        may_agree=may_agree,
        may_object=may_agree and not any(row.objection for row in rows),
        form=form if may_act and is_mine and state == DistributionState.OBJECTED else None,
    )


def _parts(one: Distribution, rows: Sequence[DistributionParty]) -> list[PartRow]:
    given = sum((row.correction for row in rows), Money(0, one.currency))
    shown = []
    for row in rows:
        is_seller = row.organisation_id == one.product.seller_id
        correction = -given if is_seller else row.correction
        shown.append(
            PartRow(
                party=row,
                correction=correction if correction.minor else None,
                whole=row.amount + correction,
                is_seller=is_seller,
            )
        )
    return shown


def _sales(request: HttpRequest, one: Distribution, mine: int) -> KeyPage[SaleRow]:
    found = key_page(request, distributions.sales_of(one, mine), size=ROWS_PER_PAGE)
    titles = titles_of(share.settlement.order.public_id for share in found.rows)
    page: KeyPage[SaleRow] = found.shown_as(
        lambda share: SaleRow(
            share=share,
            order_id=share.settlement.order.public_id,
            title=titles.get(share.settlement.order.public_id, share.settlement.title),
            settled_at=share.settlement.settled_at,
            pool=share.settlement.pool,
            refunded=Money(share.refunded_minor, share.currency),
        )
    )
    return page


@get_view
def download(request: HttpRequest, distribution_id: str) -> Download:
    """The sales of a distribution with the reader's part of each, as CSV."""
    _actor, mine = acting(request, Permission.EARNINGS_SEE)
    one = distributions.distribution_of(mine, distribution_id)
    return Download(
        distributions.csv_of(one, mine),
        name=f"distribution-{one.first_day:%Y-%m}-{one.public_id}.csv",
        content_type="text/csv; charset=utf-8",
    )


send = button(
    distributions.review,
    back_to="web:distribution",
    said=gettext_lazy("It is with the parties. Who does not object in time has agreed."),
)
agree = button(distributions.agree, back_to="web:distribution", said=gettext_lazy("You agreed."))
object_to = button(
    distributions.object_to,
    back_to="web:distribution",
    with_reason=True,
    said=gettext_lazy("You objected. Nothing of it is paid until the seller has answered."),
)
