"""What a proof costs when the log has a million records."""

from collections.abc import Collection

import pytest

from exchange.audit import merkle, queries, verify
from exchange.audit.merkle import Place
from tests.factories.audit import NOON, execute, without_guards

pytestmark = pytest.mark.django_db

SIZE = 1_000_000
LEAF = verify.leaf_hash(b"the same record, a million times")
BLOCK_LEVEL = 6


def hashes_by_level() -> list[bytes]:
    """All leaves alike: then all subtrees of one level are."""
    hashes = [LEAF]
    for _ in range(SIZE.bit_length()):
        hashes.append(verify.node_hash(hashes[-1], hashes[-1]))
    return hashes


def fabricate(indexes: Collection[int]) -> bytes:
    """The stored tree of a million leaves; below level 6 only around `indexes`. Returns its root."""
    hashes = hashes_by_level()
    peaks = [hashes[place.level] for place in merkle.peak_places(SIZE)]
    with without_guards():
        for level in range(BLOCK_LEVEL, SIZE.bit_length()):
            execute(
                "INSERT INTO audit_node (level, index, hash) SELECT %(level)s, offsets, %(hash)s"
                " FROM generate_series(0, %(count)s - 1) AS offsets",
                {"level": level, "hash": hashes[level], "count": SIZE >> level},
            )
        for block in {index >> BLOCK_LEVEL for index in indexes}:
            for level in range(BLOCK_LEVEL):
                first = block << (BLOCK_LEVEL - level)
                last = min(((block + 1) << (BLOCK_LEVEL - level)), SIZE >> level) - 1
                execute(
                    "INSERT INTO audit_leaf (index, record_id, hash) SELECT n, n + 1, %(hash)s FROM"
                    " generate_series(%(first)s::bigint, %(last)s) AS n"
                    if level == 0
                    else "INSERT INTO audit_node (level, index, hash) SELECT %(level)s, n, %(hash)s FROM"
                    " generate_series(%(first)s, %(last)s) AS n",
                    {"level": level, "hash": hashes[level], "first": first, "last": last},
                )
        execute(
            "INSERT INTO audit_head (tree_size, root, peaks, at, checkpoint)"
            " VALUES (%(size)s, %(root)s, %(peaks)s, %(at)s, '')",
            {"size": SIZE, "root": merkle.fold(peaks), "peaks": b"".join(peaks), "at": NOON},
        )
    return merkle.fold(peaks)


@pytest.mark.parametrize("index", [0, 1, 524_287, 524_288, 777_777, 999_935, 999_999])
def test_an_inclusion_proof_in_a_million_leaves_reads_at_most_twenty_nodes(
    index: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = fabricate([index])
    rows_read = list[int]()
    read = queries.read_nodes

    def counting(places: Collection[Place]) -> dict[Place, bytes]:
        found = read(places)
        rows_read.append(len(found))
        return found

    monkeypatch.setattr(queries, "read_nodes", counting)
    path = queries.inclusion_path(index=index, size=SIZE)
    verify.check_inclusion(leaf=LEAF, index=index, size=SIZE, path=path, root=root)
    assert len(rows_read) == 1
    assert rows_read[0] + 1 <= 20  # and the one head
