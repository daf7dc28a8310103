"""What follows from a contract's step, what the log says of it, and who permissions are asked about."""

from collections.abc import Mapping
from typing import Any

from exchange.audit.coverage import must_be_recorded, subjects
from exchange.contracts import signing
from exchange.contracts.lifecycle import CONTRACT, ContractTransition
from exchange.contracts.models import Contract, ContractStep
from exchange.contracts.queries import subject_of
from exchange.core.lifecycle import Change


def declare() -> None:
    """Fill the tables. For `AppConfig.ready`."""
    CONTRACT.concerns = subject_of
    CONTRACT.record_facts = _facts
    CONTRACT.on(ContractTransition.CONCLUDE, signing.keep_record, signing.grant_permit)
    must_be_recorded(
        name="contracts.steps",
        rows=subjects("contract_step", ContractStep.objects.all()),
        event=CONTRACT.events,
    )


def _facts(contract: Contract, _change: Change) -> Mapping[str, Any]:
    """Every record names the document by its hash; what it says stays between the parties."""
    return {"document": contract.document_hash}
