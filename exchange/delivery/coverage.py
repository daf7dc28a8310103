"""What an entitlement opens: which revisions, which tables, in which forms."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from exchange.catalog.lifecycle import Future, History, RevisionState
from exchange.catalog.models import Revision, RevisionTable
from exchange.delivery import after_payment
from exchange.delivery.errors import NotCovered
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import Entitlement
from exchange.vault.models import Blob, DataTable

ENDINGS = {Form.PARQUET: "parquet", Form.CSV: "csv"}
MEDIA_TYPES = {
    Form.ORIGINAL: "application/octet-stream",
    Form.PARQUET: "application/vnd.apache.parquet",
    Form.CSV: "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class Download:
    """One file to fetch: some form of a table."""

    form: Form
    blob: Blob
    name: str

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.form]


@dataclass(frozen=True)
class Covered:
    """A table of a revision that the entitlement opens."""

    revision: Revision
    table: DataTable
    downloads: tuple[Download, ...]


def covered_revisions(entitlement: Entitlement) -> list[Revision]:
    """The published revisions that the rules include, newest first, with their tables.

    A revoked revision opens for nobody and does not count among the latest.
    """
    published = list(
        Revision.objects.filter(product_id=entitlement.product_id, state=RevisionState.PUBLISHED)
        .order_by("-number")
        .prefetch_related(
            Prefetch(
                "tables",
                RevisionTable.objects.select_related("table__file__blob", "table__parquet")
                .defer("document", "table__document")  # they may be long and nobody reads them here
                .order_by("position"),
            ),
            Prefetch("tables__table__file__tables", DataTable.objects.only("pk", "file_id")),
        )
    )
    earlier = [one for one in published if not _is_new(one, entitlement)]
    new = [one for one in published if _is_new(one, entitlement)]
    kept_new = new if entitlement.future == Future.ALL else []
    return [*kept_new, *_kept_earlier(earlier, entitlement)]


def covered(entitlement: Entitlement) -> list[Covered]:
    """Every table that the entitlement opens, newest revision first; without downloads where the data
    stays."""
    is_fetched = after_payment.opens_files(entitlement)
    return [
        Covered(
            revision=revision,
            table=row.table,
            downloads=_downloads(row.table, rows) if is_fetched else (),
        )
        for revision in covered_revisions(entitlement)
        for rows in [list(revision.tables.all())]
        for row in rows
    ]


def covered_table(entitlement: Entitlement, *, table: str, form: Form) -> tuple[Covered, Download]:
    """One table in one form. Raises DataStays where no file leaves, NotCovered when the entitlement
    does not open this one now."""
    after_payment.check_opens_files(entitlement)
    for one in covered(entitlement):
        if one.table.public_id == table:
            for download in one.downloads:
                if download.form == form:
                    return one, download
    raise NotCovered(_("This purchase does not include this file now."), table=table, form=form)


def _is_new(revision: Revision, entitlement: Entitlement) -> bool:
    return revision.published_at is not None and revision.published_at > entitlement.new_since


def _kept_earlier(earlier: list[Revision], entitlement: Entitlement) -> list[Revision]:
    if entitlement.history == History.ALL:
        return earlier
    if entitlement.history == History.LAST:
        return earlier[: entitlement.history_count]
    return earlier[:1]  # without history: the newest at the time of the purchase


def _downloads(table: DataTable, rows: Sequence[RevisionTable]) -> tuple[Download, ...]:
    """The forms of a table. The original only when the revision has every table of its file: it
    would open the others too."""
    stem = table.name.rpartition("/")[2].removesuffix(".csv") or table.name
    found = [Download(Form.PARQUET, table.parquet, f"{stem}.{ENDINGS[Form.PARQUET]}")]
    in_revision = {row.table_id for row in rows}
    if {one.pk for one in table.file.tables.all()} <= in_revision:
        form = Form.CSV if table.file.format == "csv" else Form.ORIGINAL
        found.insert(0, Download(form, table.file.blob, table.file.name))
    return tuple(found)
