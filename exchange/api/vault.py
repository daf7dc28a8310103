"""Stored files over the API: what they are, how far their reading is, what was found in them."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from exchange.api.base import Listing, RowSerializer, act
from exchange.api.callers import acting_for, policy_actor
from exchange.catalog import file_answers
from exchange.core import clock
from exchange.members.permissions import SCOPE_VAULT_READ, SCOPE_VAULT_WRITE, Permission
from exchange.vault import files
from exchange.vault.files import file_of, files_of, tables_of
from exchange.vault.masks import found_in, masked
from exchange.vault.models import DataFile, DataTable
from exchange.vault.reading.questions import (
    PLACE_CHARS_MAX,
    QUESTIONS_MAX,
    VALUE_CHARS_MAX,
    Answers,
    Asked,
)

SCOPES = {
    "GET": SCOPE_VAULT_READ,
    "POST": SCOPE_VAULT_WRITE,
    "DELETE": SCOPE_VAULT_WRITE,
}


class FileSerializer(RowSerializer[DataFile]):
    """A stored file. `rows_read` and `bytes_read` tell how far its reading is, `open_questions` how many
    of its questions nobody has answered."""

    sha256 = serializers.CharField(source="blob.sha256", read_only=True)
    size_bytes = serializers.IntegerField(source="blob.size_bytes", read_only=True)
    open_questions = serializers.IntegerField(read_only=True)

    class Meta:
        model = DataFile
        fields: tuple[str, ...] = (
            "id", "name", "sha256", "size_bytes", "format", "state", "refusal_code",
            "refusal_text", "rows_read", "bytes_read", "open_questions", "synthetic", "created_at",
            "read_at",
        )  # fmt: skip


class FileTableSerializer(RowSerializer[DataTable]):
    """A table read from the file, with its dictionary, profile, quality and findings. Of columns in
    which personal data was found it has no values."""

    document = serializers.SerializerMethodField()

    class Meta:
        model = DataTable
        fields = ("id", "name", "rows", "document")

    def get_document(self, table: DataTable) -> dict[str, Any]:
        return masked(table.document, found_in(table.document))


class OptionSerializer(serializers.Serializer[Any]):
    """One reading: what an answer names, and the names and first rows that it gives."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name
    names = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class ReadingQuestionSerializer(serializers.Serializer[Any]):
    """Two readings fit at a place: a member or sheet of the file, or `member / column`. `taken` is the
    value of the option that was read: the likelier one, or what was answered."""

    asked = serializers.ChoiceField(choices=[str(one) for one in Asked])
    place = serializers.CharField()
    text = serializers.CharField()
    options = OptionSerializer(many=True)
    taken = serializers.CharField()
    is_answered = serializers.BooleanField()


class AnswerSerializer(serializers.Serializer[Any]):
    """The value of one of a question's options."""

    asked = serializers.ChoiceField(choices=[str(one) for one in Asked])
    place = serializers.CharField(max_length=PLACE_CHARS_MAX, trim_whitespace=False)
    value = serializers.CharField(max_length=VALUE_CHARS_MAX, trim_whitespace=False)


class AnswersRequest(serializers.Serializer[Any]):
    """Answers to questions of the reading; those that are left out stay as they are."""

    answers = serializers.ListField(
        child=AnswerSerializer(), min_length=1, max_length=QUESTIONS_MAX
    )


class FileWithTables(FileSerializer):
    """A stored file and everything that was read from it, with what its reading asks. A product with an
    open question is not submitted, and none is published."""

    tables = serializers.SerializerMethodField()
    questions = ReadingQuestionSerializer(many=True, read_only=True)

    class Meta(FileSerializer.Meta):
        fields = (*FileSerializer.Meta.fields, "tables", "questions")

    @extend_schema_field(FileTableSerializer(many=True))
    def get_tables(self, file: DataFile) -> list[dict[str, Any]]:
        return [dict(FileTableSerializer(table).data) for table in tables_of(file)]


class FilesView(Listing):
    """The files of the organisation, newest first."""

    serializer_class = FileSerializer
    scopes = SCOPES

    @extend_schema(operation_id="files", responses=FileSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self.page_of(files_of(_mine(request)))


class FileView(GenericAPIView[Any]):
    """One file with its tables."""

    serializer_class = FileWithTables
    scopes = SCOPES

    @extend_schema(operation_id="file")
    def get(self, request: Request, file_id: str) -> Response:
        return Response(FileWithTables(file_of(_mine(request), file_id)).data)

    @extend_schema(operation_id="file_remove", responses={204: None})
    def delete(self, request: Request, file_id: str) -> Response:
        files.remove_file(file_id, actor=policy_actor(request), now=clock.now())
        return Response(status=HTTPStatus.NO_CONTENT)


FileReadAgainView = act(
    files.read_again, FileSerializer,
    operation_id="file_read_again", scopes=SCOPES,
    about="Another reading of a file that was refused.",
)  # fmt: skip


def _answer(file_id: str, *, answers: list[dict[str, str]], **by: Any) -> DataFile:
    said = {(Asked(one["asked"]), one["place"]): one["value"] for one in answers}
    return file_answers.answer(file_id, said=Answers(said), **by)


FileAnswersView = act(
    _answer, FileWithTables, AnswersRequest,
    operation_id="file_answer", scopes=SCOPES,
    about="Answer questions of a file's reading; it is read again by the answers. Refused with"
    " `no_such_question`, `no_such_option`, `file_being_read`, and `file_in_use` once a revision of it is"
    " published or with the exchange.",
)  # fmt: skip


def _mine(request: Request) -> int:
    return acting_for(request, Permission.FILE_SEE)
