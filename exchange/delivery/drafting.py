"""The published rules by which a ruling is drafted from the comparison of a delivery with its promise.

Decision support and no more: a draft names the rule that made it and what it rests on; people rule. The
first rule of the table that applies is the one. Everything here is pure and published as it stands.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.delivery.comparing import Claim, Verdict
from pricing.money import round_to_minor

FORMAT = "assay.ruling-draft/1"
RULES_VERSION = 2
HALF = Fraction(1, 2)
Document = Mapping[str, Any]


class Proposal(StrEnum):
    """What a draft proposes."""

    RELEASE = "release"
    PARTIAL_REFUND = "partial_refund"
    FULL_REFUND = "full_refund"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Case:
    """What the rules look at. `objections` are the codes of what is disputed."""

    comparison: Document | None
    is_delivered: bool = True
    objections: frozenset[str] = frozenset()

    def broken(self) -> list[Document]:
        """The claims that were broken, in their order."""
        return [claim for claim in _claims(self.comparison) if claim["verdict"] == Verdict.BROKEN]


@dataclass(frozen=True)
class Rule:
    """One row of the table: when it applies, and what it proposes then."""

    code: str
    when: str | Promise
    then: str | Promise
    proposes: Proposal
    applies: Callable[[Case], bool]


@dataclass(frozen=True)
class Weight:
    """What a broken claim takes of the price, as a share of what its table has."""

    claims: tuple[Claim, ...]
    share: str | Promise


@dataclass(frozen=True)
class Draft:
    """A proposal with the rule that made it. `refund_minor` is of the whole price, `share` its part of it."""

    rule: Rule
    proposal: Proposal
    share: Fraction
    refund_minor: int
    broken: tuple[Document, ...]

    def document(self) -> dict[str, Any]:
        """As it is kept and shown."""
        return {
            "format": FORMAT,
            "rules": RULES_VERSION,
            "rule": self.rule.code,
            "proposal": self.proposal.value,
            "share": f"{self.share.numerator}/{self.share.denominator}",
            "refund_minor": str(self.refund_minor),
            "broken": len(self.broken),
        }


WEIGHTS: Sequence[Weight] = (
    Weight((Claim.OPENED, Claim.READABLE), _("The whole table.")),
    Weight(
        (Claim.ROWS,), _("The share of the promised rows that is missing; more rows take nothing.")
    ),
    Weight(
        (Claim.COLUMN, Claim.COLUMN_SINCE),
        _("The table divided by the number of its promised columns."),
    ),
    Weight(
        (Claim.TYPE, Claim.TYPE_SINCE, Claim.EMPTY, Claim.RANGE, Claim.DISTRIBUTION),
        _("Half of what a missing column takes, once for each column."),
    ),
    Weight(
        (Claim.FROM, Claim.UNTIL, Claim.RHYTHM),
        _("Half of what a missing column takes, once for the period."),
    ),
    Weight(
        (Claim.CONTENT,),
        _("Nothing by itself: what is wrong with other bytes, the other claims tell."),
    ),
)


def _is_challenged(case: Case) -> bool:
    return not case.objections.isdisjoint({"rights_doubtful", "rights_challenged"})


def _is_about(kind: str) -> Callable[[Case], bool]:
    return lambda case: kind in case.objections


def _is_unreadable(case: Case) -> bool:
    tables = (case.comparison or {"tables": []})["tables"]
    return bool(tables) and all(_share_of_table(table) == 1 for table in tables)


RULES: Sequence[Rule] = (
    Rule(
        "rights_challenged",
        _("The seller's rights in the data are challenged."),
        _("No draft: reading files says nothing of rights."),
        Proposal.NOTHING,
        _is_challenged,
    ),
    Rule(
        "misuse",
        _("The data is said to be used against its terms."),
        _("No draft: reading files says nothing of how they are used."),
        Proposal.NOTHING,
        _is_about("misuse"),
    ),
    Rule(
        "wrong_price",
        _("The price or the metering is disputed."),
        _("No draft: reading files says nothing of prices and receipts."),
        Proposal.NOTHING,
        _is_about("wrong_price"),
    ),
    Rule(
        "not_delivered",
        _("Nothing was delivered."),
        _("Refund the whole price."),
        Proposal.FULL_REFUND,
        lambda case: not case.is_delivered,
    ),
    Rule(
        "not_compared",
        _("The delivery has not been read again, or nothing of it can be read here."),
        _("No draft: there is nothing to rest it on."),
        Proposal.NOTHING,
        lambda case: not (case.comparison or {}).get("tables"),
    ),
    Rule(
        "unreadable",
        _("Every table is withdrawn, missing, empty or cannot be read."),
        _("Refund the whole price."),
        Proposal.FULL_REFUND,
        _is_unreadable,
    ),
    Rule(
        "half_broken",
        _("What is broken takes half of the price or more."),
        _("Refund the whole price."),
        Proposal.FULL_REFUND,
        lambda case: broken_share(case.comparison) >= HALF,
    ),
    Rule(
        "some_broken",
        _("Claims are broken that take something of the price."),
        _("Refund that share of the price and release the rest."),
        Proposal.PARTIAL_REFUND,
        lambda case: broken_share(case.comparison) > 0,
    ),
    Rule(
        "other_bytes",
        _(
            "The bytes are not those of the terms, and no other claim is broken that takes anything."
        ),
        _("No draft: people look at why other bytes were delivered."),
        Proposal.NOTHING,
        lambda case: any(claim["claim"] == Claim.CONTENT for claim in case.broken()),
    ),
    Rule(
        "all_kept",
        _("Every claim that was checked is kept."),
        _("Release the money to the seller."),
        Proposal.RELEASE,
        lambda _case: True,
    ),
)


def draft(
    comparison: Document | None,
    *,
    total_minor: int,
    currency: str,
    objections: Iterable[str] = (),
    is_delivered: bool = True,
) -> Draft:
    """What the first rule that applies proposes for a price of `total_minor`."""
    case = Case(comparison, is_delivered=is_delivered, objections=frozenset(objections))
    rule = next(rule for rule in RULES if rule.applies(case))
    share = _share(rule, case)
    return Draft(
        rule=rule,
        proposal=rule.proposes,
        share=share,
        refund_minor=round_to_minor(share * total_minor, currency),
        broken=tuple(case.broken()),
    )


def broken_share(comparison: Document | None) -> Fraction:
    """What is broken as a share of the price, between 0 and 1: tables weigh by their promised rows."""
    tables = (comparison or {"tables": []})["tables"]
    weights = [max(1, int(table["rows"])) for table in tables]
    whole = sum(weights)
    parts = (weight * _share_of_table(table) for weight, table in zip(weights, tables, strict=True))
    return sum(parts, Fraction(0)) / whole if whole else Fraction(0)


def _share(rule: Rule, case: Case) -> Fraction:
    if rule.proposes is Proposal.FULL_REFUND:
        return Fraction(1)
    if rule.proposes is Proposal.PARTIAL_REFUND:
        return broken_share(case.comparison)
    return Fraction(0)


def _share_of_table(table: Document) -> Fraction:
    """By WEIGHTS, at most the whole."""
    broken = [claim for claim in table["claims"] if claim["verdict"] == Verdict.BROKEN]
    kinds = {claim["claim"] for claim in broken}
    if kinds & {Claim.OPENED, Claim.READABLE}:
        return Fraction(1)
    names = {claim["column"] for claim in table["claims"] if claim["claim"] == Claim.COLUMN}
    column = Fraction(1, max(1, len(names)))
    missing = _columns(broken, WEIGHTS[2].claims)
    wrong = _columns(broken, WEIGHTS[3].claims) - missing
    share = _missing_rows(broken) + column * len(missing) + column * len(wrong) / 2
    if kinds & set(WEIGHTS[4].claims):
        share += column / 2
    return min(share, Fraction(1))


def _columns(broken: Sequence[Document], claims: Sequence[Claim]) -> set[str]:
    return {claim["column"] for claim in broken if claim["claim"] in claims}


def _missing_rows(broken: Sequence[Document]) -> Fraction:
    for claim in broken:
        if claim["claim"] == Claim.ROWS and int(claim["promised"]) > int(claim["found"]):
            promised = int(claim["promised"])
            return Fraction(promised - int(claim["found"]), promised)
    return Fraction(0)


def _claims(comparison: Document | None) -> Iterable[Document]:
    for table in (comparison or {"tables": []})["tables"]:
        yield from table["claims"]
