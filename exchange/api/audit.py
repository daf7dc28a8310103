"""The transparency log over the API: proofs for everybody, records for those whom they concern."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Membership
from exchange.api.accounts import Listing
from exchange.api.audit_shapes import (
    BundleShape,
    CheckpointQuestion,
    ConsistencyQuestion,
    ConsistencyShape,
    EntryShape,
    InclusionQuestion,
    InclusionShape,
    RecordShape,
)
from exchange.api.callers import caller_of, policy_actor
from exchange.api.pagination import KeysetPagination
from exchange.audit import keys
from exchange.audit.errors import NoSuchTree
from exchange.audit.models import Head, Leaf
from exchange.audit.queries import heads, proofs, records
from exchange.members.permissions import SCOPE_LOG

READ = {"GET": SCOPE_LOG}


class NoteRenderer(BaseRenderer):
    """Signed notes as they are; refusals as JSON."""

    media_type = "text/plain"
    format = "txt"

    def render(self, data: Any, *_context: Any, **_more: Any) -> bytes:
        return data.encode() if isinstance(data, str) else JSONRenderer().render(data)


class Public(APIView):
    """For everybody, without asking who it is."""

    authentication_classes = []
    permission_classes = [AllowAny]


class NoteView(Public):
    renderer_classes = (NoteRenderer, JSONRenderer)


class KeyView(NoteView):
    """The log's public key, as `name+hash+base64`."""

    @extend_schema(operation_id="log_key", responses={(200, "text/plain"): str})
    def get(self, _request: Request) -> Response:
        return Response(f"{keys.verifier_key()}\n")


class CheckpointView(NoteView):
    """A signed checkpoint (C2SP), the newest one or that of a size."""

    @extend_schema(
        operation_id="log_checkpoint",
        parameters=[CheckpointQuestion],
        responses={(200, "text/plain"): str},
    )
    def get(self, request: Request) -> Response:
        head = head_asked(_asked(CheckpointQuestion, request).get("size"))
        return Response(head.checkpoint)


class InclusionView(Public, GenericAPIView[Any]):
    """The proof that a record is in the log, without saying what it records."""

    serializer_class = InclusionShape

    @extend_schema(operation_id="log_inclusion", parameters=[InclusionQuestion])
    def get(self, request: Request) -> Response:
        asked = _asked(InclusionQuestion, request)
        leaf = (
            records.leaf_of(asked["record"])
            if "record" in asked
            else records.leaf_at(asked["index"])
        )
        size = asked.get("size") or heads.newest_edge().size
        return Response(records.inclusion(leaf, size=size))


class ConsistencyView(Public, GenericAPIView[Any]):
    """The proof that the log of one size continues the log of a smaller one."""

    serializer_class = ConsistencyShape

    @extend_schema(operation_id="log_consistency", parameters=[ConsistencyQuestion])
    def get(self, request: Request) -> Response:
        asked = _asked(ConsistencyQuestion, request)
        old_size, new_size = asked["old"], asked.get("new") or heads.newest_edge().size
        path = proofs.consistency_path(old_size=old_size, new_size=new_size)
        return Response(
            {"old_size": old_size, "new_size": new_size, "path": [one.hex() for one in path]}
        )


class EntriesView(Public, Listing):
    """All entries of the log, newest first."""

    serializer_class = EntryShape
    pagination_class = KeysetPagination.ordered("-index")

    @extend_schema(operation_id="log_entries", responses=EntryShape(many=True))
    def get(self, _request: Request) -> Response:
        return self.page_of(Leaf.objects.select_related("record"))


class RecordsView(Listing):
    """The records that speak of the caller's organisations, newest first; all for overseers."""

    serializer_class = RecordShape
    pagination_class = KeysetPagination.ordered("-id")
    scopes = READ

    @extend_schema(operation_id="log_records", responses=RecordShape(many=True))
    def get(self, request: Request) -> Response:
        found = records.about(subjects_readable(request))
        return self.page_of(found.select_related("leaf"))


class RecordView(GenericAPIView[Any]):
    """One record, word for word."""

    serializer_class = RecordShape
    scopes = READ

    @extend_schema(operation_id="log_record")
    def get(self, request: Request, record_id: str) -> Response:
        record = records.readable(record_id, subjects=subjects_readable(request))
        return Response(RecordShape(record).data)


class BundleView(GenericAPIView[Any]):
    """One record with the proof of its place, to be checked offline by `verify.py`."""

    serializer_class = BundleShape
    scopes = READ

    @extend_schema(operation_id="log_record_bundle")
    def get(self, request: Request, record_id: str) -> Response:
        records.readable(record_id, subjects=subjects_readable(request))
        return Response(records.bundle(records.leaf_of(record_id), with_canonical=True))


def subjects_readable(request: Request) -> frozenset[str] | None:
    """The subjects whose records the caller may read; None for operators and regulators: all."""
    if policy_actor(request).oversees:
        return None
    caller = caller_of(request)
    if caller.key is not None:
        return frozenset({f"organisation:{caller.key.organisation.public_id}"})
    organisations = Membership.objects.filter(user=caller.user).values_list(
        "organisation__public_id", flat=True
    )
    return frozenset({caller.name, *(f"organisation:{public_id}" for public_id in organisations)})


def head_asked(size: int | None) -> Head:
    """The newest head, or the one signed for a size. Refuses NoSuchTree."""
    head = heads.newest() if size is None else Head.objects.filter(tree_size=size).first()
    if head is None:
        raise NoSuchTree(_("No head of this size was signed."), size=size)
    return head


def _asked(question: type[Any], request: Request) -> dict[str, Any]:
    asked = question(data=request.query_params)
    asked.is_valid(raise_exception=True)
    answers: dict[str, Any] = asked.validated_data
    return answers
