"""The page of an order's delivery beside its promise: every claim with its verdict, and how columns moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from exchange.core.titles import title_of
from exchange.delivery import comparisons, drafting
from exchange.delivery.comparing import Claim, Verdict
from exchange.disputes.drafts import RulingDraft, draft_of
from exchange.members import policy
from exchange.members.actors import Actor, actor_of
from exchange.orders.conversation import writing_permission
from exchange.orders.models import Order
from exchange.orders.queries import Side, order_seen_by, side_of, subject_of
from exchange.vault.reading import READER
from exchange.web.charts import distributions as charts
from exchange.web.pages import render_page
from exchange.web.product.evidence import kind_labels
from exchange.web.views import button, get_view

CLAIMS_SHOWN_MAX = 300
PICTURES_MAX = 60
TONES = {Verdict.KEPT: "good", Verdict.BROKEN: "bad", Verdict.UNCHECKED: "neutral"}
VERDICTS = {
    Verdict.KEPT: gettext_lazy("Kept"),
    Verdict.BROKEN: gettext_lazy("Broken"),
    Verdict.UNCHECKED: gettext_lazy("Not checked"),
}
CLAIMS = {
    Claim.OPENED: gettext_lazy("Could be fetched"),
    Claim.CONTENT: gettext_lazy("Bytes of the frozen terms"),
    Claim.READABLE: gettext_lazy("Can be read"),
    Claim.ROWS: gettext_lazy("Rows"),
    Claim.COLUMN: gettext_lazy("Column is there"),
    Claim.TYPE: gettext_lazy("Type"),
    Claim.EMPTY: gettext_lazy("Empty cells"),
    Claim.RANGE: gettext_lazy("Range of values"),
    Claim.FROM: gettext_lazy("Begins no later than"),
    Claim.UNTIL: gettext_lazy("Ends no earlier than"),
    Claim.RHYTHM: gettext_lazy("Seconds from one time to the next"),
    Claim.DISTRIBUTION: gettext_lazy("Distribution has not moved"),
    Claim.COLUMN_SINCE: gettext_lazy("Column is still there since the purchase"),
    Claim.TYPE_SINCE: gettext_lazy("Type since the purchase"),
}
REASONS = {
    "revision_revoked": gettext_lazy("The revision was withdrawn before it was fetched."),
    "not_delivered": gettext_lazy("It was never fetched."),
    "later_revision": gettext_lazy("The terms do not name a later revision's bytes."),
    "other_bytes": gettext_lazy("These are other bytes."),
    "missing": gettext_lazy("It is missing."),
    "unreadable": gettext_lazy("The file cannot be read."),
    "not_comparable": gettext_lazy("The two cannot be compared."),
    "too_many": gettext_lazy("Only the first columns are compared."),
}
MEASURES = {
    "kolmogorov_smirnov": gettext_lazy("Kolmogorov-Smirnov distance"),
    "total_variation": gettext_lazy("Total variation distance"),
}


@dataclass(frozen=True)
class ClaimRow:
    label: str
    column: str
    promised: str
    found: str
    verdict: str
    tone: str
    reason: str


@dataclass(frozen=True)
class Movement:
    column: str
    measure: str
    distance: str
    picture: SafeString


@dataclass(frozen=True)
class TableView:
    """One table: what was not kept first. `notes` say what it was held to."""

    name: str
    number: int
    notes: tuple[str, ...]
    broken: tuple[ClaimRow, ...]
    kept: tuple[ClaimRow, ...]
    kept_count: int
    moved: tuple[Movement, ...]


@dataclass(frozen=True)
class Summary:
    """The verdicts at a glance. `is_known`: somebody asked for them; `progress` is in per cent."""

    may_ask: bool
    is_known: bool = False
    is_under_way: bool = False
    progress: int = 0
    failure: str = ""
    made_at: datetime | None = None
    kept: int = 0
    broken: int = 0
    unchecked: int = 0


@dataclass(frozen=True)
class RuleRow:
    when: str
    then: str


@dataclass(frozen=True)
class RulesPage:
    version: int
    rules: tuple[RuleRow, ...]
    weights: tuple[RuleRow, ...]


@dataclass(frozen=True)
class ComparisonPage:
    order: Order
    title: str
    summary: Summary
    reader: str
    reader_now: str
    tables: tuple[TableView, ...]
    is_withheld: bool
    draft: RulingDraft | None


@get_view
def show(request: HttpRequest, order_id: str) -> HttpResponse:
    """What was delivered, read again beside what was promised."""
    actor = actor_of(request)
    page = comparison_page(order_seen_by(actor, order_id), actor)
    return render_page(request, "orders/comparison.html", page)


@require_safe
def show_rules(request: HttpRequest) -> HttpResponse:
    """The rules by which rulings are drafted, for everybody."""
    page = RulesPage(
        version=drafting.RULES_VERSION,
        rules=tuple(RuleRow(str(rule.when), str(rule.then)) for rule in drafting.RULES),
        weights=tuple(
            RuleRow(", ".join(str(CLAIMS[claim]) for claim in one.claims), str(one.share))
            for one in drafting.WEIGHTS
        ),
    )
    return render_page(request, "orders/ruling_rules.html", page)


ask = button(comparisons.ask, back_to="web:order_comparison")


def comparison_page(order: Order, actor: Actor) -> ComparisonPage:
    """Everything the page shows to this actor."""
    made = comparisons.comparison_of(order)
    side = side_of(order, actor)
    seen: Mapping[str, Any] = {"tables": []}
    if made is not None:
        seen = comparisons.seen_by(made, side)
    return ComparisonPage(
        order=order,
        title=title_of(order),
        summary=summary_of(order, actor),
        reader=made.reader if made else "",
        reader_now=READER,
        tables=tuple(_table(table) for table in seen["tables"]),
        is_withheld=made is not None and not seen["tables"],
        draft=draft_of(order, made.document) if made and side is Side.EXCHANGE else None,
    )


def summary_of(order: Order, actor: Actor) -> Summary:
    """Where the newest comparison stands, and the verdicts of the newest that was made."""
    standing = comparisons.standing_of(order)
    may_write = policy.allowed(actor, writing_permission(actor), subject_of(order))
    may_ask = bool(may_write) and comparisons.can_compare(order)
    if standing is None:
        return Summary(may_ask=may_ask)
    is_under_way = standing.state in comparisons.OPEN
    return Summary(
        is_known=True,
        is_under_way=is_under_way,
        progress=standing.progress,
        failure=standing.reason,
        made_at=standing.made_at,
        **standing.totals,
        may_ask=may_ask and not is_under_way,
    )


def order_comparison(order: Order, actor: Actor) -> Summary | None:
    """The same where there is something to show; None where nothing is there to be read."""
    summary = summary_of(order, actor)
    return summary if summary.is_known or summary.may_ask else None


def _table(table: Mapping[str, Any]) -> TableView:
    rows = [(claim["verdict"], _claim(claim)) for claim in table["claims"]]
    kept = [row for verdict, row in rows if verdict == Verdict.KEPT]
    order = {Verdict.BROKEN.value: 0, Verdict.UNCHECKED.value: 1}
    others = sorted(
        ((verdict, row) for verdict, row in rows if verdict != Verdict.KEPT),
        key=lambda one: order[one[0]],
    )
    return TableView(
        name=str(table["name"]),
        number=int(table["number"]),
        notes=_notes(table),
        broken=tuple(row for _verdict, row in others[:CLAIMS_SHOWN_MAX]),
        kept=tuple(kept[:CLAIMS_SHOWN_MAX]),
        kept_count=len(kept),
        moved=tuple(_moved(row) for row in table["movement"][:PICTURES_MAX]),
    )


def _notes(table: Mapping[str, Any]) -> tuple[str, ...]:
    notes = [
        _("Held to the frozen terms and the report of this revision.")
        if table["is_in_terms"]
        else _(
            "A revision that the terms do not name: held to its own report and to what was bought."
        )
    ]
    if not table["is_delivered"]:
        notes.append(_("Nobody has fetched this table yet."))
    if table.get("promise_was_read_again"):
        notes.append(
            _("The report was made by another version of the reader; both files were read again.")
        )
    return tuple(notes)


def _claim(claim: Mapping[str, Any]) -> ClaimRow:
    verdict = Verdict(claim["verdict"])
    return ClaimRow(
        label=str(CLAIMS[Claim(claim["claim"])]),
        column=claim["column"],
        promised=_figure(claim, "promised"),
        found=_figure(claim, "found"),
        verdict=str(VERDICTS[verdict]),
        tone=TONES[verdict],
        reason=str(REASONS.get(claim["reason"], claim["reason"])),
    )


def _figure(claim: Mapping[str, Any], which: str) -> str:
    """A figure as it is read; hidden where values do not leave."""
    if which not in claim:
        return _("not shown")
    text = claim[which]
    if text is None:
        return ""
    if claim["claim"] in {Claim.TYPE, Claim.TYPE_SINCE}:
        return str(kind_labels().get(text, text))
    if claim["claim"] == Claim.CONTENT:
        return f"{text[:12]}…"
    return f"{int(text):,}" if text.isdecimal() else str(text)


def _moved(row: Mapping[str, Any]) -> Movement:
    return Movement(
        column=row["column"],
        measure=str(MEASURES[row["measure"]]),
        distance=row["distance"],
        picture=charts.moved(
            column=row["column"], distance=float(row["distance"]), shapes=row.get("shapes")
        ),
    )
