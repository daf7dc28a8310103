"""A seller's stored files: bring, follow, read again, remove."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exchange.core.refusals import Refusal
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.vault import files, uploads
from exchange.vault.files import files_of, tables_of
from exchange.vault.lifecycle import FileState
from exchange.vault.models import DataFile, DataTable
from exchange.vault.space import Space, space_of
from exchange.vault.uploads import unfinished_uploads
from exchange.web.pages import render_page
from exchange.web.selling.forms import FileForm

FILES_MAX = 100
TONES = {
    FileState.STORED: "info",
    FileState.READING: "info",
    FileState.READY: "good",
    FileState.REFUSED: "bad",
}


@dataclass(frozen=True)
class FileRow:
    public_id: str
    name: str
    size_bytes: int
    sha256: str
    at: datetime
    state: str
    tone: str
    synthetic: bool


@dataclass(frozen=True)
class UploadRow:
    public_id: str
    name: str
    received_bytes: int
    declared_bytes: int
    expires_at: datetime


@dataclass(frozen=True)
class UploadBox:
    """What the upload form needs; the publish wizard shows the same one with its own way back."""

    form: FileForm
    action: str
    done_url: str
    next_url: str = ""


@dataclass(frozen=True)
class FilesPage:
    files: tuple[FileRow, ...]
    uploads: tuple[UploadRow, ...]
    space: Space
    box: UploadBox | None
    obstacle: str


@dataclass(frozen=True)
class TableRow:
    name: str
    rows: int
    columns: int
    score: str
    grade: str
    findings: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FilePage:
    file: FileRow
    is_waiting: bool
    is_refused: bool
    refusal: str
    refusal_code: str
    rows_read: int
    bytes_read: int
    progress_url: str
    tables: tuple[TableRow, ...]
    may_keep: bool
    was_known: bool


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_all(request: HttpRequest) -> HttpResponse:
    """The files of the organisation acted for; posting a form brings one more."""
    actor = actor_of(request)
    mine = organisation_of(actor)
    form, status = FileForm(), 200
    if request.method == "POST":
        files.keeper_of(actor)
        form, status = FileForm(request.POST, request.FILES), 422
        if form.is_valid():
            try:
                return _kept(request, actor, form.cleaned_data["file"])
            except Refusal as refusal:
                form.add_error("file", refusal.message)
                status = int(refusal.http_status)
    policy.require(actor, Permission.FILE_SEE, Subject(organisation_id=mine))
    may_keep = policy.allowed(actor, Permission.FILE_KEEP, Subject(organisation_id=mine))
    page = FilesPage(
        files=tuple(_file_row(file) for file in files_of(mine)[:FILES_MAX]),
        uploads=tuple(
            UploadRow(
                one.public_id, one.name, one.received_bytes, one.declared_bytes, one.expires_at
            )
            for one in unfinished_uploads(mine)
        ),
        space=space_of(mine),
        box=upload_box(form, next_url=request.GET.get("next", "")) if may_keep else None,
        obstacle=may_keep.reason,
    )
    return render_page(request, "selling/files.html", page, status=status)


@login_required
@require_GET
def show(request: HttpRequest, file_id: str) -> HttpResponse:
    """One file: how far its reading is, and what was found."""
    actor = actor_of(request)
    file = files.file_seen_by(actor, file_id)
    subject = Subject(organisation_id=file.organisation_id)
    page = FilePage(
        file=_file_row(file),
        is_waiting=file.state in {FileState.STORED, FileState.READING},
        is_refused=file.state == FileState.REFUSED,
        refusal=file.refusal_text,
        refusal_code=file.refusal_code,
        rows_read=file.rows_read,
        bytes_read=file.bytes_read,
        progress_url=reverse("web:file_progress", args=[file.public_id]),
        tables=tuple(_table_row(table) for table in tables_of(file)),
        may_keep=policy.allowed(actor, Permission.FILE_KEEP, subject).allowed,
        was_known="known" in request.GET,
    )
    return render_page(request, "selling/file.html", page)


@login_required
@require_GET
def progress(request: HttpRequest, file_id: str) -> JsonResponse:
    """How far the reading is, for the page that waits."""
    file = files.file_seen_by(actor_of(request), file_id)
    answer = JsonResponse(
        {
            "state": file.state,
            "rows_read": file.rows_read,
            "bytes_read": file.bytes_read,
            "size_bytes": file.blob.size_bytes,
        }
    )
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
@require_POST
def read_again(request: HttpRequest, file_id: str) -> HttpResponse:
    """Have a refused file read once more."""
    files.read_again(file_id, actor=actor_of(request), now=timezone.now())
    return redirect("web:file", file_id)


@login_required
@require_POST
def remove(request: HttpRequest, file_id: str) -> HttpResponse:
    """Forget a file that no product needs."""
    files.remove_file(file_id, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The file was removed."))
    return redirect("web:files")


@login_required
@require_POST
def abandon(request: HttpRequest, upload_id: str) -> HttpResponse:
    """Give an unfinished upload up."""
    uploads.abandon_upload(upload_id, actor=actor_of(request), now=timezone.now())
    return redirect("web:files")


def upload_box(form: FileForm, *, next_url: str = "") -> UploadBox:
    """The upload form. With `next_url` its file goes there, as `?file=fil_…`."""
    return UploadBox(
        form=form,
        action=reverse("web:files"),
        done_url=reverse("web:file", args=["FILE"]),
        next_url=next_url,
    )


def _kept(request: HttpRequest, actor: Actor, content: Any) -> HttpResponse:
    kept = files.keep(actor=actor, name=content.name, content=content, now=timezone.now())
    known = "&known=1" if kept.was_known else ""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return redirect(f"{wanted}{'&' if '?' in wanted else '?'}file={kept.file.public_id}{known}")
    return redirect(f"{reverse('web:file', args=[kept.file.public_id])}{known and '?known=1'}")


def _file_row(file: DataFile) -> FileRow:
    return FileRow(
        public_id=file.public_id,
        name=file.name,
        size_bytes=file.blob.size_bytes,
        sha256=file.blob.sha256,
        at=file.created_at,
        state=file.get_state_display(),
        tone=TONES[FileState(file.state)],
        synthetic=file.synthetic,
    )


def _table_row(table: DataTable) -> TableRow:
    quality = table.document.get("quality") or {}
    return TableRow(
        name=table.name,
        rows=table.rows,
        columns=len(table.document.get("columns", ())),
        score=str(quality.get("score", "")),
        grade=str(quality.get("grade", "")),
        findings=tuple(sorted({str(one["column"]) for one in table.document.get("findings", ())})),
        notes=tuple(str(one["text"]) for one in table.document.get("notes", ())),
    )
