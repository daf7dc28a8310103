"""Reasons that operators and sellers choose from, and what operators confirm at each stage: data."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.catalog.lifecycle import ListingTransition, Party

Words = str | Promise
OTHER = "other"
SELLER_SUSPENDED, SELLER_LEFT = "seller_suspended", "seller_left"


@dataclass(frozen=True)
class Reason:
    """A reason for a step: where it is offered, the text that it starts from, and the gate whose field it
    concerns."""

    code: str
    label: Words
    text: Words
    transitions: frozenset[ListingTransition]
    party: Party = Party.OPERATOR
    gate: str = ""


@dataclass(frozen=True)
class Point:
    """Something that an operator confirms before a stage is passed."""

    code: str
    sentence: Words


_BACK = frozenset({ListingTransition.RETURN, ListingTransition.DECLINE_CHANGE})
_END = frozenset({ListingTransition.REJECT, ListingTransition.DELIST})

REASONS: tuple[Reason, ...] = (
    Reason(
        "source_unproven", _("Source not shown"),
        _("Please say where the data comes from and on which right you offer it."),
        _BACK, gate="source_stated",
    ),
    Reason(
        "personal_undeclared", _("Personal data not declared"),
        _("Columns look personal. Please confirm or explain each of them."), _BACK, gate="findings_answered",
    ),
    Reason(
        "description_unclear", _("Description unclear"),
        _("Please describe the columns and the use so that a buyer can judge them."),
        _BACK, gate="description_long",
    ),
    Reason(
        "quality_low", _("Quality too low"),
        _("Please correct what the quality report names and upload the data again."),
        _BACK, gate="quality_reached",
    ),
    Reason(
        "licence_unfit", _("Licence does not fit"),
        _("The licence does not fit the scenario or the grade. Please choose again."),
        _BACK, gate="licence_chosen",
    ),
    Reason(
        "price_unclear", _("Price unclear"),
        _("Please make the price plan such that a buyer knows the total beforehand."),
        _BACK, gate="offer_made",
    ),
    Reason(
        "no_right", _("No right to offer it"),
        _("You could not show a right to offer this data."), _END,
    ),
    Reason(
        "banned", _("Not tradable by law"),
        _("Data of this content or grade may not be traded."), _END,
    ),
    Reason(
        "duplicate", _("Offered already"),
        _("The same product is listed already."), _END,
    ),
    Reason(
        "complaint", _("Complaint"),
        _("A complaint is being looked into; until then nobody new can buy."),
        frozenset({ListingTransition.SUSPEND}),
    ),
    Reason(
        "rights_disputed", _("Rights disputed"),
        _("Somebody else claims rights in this data."),
        frozenset({ListingTransition.SUSPEND}),
    ),
    Reason(
        "security", _("Security incident"),
        _("The data may have leaked or may harm somebody."),
        frozenset({ListingTransition.SUSPEND}),
    ),
    Reason(
        "settled", _("The matter is settled"),
        _("What the listing was suspended for is settled."),
        frozenset({ListingTransition.RESUME, ListingTransition.RESUME_PAUSED}),
    ),
    Reason(
        "no_longer_offered", _("No longer offered"),
        _("We do not offer this any more."),
        frozenset({ListingTransition.DELIST}), Party.SELLER,
    ),
    Reason(
        "replaced", _("Replaced by another product"),
        _("Another product of ours takes its place."),
        frozenset({ListingTransition.DELIST}), Party.SELLER,
    ),
    # Not offered to anybody: they follow from the seller's standing.
    Reason(
        SELLER_SUSPENDED, _("Its seller is suspended"), "",
        frozenset({ListingTransition.SUSPEND, ListingTransition.RESUME}), Party.EXCHANGE,
    ),
    Reason(
        SELLER_LEFT, _("Its seller left the exchange"), "",
        frozenset({ListingTransition.DELIST}), Party.EXCHANGE,
    ),
    Reason(
        OTHER, pgettext_lazy("reason", "Other"),
        "", frozenset(ListingTransition), Party.EITHER,
    ),
)  # fmt: skip

CHECKLISTS: Mapping[ListingTransition, tuple[Point, ...]] = {
    ListingTransition.PASS_COMPLIANCE: (
        Point("source", _("The source is stated, and the seller may offer the data.")),
        Point("personal", _("Findings of personal data are confirmed or explained.")),
        Point("grade", _("The grade fits the content.")),
        Point("licence", _("The licence fits source, grade and scenario.")),
    ),
    ListingTransition.PASS_QUALITY: (
        Point("dictionary", _("A buyer understands every column from the dictionary.")),
        Point("preview", _("Preview and sample match the description.")),
        Point("quality", _("The quality figures are plausible.")),
    ),
    ListingTransition.APPROVE: (
        Point("price", _("A buyer knows the whole price before buying.")),
        Point("fair", _("Equal buyers are treated equally.")),
        Point("refund", _("The refund policy is clear.")),
    ),
}


def reasons_for(transition: ListingTransition, party: Party) -> list[Reason]:
    """The templates offered for a step to one party."""
    return [
        reason
        for reason in REASONS
        if transition in reason.transitions and reason.party in {party, Party.EITHER}
    ]


def missing_points(transition: ListingTransition, ticked: frozenset[str]) -> list[str]:
    """Codes of the points that this step needs and that are not confirmed."""
    return [point.code for point in CHECKLISTS.get(transition, ()) if point.code not in ticked]
