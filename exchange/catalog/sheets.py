"""Products begun from the lines of a table in CSV, or the entries of a list in YAML: each a draft, with an
offer where it names a price.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog import offers, products, sheets_in_yaml
from exchange.catalog.details import check_details, refuse
from exchange.catalog.errors import DetailsRefused
from exchange.catalog.lifecycle import ListingState, OfferKind, ProductKind
from exchange.catalog.models import Product
from exchange.catalog.offers import OfferRequest
from exchange.core import currencies
from exchange.core.inputs import read_amount
from exchange.core.refusals import Refusal
from exchange.members.actors import Actor, organisation_of

LINES_MAX = 100
BYTES_MAX = 1_000_000
SEPARATOR = ";"
NEEDED = ("kind", "title")
TEXTS = (
    "title", "title_zh", "summary", "summary_zh", "description", "description_zh", "industry", "region",
    "rhythm", "refund_policy", "source_statement", "grade", "personal_statement", "delivery", "contact",
)  # fmt: skip
LISTS = ("scenarios", "keywords")
OFFER = ("offer", "price", "currency", "period")
COLUMNS = ("kind", *TEXTS, *LISTS, *OFFER)

Line = Mapping[str, str | list[str]]
Numbered = tuple[int, Line]


@dataclass(frozen=True)
class Outcome:
    """What became of a line: the product that was begun, or why none was."""

    number: int
    title: str
    product: Product | None = None
    why_not: str = ""


def read(content: bytes, *, name: str = "") -> list[Numbered]:
    """The lines of a file by its name: of a list in YAML, or of a CSV whose first line names its columns, each
    with its number. Raises DetailsRefused for a file that is no such table, that has a column which nobody
    knows, or too many lines."""
    is_yaml = name.lower().endswith(sheets_in_yaml.ENDINGS)
    most = sheets_in_yaml.BYTES_MAX if is_yaml else BYTES_MAX
    if len(content) > most:
        refuse(
            "file",
            _("The table may have at most %(limit)s bytes.") % {"limit": f"{most:,}"},
            limit=most,
        )
    lines = _of_yaml(_text(content)) if is_yaml else _of_csv(_text(content))
    if not 0 < len(lines) <= LINES_MAX:
        refuse(
            "file",
            _("The table has to have from 1 to %(limit)d lines below its first.")
            % {"limit": LINES_MAX},
            limit=LINES_MAX,
        )
    return lines


def _of_yaml(text: str) -> list[Numbered]:
    entries = sheets_in_yaml.entries_of(text, lists=LISTS)
    _check_columns({*NEEDED, *(name for _line, entry in entries for name in entry)})
    return list(entries)


def _of_csv(text: str) -> list[Numbered]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        named = [name.strip() for name in reader.fieldnames or []]
        reader.fieldnames = named
        lines: list[Line] = [
            {name: (cell or "").strip() for name, cell in row.items() if name is not None}
            for row in reader
        ]
    except csv.Error:
        refuse("file", _("The file is no table in CSV."), accepted="CSV")
    _check_columns(set(named))
    return list(enumerate(lines, start=2))  # as a spreadsheet counts


def _check_columns(named: Collection[str]) -> None:
    if not set(NEEDED) <= set(named) <= set(COLUMNS):
        refuse(
            "file",
            _("The table needs the columns %(needed)s, and may have: %(known)s.")
            % {"needed": ", ".join(NEEDED), "known": ", ".join(COLUMNS)},
            accepted=list(COLUMNS),
        )


def begin_all(lines: Sequence[Numbered], *, actor: Actor, now: datetime) -> list[Outcome]:
    """Begin a draft of each line. What is wrong with one changes nothing for the others, and a line whose
    title a product of the organisation has already begins none: the same table may come again."""
    return list(_outcomes(lines, actor=actor, now=now))


def _outcomes(lines: Sequence[Numbered], *, actor: Actor, now: datetime) -> Iterator[Outcome]:
    for number, line in lines:
        title = _said(line, "title")
        try:
            with transaction.atomic():
                product = _begin(line, actor=actor, now=now)
        except Refusal as refusal:
            yield Outcome(number, title, why_not=_why(refusal))
        else:
            yield Outcome(number, title, product)


def _begin(line: Line, *, actor: Actor, now: datetime) -> Product:
    kind = _said(line, "kind")
    if kind not in ProductKind.values:
        accepted = ", ".join(ProductKind.values)
        refuse("kind", _("The kind is one of: %(kinds)s.") % {"kinds": accepted}, accepted=accepted)
    values = check_details(_values(line))
    _check_new(str(values["title"]), seller_id=organisation_of(actor))
    product = products.draft_product(actor=actor, kind=ProductKind(kind), values=values, now=now)
    if line.get("price"):
        offers.add_offer(product, _offer(line), actor=actor, now=now)
    return product


def _values(line: Line) -> dict[str, object]:
    """What the line says; what it leaves empty is left as a draft begins."""
    values: dict[str, object] = {name: line[name] for name in TEXTS if line.get(name)}
    values["title"] = _said(line, "title")
    for name in LISTS:
        if line.get(name):
            values[name] = _parts(line[name])
    return values


def _said(line: Line, name: str) -> str:
    """The text of a column, empty where there is none."""
    return str(line.get(name, ""))


def _parts(said: str | list[str]) -> list[str]:
    return said if isinstance(said, list) else [part.strip() for part in said.split(SEPARATOR)]


def _check_new(title: str, *, seller_id: int) -> None:
    if not title:
        refuse("title", _("Give the product a title."))
    kept = Product.objects.filter(seller_id=seller_id, title=title)
    if kept.exclude(state=ListingState.ARCHIVED).exists():
        refuse("title", _("You have a product of this title."))


def _offer(line: Line) -> OfferRequest:
    currency = _said(line, "currency") or currencies.home()
    currencies.check_offered(currency)
    price = read_amount(_said(line, "price"), currency, least_minor=0)
    period = _said(line, "period")
    paid = OfferKind.SUBSCRIPTION if period else OfferKind.ONE_OFF
    return OfferRequest(
        name=_said(line, "offer") or _("Standard"),
        kind=paid if price.minor else OfferKind.FREE,
        price=price,
        period=period,
    )


def _why(refusal: Refusal) -> str:
    """The refusal with the column that it is about, and what may stand there."""
    field, accepted = refusal.facts.get("field"), refusal.facts.get("accepted")
    named = f"{field}: {refusal.message}" if field else str(refusal.message)
    return f"{named} ({', '.join(map(str, accepted))})" if isinstance(accepted, list) else named


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DetailsRefused(_("The file is no table in CSV."), field="file", accepted="CSV")
