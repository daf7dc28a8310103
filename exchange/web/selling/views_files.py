"""A seller's stored files: bring, follow, read again, remove."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from exchange.catalog import file_answers
from exchange.core import clock
from exchange.core.refusals import NotAllowed, NotFound
from exchange.members import policy
from exchange.members.actors import Actor, Subject, actor_of, organisation_of
from exchange.members.permissions import Permission
from exchange.vault import files, uploads
from exchange.vault.files import files_of, tables_of
from exchange.vault.models import DataFile, DataTable, Upload
from exchange.vault.space import Space, space_of
from exchange.vault.uploads import unfinished_uploads
from exchange.web.pages import render_page
from exchange.web.selling.forms import FileForm
from exchange.web.selling.questions import QuestionBox, box_of_questions, said_in
from exchange.web.submissions import Problem, blaming, noting, sent, status_of
from exchange.web.views import button, form_view, get_view, post_view

FILES_MAX = 100


@dataclass(frozen=True)
class UploadBox:
    """What the upload form needs; the publish wizard shows the same one with its own way back. One that
    `attaches` sends the stored file to `action`, which uses it at once."""

    form: FileForm
    action: str
    done_url: str
    attaches: bool = False


@dataclass(frozen=True)
class FilesPage:
    files: tuple[DataFile, ...]
    uploads: tuple[Upload, ...]
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
    file: DataFile
    tables: tuple[TableRow, ...]
    may_keep: bool
    was_known: bool
    questions: QuestionBox | None
    problem: str


@form_view
def show_all(request: HttpRequest) -> HttpResponse:
    """The files of the organisation acted for; posting a form brings one more."""
    actor = actor_of(request)
    mine = organisation_of(actor)
    form = FileForm(sent(request), request.FILES or None)
    if form.is_bound:
        files.keeper_of(actor)
    if form.is_valid():
        with blaming(form, "file"):
            return _kept(actor, form.cleaned_data["file"])
    policy.require(actor, Permission.FILE_SEE, Subject(organisation_id=mine))
    may_keep = policy.allowed(actor, Permission.FILE_KEEP, Subject(organisation_id=mine))
    page = FilesPage(
        files=tuple(files_of(mine)[:FILES_MAX]),
        uploads=tuple(unfinished_uploads(mine)),
        space=space_of(mine),
        box=upload_box(form) if may_keep else None,
        obstacle=may_keep.reason,
    )
    return render_page(request, "selling/files.html", page, status=status_of(form))


@get_view
def show(request: HttpRequest, file_id: str) -> HttpResponse:
    """One file: how far its reading is, and what was found."""
    return _shown(request, file_id, Problem())


@post_view
def answer(request: HttpRequest, file_id: str) -> HttpResponse:
    """Answer what its reading asked; it is read again."""
    problem = Problem()
    said = said_in(request.POST)
    with noting(problem, raising=(NotFound, NotAllowed)):
        file_answers.answer(file_id, actor=actor_of(request), said=said, now=clock.now())
        return redirect("web:file", file_id)
    return _shown(request, file_id, problem)


def _shown(request: HttpRequest, file_id: str, problem: Problem) -> HttpResponse:
    actor = actor_of(request)
    file = files.file_seen_by(actor, file_id)
    subject = Subject(organisation_id=file.organisation_id)
    may_keep = policy.allowed(actor, Permission.FILE_KEEP, subject).allowed
    page = FilePage(
        file=file,
        tables=tuple(_table_row(table) for table in tables_of(file)),
        may_keep=may_keep,
        was_known="known" in request.GET,
        questions=box_of_questions(
            request,
            file,
            action=reverse("web:file_answer", args=[file_id]),
            page_url=reverse("web:file", args=[file_id]),
        )
        if may_keep
        else None,
        problem=problem.sentence,
    )
    return render_page(request, "selling/file.html", page, status=problem.status)


@get_view
def progress(request: HttpRequest, file_id: str) -> JsonResponse:
    """How far the reading is, for the page that waits."""
    file = files.file_seen_by(actor_of(request), file_id)
    facts = {
        "state": file.state,
        "rows_read": file.rows_read,
        "bytes_read": file.bytes_read,
        "size_bytes": file.blob.size_bytes,
    }
    return JsonResponse(facts, headers={"Cache-Control": "no-store"})


read_again = button(files.read_again, back_to="web:file")
stop_reading = button(files.stop_reading, back_to="web:file")
remove = button(files.remove_file, lead_to="web:files", said=gettext_lazy("The file was removed."))
abandon = button(uploads.abandon_upload, lead_to="web:files")


def upload_box(form: FileForm) -> UploadBox:
    """The upload form."""
    return UploadBox(
        form=form, action=reverse("web:files"), done_url=reverse("web:file", args=["FILE"])
    )


def _kept(actor: Actor, content: Any) -> HttpResponse:
    kept = files.keep(actor=actor, name=content.name, content=content, now=clock.now())
    known = "?known=1" if kept.was_known else ""
    return redirect(f"{reverse('web:file', args=[kept.file.public_id])}{known}")


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
