"""Evidence: an auction with its outcome, from which anyone can clear again and compare bytes."""

from collections.abc import Mapping
from typing import Any

from pricing.documents import canonical, digest
from pricing.exact import mapping, refuse
from pricing.mechanisms.auctions import Auction, read_auction
from pricing.mechanisms.outcomes import MECHANISMS
from pricing.refusals import PricingRefusal

FORMAT = "assay.evidence/1"
# Raised with every change of a rule that can change an outcome. Evidence of an earlier version holds
# as long as today's rules give its outcome: 3 made large amounts exact, and lets only a change of
# price or leader move the end of an English auction.
RULES_VERSION = 3
VERSIONS_READ = (2, 3)


class EvidenceDiffers(PricingRefusal):
    """An evidence is not what its own auction gives: it was changed, or the rules were."""

    code = "evidence_differs"


def read(document: object) -> Auction:
    """The auction of a document, checked by the rules of its mechanism."""
    name = mapping(document, "auction").get("mechanism")
    if not isinstance(name, str) or name not in MECHANISMS:
        refuse("mechanism", name, f"one of {', '.join(sorted(MECHANISMS))}")
    mechanism = MECHANISMS[name]
    return read_auction(
        document,
        name,
        shape=mechanism.shape,
        terms=mechanism.terms,
        two_sided=mechanism.two_sided,
    )


def clear(document: object) -> dict[str, Any]:
    """Clear an auction document: the evidence of its outcome. Raises the refusals of its rules."""
    auction = read(document)
    outcome = MECHANISMS[auction.mechanism].clear(auction)  # checks the terms that it reads
    inputs = auction.document
    return {
        "format": FORMAT,
        "rules_version": RULES_VERSION,
        "inputs_digest": digest(inputs),
        "seed": auction.terms.get("seed"),
        "auction": inputs,
        "outcome": outcome,
    }


def reclear(evidence: object) -> dict[str, Any]:
    """Clear the auction of an evidence again. Raises EvidenceDiffers unless the bytes are equal."""
    given: Mapping[str, Any] = mapping(evidence, "evidence")
    if given.get("format") != FORMAT:
        refuse("format", given.get("format"), FORMAT)
    again = clear(given.get("auction"))
    if given.get("rules_version") in VERSIONS_READ:
        again["rules_version"] = given["rules_version"]
    if canonical(again) != canonical(given):
        names = sorted({*given, *again})
        differing = [name for name in names if given.get(name) != again.get(name)]
        raise EvidenceDiffers(
            f"The evidence differs from what its auction gives in: {', '.join(differing)}.",
            field=differing[0] if differing else "evidence",
            value=differing,
            accepted="the outcome of the auction that the evidence holds",
        )
    return again


def evidence_bytes(evidence: object) -> bytes:
    """The one byte sequence of an evidence."""
    return canonical(evidence)
