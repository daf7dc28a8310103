"""The tables of the log. All but `Pending` and `Disclosure` refuse UPDATE, DELETE and TRUNCATE."""

from functools import partial

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Now
from django.utils.translation import gettext_lazy as _

from accounts.ids import new_id

EVENT_CHARS_MAX = 80
WHO_CHARS_MAX = 200
ID_CHARS_MAX = 33

models.BinaryField.register_lookup(Length)


class Record(models.Model):
    """One thing that happened. `canonical` is the record (RFC 8785); the columns repeat it for search.

    The public id is unique by a constraint and not by the field, which would add an index for
    LIKE that nobody asks and that every insert would pay for.
    """

    public_id = models.CharField(max_length=ID_CHARS_MAX, default=partial(new_id, "rec"))
    event = models.CharField(max_length=EVENT_CHARS_MAX)
    actor = models.CharField(max_length=WHO_CHARS_MAX)
    subject = models.CharField(max_length=WHO_CHARS_MAX)
    at = models.DateTimeField()
    canonical = models.BinaryField()

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="record_public_id_is_unique")
        ]
        indexes = [
            models.Index(fields=["subject", "id"], name="record_by_subject"),
            # For whoever looks for a rare person or event: what is frequent is found from the end.
            models.Index(fields=["actor"], name="record_by_actor"),
            models.Index(
                fields=["event"], name="record_by_event", opclasses=["varchar_pattern_ops"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.event}"


class Pending(models.Model):
    """A committed record that has no index yet. Written by the very statement that writes the record."""

    record = models.OneToOneField(
        Record,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        related_name="pending",
        db_constraint=False,  # one statement writes both; checking it again costs every writer
    )
    queued_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"record {self.pk}"


class Leaf(models.Model):
    """A record's place in the tree. Indexes begin at 0 and have no gap (guarded per statement)."""

    index = models.BigIntegerField(primary_key=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="leaf")
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(index__gte=0), name="leaf_index_from_zero"),
            models.CheckConstraint(condition=Q(hash__length=32), name="leaf_hash_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"leaf {self.index}"


class Node(models.Model):
    """The root of a complete subtree: 2**level leaves, from leaf `index << level` on. Level 0 is Leaf."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=62, index__gte=0), name="node_is_in_the_tree"
            ),
            models.CheckConstraint(condition=Q(hash__length=32), name="node_hash_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"node {self.level}/{self.index}"


class Head(models.Model):
    """A signed head. `peaks` are the roots of the complete subtrees, largest first, 32 bytes each.

    With them the next batch and a proof in this very tree need nothing of the tree's right edge.
    """

    tree_size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    peaks = models.BinaryField()
    at = models.DateTimeField()
    checkpoint = models.TextField()

    class Meta:
        verbose_name = _("signed head")
        verbose_name_plural = _("signed heads")
        constraints = [
            models.CheckConstraint(condition=Q(tree_size__gte=1), name="head_has_leaves"),
            models.CheckConstraint(condition=Q(root__length=32), name="head_root_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"head {self.tree_size}"


class Disclosure(models.Model):
    """The value behind one personal commitment, and its salt. May be deleted, never edited."""

    pk = models.CompositePrimaryKey("record_id", "field")
    record = models.ForeignKey(
        Record, on_delete=models.PROTECT, related_name="disclosures", db_index=False
    )
    field = models.CharField(max_length=40)
    salt = models.BinaryField()
    value = models.TextField()

    def __str__(self) -> str:
        return f"{self.field} of record {self.record_id}"
