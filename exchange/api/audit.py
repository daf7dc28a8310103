"""The transparency log over the API: proofs for everybody, records for those whom they concern."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Membership
from exchange.api.base import KeysetPagination, Listing, RowSerializer, asked
from exchange.api.callers import caller_of, policy_actor
from exchange.api.fields import WholeField
from exchange.audit import keys, public, queries
from exchange.audit.models import ID_CHARS_MAX, Head, Leaf, Record
from exchange.audit.queries import NoSuchRecord, NoSuchTree
from exchange.journeys import records_of_parties
from exchange.members.permissions import SCOPE_LOG

INDEX_MAX = 2**62


class HashField(serializers.CharField):
    """32 bytes in hexadecimal."""

    def to_representation(self, value: Any) -> str:
        return bytes(value).hex()


class EntrySerializer(RowSerializer[Leaf]):
    """What everybody may know of a record: its place, what it is about, the second of its head, and its hash.

    `group` is null while an auction is under way that the record might belong to.
    """

    group = serializers.SerializerMethodField()
    at = serializers.SerializerMethodField()
    leaf_hash = HashField(source="hash", read_only=True)

    class Meta:
        model = Leaf
        fields = ("index", "group", "at", "leaf_hash")

    @extend_schema_field({"type": ["string", "null"], "enum": [*public.Group.values, None]})
    def get_group(self, leaf: Leaf) -> str | None:
        return public.entry_of(leaf).group

    @extend_schema_field({"type": "string", "format": "date-time"})
    def get_at(self, leaf: Leaf) -> str:
        return public.entry_of(leaf).at.isoformat()


class RecordSerializer(RowSerializer[Record]):
    """A record as it was written. `index` is null while it waits for its place in the log."""

    index = serializers.SerializerMethodField()
    canonical = serializers.SerializerMethodField()

    class Meta:
        model = Record
        fields = ("id", "event", "actor", "subject", "at", "index", "canonical")

    @extend_schema_field({"type": ["integer", "null"]})
    def get_index(self, record: Record) -> int | None:
        leaf: Leaf | None = getattr(record, "leaf", None)
        return leaf.index if leaf else None

    def get_canonical(self, record: Record) -> str:
        return bytes(record.canonical).decode()


class PathSerializer(serializers.Serializer[Any]):
    """The hashes of a proof, in hexadecimal."""

    path = serializers.ListField(child=serializers.CharField())


class InclusionSerializer(PathSerializer):
    """A proof that a leaf is in the tree. `checkpoint` is null at a size that no head was signed for."""

    record = serializers.CharField(
        allow_null=True, help_text="Null where the leaf was asked for by its index."
    )
    leaf_hash = serializers.CharField()
    index = serializers.IntegerField()
    size = serializers.IntegerField()
    checkpoint = serializers.CharField(allow_null=True)
    vkey = serializers.CharField()


class BundleSerializer(InclusionSerializer):
    """All that `verify.py` needs to check a record offline."""

    canonical = serializers.CharField()


class ConsistencySerializer(PathSerializer):
    """A proof that the larger tree begins with all leaves of the smaller one."""

    old_size = serializers.IntegerField()
    new_size = serializers.IntegerField()


class InclusionQuestion(serializers.Serializer[Any]):
    """Which leaf, by its record or its index; in a tree of which size (the newest signed one)."""

    record = serializers.CharField(required=False, max_length=ID_CHARS_MAX)
    index = WholeField(required=False, min_value=0, max_value=INDEX_MAX)
    size = WholeField(required=False, min_value=1, max_value=INDEX_MAX)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("record" in attrs) == ("index" in attrs):
            raise serializers.ValidationError(_("Name either a record or an index."))
        return attrs


class ConsistencyQuestion(serializers.Serializer[Any]):
    """From which size on, to which (the newest signed one)."""

    old = WholeField(min_value=1, max_value=INDEX_MAX)
    new = WholeField(required=False, min_value=1, max_value=INDEX_MAX)


class CheckpointQuestion(serializers.Serializer[Any]):
    """The checkpoint of which size; the newest without."""

    size = WholeField(required=False, min_value=1, max_value=INDEX_MAX)


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
        head = head_asked(asked(CheckpointQuestion, request).get("size"))
        return Response(head.checkpoint)


class InclusionView(Public, GenericAPIView[Any]):
    """The proof that a record is in the log, without saying what it records."""

    serializer_class = InclusionSerializer

    @extend_schema(operation_id="log_inclusion", parameters=[InclusionQuestion])
    def get(self, request: Request) -> Response:
        question = asked(InclusionQuestion, request)
        leaf = (
            queries.leaf_of(question["record"])
            if "record" in question
            else queries.leaf_at(question["index"])
        )
        size = question.get("size") or queries.newest_edge().size
        return Response(queries.inclusion(leaf, size=size, is_named="record" in question))


class ConsistencyView(Public, GenericAPIView[Any]):
    """The proof that the log of one size continues the log of a smaller one."""

    serializer_class = ConsistencySerializer

    @extend_schema(operation_id="log_consistency", parameters=[ConsistencyQuestion])
    def get(self, request: Request) -> Response:
        question = asked(ConsistencyQuestion, request)
        old_size, new_size = question["old"], question.get("new") or queries.newest_edge().size
        path = queries.consistency_path(old_size=old_size, new_size=new_size)
        return Response(
            {"old_size": old_size, "new_size": new_size, "path": [one.hex() for one in path]}
        )


class EntriesView(Public, Listing):
    """All entries of the log, newest first."""

    serializer_class = EntrySerializer
    pagination_class = KeysetPagination.ordered("-index")

    @extend_schema(operation_id="log_entries", responses=EntrySerializer(many=True))
    def get(self, _request: Request) -> Response:
        return self.page_of(public.leaves())


class RecordsView(Listing):
    """The records that speak of the caller's organisations, newest first; all for overseers."""

    serializer_class = RecordSerializer
    scopes = READ

    @extend_schema(operation_id="log_records", responses=RecordSerializer(many=True))
    def get(self, request: Request) -> Response:
        found = queries.about(subjects_readable(request))
        return self.page_of(found.select_related("leaf"))


class RecordView(GenericAPIView[Any]):
    """One record, word for word."""

    serializer_class = RecordSerializer
    scopes = READ

    @extend_schema(operation_id="log_record")
    def get(self, request: Request, record_id: str) -> Response:
        return Response(RecordSerializer(record_readable(request, record_id)).data)


class BundleView(GenericAPIView[Any]):
    """One record with the proof of its place, to be checked offline by `verify.py`."""

    serializer_class = BundleSerializer
    scopes = READ

    @extend_schema(operation_id="log_record_bundle")
    def get(self, request: Request, record_id: str) -> Response:
        record_readable(request, record_id)
        return Response(queries.bundle(queries.leaf_of(record_id), with_canonical=True))


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


def record_readable(request: Request, record_id: str) -> Record:
    """The record, when the caller may read it: it speaks of an organisation of his, or of something to which
    that is a party. Refuses NoSuchRecord."""
    try:
        return queries.readable(record_id, subjects=subjects_readable(request))
    except NoSuchRecord:
        record = queries.readable(record_id, subjects=None)
        if organisations_of(request).isdisjoint(records_of_parties.parties_of(record.subject)):
            raise
        return record


def organisations_of(request: Request) -> frozenset[int]:
    """The organisations that the caller speaks for: a key for its own, a person for all of his."""
    caller = caller_of(request)
    if caller.key is not None:
        return frozenset({caller.key.organisation_id})
    return frozenset(
        Membership.objects.filter(user=caller.user).values_list("organisation_id", flat=True)
    )


def head_asked(size: int | None) -> Head:
    """The newest head, or the one signed for a size. Refuses NoSuchTree."""
    head = queries.newest() if size is None else Head.objects.filter(tree_size=size).first()
    if head is None:
        raise NoSuchTree(_("No head of this size was signed."), size=size)
    return head
