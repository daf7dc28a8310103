"""How the transparency log looks in JSON, and what its addresses may be asked."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from exchange.audit.models import ID_CHARS_MAX, Leaf, Record

INDEX_MAX = 2**62


class HashField(serializers.CharField):
    """32 bytes in hexadecimal."""

    def to_representation(self, value: Any) -> str:
        return bytes(value).hex()


class EntryShape(serializers.ModelSerializer[Leaf]):
    """What everybody may know of a record: its place, what kind of event it is, and its hash."""

    record = serializers.CharField(source="record.public_id", read_only=True)
    event = serializers.CharField(source="record.event", read_only=True)
    at = serializers.DateTimeField(source="record.at", read_only=True)
    leaf_hash = HashField(source="hash", read_only=True)

    class Meta:
        model = Leaf
        fields = ("index", "record", "event", "at", "leaf_hash")
        read_only_fields = fields


class RecordShape(serializers.ModelSerializer[Record]):
    """A record as it was written. `index` is null while it waits for its place in the log."""

    id = serializers.CharField(source="public_id", read_only=True)
    index = serializers.SerializerMethodField()
    canonical = serializers.SerializerMethodField()

    class Meta:
        model = Record
        fields = ("id", "event", "actor", "subject", "at", "index", "canonical")
        read_only_fields = fields

    @extend_schema_field({"type": ["integer", "null"]})
    def get_index(self, record: Record) -> int | None:
        leaf: Leaf | None = getattr(record, "leaf", None)
        return leaf.index if leaf else None

    def get_canonical(self, record: Record) -> str:
        return bytes(record.canonical).decode()


class PathShape(serializers.Serializer[Any]):
    """The hashes of a proof, in hexadecimal."""

    path = serializers.ListField(child=serializers.CharField())


class InclusionShape(PathShape):
    """A proof that a leaf is in the tree. `checkpoint` is null at a size that no head was signed for."""

    record = serializers.CharField()
    leaf_hash = serializers.CharField()
    index = serializers.IntegerField()
    size = serializers.IntegerField()
    checkpoint = serializers.CharField(allow_null=True)
    vkey = serializers.CharField()


class BundleShape(InclusionShape):
    """All that `verify.py` needs to check a record offline."""

    canonical = serializers.CharField()


class ConsistencyShape(PathShape):
    """A proof that the larger tree begins with all leaves of the smaller one."""

    old_size = serializers.IntegerField()
    new_size = serializers.IntegerField()


class InclusionQuestion(serializers.Serializer[Any]):
    """Which leaf, by its record or its index; in a tree of which size (the newest signed one)."""

    record = serializers.CharField(required=False, max_length=ID_CHARS_MAX)
    index = serializers.IntegerField(required=False, min_value=0, max_value=INDEX_MAX)
    size = serializers.IntegerField(required=False, min_value=1, max_value=INDEX_MAX)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("record" in attrs) == ("index" in attrs):
            raise serializers.ValidationError(_("Name either a record or an index."))
        return attrs


class ConsistencyQuestion(serializers.Serializer[Any]):
    """From which size on, to which (the newest signed one)."""

    old = serializers.IntegerField(min_value=1, max_value=INDEX_MAX)
    new = serializers.IntegerField(required=False, min_value=1, max_value=INDEX_MAX)


class CheckpointQuestion(serializers.Serializer[Any]):
    """The checkpoint of which size; the newest without."""

    size = serializers.IntegerField(required=False, min_value=1, max_value=INDEX_MAX)
