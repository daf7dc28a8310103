"""What products, revisions and offers can be; the lifecycles of listings, revisions and requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition
from exchange.core.moves import lifecycle

if TYPE_CHECKING:
    from exchange.catalog.models import Demand, Revision


class ProductKind(TextChoices):
    """What is sold."""

    DATASET = "dataset", _("Data set")
    API = "api", pgettext_lazy("kind of product", "API")
    REPORT = "report", _("Report")
    MODEL = "model", _("Model")
    PORTRAIT = "portrait", _("Portrait")
    SERVICE = "service", _("Service")
    BUNDLE = "bundle", _("Bundle")


class Delivery(TextChoices):
    """How a buyer gets it."""

    FILE = "file", _("File download")
    API = "api", _("API access")
    EXTERNAL = "external", _("At the seller's own place")
    SANDBOX = "sandbox", _("In the sandbox: the data stays")
    SERVICE = "service", _("By people, as agreed")


class RefundPolicy(TextChoices):
    """When a buyer gets the money back."""

    NONE = "none", _("No refund after payment")
    UNTIL_DOWNLOAD = "until_download", _("Full refund until the first download")
    INSPECTION = "inspection", _("Full refund while the inspection runs, if it is not as described")


class Grade(TextChoices):
    """How sensitive the data is; the names of GB/T 43697."""

    GENERAL_1 = "general_1", _("General 1: harms nobody")
    GENERAL_2 = "general_2", _("General 2: general harm")
    GENERAL_3 = "general_3", _("General 3: serious harm")
    GENERAL_4 = "general_4", _("General 4: especially serious harm")
    IMPORTANT = "important", _("Important data")
    CORE = "core", _("Core data")


# What only two operators together let onto the list.
SENSITIVE: frozenset[Grade] = frozenset({Grade.GENERAL_3, Grade.GENERAL_4, Grade.IMPORTANT})


class RevisionState(TextChoices):
    """Where a revision stands."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    REVOKED = "revoked", _("Revoked")


class RevisionTransition(TextChoices):
    """What can happen to a revision."""

    PUBLISH = "publish", _("Published")
    REVOKE = "revoke", _("Revoked")


class OfferKind(TextChoices):
    """How an offer is paid."""

    FREE = "free", _("Free")
    ONE_OFF = "one_off", _("One payment")
    SUBSCRIPTION = "subscription", _("Subscription")
    METERED = "metered", _("By use")


class DealNature(TextChoices):
    """What changes hands. A licence leaves the seller's rights as they are; after a transfer it keeps
    none; a contribution is a transfer in return for a share."""

    LICENCE = "licence", _("Licence")
    TRANSFER = "transfer", _("Transfer")
    CONTRIBUTION = "contribution", _("Contribution")


class OfferState(TextChoices):
    """Whether an offer can be taken up."""

    ACTIVE = "active", _("On offer")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Period(TextChoices):
    """How long one payment of a subscription lasts, as ISO 8601."""

    MONTH = "P1M", _("a month")
    QUARTER = "P3M", _("a quarter")
    YEAR = "P1Y", _("a year")


class History(TextChoices):
    """Which earlier revisions a purchase includes."""

    ALL = "all", _("all earlier revisions")
    LAST = "last", _("the last revisions")
    NONE = "none", _("only the newest revision")


class Future(TextChoices):
    """Which later revisions a purchase includes."""

    ALL = "all", _("all later revisions while access lasts")
    NONE = "none", _("no later revisions")


class ListingState(TextChoices):
    """Where a listing stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    COMPLIANCE_REVIEW = "compliance_review", _("Compliance review")
    QUALITY_REVIEW = "quality_review", _("Quality review")
    PRICE_REVIEW = "price_review", _("Price review")
    RETURNED = "returned", _("Returned for changes")
    REJECTED = "rejected", _("Rejected")
    APPROVED = "approved", _("Approved")
    LISTED = "listed", _("Listed")
    SUSPENDED = "suspended", _("Suspended")
    DELISTED = "delisted", _("Delisted")
    ARCHIVED = "archived", _("Archived")


class Turn(TextChoices):
    """Who has to do the next thing."""

    SELLER = "seller", _("The seller")
    OPERATOR = "operator", _("The exchange")
    NOBODY = "nobody", _("Nobody")


class Move(TextChoices):
    """What can happen to a listing. Each is one row of MOVES and, when done, one step."""

    DRAFT = "draft", _("Draft begun")
    SUBMIT = "submit", _("Submitted for review")
    RECALL = "recall", _("Taken back by the seller")
    TAKE_UP = "take_up", _("Review begun")
    PASS_COMPLIANCE = "pass_compliance", _("Compliance passed")
    PASS_QUALITY = "pass_quality", _("Quality passed")
    VOUCH = "vouch", _("Approved by the first of two operators")
    APPROVE = "approve", pgettext_lazy("listing", "Approved")
    LIST = "list", pgettext_lazy("listing", "Listed")
    RETURN = "return", _("Returned for changes")
    REJECT = "reject", pgettext_lazy("listing", "Rejected")
    PROPOSE_CHANGE = "propose_change", _("Change submitted for review")
    TAKE_CHANGE_BACK = "take_change_back", _("Change taken back")
    ACCEPT_CHANGE = "accept_change", _("Change accepted")
    DECLINE_CHANGE = "decline_change", _("Change declined")
    SUSPEND = "suspend", pgettext_lazy("listing", "Suspended")
    RESUME = "resume", _("Listed again")
    DELIST = "delist", _("Taken off the list")
    ARCHIVE = "archive", _("Archived")


class Term(StrEnum):
    """How long the next act may take: keys of the rule pack, in working days."""

    REVIEW = "list.review_days"
    CORRECTION = "list.correction_days"


class Party(StrEnum):
    """Who makes a move."""

    SELLER = "seller"
    OPERATOR = "operator"
    EITHER = "either"


@dataclass(frozen=True)
class MoveRule:
    """From where a move may be made and by whom, where it leads (None: it stays), whose turn it is
    afterwards and for how long (None: for good), whether gates must be open, or a reason given."""

    sources: frozenset[ListingState]
    target: ListingState | None
    party: Party
    turn: Turn
    term: Term | None = None
    gated: bool = False
    reasoned: bool = False


def _from(*sources: ListingState) -> frozenset[ListingState]:
    return frozenset(sources)


S, T, P = ListingState, Turn, Party
REVIEWED = _from(S.SUBMITTED, S.COMPLIANCE_REVIEW, S.QUALITY_REVIEW, S.PRICE_REVIEW)
# Where the seller may still change everything.
EDITABLE = _from(S.DRAFT, S.RETURNED)
# Where a change waits for an operator, since buyers see the listing or will see it again.
AMENDABLE = _from(S.LISTED, S.SUSPENDED)

MOVES: Mapping[Move, MoveRule] = {
    Move.DRAFT: MoveRule(_from(), S.DRAFT, P.SELLER, T.SELLER),
    Move.SUBMIT: MoveRule(EDITABLE, S.SUBMITTED, P.SELLER, T.OPERATOR, Term.REVIEW, gated=True),
    Move.RECALL: MoveRule(REVIEWED, S.DRAFT, P.SELLER, T.SELLER),
    Move.TAKE_UP: MoveRule(
        _from(S.SUBMITTED), S.COMPLIANCE_REVIEW, P.OPERATOR, T.OPERATOR, Term.REVIEW
    ),
    Move.PASS_COMPLIANCE: MoveRule(
        _from(S.COMPLIANCE_REVIEW), S.QUALITY_REVIEW, P.OPERATOR, T.OPERATOR, Term.REVIEW, gated=True
    ),
    Move.PASS_QUALITY: MoveRule(
        _from(S.QUALITY_REVIEW), S.PRICE_REVIEW, P.OPERATOR, T.OPERATOR, Term.REVIEW, gated=True
    ),
    Move.VOUCH: MoveRule(
        AMENDABLE | {S.PRICE_REVIEW}, None, P.OPERATOR, T.OPERATOR, Term.REVIEW, gated=True
    ),
    Move.APPROVE: MoveRule(_from(S.PRICE_REVIEW), S.APPROVED, P.OPERATOR, T.OPERATOR, gated=True),
    Move.LIST: MoveRule(_from(S.APPROVED), S.LISTED, P.OPERATOR, T.NOBODY, gated=True),
    Move.RETURN: MoveRule(
        REVIEWED | {S.APPROVED}, S.RETURNED, P.OPERATOR, T.SELLER, Term.CORRECTION, reasoned=True
    ),
    Move.REJECT: MoveRule(REVIEWED | {S.APPROVED}, S.REJECTED, P.OPERATOR, T.NOBODY, reasoned=True),
    Move.PROPOSE_CHANGE: MoveRule(AMENDABLE, None, P.SELLER, T.OPERATOR, Term.REVIEW, gated=True),
    Move.TAKE_CHANGE_BACK: MoveRule(AMENDABLE, None, P.SELLER, T.NOBODY),
    Move.ACCEPT_CHANGE: MoveRule(AMENDABLE, None, P.OPERATOR, T.NOBODY, gated=True),
    Move.DECLINE_CHANGE: MoveRule(AMENDABLE, None, P.OPERATOR, T.NOBODY, reasoned=True),
    Move.SUSPEND: MoveRule(_from(S.LISTED), S.SUSPENDED, P.OPERATOR, T.SELLER, reasoned=True),
    Move.RESUME: MoveRule(
        _from(S.SUSPENDED), S.LISTED, P.OPERATOR, T.NOBODY, gated=True, reasoned=True
    ),
    # Whoever bought keeps what was bought: taking off the list only ends new purchases.
    Move.DELIST: MoveRule(
        _from(S.APPROVED, S.LISTED, S.SUSPENDED), S.DELISTED, P.EITHER, T.NOBODY, reasoned=True
    ),
    Move.ARCHIVE: MoveRule(
        _from(S.DRAFT, S.RETURNED, S.REJECTED, S.DELISTED), S.ARCHIVED, P.SELLER, T.NOBODY
    ),
}  # fmt: skip

LISTING_MOVES: Mapping[ListingState, frozenset[ListingState]] = lifecycle(
    name="catalog.listing",
    title=_("Listing of a product"),
    start=ListingState.DRAFT,
    moves={
        state: frozenset(
            rule.target
            for rule in MOVES.values()
            if rule.target is not None and state in rule.sources
        )
        for state in ListingState
    },
)

REVISION: Lifecycle[Revision] = Lifecycle(
    "catalog.revision",
    RevisionState,
    title=_("Revision of a product"),
    start=RevisionState.DRAFT,
    transitions=(
        Transition(
            RevisionTransition.PUBLISH, RevisionState.DRAFT, RevisionState.PUBLISHED,
            event="catalog.revision.published",
        ),
        Transition(
            RevisionTransition.REVOKE, RevisionState.PUBLISHED, RevisionState.REVOKED,
            event="catalog.revision.revoked", needs_reason=True,
        ),
    ),
    live=False,
)  # fmt: skip

# The name under which each step is known outside: in the log, the outbox and webhooks.
EVENTS: Mapping[Move, str] = {
    Move.DRAFT: "catalog.listing.drafted",
    Move.SUBMIT: "catalog.listing.submitted",
    Move.RECALL: "catalog.listing.recalled",
    Move.TAKE_UP: "catalog.listing.taken_up",
    Move.PASS_COMPLIANCE: "catalog.listing.compliance_passed",
    Move.PASS_QUALITY: "catalog.listing.quality_passed",
    Move.VOUCH: "catalog.listing.vouched",
    Move.APPROVE: "catalog.listing.approved",
    Move.LIST: "catalog.listing.listed",
    Move.RETURN: "catalog.listing.returned",
    Move.REJECT: "catalog.listing.rejected",
    Move.PROPOSE_CHANGE: "catalog.change.proposed",
    Move.TAKE_CHANGE_BACK: "catalog.change.taken_back",
    Move.ACCEPT_CHANGE: "catalog.change.accepted",
    Move.DECLINE_CHANGE: "catalog.change.declined",
    Move.SUSPEND: "catalog.listing.suspended",
    Move.RESUME: "catalog.listing.resumed",
    Move.DELIST: "catalog.listing.delisted",
    Move.ARCHIVE: "catalog.listing.archived",
}


def legal_steps() -> list[tuple[Move, str, ListingState]]:
    """Every (move, from, to) that a step may record; `from` is empty for the first step."""
    steps: list[tuple[Move, str, ListingState]] = []
    for move, rule in MOVES.items():
        if not rule.sources and rule.target is not None:
            steps.append((move, "", rule.target))
        steps.extend((move, source, rule.target or source) for source in sorted(rule.sources))
    return steps


class DemandState(TextChoices):
    """Whether a request still stands on the board."""

    OPEN = "open", _("Open")
    MET = "met", _("Found")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DemandTransition(TextChoices):
    """What can happen to a request."""

    POST = "post", _("Posted")
    MEET = "meet", _("Found")
    WITHDRAW = "withdraw", _("Withdrawn")


DEMAND: Lifecycle[Demand] = Lifecycle(
    "catalog.demand",
    DemandState,
    title=_("Request for data"),
    start=DemandState.OPEN,
    transitions=(
        Transition(DemandTransition.POST, NEW, DemandState.OPEN, event="catalog.demand.posted"),
        Transition(
            DemandTransition.MEET, DemandState.OPEN, DemandState.MET, event="catalog.demand.closed"
        ),
        Transition(
            DemandTransition.WITHDRAW,
            DemandState.OPEN,
            DemandState.WITHDRAWN,
            event="catalog.demand.closed",
        ),
    ),
    live=False,
)
