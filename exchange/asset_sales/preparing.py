"""A state-asset sale until it is announced: planned, decided, valued, filed; and given up.

No step is taken before its documents are there. They are kept by the hash of their content.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.asset_sales import limits
from exchange.asset_sales.errors import AssetSaleExists, AssetSaleRefused, ValuationRunOut
from exchange.asset_sales.lifecycle import ASSET_SALE, ENDED, AssetSaleTransition, DocumentKind
from exchange.asset_sales.models import AssetSale, Conflict, Document, Valuation
from exchange.asset_sales.models.asset_sales import NUMBER_CHARS_MAX
from exchange.asset_sales.models.evidence import FIRM_CHARS_MAX, NAME_CHARS_MAX, storage_name
from exchange.asset_sales.queries import valuation_of
from exchange.audit import log
from exchange.catalog import disclosure
from exchange.catalog.lifecycle import DealNature
from exchange.catalog.models import Product
from exchange.catalog.state_assets import check_takes_path
from exchange.core import currencies
from exchange.core.inputs import checked_amount
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.refusals import NotAllowed, NotFound
from exchange.core.rules import RuleVersion, rule
from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of, person_of, system_actor
from exchange.members.permissions import Permission
from exchange.payments import deposits

CLOCK = system_actor("clock")
SIZE_BYTES_MAX = 10 * 2**20
MEDIA_TYPE = "application/pdf"
OPENING = b"%PDF-"


@dataclass(frozen=True)
class Upload:
    """A PDF as it comes in. The name is for people only and never a path."""

    name: str
    content: IO[bytes]


@dataclass(frozen=True)
class ValuationRequest:
    """An appraisal (`firm`, `appraisers`, `report_no`) or a memo (`firms`, `reasons`)."""

    value_minor: int
    base_date: date
    firm: str = ""
    appraisers: Sequence[str] = ()
    report_no: str = ""
    firms: Sequence[str] = ()
    reasons: str = ""

    @property
    def is_memo(self) -> bool:
        return bool(self.firms)


@use_case()
def plan(product_id: str, *, nature: DealNature, actor: Actor, now: datetime) -> AssetSale:
    """As a state-owned seller, plan to transfer or contribute a listed product.

    Raises NotFound, NotAllowed, PathNotNeeded, AssetSaleExists, AssetSaleRefused,
    TrustedSpaceNotOpen.
    """
    products = Product.objects.select_for_update(of=("self",), no_key=True)
    product = products.select_related("seller").filter(public_id=product_id).first()
    if product is None:
        raise NotFound(_("There is no such product."))
    policy.require(actor, Permission.ASSET_SALE_PREPARE, Subject.of(product.seller))
    check_takes_path(product)
    if nature not in {DealNature.TRANSFER, DealNature.CONTRIBUTION}:
        raise AssetSaleRefused(
            _("A licence is sold in the shop; this path is for transfers and contributions."),
            field="nature",
            accepted=[DealNature.TRANSFER.value, DealNature.CONTRIBUTION.value],
        )
    disclosure.check_orderable(product)
    known = AssetSale.objects.filter(product=product).exclude(state__in=ENDED).first()
    if known is not None:
        raise AssetSaleExists(
            _("There is a sale of this product already."), asset_sale=known.public_id
        )
    planned = AssetSale(
        seller=product.seller,
        product=product,
        prepared_by_id=person_of(actor),
        deal_nature=nature,
        currency=currencies.home(),
        created_at=now,
    )
    return ASSET_SALE.transition(
        planned, AssetSaleTransition.PLAN, actor=actor, facts={"nature": nature.value}, now=now
    )


@use_case(Permission.ASSET_SALE_SEE, locks=ASSET_SALE)
def declare_conflict(asset_sale: AssetSale, *, words: str, actor: Actor, now: datetime) -> Conflict:
    """As one of the seller's people, declare one's own conflict of interest: one then decides on
    nothing of this sale. The first word stays. Who only oversees the sale declares nothing in it:
    NotAllowed."""
    _check_own_people(asset_sale, actor)
    conflict, is_new = Conflict.objects.get_or_create(
        asset_sale=asset_sale,
        user_id=person_of(actor),
        defaults={"words": check_text(words, "words"), "at": now},
    )
    if is_new:
        log.record(
            event="asset_sales.conflict.declared",
            actor=actor.name,
            subject=f"asset_sale:{asset_sale.public_id}",
            facts={"by": actor.name},
            personal={"words": conflict.words},
            at=now,
        )
    return conflict


def _check_own_people(asset_sale: AssetSale, actor: Actor) -> None:
    if organisation_of(actor) != asset_sale.seller_id:
        raise NotAllowed(_("This may be done only by those whom it concerns."))


@use_case(Permission.ASSET_SALE_DECIDE, locks=ASSET_SALE)
def decide(
    asset_sale: AssetSale, *, minutes: Upload, reason: str, actor: Actor, now: datetime
) -> AssetSale:
    """As the seller's committee, decide on the sale; the minutes are kept."""
    step = AssetSaleTransition.DECIDE
    ASSET_SALE.check(asset_sale, step)
    kept = keep_document(asset_sale, DocumentKind.MINUTES, minutes, actor=actor, now=now)
    return ASSET_SALE.transition(
        asset_sale, step, actor=actor, reason=reason, facts={"sha256": kept.sha256}, now=now
    )


@use_case(Permission.ASSET_SALE_PREPARE, locks=ASSET_SALE)
def value(
    asset_sale: AssetSale, *, command: ValuationRequest, report: Upload, actor: Actor, now: datetime
) -> AssetSale:
    """Hand in the appraisal, or the memo on the firms that were asked where none can be made. A new
    valuation begins the path of announcements anew."""
    ASSET_SALE.check(asset_sale, AssetSaleTransition.VALUE)
    kind = DocumentKind.MEMO if command.is_memo else DocumentKind.VALUATION
    document = keep_document(asset_sale, kind, report, actor=actor, now=now)
    kept, rules = _keep_valuation(asset_sale, command, document, now=now)
    asset_sale.first_announced_at = None
    return ASSET_SALE.transition(
        asset_sale,
        AssetSaleTransition.VALUE,
        actor=actor,
        facts={
            "valuation": kept.number,
            "sha256": document.sha256,
            "rules": limits.versions(rules),
        },
        due_at=limits.midnight(kept.valid_until),
        save=("first_announced_at",),
        now=now,
    )


@use_case(Permission.ASSET_SALE_PREPARE, locks=ASSET_SALE)
def file(
    asset_sale: AssetSale, *, filing_no: str, proof: Upload, actor: Actor, now: datetime
) -> AssetSale:
    """Hand in the proof that the valuation was approved or filed."""
    ASSET_SALE.check(asset_sale, AssetSaleTransition.FILE)
    asset_sale.filing_no = check_text(filing_no, "filing_no", limit=NUMBER_CHARS_MAX)
    document = keep_document(asset_sale, DocumentKind.FILING, proof, actor=actor, now=now)
    return ASSET_SALE.transition(
        asset_sale,
        AssetSaleTransition.FILE,
        actor=actor,
        facts={"sha256": document.sha256},
        due_at=asset_sale.due_at,
        save=("filing_no",),
        now=now,
    )


@use_case(Permission.ASSET_SALE_PREPARE, locks=ASSET_SALE)
def cancel(asset_sale: AssetSale, *, reason: str, actor: Actor, now: datetime) -> AssetSale:
    """Give the sale up while nobody is bound. Bidders of a suspended one have their deposits back."""
    ASSET_SALE.transition(
        asset_sale, AssetSaleTransition.CANCEL, actor=actor, reason=reason, now=now
    )
    for announcement in asset_sale.announcements.order_by("pk"):
        deposits.release_all(purpose=announcement.basis, actor=actor, now=now)
    return asset_sale


def usable_until(asset_sale: AssetSale, *, now: datetime) -> datetime | None:
    """The moment from which the valuation has to be redone: it is no longer valid, or it found no buyer
    for too long. None where there is none."""
    found = valuation_of(asset_sale)
    if found is None:
        return None
    until = limits.midnight(found.valid_until)
    if asset_sale.first_announced_at is None:
        return until
    return min(until, limits.redo_at(asset_sale.first_announced_at, at=now)[0])


def check_valuation(
    asset_sale: AssetSale, *, now: datetime
) -> tuple[Valuation, tuple[RuleVersion, ...]]:
    """The valuation, if it may still be used, and the rule that says so. Raises ValuationRunOut."""
    found = valuation_of(asset_sale)
    if found is None:
        raise ValuationRunOut(_("There is no valuation yet."))
    if limits.midnight(found.valid_until) <= now:
        raise ValuationRunOut(
            _("The valuation is no longer valid. It has to be redone first."),
            valid_until=found.valid_until.isoformat(),
        )
    if asset_sale.first_announced_at is None:
        return found, ()
    redo, months = limits.redo_at(asset_sale.first_announced_at, at=now)
    if redo <= now:
        raise ValuationRunOut(
            limits.by_rule(
                _("The first announcement is too long ago. The valuation has to be redone first."),
                months,
            ),
            redo_at=redo.isoformat(),
            **limits.named(months),
        )
    return found, (months,)


def expire(asset_sale: AssetSale, *, now: datetime) -> None:
    """Once the valuation of a locked asset sale has run out, it has to be redone. Where the rule has
    changed since, the clock comes again."""
    until = usable_until(asset_sale, now=now)
    if until is not None and until > now:
        asset_sale.due_at = until
        asset_sale.save(update_fields=["due_at"])
    else:
        ASSET_SALE.transition(asset_sale, AssetSaleTransition.EXPIRE, actor=CLOCK, now=now)


def keep_document(
    asset_sale: AssetSale, kind: DocumentKind, upload: Upload, *, actor: Actor, now: datetime
) -> Document:
    """Keep a PDF under the hash of its content, and record it. Raises AssetSaleRefused.

    The file is stored before the row: if the transaction fails, a file without a row is left, which
    nothing shows and which the same upload uses again.
    """
    content = upload.content.read(SIZE_BYTES_MAX + 1)
    if len(content) > SIZE_BYTES_MAX or not content.startswith(OPENING):
        raise AssetSaleRefused(
            _("Please hand in a PDF of at most %(limit)d MB.") % {"limit": SIZE_BYTES_MAX // 2**20},
            field="document",
            limit_bytes=SIZE_BYTES_MAX,
        )
    sha256 = hashlib.sha256(content).hexdigest()
    if not default_storage.exists(storage_name(sha256)):
        default_storage.save(storage_name(sha256), ContentFile(content))
    shown = "".join(letter for letter in upload.name if letter.isprintable())
    document = Document.objects.create(
        asset_sale=asset_sale,
        kind=kind,
        name=shown[-NAME_CHARS_MAX:].strip() or f"{kind.value}.pdf",
        media_type=MEDIA_TYPE,
        size_bytes=len(content),
        sha256=sha256,
        by_id=person_of(actor),
        at=now,
    )
    log.record(
        event="asset_sales.document.added",
        actor=actor.name,
        subject=f"asset_sale_document:{document.public_id}",
        facts={
            "asset_sale": asset_sale.public_id,
            "kind": document.kind,
            "sha256": sha256,
            "size_bytes": document.size_bytes,
        },
        personal={"name": document.name},
        at=now,
    )
    return document


def check_text(text: str, field: str, *, limit: int = REASON_CHARS_MAX) -> str:
    """The text without surrounding space; refused when empty or too long."""
    text = text.strip()
    if not 0 < len(text) <= limit:
        raise AssetSaleRefused(
            _("Please write between 1 and %(limit)d characters.") % {"limit": limit},
            field=field,
            limit=limit,
        )
    return text


def _keep_valuation(
    asset_sale: AssetSale, command: ValuationRequest, document: Document, *, now: datetime
) -> tuple[Valuation, tuple[RuleVersion, ...]]:
    """Add the valuation that counts from now on. Raises AssetSaleRefused, ValuationRunOut."""
    people = rule(key="soe.consulted_firms" if command.is_memo else "val.appraisers", at=now)
    said = _memo(command, people) if command.is_memo else _appraisal(command, people)
    checked_amount(command.value_minor, asset_sale.currency, field="value_minor")
    today = timezone.localtime(now).date()
    if command.base_date > today:
        raise AssetSaleRefused(_("The base date lies in the future."), field="base_date")
    until, months = limits.valid_until(command.base_date, at=now)
    if until <= today:
        raise ValuationRunOut(
            limits.by_rule(_("A valuation with this base date is no longer valid."), months),
            valid_until=until.isoformat(),
            **limits.named(months),
        )
    kept = Valuation.objects.create(
        asset_sale=asset_sale,
        number=asset_sale.valuations.count() + 1,
        value_minor=command.value_minor,
        base_date=command.base_date,
        valid_until=until,
        document=document,
        at=now,
        **said,
    )
    return kept, (people, months)


def _memo(command: ValuationRequest, least: RuleVersion) -> dict[str, Any]:
    return {
        "firms": _different(command.firms, least, "firms"),
        "reasons": check_text(command.reasons, "reasons"),
    }


def _appraisal(command: ValuationRequest, least: RuleVersion) -> dict[str, Any]:
    return {
        "firm": check_text(command.firm, "firm", limit=FIRM_CHARS_MAX),
        "report_no": check_text(command.report_no, "report_no", limit=NUMBER_CHARS_MAX),
        "appraisers": _different(command.appraisers, least, "appraisers"),
    }


def _different(names: Sequence[str], least: RuleVersion, field: str) -> list[str]:
    given = [name.strip() for name in names]
    different = {name.casefold() for name in given if 0 < len(name) <= FIRM_CHARS_MAX}
    if len(different) != len(given) or len(given) < least.as_int():
        raise AssetSaleRefused(
            limits.by_rule(
                _("Name at least %(count)d different ones.") % {"count": least.as_int()}, least
            ),
            field=field,
            least=least.as_int(),
            **limits.named(least),
        )
    return given
