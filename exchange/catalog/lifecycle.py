"""What products, revisions and offers can be; the lifecycles of listings, revisions and requests."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.catalog.models import ColumnFlag, Demand, Offer, Product, Revision, Sharing


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
    EXTERNAL = "external", _("Hosted by the seller")
    SANDBOX = "sandbox", _("Sandbox only, no download")
    SERVICE = "service", _("By people, as agreed")


# Where buyers go to a place of the seller's own.
AT_AN_ADDRESS = (Delivery.EXTERNAL, Delivery.API)


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

    PROPOSED = "proposed", pgettext_lazy("offer", "Proposed")
    ACTIVE = "active", _("On offer")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class OfferTransition(TextChoices):
    """What can happen to an offer."""

    MAKE = "make", _("On offer")
    PROPOSE = "propose", pgettext_lazy("offer", "Proposed")
    ACCEPT = "accept", pgettext_lazy("offer", "Accepted by the exchange")
    WITHDRAW = "withdraw", _("Withdrawn")


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
    PAUSED = "paused", pgettext_lazy("listing", "Paused")
    SUSPENDED = "suspended", _("Suspended")
    DELISTED = "delisted", _("Delisted")
    ARCHIVED = "archived", _("Archived")


class Turn(TextChoices):
    """Who has to do the next thing."""

    SELLER = "seller", _("The seller")
    OPERATOR = "operator", _("The exchange")
    NOBODY = "nobody", _("Nobody")


class ListingTransition(TextChoices):
    """What can happen to a listing. Each is one row of LISTING and, when done, one step."""

    DRAFT = "draft", _("Draft begun")
    SUBMIT = "submit", _("Submitted for review")
    RECALL = "recall", _("Taken back by the seller")
    TAKE_UP = "take_up", _("Review begun")
    PASS_COMPLIANCE = "pass_compliance", _("Compliance passed")
    PASS_QUALITY = "pass_quality", _("Quality passed")
    FIRST_APPROVAL = "first_approval", _("Approved by the first of two operators")
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
    RESUME_PAUSED = "resume_paused", _("No longer suspended, still paused")
    PAUSE = "pause", _("Paused by the seller")
    RELIST = "relist", _("Listed again by the seller")
    DELIST = "delist", _("Taken off the list")
    ARCHIVE = "archive", _("Archived")


class Party(StrEnum):
    """Who makes a transition."""

    SELLER = "seller"
    OPERATOR = "operator"
    EITHER = "either"
    RECEIVER = "receiver"  # of a share of the revenue
    EXCHANGE = "exchange"  # by itself, as a consequence


# How long the next act may take: keys of the rule pack, in working days.
REVIEW_DAYS = "list.review_days"
CORRECTION_DAYS = "list.correction_days"

S, T, P, X = ListingState, Turn, Party, ListingTransition
REVIEWED = frozenset({S.SUBMITTED, S.COMPLIANCE_REVIEW, S.QUALITY_REVIEW, S.PRICE_REVIEW})
# Where the seller may still change everything.
EDITABLE = frozenset({S.DRAFT, S.RETURNED})
# Where a change waits for an operator, since buyers see the listing or will see it again.
AMENDABLE = frozenset({S.LISTED, S.PAUSED, S.SUSPENDED})
# Where what buyers have begun goes on: a seller who pauses takes nothing new, and is bound by the rest.
KEPT_UP = frozenset({S.LISTED, S.PAUSED})
# Before these every gate must be open.
GATED = frozenset({
    X.SUBMIT, X.PASS_COMPLIANCE, X.PASS_QUALITY, X.FIRST_APPROVAL, X.APPROVE, X.LIST, X.PROPOSE_CHANGE,
    X.ACCEPT_CHANGE, X.RESUME, X.RELIST,
})  # fmt: skip

LISTING: Lifecycle[Product] = Lifecycle(
    "catalog.listing",
    ListingState,
    title=_("Listing of a product"),
    start=S.DRAFT,
    transitions=(
        Transition(X.DRAFT, NEW, S.DRAFT, by=P.SELLER, turn=T.SELLER, event="catalog.listing.drafted"),
        Transition(
            X.SUBMIT, EDITABLE, S.SUBMITTED, by=P.SELLER, turn=T.OPERATOR, term=REVIEW_DAYS,
            event="catalog.listing.submitted",
        ),
        Transition(
            X.RECALL, REVIEWED, S.DRAFT, by=P.SELLER, turn=T.SELLER,
            event="catalog.listing.recalled",
        ),
        Transition(
            X.TAKE_UP, S.SUBMITTED, S.COMPLIANCE_REVIEW, by=P.OPERATOR, turn=T.OPERATOR,
            term=REVIEW_DAYS, event="catalog.listing.taken_up",
        ),
        Transition(
            X.PASS_COMPLIANCE, S.COMPLIANCE_REVIEW, S.QUALITY_REVIEW, by=P.OPERATOR,
            turn=T.OPERATOR, term=REVIEW_DAYS, event="catalog.listing.compliance_passed",
        ),
        Transition(
            X.PASS_QUALITY, S.QUALITY_REVIEW, S.PRICE_REVIEW, by=P.OPERATOR, turn=T.OPERATOR,
            term=REVIEW_DAYS, event="catalog.listing.quality_passed",
        ),
        Transition(
            X.FIRST_APPROVAL, AMENDABLE | {S.PRICE_REVIEW}, None, by=P.OPERATOR, turn=T.OPERATOR,
            term=REVIEW_DAYS, event="catalog.listing.first_approved",
        ),
        Transition(
            X.APPROVE, S.PRICE_REVIEW, S.APPROVED, by=P.OPERATOR, turn=T.OPERATOR,
            event="catalog.listing.approved",
        ),
        Transition(
            X.LIST, S.APPROVED, S.LISTED, by=P.OPERATOR, turn=T.NOBODY,
            event="catalog.listing.listed", notify=(T.SELLER,),
        ),
        Transition(
            X.RETURN, REVIEWED | {S.APPROVED}, S.RETURNED, by=P.OPERATOR, turn=T.SELLER,
            term=CORRECTION_DAYS, event="catalog.listing.returned", needs_reason=True,
            notify=(T.SELLER,),
        ),
        Transition(
            X.REJECT, REVIEWED | {S.APPROVED}, S.REJECTED, by=P.OPERATOR, turn=T.NOBODY,
            event="catalog.listing.rejected", needs_reason=True, notify=(T.SELLER,),
        ),
        Transition(
            X.PROPOSE_CHANGE, AMENDABLE, None, by=P.SELLER, turn=T.OPERATOR, term=REVIEW_DAYS,
            event="catalog.change.proposed",
        ),
        Transition(
            X.TAKE_CHANGE_BACK, AMENDABLE, None, by=P.SELLER, turn=T.NOBODY,
            event="catalog.change.taken_back",
        ),
        Transition(
            X.ACCEPT_CHANGE, AMENDABLE, None, by=P.OPERATOR, turn=T.NOBODY,
            event="catalog.change.accepted", notify=(T.SELLER,),
        ),
        Transition(
            X.DECLINE_CHANGE, AMENDABLE, None, by=P.OPERATOR, turn=T.NOBODY,
            event="catalog.change.declined", needs_reason=True, notify=(T.SELLER,),
        ),
        Transition(
            X.SUSPEND, KEPT_UP, S.SUSPENDED, by=P.OPERATOR, turn=T.SELLER,
            event="catalog.listing.suspended", needs_reason=True, notify=(T.SELLER,),
        ),
        Transition(
            X.RESUME, S.SUSPENDED, S.LISTED, by=P.OPERATOR, turn=T.NOBODY,
            event="catalog.listing.resumed", needs_reason=True, notify=(T.SELLER,),
        ),
        # What its seller had paused before it was suspended.
        Transition(
            X.RESUME_PAUSED, S.SUSPENDED, S.PAUSED, by=P.OPERATOR, turn=T.NOBODY,
            event="catalog.listing.suspension_lifted", needs_reason=True, notify=(T.SELLER,),
        ),
        # Whose turn it is stays: a change that waits for the exchange is looked at meanwhile.
        Transition(X.PAUSE, S.LISTED, S.PAUSED, by=P.SELLER, event="catalog.listing.paused"),
        Transition(X.RELIST, S.PAUSED, S.LISTED, by=P.SELLER, event="catalog.listing.relisted"),
        # Whoever bought keeps what was bought: taking off the list only ends new purchases.
        Transition(
            X.DELIST, AMENDABLE | {S.APPROVED}, S.DELISTED, by=P.EITHER, turn=T.NOBODY,
            event="catalog.listing.delisted", needs_reason=True,
        ),
        Transition(
            X.ARCHIVE, EDITABLE | {S.REJECTED, S.DELISTED}, S.ARCHIVED, by=P.SELLER, turn=T.NOBODY,
            event="catalog.listing.archived",
        ),
    ),
    live=False,
)  # fmt: skip

OFFER: Lifecycle[Offer] = Lifecycle(
    "catalog.offer",
    OfferState,
    title=_("Offer"),
    start=OfferState.ACTIVE,
    transitions=(
        Transition(OfferTransition.MAKE, NEW, OfferState.ACTIVE, event="catalog.offer.made"),
        # What is offered of a standing listing is looked at before buyers see it.
        Transition(
            OfferTransition.PROPOSE, NEW, OfferState.PROPOSED, event="catalog.offer.proposed"
        ),
        Transition(
            OfferTransition.ACCEPT, OfferState.PROPOSED, OfferState.ACTIVE,
            event="catalog.offer.accepted",
        ),
        Transition(
            OfferTransition.WITHDRAW, {OfferState.PROPOSED, OfferState.ACTIVE}, OfferState.WITHDRAWN,
            event="catalog.offer.withdrawn",
        ),
    ),
    live=False,
)  # fmt: skip

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


class FlagState(TextChoices):
    """Whether a column is held back as personal."""

    FLAGGED = "flagged", _("Personal")
    LIFT_ASKED = "lift_asked", _("Personal; the seller asks to show it")
    LIFTED = "lifted", _("Not personal, as the exchange found")


class FlagTransition(TextChoices):
    """What can happen to the flag of a column."""

    FLAG = "flag", _("Flagged as personal")
    ASK_LIFT = "ask_lift", _("Asked to take the flag off")
    KEEP = "keep", _("Flag kept")
    LIFT = "lift", _("Flag taken off")


FLAG: Lifecycle[ColumnFlag] = Lifecycle(
    "catalog.column_flag",
    FlagState,
    title=_("Personal column"),
    start=FlagState.FLAGGED,
    transitions=(
        Transition(
            FlagTransition.FLAG, NEW, FlagState.FLAGGED, event="catalog.column.flagged",
            needs_reason=True, notify=(T.SELLER,),
        ),
        Transition(
            FlagTransition.ASK_LIFT, FlagState.FLAGGED, FlagState.LIFT_ASKED, by=P.SELLER,
            event="catalog.column.lift_asked", needs_reason=True,
        ),
        Transition(
            FlagTransition.KEEP, FlagState.LIFT_ASKED, FlagState.FLAGGED, by=P.OPERATOR,
            event="catalog.column.kept", needs_reason=True, notify=(T.SELLER,),
        ),
        Transition(
            FlagTransition.LIFT, {FlagState.FLAGGED, FlagState.LIFT_ASKED}, FlagState.LIFTED,
            by=P.OPERATOR, event="catalog.column.lifted", needs_reason=True, notify=(T.SELLER,),
        ),
    ),
    live=False,
)  # fmt: skip


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


class SharingState(TextChoices):
    """Whether a product's revenue is shared out so."""

    PROPOSED = "proposed", _("Waits for the parties")
    IN_FORCE = "in_force", _("In force")
    ENDED = "ended", _("Replaced")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Taken back")


class SharingTransition(TextChoices):
    """What can happen to a sharing of revenue."""

    PROPOSE = "propose", _("Proposed")
    AGREE = "agree", _("Agreed to")
    TAKE_EFFECT = "take_effect", _("Took effect")
    DECLINE = "decline", _("Declined")
    WITHDRAW = "withdraw", _("Taken back")
    END = "end", _("Replaced by a newer one")


SHARING: Lifecycle[Sharing] = Lifecycle(
    "catalog.sharing",
    SharingState,
    title=_("Sharing of a product's revenue"),
    start=SharingState.PROPOSED,
    transitions=(
        Transition(
            SharingTransition.PROPOSE, NEW, SharingState.PROPOSED, by=P.SELLER,
            event="catalog.sharing.proposed",
        ),
        Transition(
            SharingTransition.AGREE, SharingState.PROPOSED, None, by=P.RECEIVER,
            event="catalog.sharing.agreed",
        ),
        Transition(
            SharingTransition.TAKE_EFFECT, SharingState.PROPOSED, SharingState.IN_FORCE,
            by=P.EXCHANGE, event="catalog.sharing.took_effect", notify=(T.SELLER,),
        ),
        Transition(
            SharingTransition.DECLINE, SharingState.PROPOSED, SharingState.DECLINED, by=P.RECEIVER,
            event="catalog.sharing.declined", needs_reason=True, notify=(T.SELLER,),
        ),
        Transition(
            SharingTransition.WITHDRAW, SharingState.PROPOSED, SharingState.WITHDRAWN, by=P.SELLER,
            event="catalog.sharing.withdrawn",
        ),
        Transition(
            SharingTransition.END, SharingState.IN_FORCE, SharingState.ENDED, by=P.EXCHANGE,
            event="catalog.sharing.ended",
        ),
    ),
    live=False,
)  # fmt: skip
