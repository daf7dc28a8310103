"""The transparency log for everybody: no sign-in, no private facts."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.audit import keys, public, queries, verify
from exchange.audit.models import Head
from exchange.audit.public import Entry
from exchange.core.refusals import Invalid
from exchange.metering import verify_receipt
from exchange.web.log.proof_picture import Picture, draw
from exchange.web.pages import render_page

ENTRIES_PER_PAGE = 25
INDEX_DIGITS_MAX = 18


@dataclass(frozen=True)
class Checkpoint:
    size: int
    root: str
    at: datetime
    text: str


@dataclass(frozen=True)
class LogPage:
    checkpoint: Checkpoint | None
    vkey: str
    origin: str
    rows: tuple[Entry, ...]
    newer_url: str
    older_url: str


@dataclass(frozen=True)
class EntryPage:
    entry: Entry
    checkpoint: Checkpoint
    path_length: int
    picture: Picture


@dataclass(frozen=True)
class VerifyPage:
    vkey: str
    origin: str
    newest_url: str


def show(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint and a page of entries below `?before=`."""
    before = _index(request.GET.get("before"))
    found = public.entries(before=before, limit=ENTRIES_PER_PAGE + 1)
    rows = tuple(found[:ENTRIES_PER_PAGE])
    key = keys.verifier_key()
    page = LogPage(
        checkpoint=newest_checkpoint(),
        vkey=str(key),
        origin=key.name,
        rows=rows,
        newer_url=request.path if before is not None else "",
        older_url=f"{request.path}?before={rows[-1].index}"
        if len(found) > ENTRIES_PER_PAGE
        else "",
    )
    return render_page(request, "log/log.html", page)


def show_entry(request: HttpRequest, index: int) -> HttpResponse:
    """One record's place in the log, proven under the newest signed head."""
    leaf = queries.leaf_at(index)
    head = Head.objects.latest("tree_size")
    path = queries.inclusion_path(index=index, size=head.tree_size)
    page = EntryPage(
        entry=public.entry_at(index),
        checkpoint=_checkpoint(head),
        path_length=len(path),
        picture=draw(index=index, size=head.tree_size, leaf=bytes(leaf.hash), path=path),
    )
    return render_page(request, "log/entry.html", page)


def download_proof(_request: HttpRequest, index: int) -> JsonResponse:
    """The public bundle: it proves the hash's place without telling what the record says."""
    bundle = queries.bundle(queries.leaf_at(index), with_canonical=False)
    answer = JsonResponse(bundle, json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="proof-{index}.json"'
    return answer


def explain_verifying(request: HttpRequest) -> HttpResponse:
    key = keys.verifier_key()
    newest = queries.newest()
    url = reverse("web:log_entry", args=[newest.tree_size - 1]) if newest else ""
    page = VerifyPage(vkey=str(key), origin=key.name, newest_url=url)
    return render_page(request, "log/verify.html", page)


def download_verifier(_request: HttpRequest) -> FileResponse:
    """The one file that checks proofs offline, as the exchange itself runs it."""
    return _program(Path(verify.__file__))


def download_receipt_verifier(_request: HttpRequest) -> FileResponse:
    """The file beside it that checks receipts of use offline."""
    return _program(Path(verify_receipt.__file__))


def _program(path: Path) -> FileResponse:
    kind = "text/x-python; charset=utf-8"
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type=kind)


def newest_checkpoint() -> Checkpoint | None:
    head = queries.newest()
    return _checkpoint(head) if head else None


def _checkpoint(head: Head) -> Checkpoint:
    return Checkpoint(
        size=head.tree_size, root=bytes(head.root).hex(), at=head.at, text=head.checkpoint
    )


class NotAnIndex(Invalid):
    """Entries are asked for by their whole number."""

    code = "not_a_log_index"


def _index(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= INDEX_DIGITS_MAX):
        raise NotAnIndex(_("An entry of the log is asked for by its whole number."), example=1024)
    return int(text)
