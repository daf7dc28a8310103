"""What must hold before a listing may go on: a list of gates, each a row of data.

A gate has a sentence that says what must be so, a check, the transitions that it blocks and the step of
the publish wizard where it is opened. Gates that block nothing are advice and count for the score.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.catalog import disclosure
from exchange.catalog.errors import GatesShut
from exchange.catalog.facts import Listing
from exchange.catalog.lifecycle import AT_AN_ADDRESS, GATED, ListingState, ListingTransition

DESCRIPTION_CHARS = 200
PARTS_MIN = 2
NEVER: frozenset[ListingTransition] = frozenset()


class Step(StrEnum):
    """The steps of the publish wizard."""

    DATA = "data"
    DICTIONARY = "dictionary"
    ABOUT = "about"
    LICENCE = "licence"
    OFFERS = "offers"
    CHECK = "check"


class Tab(StrEnum):
    """The tabs of the editor at the sellers' desk."""

    ABOUT = "about"
    DATA = "data"
    DICTIONARY = "dictionary"
    OFFERS = "offers"
    LICENCE = "licence"
    DOCUMENTS = "documents"
    CHECK = "check"


def always(_listing: Listing) -> bool:
    return True


@dataclass(frozen=True)
class Gate:
    """One requirement. `check` is asked of a listing to which it `applies`; elsewhere it does not exist.
    `weight` counts for the score. Those `of_revision` watch new revisions of a listed product too, since
    these reach buyers without an operator.

    `field` is the form's field at which it is opened, and `own_tab` the tab, where that is not the step's.
    `counts` says how many things are missing, where it is not one.
    """

    code: str
    sentence: str | Promise
    step: Step
    check: Callable[[Listing], bool]
    applies: Callable[[Listing], bool] = always
    blocks: frozenset[ListingTransition] = GATED
    of_revision: bool = False
    weight: int = 2
    field: str = ""
    own_tab: Tab | None = None
    counts: Callable[[Listing], int] | None = None

    @property
    def tab(self) -> Tab:
        """The tab of the desk's editor where it is opened."""
        return self.own_tab or Tab(self.step.value)


@dataclass(frozen=True)
class Answer:
    """What a gate answered."""

    gate: Gate
    is_open: bool
    missing: int = 0

    @property
    def sentence(self) -> str:
        """What must be so, and how much is missing."""
        if not self.missing:
            return str(self.gate.sentence)
        said = {"sentence": self.gate.sentence, "missing": self.missing}
        return str(_("%(sentence)s Open: %(missing)d.") % said)

    @property
    def document(self) -> dict[str, Any]:
        return {"gate": self.gate.code, "open": self.is_open}


def describes(listing: Listing) -> bool:
    return bool(listing.product.title and listing.product.summary)


def has_data(listing: Listing) -> bool:
    return any(table.document["rows"] for table in listing.tables)


def has_address(listing: Listing) -> bool:
    return listing.product.delivery in AT_AN_ADDRESS


def questions_answered(listing: Listing) -> bool:
    return not any(listing.questions)


def is_good(listing: Listing) -> bool:
    return listing.score is None or listing.score >= listing.quality_min


def findings_answered(listing: Listing) -> bool:
    return not any(table.unanswered for table in listing.tables)


def personal_stated(listing: Listing) -> bool:
    has_personal = any(table.personal for table in listing.tables)
    return not has_personal or bool(listing.product.personal_statement)


def grade_fits(listing: Listing) -> bool:
    """Core data is never traded, important data stays in the sandbox, general 4 may have an API.
    Another gate asks for a grade."""
    return listing.product.delivery in disclosure.deliveries_of(listing.product.grade)


def has_licence(listing: Listing) -> bool:
    licence = listing.product.licence
    return bool(licence.get("template") and licence.get("allowed"))


def parts_stand(listing: Listing) -> bool:
    parts = listing.product.parts
    products = [part["product"] for part in parts if part["kind"] == "product"]
    listed = [listing.part_states.get(one) == ListingState.LISTED for one in products]
    return len(parts) >= PARTS_MIN and bool(listed) and all(listed)


def explains_columns(listing: Listing) -> bool:
    return all(
        column.get("description")
        for table in listing.tables
        for column in table.document["columns"]
    )


def is_classified(listing: Listing) -> bool:
    return bool(listing.product.industry and listing.product.region and listing.product.rhythm)


GATES: Sequence[Gate] = (
    Gate(
        "data_ready", _("The data is uploaded and has been read."),
        Step.DATA, has_data, lambda listing: listing.carries_file, of_revision=True,
    ),
    Gate(
        "questions_answered", _("Each question about how the file is read is answered."),
        Step.DATA, questions_answered, lambda listing: bool(listing.questions), of_revision=True,
        counts=lambda listing: sum(listing.questions),
    ),
    Gate(
        "parts_listed",
        _("A bundle has at least two parts, among them listed products of your own."),
        Step.DATA, parts_stand, lambda listing: listing.is_bundle, field="products",
    ),
    Gate(
        "address_given", _("The address at which buyers get it is given."),
        Step.DATA, lambda listing: bool(listing.product.external_url), has_address,
        field="external_url", own_tab=Tab.LICENCE,
    ),
    Gate(
        "quality_reached",
        _("The quality score of every table reaches the minimum of the exchange."),
        Step.DATA, is_good, of_revision=True,
    ),
    Gate(
        "findings_answered", _("Each finding of personal data is confirmed or explained."),
        Step.DICTIONARY, findings_answered, of_revision=True,
    ),
    Gate(
        "title_and_summary", _("Title and summary are there."),
        Step.ABOUT, describes, field="title",
    ),
    Gate(
        "scenario_named", _("At least one scenario is named: who uses it for what."),
        Step.ABOUT, lambda listing: bool(listing.product.scenarios), field="scenarios",
    ),
    Gate(
        "industry_chosen", _("An industry is chosen."),
        Step.ABOUT, lambda listing: bool(listing.product.industry), field="industry",
    ),
    Gate(
        "licence_chosen", _("A licence says what buyers may do."),
        Step.LICENCE, has_licence, field="template",
    ),
    Gate(
        "refund_chosen", _("A refund policy is chosen."),
        Step.LICENCE, lambda listing: bool(listing.product.refund_policy), field="refund_policy",
    ),
    Gate(
        "source_stated", _("It is stated where the data comes from."),
        Step.LICENCE, lambda listing: bool(listing.product.source_statement),
        field="source_statement", own_tab=Tab.DOCUMENTS,
    ),
    Gate(
        "grade_chosen", _("The grade is chosen."),
        Step.LICENCE, lambda listing: bool(listing.product.grade), field="grade", own_tab=Tab.DOCUMENTS,
    ),
    Gate(
        "grade_allows",
        _("The grade allows the delivery: core data is never traded, important"
          " data stays in the sandbox, general 4 is not downloaded."),
        Step.LICENCE, grade_fits, field="grade", own_tab=Tab.DOCUMENTS,
    ),
    Gate(
        "personal_stated",
        _("Where data is personal, a statement says on which basis it is offered."),
        Step.LICENCE, personal_stated, of_revision=True, field="personal_statement",
        own_tab=Tab.DOCUMENTS,
    ),
    Gate(
        "offer_made", _("There is at least one offer."),
        Step.OFFERS, lambda listing: bool(listing.offers),
    ),
    Gate(
        "columns_described", _("Every column is described."),
        Step.DICTIONARY, explains_columns, blocks=NEVER,
    ),
    Gate(
        "description_long", _("The description tells more than the summary."),
        Step.ABOUT, lambda listing: len(listing.product.description) >= DESCRIPTION_CHARS, blocks=NEVER, weight=1,
        field="description",
    ),
    Gate(
        "chinese_given", _("Title and summary are there in Chinese too."),
        Step.ABOUT, lambda listing: bool(listing.product.title_zh and listing.product.summary_zh), blocks=NEVER, weight=1,
        field="title_zh",
    ),
    Gate(
        "classified", _("Region and update rhythm are chosen."),
        Step.ABOUT, is_classified, blocks=NEVER, weight=1, field="region",
    ),
    Gate(
        "keywords_given", _("There are keywords."),
        Step.ABOUT, lambda listing: bool(listing.product.keywords), blocks=NEVER, weight=1, field="keywords",
    ),
    Gate(
        "contact_given", _("Buyers know whom to ask."),
        Step.ABOUT, lambda listing: bool(listing.product.contact), blocks=NEVER, weight=1, field="contact",
    ),
)  # fmt: skip
BY_CODE: Mapping[str, Gate] = {gate.code: gate for gate in GATES}


def answers(listing: Listing) -> list[Answer]:
    """What every gate says that applies to the listing."""
    return [
        Answer(gate, bool(gate.check(listing)), gate.counts(listing) if gate.counts else 0)
        for gate in GATES
        if gate.applies(listing)
    ]


def answers_of_revision(listing: Listing) -> list[Answer]:
    """What those of them say that watch new revisions."""
    return [one for one in answers(listing) if one.gate.of_revision]


def score_of(given: Sequence[Answer]) -> int:
    """How complete a listing is, from 0 to 100; 100 only when nothing is missing."""
    whole = sum(answer.gate.weight for answer in given)
    reached = sum(answer.gate.weight for answer in given if answer.is_open)
    return reached * 100 // whole


def check_gates(listing: Listing, transition: ListingTransition) -> list[dict[str, Any]]:
    """The answers as a step keeps them. Raises GatesShut while a gate blocks the transition."""
    given = answers(listing)
    refuse_shut([one.gate for one in given if not one.is_open and transition in one.gate.blocks])
    return [answer.document for answer in given]


def check_revision(listing: Listing) -> None:
    """Raise GatesShut while a gate keeps the revision from buyers."""
    refuse_shut([one.gate for one in answers_of_revision(listing) if not one.is_open])


def refuse_shut(shut: Sequence[Gate]) -> None:
    if not shut:
        return
    named = [
        {"code": one.code, "sentence": str(one.sentence), "step": one.step.value} for one in shut
    ]
    sentences = [str(_("Not yet, as this is missing:")), *(one["sentence"] for one in named)]
    raise GatesShut(" ".join(sentences), gates=named)
