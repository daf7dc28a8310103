"""One page for a member: where it stands, what can be done about it, and the newest of all that is its.

Each table of the page is a table of the console with its columns, narrowed to the member: its newest rows, how
many there are, and a link to all of them. There are at most two statements for each, however much there is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.utils import display_for_field, display_for_value

from accounts.models import ApiKey, Membership, Organisation
from exchange.asset_sales.models import AssetSale
from exchange.auctions.models import Auction
from exchange.audit.models import Record
from exchange.catalog.models import Product
from exchange.console.actors import learn, person_shown
from exchange.console.admissions import AdmissionTable, evidence_of, file_link
from exchange.console.fields import actors_in
from exchange.console.marks import Text
from exchange.console.readings import kinds_shown
from exchange.console.sites import console
from exchange.console.tables import MemberFilter, ReadOnlyTable
from exchange.core import clock
from exchange.core.formatting import NOTHING, end_shown, moment_shown, money_shown
from exchange.disputes.models import Dispute
from exchange.ledger.models import Account
from exchange.members.lifecycle import AdmissionTransition
from exchange.members.models import (
    Admission,
    AdmissionDocument,
    AdmissionStep,
    Deactivation,
    IdentityRequest,
    PersonalTie,
    Proposal,
    RelatedParty,
    RoleGrant,
)
from exchange.metering.models import UsageDispute
from exchange.orders.models import FeeAgreement, Order
from exchange.payments import unpaid
from exchange.payments.entry_labels import own_account_label
from exchange.payments.models import (
    Chargeback,
    Deposit,
    Payment,
    Payout,
    PayoutAccount,
    PayoutHold,
    Refund,
    Withdrawal,
)

ROWS_MAX = 5
BALANCES_MAX = 20
LINK = '<a class="underline" href="{}">{}</a>'


class SharedPeopleFilter(MemberFilter):
    """Memberships elsewhere of a member's people: whom it shares with which other organisations."""

    title = gettext_lazy("people shared with")
    parameter_name = "shared_with"

    @classmethod
    def narrow(
        cls,
        table: ReadOnlyTable,  # noqa: ARG003 - the other filter asks it
        rows: QuerySet[Any],
        organisation: Organisation,
    ) -> QuerySet[Any]:
        people = Membership.objects.filter(organisation=organisation).values("user")
        return rows.filter(user__in=people).exclude(organisation=organisation)


@dataclass(frozen=True)
class Wanted:
    """A table of the page: of which rows, and by which filter they are the member's."""

    model: type[Model]
    title: Promise
    filtered: type[MemberFilter] = MemberFilter


@dataclass(frozen=True)
class Part:
    """A table as it is shown, with how many rows there are and where all of them stand; nowhere else where
    `link` is empty."""

    title: Text
    count: int
    link: str
    table: dict[str, Any]


@dataclass(frozen=True)
class Chapter:
    """Tables under one heading."""

    anchor: str
    title: Text
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class CheckShown:
    """What verification establishes, and on which documents."""

    title: str
    files: SafeString


@dataclass(frozen=True)
class Member:
    """What the page says above its tables, and the tables."""

    standing: str
    kinds: str
    turn: str
    due: str
    admission_url: str
    acts: tuple[tuple[Text, str], ...]
    checks: tuple[CheckShown, ...]
    verified: str
    chapters: tuple[Chapter, ...]


CHAPTERS: tuple[tuple[str, Promise, tuple[Wanted, ...]], ...] = (
    ("standing", pgettext_lazy("member", "Standing"), (
        Wanted(AdmissionStep, gettext_lazy("History")),
        Wanted(Admission, gettext_lazy("Admissions")),
        Wanted(Proposal, gettext_lazy("Proposals")),
        Wanted(IdentityRequest, gettext_lazy("Changes of identity")),
    )),
    ("documents", gettext_lazy("Documents and checks"), (
        Wanted(AdmissionDocument, gettext_lazy("Documents of admissions")),
    )),
    ("people", gettext_lazy("People and roles"), (
        Wanted(Membership, gettext_lazy("Memberships")),
        Wanted(RoleGrant, gettext_lazy("Roles")),
        Wanted(Deactivation, gettext_lazy("Accounts out of use")),
    )),
    ("relations", gettext_lazy("Relations"), (
        Wanted(RelatedParty, gettext_lazy("Related organisations")),
        Wanted(Membership, gettext_lazy("People it shares with other organisations"), SharedPeopleFilter),
        Wanted(PersonalTie, gettext_lazy("Personal ties")),
    )),
    ("products", gettext_lazy("Products"), (
        Wanted(Product, gettext_lazy("Listings")),
        Wanted(Auction, gettext_lazy("Auctions")),
        Wanted(AssetSale, gettext_lazy("State-asset sales")),
    )),
    ("orders", gettext_lazy("Orders"), (Wanted(Order, gettext_lazy("Orders")),)),
    ("disputes", gettext_lazy("Disputes"), (
        Wanted(Dispute, gettext_lazy("Disputes")),
        Wanted(UsageDispute, gettext_lazy("Disputes about use")),
    )),
    ("money", gettext_lazy("Money"), (
        Wanted(Payment, gettext_lazy("Payments")),
        Wanted(Refund, gettext_lazy("Refunds")),
        Wanted(Chargeback, gettext_lazy("Chargebacks")),
        Wanted(Payout, gettext_lazy("Payouts")),
        Wanted(PayoutAccount, gettext_lazy("Payout accounts")),
        Wanted(PayoutHold, gettext_lazy("Holds on payouts")),
        Wanted(FeeAgreement, gettext_lazy("Agreed fees")),
        Wanted(Deposit, gettext_lazy("Bid deposits")),
        Wanted(Withdrawal, gettext_lazy("Withdrawals")),
    )),
    ("keys", gettext_lazy("API keys"), (Wanted(ApiKey, gettext_lazy("API keys")),)),
    ("log", gettext_lazy("Log records"), (Wanted(Record, gettext_lazy("Log records")),)),
)  # fmt: skip


@dataclass(frozen=True)
class _Found:
    """Rows that were asked for and are not yet put into words."""

    wanted: Wanted
    table: ReadOnlyTable
    rows: Sequence[Any]
    count: int


def page_of(request: HttpRequest, organisation: Organisation) -> Member:
    """All that the page shows to this reader."""
    found = [
        [_find(request, wanted, organisation) for wanted in parts] for _a, _t, parts in CHAPTERS
    ]
    learn(name for parts in found for one in parts for name in _actors(one))
    chapters = [
        Chapter(anchor, title, tuple(_part(request, one, organisation) for one in parts))
        for (anchor, title, _wanted), parts in zip(CHAPTERS, found, strict=True)
    ]
    admission = Admission.objects.filter(organisation=organisation).order_by("-pk").first()
    chapters = [
        _with_balances(one, organisation) if one.anchor == "money" else one for one in chapters
    ]
    if admission is None:
        return Member("", "", "", "", "", (), (), "", tuple(chapters))
    return Member(
        standing=admission.get_standing_display(),
        kinds=kinds_shown(
            admission.qualifications.filter(valid_until=None).values_list("kind", flat=True)
        ),
        turn=admission.get_turn_display(),
        due=end_shown(admission.due_at) if admission.due_at else "",
        admission_url=reverse("console:members_admission_change", args=[admission.pk]),
        acts=tuple(_admissions().acts_on(request, admission)),
        checks=tuple(
            CheckShown(
                str(check.label),
                format_html_join(" · ", "{}", ((file_link(one),) for one in files)),
            )
            for check, files in evidence_of(admission)
        ),
        verified=_verified(admission),
        chapters=tuple(chapters),
    )


def _admissions() -> AdmissionTable:
    table = console.get_model_admin(Admission)
    if not isinstance(table, AdmissionTable):
        raise TypeError("Admissions have another table.")
    return table


def _verified(admission: Admission) -> str:
    """When the checks were last established, and by whom."""
    steps = admission.steps.filter(transition=AdmissionTransition.VERIFY).select_related("by")
    step = steps.order_by("-number").first()
    return f"{moment_shown(step.at)} · {person_shown(step.by)}" if step else ""


def _find(request: HttpRequest, wanted: Wanted, organisation: Organisation) -> _Found:
    """The newest of the member's rows. They are counted where there are more than are shown."""
    table: ReadOnlyTable = console.get_model_admin(wanted.model)
    every = wanted.filtered.narrow(table, table.get_queryset(request), organisation)
    newest = every.order_by("-pk")
    if table.list_select_related:
        newest = newest.select_related(*table.list_select_related)
    rows = list(newest[: ROWS_MAX + 1])
    count = len(rows) if len(rows) <= ROWS_MAX else every.order_by().count()
    return _Found(wanted, table, rows[:ROWS_MAX], count)


def _actors(found: _Found) -> Iterator[str]:
    return actors_in(found.rows, found.table.list_display)


def _part(request: HttpRequest, found: _Found, organisation: Organisation) -> Part:
    table, columns = found.table, _columns(request, found)
    links = table.get_list_display_links(request, columns)
    return Part(
        title=found.wanted.title,
        count=found.count,
        link=_list_of(table, organisation, found.wanted.filtered),
        table={
            "headers": [label_for_field(one, table.model, model_admin=table) for one in columns],
            "rows": [
                [_cell(table, row, one, is_link=one in links) for one in columns]
                for row in found.rows
            ],
        },
    )


def _columns(request: HttpRequest, found: _Found) -> list[Any]:
    """The list's columns, but for what names the member itself in every row."""
    columns = found.table.get_list_display(request)
    named = {way.partition("__")[0] for way in found.table.member_fields}
    if len(named) != 1 or found.wanted.filtered is not MemberFilter:
        return list(columns)
    return [one for one in columns if getattr(one, "__name__", one) not in named]


def _list_of(
    table: ReadOnlyTable,
    organisation: Organisation,
    filtered: type[MemberFilter] = MemberFilter,
) -> str:
    """Where all rows of the member stand."""
    return f"{table.address()}?{filtered.parameter_name}={organisation.public_id}"


def _cell(table: ReadOnlyTable, row: Model, name: Any, *, is_link: bool) -> str | SafeString:
    """What the list of the table says there; a state in words."""
    field, _attribute, value = lookup_field(name, row, table)
    if isinstance(value, tuple):
        shown = str(value[1])
    elif field is None:
        shown = display_for_value(value, NOTHING)
    else:
        shown = display_for_field(value, field, NOTHING)
    return format_html(LINK, table.address(row), shown) if is_link else shown


def _with_balances(chapter: Chapter, organisation: Organisation) -> Chapter:
    """The chapter with what the books hold for the member before all else."""
    table: ReadOnlyTable = console.get_model_admin(Account)
    every = table.of_member(Account.objects.all(), organisation)
    found = list(every.order_by("currency", "code")[: BALANCES_MAX + 1])
    count = len(found) if len(found) <= BALANCES_MAX else every.count()
    rows = [
        [
            format_html(LINK, table.address(one), own_account_label(one.code)),
            money_shown(one.balance),
            money_shown(one.balance - one.available),
            money_shown(one.available),
        ]
        for one in found[:BALANCES_MAX]
    ]
    headers = [_("account"), _("balance"), _("of it held"), _("available")]
    part = Part(
        _("Balances"), count, _list_of(table, organisation), {"headers": headers, "rows": rows}
    )
    return Chapter(chapter.anchor, chapter.title, (part, *_unpaid(organisation), *chapter.parts))


def _unpaid(organisation: Organisation) -> tuple[Part, ...]:
    """What the member earned and was not paid, in each currency, with the reasons that it reads itself."""
    balances = unpaid.of_seller(organisation.pk, now=clock.now()).balances
    if not balances:
        return ()
    rows = [
        [
            *map(money_shown, (one.held, one.pending, one.available, one.owed)),
            format_html_join("", "<div>{}</div>", ((why.sentence,) for why in one.waits_for))
            or NOTHING,
        ]
        for one in balances
    ]
    headers = [
        _("held for deliveries"), _("not cleared yet"), _("available"), _("owed to the exchange"),
        _("why it is not paid, as the member reads it"),
    ]  # fmt: skip
    return (Part(_("Earned and not paid"), len(rows), "", {"headers": headers, "rows": rows}),)
