"""The case file of an order: everything that was agreed, delivered, used and said, in one archive.

Its index is signed by the exchange and names each file with its hash, and with the record of the log that
states that hash where one does. `verify.py case` checks the archive offline: the signature, every file,
every proof. It holds what its asker may see and no more: records by persons of the other side are proven by
their hash alone.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from exchange.audit import keys, queries
from exchange.audit.models import Disclosure, Leaf, Record
from exchange.audit.verify import CASE_BYTES_MAX, CASE_INDEX, CaseEntry, case_text
from exchange.core.refusals import Refusal
from exchange.delivery import comparisons
from exchange.delivery.entitlements import entitlement_of_order
from exchange.delivery.fetching import delivery_records
from exchange.disputes.evidence import open_evidence
from exchange.disputes.lifecycle import DisputeTransition
from exchange.disputes.models import Dispute, DisputeFile, DisputeStep
from exchange.disputes.queries import dispute_seen_by, speaker
from exchange.members.actors import Actor
from exchange.metering.models import UsageReceipt
from exchange.orders.lifecycle import ORDER, Decision
from exchange.orders.models import Certificate, Order
from exchange.orders.queries import Side, order_seen_by, side_of
from exchange.orders.terms import canonical as terms_bytes
from pricing.documents import canonical

RECORDS_MAX = 1_500
RECEIPTS_MAX = 400
ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # of every file, so that the same content is the same archive
MESSAGE = "message"


class CaseFileTooLarge(Refusal):
    """The case file would be larger than an archive that anybody checks may be."""

    code = "case_file_too_large"


class NotDecided(Refusal):
    """An arbitrator is handed a dispute that the exchange has decided for good."""

    code = "dispute_not_decided"


@dataclass(frozen=True)
class CaseFile:
    """An archive under the name that its reader keeps it by."""

    name: str
    content: bytes


@dataclass
class _Case:
    """Files as they are gathered. `record_of` says which record states the hash of a file."""

    order: Order
    side: Side
    own_people: frozenset[str]
    log_size: int
    files: dict[str, bytes] = field(default_factory=dict)
    subjects: list[str] = field(default_factory=list)
    stated_by: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, name: str, document: object) -> None:
        self.files[name] = document if isinstance(document, bytes) else canonical(document)

    def add_stated(self, name: str, content: bytes, *, subject: str, event: str) -> None:
        """A file whose hash a record of the log states."""
        self.files[name] = content
        self.stated_by[name] = (subject, event)

    def has_place(self, record: Record) -> bool:
        """Whether the log whose head proves this archive has the record already."""
        leaf: Leaf | None = getattr(record, "leaf", None)
        return leaf is not None and leaf.index < self.log_size

    def may_read(self, record: Record) -> bool:
        """Whether the asker may have the record's own bytes, which name who acted."""
        is_ours = record.actor.startswith("system:") or record.actor in self.own_people
        return self.side is Side.EXCHANGE or is_ours


def case_file(order_id: str, *, actor: Actor, now: datetime) -> CaseFile:
    """The case file of an order as the actor may see it. Raises NotFound to those whom it does not
    concern, and CaseFileTooLarge."""
    order = order_seen_by(actor, order_id)
    return CaseFile(f"{order.public_id}-case.zip", _case_of(order, actor=actor, now=now))


def can_go_to_arbitration(dispute: Dispute) -> bool:
    """Whether a dispute ended by a ruling of the exchange."""
    return bool(dispute.outcome) and dispute.ruling_id is not None


def arbitration_file(dispute_id: str, *, actor: Actor, now: datetime) -> CaseFile:
    """The case file of a dispute that the exchange has decided for good, for an arbitrator: with a summary
    of what is claimed by whom, of the rulings and the appeal. Raises NotFound, NotDecided and
    CaseFileTooLarge."""
    dispute = dispute_seen_by(actor, dispute_id)
    if not can_go_to_arbitration(dispute):
        raise NotDecided(
            _("This can be downloaded once a ruling of the exchange on the dispute is final.")
        )
    content = _case_of(dispute.order, actor=actor, now=now, dispute=dispute)
    return CaseFile(f"{dispute.public_id}-arbitration.zip", content)


def _case_of(order: Order, *, actor: Actor, now: datetime, dispute: Dispute | None = None) -> bytes:
    size = queries.newest_edge().size
    case = _Case(order, side_of(order, actor), _people_of(actor), size)
    _add_order(case)
    _add_deliveries(case)
    _add_comparison(case)
    _add_receipts(case)
    _add_certificate(case)
    _add_disputes(case)
    rulings = _add_rulings(case)
    if dispute is not None:
        case.add("arbitration.json", _summary(dispute, rulings))
    records = _records(case)
    _add_messages(case, records)
    _add_proofs(case, records)
    heading = {} if dispute is None else {"dispute": dispute.public_id}
    return _archive(case, records, heading=heading, now=now)


def _people_of(actor: Actor) -> frozenset[str]:
    members = Membership.objects.filter(organisation=actor.organisation_id)
    names = {f"user:{one}" for one in members.values_list("user__public_id", flat=True)}
    return frozenset({*names, actor.name})


def _add_order(case: _Case) -> None:
    order = case.order
    steps = list(order.steps.order_by("number"))
    case.add(
        "order.json",
        {
            "format": "assay.case-order/1",
            "order": order.public_id,
            "state": order.state,
            "buyer": {"id": order.buyer.public_id, "name": order.buyer.name},
            "seller": {"id": order.seller.public_id, "name": order.seller.name},
            "currency": order.currency,
            "net_minor": str(order.net_minor),
            "tax_minor": str(order.tax_minor),
            "total_minor": str(order.total_minor),
            "terms_hash": order.terms_hash,
            "placed_at": order.created_at.isoformat(),
            "steps": [
                {
                    "id": step.public_id,
                    "number": step.number,
                    "transition": step.transition,
                    "from": step.source,
                    "to": step.target,
                    "by": str(ORDER.transitions[step.transition].by),
                    "reason": step.reason,
                    "reason_code": step.reason_code,
                    "at": step.at.isoformat(),
                }
                for step in steps
            ],
        },
    )
    case.subjects += [f"order_step:{step.public_id}" for step in steps]
    placed = f"order_step:{steps[0].public_id}" if steps else ""
    case.add_stated(
        "terms.json", terms_bytes(order.terms), subject=placed, event="orders.order.placed"
    )


def _add_deliveries(case: _Case) -> None:
    entitlement = entitlement_of_order(case.order)
    if entitlement is None:
        return
    told = delivery_records(entitlement)
    case.add(
        "deliveries.json",
        {
            "format": "assay.case-deliveries/1",
            "entitlement": entitlement.public_id,
            "state": entitlement.state,
            "valid_from": entitlement.valid_from.isoformat(),
            "valid_until": entitlement.valid_until.isoformat() if entitlement.valid_until else None,
            "deliveries": told,
        },
    )
    case.subjects += [f"entitlement_step:{step.public_id}" for step in entitlement.steps.all()]
    case.subjects += [f"delivery:{one['id']}" for one in told]


def _add_comparison(case: _Case) -> None:
    made = comparisons.comparison_of(case.order)
    if made is None:
        return
    subject = f"comparison:{made.public_id}"
    case.subjects.append(subject)
    event = "delivery.comparison.made"
    if not comparisons.seen_by(made, case.side)["tables"]:
        return
    case.add_stated("comparison.json", canonical(made.document), subject=subject, event=event)
    figures = comparisons.figures_towards(made, case.side)
    if figures is not None:
        case.add_stated("figures.json", canonical(figures), subject=subject, event=event)


def _add_receipts(case: _Case) -> None:
    receipts = UsageReceipt.objects.filter(subscription__order=case.order).order_by("-day")
    for receipt in receipts.select_related("subscription")[:RECEIPTS_MAX]:
        subject = f"usage_receipt:{receipt.subscription.public_id}.{receipt.day.isoformat()}"
        case.subjects.append(subject)
        name = f"usage/{receipt.day.isoformat()}"
        case.add_stated(
            f"{name}.json", bytes(receipt.document), subject=subject,
            event="metering.receipt.made",
        )  # fmt: skip
        case.add(f"{name}.note.txt", receipt.note.encode())


def _add_certificate(case: _Case) -> None:
    certificate = Certificate.objects.filter(order=case.order).first()
    if certificate is None:
        return
    subject = f"certificate:{certificate.number}"
    case.subjects.append(subject)
    case.add_stated(
        "certificate.json", terms_bytes(certificate.document), subject=subject,
        event="orders.certificate.issued",
    )  # fmt: skip


def _add_disputes(case: _Case) -> None:
    """What both sides said and handed in, in each dispute over the order."""
    disputes = list(case.order.disputes.order_by("pk"))
    for dispute in disputes:
        steps = list(dispute.steps.order_by("number"))
        case.subjects += [f"trade_dispute_step:{step.public_id}" for step in steps]
        case.add(
            f"disputes/{dispute.public_id}.json",
            {
                "format": "assay.case-dispute/1",
                "id": dispute.public_id,
                "kind": dispute.kind,
                "remedy": dispute.remedy,
                "line": None
                if dispute.line_day is None
                else {"day": dispute.line_day.isoformat(), "meter": dispute.line_meter},
                "pauses_access": dispute.paused_step is not None,
                "wanted_minor": str(dispute.wanted.minor),
                "opened_by": dispute.claimant.public_id,
                "state": dispute.state,
                "outcome": dispute.outcome,
                "refund_minor": str(dispute.refund.minor) if dispute.refund else None,
                "extended_days": dispute.extended_days,
                "appeal_by": dispute.appeal_by,
                "steps": [_said(step, speaker(step, steps)) for step in steps],
                "files": [_add_evidence(case, found) for found in dispute.files.all()],
            },
        )


def _said(step: DisputeStep, by: str) -> dict[str, object]:
    return {
        "id": step.public_id,
        "number": step.number,
        "transition": step.transition,
        "by": by,
        **({"offered": _offered(step)} if step.offered else {}),
        "reason": step.reason,
        "reason_code": step.reason_code,
        "at": step.at.isoformat(),
    }


def _offered(step: DisputeStep) -> dict[str, object]:
    """What a step offers, as it stands in its record."""
    return {
        name: step.facts[name] for name in ("offer", "refund_minor", "days") if name in step.facts
    }


def _add_rulings(case: _Case) -> list[dict[str, object]]:
    """What the exchange has ruled on the order: the first ruling, and that on an appeal."""
    told: list[dict[str, object]] = []
    for ruling in case.order.rulings.filter(decision=Decision.APPROVED).order_by("pk"):
        case.subjects.append(f"ruling:{ruling.public_id}")
        told.append(
            {
                "id": ruling.public_id,
                "ruling": ruling.transition,
                "refund_minor": str(ruling.refund_minor) if ruling.refund_minor else None,
                "ends_access": ruling.ends_access,
                "reason_code": ruling.reason_code,
                "reason": ruling.reason,
                "proposed_at": ruling.proposed_at.isoformat(),
                "decided_at": ruling.decided_at.isoformat() if ruling.decided_at else None,
            }
        )
    if told:
        case.add("rulings.json", {"format": "assay.case-rulings/1", "rulings": told})
    return told


def _summary(dispute: Dispute, rulings: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """What an arbitrator reads first: who claims what of whom, what was ruled, and what was carried out."""
    order = dispute.order
    steps = {step.transition: step for step in dispute.steps.order_by("number")}
    opened, appeal = steps[DisputeTransition.OPEN], steps.get(DisputeTransition.APPEAL)
    return {
        "format": "assay.arbitration/1",
        "dispute": dispute.public_id,
        "order": order.public_id,
        "terms_hash": order.terms_hash,
        "claimant": _party(dispute.claimant),
        "respondent": _party(dispute.respondent),
        "currency": dispute.currency,
        "paid_minor": str(order.total_minor),
        "claim": {
            "kind": dispute.kind,
            "remedy": dispute.remedy,
            "wanted_minor": str(dispute.wanted.minor),
            "reason": opened.reason,
            "at": dispute.opened_at.isoformat(),
        },
        "rulings": [str(one["id"]) for one in rulings],
        "appeal": None
        if appeal is None
        else {"by": dispute.appeal_by, "reason": appeal.reason, "at": appeal.at.isoformat()},
        "standing": dispute.ruling.public_id if dispute.ruling else None,
        "outcome": dispute.outcome,
        "refund_minor": str(dispute.refund.minor) if dispute.refund else None,
        "extended_days": dispute.extended_days,
        "final_at": dispute.ended_at.isoformat() if dispute.ended_at else None,
    }


def _party(organisation: Organisation) -> dict[str, str]:
    return {
        "id": organisation.public_id,
        "name": organisation.name,
        "credit_code": organisation.credit_code or "",
    }


def _add_evidence(case: _Case, found: DisputeFile) -> dict[str, object]:
    """The file under its number, whose ending is one of those accepted; its name stands beside it."""
    subject = f"dispute_file:{found.public_id}"
    case.subjects.append(subject)
    name = f"evidence/{found.public_id}.{found.name.rpartition('.')[2]}"
    with open_evidence(found) as kept:
        content = kept.read()
    case.add_stated(name, content, subject=subject, event="disputes.evidence.handed_in")
    return {
        "file": name,
        "name": found.name,
        "by": found.organisation.public_id,
        "sha256": found.sha256,
        "at": found.uploaded_at.isoformat(),
    }


def _records(case: _Case) -> dict[tuple[str, str], Record]:
    """The records of everything gathered, by subject and event, oldest first."""
    messages = [f"{MESSAGE}:{one.public_id}" for one in case.order.messages.order_by("-id")]
    subjects = [subject for subject in (*case.subjects, *messages) if subject]
    found = Record.objects.filter(subject__in=subjects).select_related("leaf").order_by("id")
    return {(one.subject, one.event): one for one in found[:RECORDS_MAX]}


def _add_messages(case: _Case, records: Mapping[tuple[str, str], Record]) -> None:
    """What both sides wrote; the opening of the commitment where the record itself may be read."""
    event = "orders.message.written"
    salts = {
        row.record_id: bytes(row.salt)
        for row in Disclosure.objects.filter(record__in=records.values(), field="text")
    }
    told = []
    for row in case.order.messages.select_related("organisation").order_by("id"):
        record = records.get((f"{MESSAGE}:{row.public_id}", event))
        is_open = record is not None and case.may_read(record) and case.has_place(record)
        salt = salts.get(record.pk) if record is not None and is_open else None
        told.append(
            {
                "id": row.public_id,
                "for": row.organisation.name,
                "at": row.at.isoformat(),
                "text": row.text,
                "record": record.public_id if record is not None and is_open else None,
                "salt": salt.hex() if salt else None,
            }
        )
    case.add("messages.json", told)


def _add_proofs(case: _Case, records: Mapping[tuple[str, str], Record]) -> None:
    """A proof of each record that has its place in the log already, all under one signed head."""
    for number, record in enumerate(records.values()):
        if not case.has_place(record):
            continue
        is_read = case.may_read(record)
        proof = queries.inclusion(record.leaf, size=case.log_size, is_named=is_read)
        if is_read:
            proof["canonical"] = bytes(record.canonical).decode()
        case.add(f"proofs/{number:04}.json", proof)


def _archive(
    case: _Case,
    records: Mapping[tuple[str, str], Record],
    *,
    heading: Mapping[str, str],
    now: datetime,
) -> bytes:
    entries = [
        CaseEntry(
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            record=_record_of(case, name, records),
            name=name,
        )
        for name, content in sorted(case.files.items())
    ]
    if sum(entry.size for entry in entries) > CASE_BYTES_MAX:
        raise CaseFileTooLarge(
            _("The case file would be larger than %(limit)d bytes.") % {"limit": CASE_BYTES_MAX},
            limit=CASE_BYTES_MAX,
        )
    told = {
        "order": case.order.public_id,
        **heading,
        "for": case.side.value,
        "time": now.astimezone(UTC).isoformat(),
    }
    index = keys.sign_text(case_text(told, entries))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _in_order(index, case.files):
            archive.writestr(zipfile.ZipInfo(name, ZIP_DATE), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _in_order(index: str, files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    yield CASE_INDEX, index.encode()
    yield from sorted(files.items())


def _record_of(case: _Case, name: str, records: Mapping[tuple[str, str], Record]) -> str:
    """The record that states the file's hash, where the archive proves it in words; else "-"."""
    record = records.get(case.stated_by.get(name, ("", "")))
    if record is None or not case.may_read(record) or not case.has_place(record):
        return "-"
    return record.public_id
