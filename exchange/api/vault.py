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
from exchange.core import clock
from exchange.members.permissions import SCOPE_VAULT_READ, SCOPE_VAULT_WRITE, Permission
from exchange.vault import files
from exchange.vault.files import file_of, files_of, tables_of
from exchange.vault.masks import found_in, masked
from exchange.vault.models import DataFile, DataTable

SCOPES = {
    "GET": SCOPE_VAULT_READ,
    "POST": SCOPE_VAULT_WRITE,
    "DELETE": SCOPE_VAULT_WRITE,
}


class FileSerializer(RowSerializer[DataFile]):
    """A stored file. `rows_read` and `bytes_read` tell how far its reading is."""

    sha256 = serializers.CharField(source="blob.sha256", read_only=True)
    size_bytes = serializers.IntegerField(source="blob.size_bytes", read_only=True)

    class Meta:
        model = DataFile
        fields: tuple[str, ...] = (
            "id", "name", "sha256", "size_bytes", "format", "state", "refusal_code",
            "refusal_text", "rows_read", "bytes_read", "synthetic", "created_at", "read_at",
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


class FileWithTables(FileSerializer):
    """A stored file and everything that was read from it."""

    tables = serializers.SerializerMethodField()

    class Meta(FileSerializer.Meta):
        fields = (*FileSerializer.Meta.fields, "tables")

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


def _mine(request: Request) -> int:
    return acting_for(request, Permission.FILE_SEE)
