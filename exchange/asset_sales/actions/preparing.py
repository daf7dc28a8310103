"""What comes before the announcement: documents, valuations, consents, declared conflicts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.asset_sales.actions.steps import check_text
from exchange.asset_sales.errors import AssetSaleRefused, ValuationRunOut
from exchange.asset_sales.models import AssetSale, Conflict, Consent, Document, Valuation
from exchange.asset_sales.models.asset_sales import NUMBER_CHARS_MAX
from exchange.asset_sales.models.evidence import FIRM_CHARS_MAX, NAME_CHARS_MAX, storage_name
from exchange.asset_sales.queries.limits import valid_until
from exchange.asset_sales.states import DocumentKind
from exchange.core.models.rules import RuleVersion
from exchange.core.queries.rules import rule

SIZE_BYTES_MAX = 10 * 2**20
AMOUNT_MINOR_MAX = 10**15
MEDIA_TYPE = "application/pdf"
OPENING = b"%PDF-"


@dataclass(frozen=True)
class Upload:
    """A PDF as it comes in. The name is for people only and never a path."""

    name: str
    content: IO[bytes]


@dataclass(frozen=True)
class ValuationWish:
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


def keep_document(
    *, asset_sale: AssetSale, kind: DocumentKind, upload: Upload, by_id: int, now: datetime
) -> Document:
    """Keep a PDF under the hash of its content. Raises AssetSaleRefused.

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
    return Document.objects.create(
        asset_sale=asset_sale,
        kind=kind,
        name=shown[-NAME_CHARS_MAX:].strip() or f"{kind.value}.pdf",
        media_type=MEDIA_TYPE,
        size_bytes=len(content),
        sha256=sha256,
        by_id=by_id,
        at=now,
    )


def keep_valuation(
    *, asset_sale: AssetSale, wish: ValuationWish, document: Document, now: datetime
) -> tuple[Valuation, tuple[RuleVersion, ...]]:
    """Add the valuation that counts from now on. Raises AssetSaleRefused, ValuationRunOut."""
    people = rule(key="soe.consulted_firms" if wish.is_memo else "val.appraisers", at=now)
    if wish.is_memo:
        _check_people(wish.firms, people, "firms")
        check_text(wish.reasons, "reasons")
    else:
        check_text(wish.firm, "firm", limit=FIRM_CHARS_MAX)
        check_text(wish.report_no, "report_no", limit=NUMBER_CHARS_MAX)
        _check_people(wish.appraisers, people, "appraisers")
    if not 0 < wish.value_minor <= AMOUNT_MINOR_MAX:
        raise AssetSaleRefused(_("Give a value above zero."), field="value_minor")
    today = timezone.localtime(now).date()
    until, months = valid_until(wish.base_date, at=now)
    if wish.base_date > today:
        raise AssetSaleRefused(_("The base date lies in the future."), field="base_date")
    if until <= today:
        raise ValuationRunOut(
            _("A valuation with this base date is no longer valid."),
            valid_until=until.isoformat(),
            rule=months.version,
            source=months.source,
        )
    kept = Valuation.objects.create(
        asset_sale=asset_sale,
        number=asset_sale.valuations.count() + 1,
        value_minor=wish.value_minor,
        base_date=wish.base_date,
        valid_until=until,
        firm="" if wish.is_memo else wish.firm.strip(),
        report_no="" if wish.is_memo else wish.report_no.strip(),
        appraisers=[] if wish.is_memo else [name.strip() for name in wish.appraisers],
        firms=[name.strip() for name in wish.firms],
        reasons=wish.reasons.strip() if wish.is_memo else "",
        document=document,
        at=now,
    )
    return kept, (people, months)


def keep_consent(
    *, valuation: Valuation, floor_minor: int, document: Document, now: datetime
) -> Consent:
    """Keep the approver's consent to floors down to `floor_minor`."""
    if not 0 < floor_minor < valuation.value_minor:
        raise AssetSaleRefused(
            _("A consent is to a floor above zero and below the valuation."), field="floor_minor"
        )
    return Consent.objects.create(
        valuation=valuation, floor_minor=floor_minor, document=document, at=now
    )


def declare_conflict(*, asset_sale: AssetSale, user_id: int, words: str, now: datetime) -> Conflict:
    """Keep a person's word of a conflict of interest; the first word stays."""
    words = check_text(words, "words")
    found, _new = Conflict.objects.get_or_create(
        asset_sale=asset_sale, user_id=user_id, defaults={"words": words, "at": now}
    )
    return found


def _check_people(names: Sequence[str], least: RuleVersion, field: str) -> None:
    given = [name.strip() for name in names]
    different = {name.casefold() for name in given if 0 < len(name) <= FIRM_CHARS_MAX}
    if len(different) != len(given) or len(given) < least.as_int():
        raise AssetSaleRefused(
            _("Name at least %(count)d different ones.") % {"count": least.as_int()},
            field=field,
            least=least.as_int(),
            rule=least.version,
            source=least.source,
        )
