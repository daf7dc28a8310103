"""What follows from a contract's step, what the log says of it, and who permissions are asked about."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from exchange.audit.coverage import require_record, subjects
from exchange.contracts.lifecycle import CONTRACT, ContractTransition
from exchange.contracts.models import Contract, ContractStep, Permit
from exchange.contracts.queries import subject_of
from exchange.core.lifecycle import Change


def declare() -> None:
    """Fill the tables. For `AppConfig.ready`."""
    CONTRACT.concerns = subject_of
    CONTRACT.record_facts = _facts
    CONTRACT.on(ContractTransition.CONCLUDE, _keep_record, _grant_permit)
    require_record(
        name="contracts.steps",
        rows=subjects("contract_step", ContractStep.objects.all()),
        event=CONTRACT.events,
    )


def _keep_record(contract: Contract, change: Change) -> None:
    """Name the record of the conclusion, so that anybody can find its place in the log."""
    contract.record_id = change.record_id
    contract.save(update_fields=["record_id"])


def _grant_permit(contract: Contract, change: Change) -> None:
    """Let the buyer use the data as both have signed."""
    document, now = contract.document, change.at
    limits, days = document["limits"], document["term"]["access_days"]
    Permit.objects.create(
        contract=contract,
        product=contract.product,
        holder=contract.buyer,
        actions=document["rights_granted"]["allowed"],
        forbidden=document["rights_granted"]["forbidden"],
        uses_max=limits["uses_max"],
        purpose=limits["purpose"],
        environment=limits["environment"],
        territory=limits["territory"],
        valid_from=now,
        valid_until=None if days is None else now + timedelta(days=days),
    )


def _facts(contract: Contract, _change: Change) -> Mapping[str, Any]:
    """Every record names the document by its hash; what it says stays between the parties."""
    return {"document": contract.document_hash}
