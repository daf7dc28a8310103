"""The machine-readable half of a contract: an ODRL 2.2 agreement as JSON-LD.

Operands are written as text and actions as plain terms, since the schemas of data spaces accept no
other forms. Uses that ODRL has no word for are terms of our own profile.
"""

from collections.abc import Mapping
from typing import Any

from exchange.contracts.lifecycle import Role
from exchange.contracts.models import Contract

CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
PROFILE = "urn:assay:odrl:1"
ACTIONS: Mapping[str, str] = {
    "internal_use": "use",
    "commercial_use": "commercialize",
    "derive": "derive",
    "publish_results": "present",
    "train_ai": "assay:trainModel",
    "share_affiliates": "assay:shareWithAffiliates",
    "redistribute": "distribute",
    "export": "assay:takeAbroad",
    "reidentify": "assay:reidentify",
}


def policy_of(contract: Contract) -> dict[str, Any]:
    """The agreement: permissions with their limits, prohibitions, and the duty to pay."""
    document = contract.document
    parties = {one["role"]: f"urn:assay:{one['id']}" for one in document["parties"]}
    rights = document["rights_granted"]
    target = f"urn:assay:{document['objects'][0]['id']}"
    constraints = _constraints(document)
    agreement: dict[str, Any] = {
        "@context": [CONTEXT, {"assay": f"{PROFILE}:"}],
        "@type": "Agreement",
        "uid": f"urn:assay:{contract.public_id}",
        "profile": PROFILE,
        "assigner": parties[Role.SELLER],
        "assignee": parties[Role.BUYER],
        "target": target,
        "assay:documentHash": contract.document_hash,
        "obligation": _coverage_rules(document, parties),
    }
    if rights["allowed"]:
        agreement["permission"] = [
            {"action": ACTIONS[code], "target": target, "constraint": constraints}
            for code in rights["allowed"]
        ]
    if rights["forbidden"]:
        agreement["prohibition"] = [
            {"action": ACTIONS[code], "target": target} for code in rights["forbidden"]
        ]
    return agreement


def _constraints(document: Mapping[str, Any]) -> list[dict[str, str]]:
    limits, term = document["limits"], document["term"]
    days = term["access_days"]
    said = (
        ("count", "lteq", None if limits["uses_max"] is None else str(limits["uses_max"])),
        ("purpose", "eq", limits["purpose"]),
        ("spatial", "eq", limits["territory"]),
        ("systemDevice", "eq", limits["environment"] and f"assay:{limits['environment']}"),
        ("elapsedTime", "lteq", f"P{days}D" if days else term["period"]),
    )
    return [
        {"leftOperand": left, "operator": operator, "rightOperand": right}
        for left, operator, right in said
        if right
    ]


def _coverage_rules(
    document: Mapping[str, Any], parties: Mapping[str, str]
) -> list[dict[str, Any]]:
    fee = document["fee"]
    coverage_rules: list[dict[str, Any]] = [
        {
            "action": "compensate",
            "assignee": parties[Role.BUYER],
            "constraint": [
                {
                    "leftOperand": "payAmount",
                    "operator": "eq",
                    "rightOperand": fee["net_minor"],
                    "unit": f"assay:minorUnits:{fee['currency']}",
                }
            ],
        }
    ]
    if document["rights_granted"]["attribution"]:
        coverage_rules.append({"action": "attribute", "assignee": parties[Role.BUYER]})
    return coverage_rules
