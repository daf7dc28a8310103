"""The page of a dispute: what is claimed, what each side said, the money, and what can be done next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.core.calendar import is_provisional
from exchange.core.formatting import day_shown, money_shown
from exchange.core.titles import title_of
from exchange.disputes import appeals
from exchange.disputes.kinds import KINDS
from exchange.disputes.lifecycle import (
    DISPUTE,
    RUNNING,
    DisputeKind,
    DisputeState,
    DisputeTransition,
    DisputeTurn,
    OfferKind,
    Outcome,
    Remedy,
)
from exchange.disputes.models import Dispute, DisputeStep
from exchange.disputes.queries import (
    as_asked,
    as_claimant,
    as_offered,
    as_respondent,
    as_speaker,
    speaker,
)
from exchange.disputes.queries import side_of as dispute_side
from exchange.disputes.splits import SplitView, split_as_asked, split_as_offered
from exchange.journeys import case_files
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import OrderState
from exchange.orders.queries import Side, side_of
from exchange.web.disputes.forms import EvidenceForm, OfferForm, StatementForm
from exchange.web.orders.comparison import Summary, order_comparison
from exchange.web.panels import Event
from exchange.web.usage.rates import meter_name
from pricing.money import Money

X = DisputeTransition
TONES = {
    DisputeState.OPENED: "warn", DisputeState.REVIEW: "info", DisputeState.ASKED: "warn",
    DisputeState.RULED: "warn", DisputeState.APPEALED: "info", DisputeState.ENDED: "neutral",
}  # fmt: skip
EVENT_TONES = {
    X.OPEN: "bad", X.APPEAL: "bad", X.EXPIRE: "warn", X.ASK_CLAIMANT: "warn", X.ASK_RESPONDENT: "warn",
}  # fmt: skip
# What happens next, by where the dispute stands; the side in question reads its own sentence.
NEXT: Mapping[DisputeState, str | Promise] = {
    DisputeState.OPENED: gettext_lazy(
        "%(who)s answers. Without an answer in time the dispute ends as it was asked for."
    ),
    DisputeState.REVIEW: gettext_lazy("The exchange looks at what both sides said, and decides."),
    DisputeState.ASKED: gettext_lazy(
        "%(who)s answers the exchange's question. Who does not answer in time loses the dispute."
    ),
    DisputeState.RULED: gettext_lazy(
        "The exchange has decided. A side that the ruling goes against can appeal once, in time, or accept it."
        " Then it is final and carried out; the money stays held until then."
    ),
    DisputeState.APPEALED: gettext_lazy(
        "Two other operators decide on the appeal of %(appellant)s, and that is final. The money stays held."
    ),
    DisputeState.ENDED: gettext_lazy("The dispute has ended."),
}

# What taking an offer does, at once.
EFFECTS: Mapping[OfferKind, str | Promise] = {
    OfferKind.REFUND: gettext_lazy(
        "The amount goes back to the buyer the way it was paid, and the seller keeps the rest. All of it ends the"
        " access."
    ),
    OfferKind.CREDIT: gettext_lazy(
        "The amount is in the buyer's wallet at once, borne by the seller, who keeps the rest."
    ),
    OfferKind.REDELIVER: gettext_lazy(
        "The seller's newest revision is delivered, and the time to look at it begins again. The money stays held."
    ),
    OfferKind.EXTEND: gettext_lazy(
        "The access and its subscription end later by these days. The seller keeps the money."
    ),
}


@dataclass(frozen=True)
class File:
    """A file that a side handed in."""

    name: str
    by: str
    at: datetime
    url: str


@dataclass(frozen=True)
class Offer:
    """What one side offers and what taking it does; `may_answer` is the other."""

    number: int
    by: str
    what: str
    effect: str
    split: SplitView | None
    until: datetime
    may_answer: bool


@dataclass(frozen=True)
class RulingShown:
    """A ruling that the sides can read: how the dispute ends by it, and how much goes back."""

    outcome: str
    back: Money
    why: str
    at: datetime | None
    is_final: bool


@dataclass(frozen=True)
class DisputePage:
    dispute: Dispute
    title: str
    claim: str
    needs: str
    line: str
    asked_for: str
    rests: bool
    is_sellers: bool
    tone: str
    next_step: str
    turn: str
    is_my_turn: bool
    is_overdue: bool
    is_provisional: bool
    outcome: str
    outcome_amount: Money | None
    held: Money
    split: SplitView | None
    events: tuple[Event, ...]
    statement: StatementForm | None
    statement_url: str
    statement_label: str
    offer: Offer | None
    offer_form: OfferForm | None
    files: tuple[File, ...]
    file_form: EvidenceForm | None
    may_concede: bool
    may_withdraw: bool
    ruling: RulingShown | None
    may_accept_ruling: bool
    may_withdraw_appeal: bool
    arbitration_url: str
    comparison: Summary | None
    desk_url: str


def dispute_page(
    dispute: Dispute,
    actor: Actor,
    *,
    now: datetime,
    statement: StatementForm | None = None,
    file_form: EvidenceForm | None = None,
    offer_form: OfferForm | None = None,
) -> DisputePage:
    """Everything the page shows to this actor, read at once."""
    side = side_of(dispute.order, actor)
    steps = list(dispute.steps.select_related("by", "approved_by").order_by("number"))
    label, url = _statement(dispute, actor)
    may_speak = _may_speak(dispute, actor)
    return DisputePage(
        dispute=dispute,
        title=title_of(dispute.order),
        claim=steps[0].reason,
        needs=str(KINDS[DisputeKind(dispute.kind)].needs),
        line=_line(dispute),
        asked_for=asked_for(dispute),
        rests=dispute.paused_step is not None and not dispute.outcome,
        is_sellers=dispute.claimant_id == dispute.order.seller_id,
        tone=TONES[DisputeState(dispute.state)],
        next_step=str(NEXT[DisputeState(dispute.state)])
        % {"who": _whose(dispute), "appellant": _appellant(dispute)},
        turn=_whose(dispute),
        is_my_turn=bool(url) and dispute.state != DisputeState.APPEALED,
        is_overdue=dispute.due_at is not None and dispute.due_at < now,
        is_provisional=is_provisional(dispute.due_at),
        outcome=dispute.get_outcome_display() if dispute.outcome else "",
        outcome_amount=_back(dispute) if dispute.outcome else None,
        held=_held(dispute),
        split=None if side is Side.BUYER else split_as_asked(dispute),
        events=tuple(event_of(dispute, step, steps, side) for step in reversed(steps)),
        statement=_asking(statement, dispute, actor) if url else None,
        statement_url=url,
        statement_label=str(label),
        offer=_offer(dispute, actor, now=now),
        offer_form=(offer_form or OfferForm(currency=dispute.currency))
        if may_speak and dispute.offer_number is None
        else None,
        files=files_of(dispute),
        file_form=(file_form or EvidenceForm()) if may_speak else None,
        may_concede=_may(dispute, actor, X.CONCEDE, as_respondent(dispute)),
        may_withdraw=_may(dispute, actor, X.WITHDRAW, as_claimant(dispute)),
        ruling=ruling_shown(dispute),
        may_accept_ruling=_may_appeal(dispute, actor),
        may_withdraw_appeal=_is_appellant(dispute, actor)
        and _may(dispute, actor, X.WITHDRAW_APPEAL, as_speaker(dispute, actor=actor)),
        arbitration_url=reverse("web:dispute_arbitration", args=[dispute.public_id])
        if case_files.can_go_to_arbitration(dispute)
        else "",
        comparison=order_comparison(dispute.order, actor),
        desk_url=reverse("console:disputes_dispute_change", args=[dispute.pk])
        if actor.oversees
        else "",
    )


def _asking(form: StatementForm | None, dispute: Dispute, actor: Actor) -> StatementForm:
    """The form for what a side says, named for what it is to say."""
    form = form or StatementForm()
    if _may_appeal(dispute, actor):
        form.fields["reason"].label = _("Why you appeal")
    return form


def files_of(dispute: Dispute) -> tuple[File, ...]:
    """What both sides handed in, oldest first."""
    return tuple(
        File(
            one.name,
            one.organisation.name,
            one.uploaded_at,
            reverse("web:dispute_file", args=[dispute.public_id, one.public_id]),
        )
        for one in dispute.files.select_related("organisation")
    )


def _offer(dispute: Dispute, actor: Actor, *, now: datetime) -> Offer | None:
    """The offer that stands."""
    if dispute.offer_number is None or dispute.offer_until is None:
        return None
    is_claimants = dispute.offer_by == DisputeTurn.CLAIMANT
    return Offer(
        number=dispute.offer_number,
        by=(dispute.claimant if is_claimants else dispute.respondent).name,
        what=dispute.offer_shown,
        effect=str(EFFECTS[OfferKind(dispute.offer_kind)]),
        split=None
        if actor.organisation_id == dispute.order.buyer_id
        else split_as_offered(dispute),
        until=dispute.offer_until,
        may_answer=dispute.offer_until > now
        and _may(dispute, actor, X.TAKE_OFFER, as_offered(dispute, actor=actor)),
    )


def _may_speak(dispute: Dispute, actor: Actor) -> bool:
    subject = as_speaker(dispute, actor=actor)
    is_side = actor.organisation_id == subject.organisation_id
    return (
        is_side
        and dispute.state in RUNNING
        and bool(policy.allowed(actor, Permission.DISPUTE_SPEAK, subject))
    )


def asked_for(dispute: Dispute) -> str:
    """What the opener wants, with the amount."""
    if dispute.remedy == Remedy.PART:
        return _("%(remedy)s: %(amount)s") % {
            "remedy": dispute.get_remedy_display(),
            "amount": money_shown(dispute.wanted),
        }
    return dispute.get_remedy_display()


def _line(dispute: Dispute) -> str:
    """The line of a bill that is disputed."""
    if dispute.line_day is None:
        return ""
    return f"{day_shown(dispute.line_day)} · {meter_name(dispute.line_meter)}"


def _whose(dispute: Dispute) -> str:
    if dispute.turn == DisputeTurn.CLAIMANT:
        return dispute.claimant.name
    if dispute.turn == DisputeTurn.RESPONDENT:
        return dispute.respondent.name
    return str(DisputeTurn(dispute.turn).label)


def _may(dispute: Dispute, actor: Actor, name: DisputeTransition, subject: Subject) -> bool:
    is_theirs = actor.organisation_id == subject.organisation_id
    return (
        is_theirs
        and DISPUTE.may(dispute, name)
        and bool(policy.allowed(actor, Permission.DISPUTE_SPEAK, subject))
    )


def ruling_shown(dispute: Dispute) -> RulingShown | None:
    """The ruling that stands, or by which the dispute ended."""
    ruling = dispute.ruling
    if ruling is None:
        return None
    outcome, back = appeals.ruled(dispute, ruling)
    return RulingShown(
        str(outcome.label), back, ruling.reason, ruling.decided_at, bool(dispute.outcome)
    )


def _may_appeal(dispute: Dispute, actor: Actor) -> bool:
    subject = as_speaker(dispute, actor=actor)
    return _may(dispute, actor, X.APPEAL, subject) and appeals.may_appeal(
        dispute, dispute_side(dispute, actor)
    )


def _is_appellant(dispute: Dispute, actor: Actor) -> bool:
    return dispute.appeal_by == dispute_side(dispute, actor)


def _appellant(dispute: Dispute) -> str:
    is_claimants = dispute.appeal_by == DisputeTurn.CLAIMANT
    return (dispute.claimant if is_claimants else dispute.respondent).name


def _statement(dispute: Dispute, actor: Actor) -> tuple[str | Promise, str]:
    """What the actor's side can say now: what sending it is called, and where to; empty for nothing."""
    may = {
        "web:dispute_answer": _may(dispute, actor, X.ANSWER, as_respondent(dispute)),
        "web:dispute_reply": _may(dispute, actor, X.REPLY, as_asked(dispute)),
        "web:dispute_appeal": _may_appeal(dispute, actor),
        "web:dispute_answer_appeal": not _is_appellant(dispute, actor)
        and _may(dispute, actor, X.ANSWER_APPEAL, as_speaker(dispute, actor=actor)),
    }
    route = next((name for name, allowed in may.items() if allowed), "")
    if not route:
        return "", ""
    label = _("Appeal") if route == "web:dispute_appeal" else _("Send the answer")
    return label, reverse(route, args=[dispute.public_id])


def _back(dispute: Dispute) -> Money:
    """What went back to the buyer in the end."""
    if dispute.outcome == Outcome.REFUNDED:
        return dispute.order.total
    return dispute.refund or Money(0, dispute.currency)


def _held(dispute: Dispute) -> Money:
    """How much is held for a dispute that runs: all of an order under inspection, what is asked back of one
    that was settled."""
    is_settled = dispute.order.state == OrderState.CLOSED
    return dispute.wanted if is_settled else dispute.order.total


def event_of(
    dispute: Dispute, step: DisputeStep, steps: Sequence[DisputeStep], side: Side
) -> Event:
    title = step.get_transition_display()
    if step.offered:
        title = _("Offered: %(what)s") % {"what": step.offered}
    return Event(
        title=title,
        at=step.at,
        by=_by(dispute, step, steps, side),
        reason=step.reason,
        tone=EVENT_TONES.get(DisputeTransition(step.transition), "neutral"),
    )


def _by(dispute: Dispute, step: DisputeStep, steps: Sequence[DisputeStep], side: Side) -> str:
    """The organisation that spoke; the exchange's own people read who it was."""
    whose = speaker(step, steps)
    if step.by is None or whose == DisputeTurn.OPERATOR:
        is_named = side is Side.EXCHANGE and step.by is not None
        return str(step.by) if is_named else _("The exchange")
    return (dispute.claimant if whose == DisputeTurn.CLAIMANT else dispute.respondent).name
