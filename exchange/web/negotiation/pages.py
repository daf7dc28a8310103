"""The page of one negotiation, round by round."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from exchange.catalog.lifecycle import DealNature, Period
from exchange.contracts.queries import waiting_for
from exchange.contracts.templates import template
from exchange.core import clock
from exchange.core.calendar import is_provisional
from exchange.core.fields import ReasonForm
from exchange.core.titles import in_own_language, title_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.negotiation.lifecycle import NegotiationState, Side, Turn
from exchange.negotiation.models import Negotiation, Proposal
from exchange.negotiation.queries import dealing, newest_proposal, side_of, subject_of
from exchange.negotiation.terms import read_terms
from exchange.web.catalogue.cards import say
from exchange.web.negotiation.forms import ProposalForm, beginning_with
from exchange.web.panels import Event, SharesPanel, shares_panel
from exchange.web.templatetags.assay import money
from pricing.money import Money

S = NegotiationState
TONES = {
    S.REQUESTED: "info", S.OFFERED: "info", S.APPROVING: "warn", S.ACCEPTED: "good",
    S.CONCLUDED: "good", S.DECLINED: "bad", S.WITHDRAWN: "neutral", S.EXPIRED: "neutral",
}  # fmt: skip


@dataclass(frozen=True)
class TermRow:
    """One term; `before` is what was proposed last, where it changed."""

    label: str
    text: str
    before: str
    is_changed: bool


@dataclass(frozen=True)
class Round:
    proposal: Proposal
    by: str
    person: str
    terms: tuple[TermRow, ...]


@dataclass(frozen=True)
class NegotiationPage:
    negotiation: Negotiation
    title: str
    tone: str
    is_my_turn: bool
    due_at: datetime | None
    is_provisional: bool
    rounds: tuple[Round, ...]
    events: tuple[Event, ...]
    answers: str
    may_answer: bool
    may_accept: bool
    may_withdraw: bool
    may_approve: bool
    form: forms.Form | None
    decline_form: forms.Form
    contract_url: str
    may_sign: bool
    shares: SharesPanel | None
    refusal: str


def negotiation_page(
    found: Negotiation, actor: Actor, *, sent: forms.Form | None = None, refusal: str = ""
) -> NegotiationPage:
    """The page; `sent` is a form that was refused, `refusal` says why an act was."""
    side = side_of(found, actor)
    state = S(found.state)
    proposals = list(found.proposals.select_related("by").order_by("-number"))
    newest = newest_proposal(found)
    terms = read_terms(newest.document["terms"])
    mine = _speaks(actor, found, side)
    is_my_turn = mine and side is not None and found.turn == Turn(side.value)
    may_answer = is_my_turn and state in {S.REQUESTED, S.OFFERED}
    sides = {Side.BUYER.value: found.buyer.name, Side.SELLER.value: found.seller.name}
    form = ProposalForm(initial=beginning_with(terms), currency=found.currency)
    return NegotiationPage(
        negotiation=found,
        title=title_of(found.product),
        tone=TONES[state],
        is_my_turn=is_my_turn,
        due_at=found.due_at if state not in {S.CONCLUDED, S.DECLINED, S.EXPIRED} else None,
        is_provisional=is_provisional(found.due_at),
        rounds=tuple(
            Round(
                proposal=one,
                by=sides[one.side],
                person=one.by.name if one.by and side is not None and one.side == side else "",
                terms=rows_of(one.document["terms"], one.changes),
            )
            for one in proposals
        ),
        events=tuple(
            Event(
                one.get_transition_display(),
                one.at,
                sides.get(one.facts.get("side", ""), ""),
                one.reason,
            )
            for one in found.steps.order_by("-number")
        ),
        answers=newest.document_hash,
        may_answer=may_answer,
        may_accept=may_answer and terms.price_minor is not None,
        may_withdraw=mine and not is_my_turn and state in {S.REQUESTED, S.OFFERED},
        may_approve=state is S.APPROVING
        and policy.allowed(actor, Permission.ORDER_CONFIRM, subject_of(found)).allowed,
        form=(sent or form) if may_answer else None,
        decline_form=ReasonForm(auto_id="decline_%s"),
        contract_url=reverse("web:contract", args=[found.contract.public_id])
        if found.contract
        else "",
        may_sign=_may_sign(found, actor),
        shares=shares_panel(
            found.product,
            actor,
            signed_at=found.contract.concluded_at if found.contract else None,
            now=clock.now(),
        ),
        refusal=refusal,
    )


def whose_turn(found: Negotiation, mine: int) -> str:
    """Who must act, from where the reader stands."""
    if found.turn == Turn.NOBODY:
        return ""
    if found.turn == Turn.BOTH:
        return _("both sides sign")
    is_mine = (found.turn == Turn.BUYER) == (found.buyer_id == mine)
    return _("your turn") if is_mine else _("theirs")


def _may_sign(found: Negotiation, actor: Actor) -> bool:
    """Whether the contract still waits for the reader's organisation."""
    mine = actor.organisation_id
    return bool(found.contract and mine and waiting_for(mine).filter(pk=found.contract.pk).exists())


def _speaks(actor: Actor, found: Negotiation, side: Side | None) -> bool:
    """Whether the actor may speak for the side that it stands on."""
    if side is None:
        return False
    if side is Side.SELLER:
        subject = Subject(organisation_id=found.seller_id)
        return policy.allowed(actor, Permission.QUOTE_MAKE, subject).allowed
    subject = dealing(found.product, found.buyer_id)
    return policy.allowed(actor, Permission.QUOTE_ASK, subject).allowed


def rows_of(terms: Mapping[str, Any], changes: list[dict[str, Any]]) -> tuple[TermRow, ...]:
    """The terms that say something, with what they were before."""
    before = {str(one["field"]): one["before"] for one in changes}
    rows = []
    for field, label in _labels().items():
        value, changed = terms.get(field), field in before
        if not changed and value in (None, "", []):
            continue
        rows.append(
            TermRow(
                label=label,
                text=worded(field, value, terms),
                before=worded(field, before[field], terms) if changed else "",
                is_changed=changed,
            )
        )
    return tuple(rows)


def worded(field: str, value: Any, terms: Mapping[str, Any]) -> str:
    """A term's value as people say it."""
    if value in (None, "", []):
        return _NOTHING.get(field, lambda: "–")()
    if field == "price_minor":
        return str(money(Money(int(value), str(terms["currency"]))))
    if field in {"allowed", "forbidden"}:
        return "; ".join(say("use", code) for code in value)
    if field == "access_days":
        return ngettext("%(days)d day", "%(days)d days", value) % {"days": value}
    if field == "seller_share_percent":
        return f"{value} %"
    return _CODES[field](str(value)) if field in _CODES else str(value)


def _labels() -> dict[str, str]:
    return {
        "price_minor": _("Price, without tax"),
        "period": pgettext("how often", "Paid"),
        "access_days": _("Access"),
        "allowed": _("Allowed uses"),
        "forbidden": _("Forbidden uses"),
        "purpose": _("Purpose"),
        "territory": _("Territory"),
        "environment": _("Where it is used"),
        "uses_max": _("Most uses"),
        "calls_max": _("Framework: orders in all"),
        "calls_days": _("Framework: days from the last signature"),
        "template": _("Contract"),
        "seller_share_percent": _("Seller's share of the results"),
        "nature": _("Nature of the deal"),
    }


def _contract(code: str) -> str:
    title = template(code).title
    return in_own_language(title["en"], title["zh"])


def _environment(code: str) -> str:
    return {"own": _("In the buyer's own systems"), "sandbox": _("In the sandbox")}.get(code, code)


_CODES = {
    "period": lambda code: str(Period(code).label),
    "nature": lambda code: str(DealNature(code).label),
    "template": _contract,
    "environment": _environment,
}


_NOTHING = {
    "price_minor": lambda: _("asked for"),
    "period": lambda: _("Once"),
    "access_days": lambda: _("without end"),
    "environment": lambda: _("Anywhere"),
    "uses_max": lambda: _("no limit"),
}
