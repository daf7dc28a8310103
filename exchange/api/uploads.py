"""Resumable uploads: the core protocol of tus 1.0 with creation, expiration and termination.

Any tus client works: POST declares the length, PATCH brings a piece, HEAD says where to go on. The
answer to the last piece names the file in `Assay-File`.
"""

import base64
import binascii
from http import HTTPStatus
from typing import Any

from django.utils.http import http_date
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from exchange.api.base import RowSerializer
from exchange.api.callers import acting_for, plain, policy_actor
from exchange.core import clock
from exchange.core.refusals import Invalid, Refusal
from exchange.members.permissions import SCOPE_VAULT_READ, SCOPE_VAULT_WRITE, Permission
from exchange.vault import files, uploads
from exchange.vault.models import Upload
from exchange.vault.reading.errors import EmptyFile
from exchange.vault.uploads import upload_of

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
DIGITS_MAX = 15
METADATA_CHARS_MAX = 2000
LENGTH = OpenApiParameter("Upload-Length", int, OpenApiParameter.HEADER, required=True)
OFFSET = OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True)
METADATA = OpenApiParameter(
    "Upload-Metadata", str, OpenApiParameter.HEADER, description="`filename <base64>`"
)
SCOPES = {
    "GET": SCOPE_VAULT_READ,
    "POST": SCOPE_VAULT_WRITE,
    "PATCH": SCOPE_VAULT_WRITE,
    "DELETE": SCOPE_VAULT_WRITE,
}


class ProtocolVersion(Refusal):
    """The client speaks a version of the upload protocol that we do not."""

    code = "upload_protocol_version"
    http_status = HTTPStatus.PRECONDITION_FAILED


class PieceTypeWrong(Invalid):
    """A piece of an upload is sent as `application/offset+octet-stream`."""

    code = "upload_piece_type"
    http_status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class UploadSerializer(RowSerializer[Upload]):
    """An upload: how much of it is there, and the file it became."""

    file = serializers.CharField(
        source="file.public_id", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Upload
        fields = ("id", "name", "declared_bytes", "received_bytes", "state", "file", "expires_at")


class PieceParser(BaseParser):
    """The body is read by the view, step by step."""

    media_type = PIECE

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:  # noqa: ARG002 - the framework's signature
        return stream


class UploadsView(GenericAPIView[Any]):
    """Beginning an upload."""

    serializer_class = UploadSerializer
    scopes = SCOPES

    @extend_schema(
        operation_id="upload_begin",
        request=OpenApiTypes.NONE,
        parameters=[LENGTH, METADATA],
        responses={201: UploadSerializer},
    )
    def post(self, request: Request) -> Response:
        files.keeper_of(policy_actor(request))
        _check_version(request)
        declared = _number(request, "Upload-Length")
        if declared == 0:
            raise EmptyFile(_("The file is empty."))
        upload = uploads.begin_upload(
            actor=policy_actor(request),
            name=_name(request.headers.get("Upload-Metadata", "")),
            declared_bytes=declared,
            now=clock.now(),
        )
        headers = {
            **_state_of(upload),
            "Location": reverse("api:upload", args=[upload.public_id], request=request),
        }
        return Response(UploadSerializer(upload).data, status=HTTPStatus.CREATED, headers=headers)


class UploadView(GenericAPIView[Any]):
    """One upload: where it stands (HEAD or GET), its next piece (PATCH), its end (DELETE)."""

    serializer_class = UploadSerializer
    parser_classes = [PieceParser]
    scopes = SCOPES

    @extend_schema(operation_id="upload")
    def get(self, request: Request, upload_id: str) -> Response:
        mine = acting_for(request, Permission.FILE_SEE)
        upload = upload_of(mine, upload_id)
        return Response(UploadSerializer(upload).data, headers=_state_of(upload))

    @extend_schema(
        operation_id="upload_piece",
        request={PIECE: OpenApiTypes.BINARY},
        parameters=[OFFSET],
        responses={204: None},
    )
    def patch(self, request: Request, upload_id: str) -> Response:
        files.keeper_of(policy_actor(request))
        _check_version(request)
        body = plain(request)
        size_bytes = int(body.META.get("CONTENT_LENGTH") or 0)
        if size_bytes and body.content_type != PIECE:
            raise PieceTypeWrong(_("Send the piece as %(type)s.") % {"type": PIECE}, expected=PIECE)
        upload, kept = uploads.receive_piece(
            actor=policy_actor(request),
            upload_id=upload_id,
            offset=_number(request, "Upload-Offset"),
            content=body,  # type: ignore[arg-type]  # it has the one method that is used: read
            size_bytes=size_bytes,
            now=clock.now(),
        )
        headers = _state_of(upload)
        if kept is not None:
            headers["Assay-File"] = kept.file.public_id
            headers["Assay-File-Known"] = "true" if kept.was_known else "false"
        return Response(status=HTTPStatus.NO_CONTENT, headers=headers)

    @extend_schema(operation_id="upload_abandon", responses={204: None})
    def delete(self, request: Request, upload_id: str) -> Response:
        uploads.abandon_upload(upload_id, actor=policy_actor(request), now=clock.now())
        return Response(status=HTTPStatus.NO_CONTENT, headers={"Tus-Resumable": VERSION})


def _check_version(request: Request) -> None:
    """A client that names another version than ours would misunderstand the answers."""
    if request.headers.get("Tus-Resumable", VERSION) != VERSION:
        raise ProtocolVersion(
            _("Uploads follow version %(version)s of tus.") % {"version": VERSION},
            version=VERSION,
        )


def _number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
        raise Invalid(
            _("Send the header %(header)s with a number of bytes.") % {"header": header},
            header=header,
        )
    return int(text)


def _name(metadata: str) -> str:
    """The file's name from `filename <base64>,…`; what cannot be read is a name like any other."""
    for pair in metadata[:METADATA_CHARS_MAX].split(","):
        key, _blank, value = pair.strip().partition(" ")
        if key in {"filename", "name"}:
            try:
                return base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                break
    return ""


def _state_of(upload: Upload) -> dict[str, str]:
    return {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(upload.received_bytes),
        "Upload-Length": str(upload.declared_bytes),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
        "Cache-Control": "no-store",
    }
