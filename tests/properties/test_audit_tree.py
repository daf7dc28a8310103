"""Laws of the tree: every honest proof verifies, and none with anything changed does."""

import hashlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.audit import merkle, verify
from exchange.audit.merkle import Edge, Place

SIZE_MAX = 64
LEAVES = [verify.leaf_hash(bytes([number])) for number in range(SIZE_MAX)]
sizes = st.integers(1, SIZE_MAX)


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return verify.node_hash(by_definition(leaves[:half]), by_definition(leaves[half:]))


@cache
def hashes() -> dict[Place, bytes]:
    known = {Place(0, number): leaf for number, leaf in enumerate(LEAVES)}
    _, added = merkle.grow(Edge(), LEAVES)
    return known | {Place(node.level, node.offset): node.hash for node in added}


def test_every_inclusion_proof_up_to_64_leaves_verifies() -> None:
    for size in range(1, SIZE_MAX + 1):
        root = by_definition(LEAVES[:size])
        for index in range(size):
            path = merkle.hashes_of(merkle.plan_inclusion(index, size), hashes())
            verify.check_inclusion(leaf=LEAVES[index], index=index, size=size, path=path, root=root)


def test_every_consistency_proof_up_to_64_leaves_verifies() -> None:
    roots = [by_definition(LEAVES[:size]) for size in range(SIZE_MAX + 1)]
    for new in range(1, SIZE_MAX + 1):
        for old in range(1, new + 1):
            verify.check_consistency(
                old_size=old,
                new_size=new,
                old_root=roots[old],
                new_root=roots[new],
                path=merkle.hashes_of(merkle.plan_consistency(old, new), hashes()),
            )


def test_every_node_is_stored_exactly_once() -> None:
    _, added = merkle.grow(Edge(), LEAVES)
    assert len(added) == SIZE_MAX - 1
    assert len({(node.level, node.offset) for node in added}) == SIZE_MAX - 1


@given(cuts=st.lists(st.integers(0, SIZE_MAX), max_size=6), size=sizes)
def test_batches_do_not_change_the_tree(cuts: list[int], size: int) -> None:
    edge, added = Edge(), list[merkle.NewNode]()
    ends = [*sorted(cut for cut in cuts if cut <= size), size]
    for end in ends:
        edge, more = merkle.grow(edge, LEAVES[edge.size : end])
        added += more
    assert edge.root == by_definition(LEAVES[:size])
    assert added == merkle.grow(Edge(), LEAVES[:size])[1]


@given(size=sizes, entries=st.data())
def test_a_flipped_bit_anywhere_breaks_an_inclusion_proof(
    size: int, entries: st.DataObject
) -> None:
    index = entries.draw(st.integers(0, size - 1))
    path = merkle.hashes_of(merkle.plan_inclusion(index, size), hashes())
    parts = [LEAVES[index], by_definition(LEAVES[:size]), *path]
    which = entries.draw(st.integers(0, len(parts) - 1))
    bit = entries.draw(st.integers(0, 255))
    parts[which] = (int.from_bytes(parts[which]) ^ 1 << bit).to_bytes(32)
    leaf, root, *path = parts
    with pytest.raises(verify.Unproven):
        verify.check_inclusion(leaf=leaf, index=index, size=size, path=path, root=root)


@given(size=st.integers(2, SIZE_MAX), entries=st.data())
def test_an_inclusion_proof_fits_one_index_only(size: int, entries: st.DataObject) -> None:
    index = entries.draw(st.integers(0, size - 1))
    other = entries.draw(st.integers(0, size - 1).filter(lambda one: one != index))
    path = merkle.hashes_of(merkle.plan_inclusion(index, size), hashes())
    with pytest.raises(verify.Unproven):
        verify.check_inclusion(
            leaf=LEAVES[index], index=other, size=size, path=path, root=by_definition(LEAVES[:size])
        )


@given(new=st.integers(2, SIZE_MAX), entries=st.data())
def test_a_flipped_bit_anywhere_breaks_a_consistency_proof(
    new: int, entries: st.DataObject
) -> None:
    old = entries.draw(st.integers(1, new - 1))
    path = merkle.hashes_of(merkle.plan_consistency(old, new), hashes())
    parts = [by_definition(LEAVES[:old]), by_definition(LEAVES[:new]), *path]
    which = entries.draw(st.integers(0, len(parts) - 1))
    bit = entries.draw(st.integers(0, 255))
    parts[which] = (int.from_bytes(parts[which]) ^ 1 << bit).to_bytes(32)
    old_root, new_root, *path = parts
    with pytest.raises(verify.Unproven):
        verify.check_consistency(
            old_size=old, new_size=new, old_root=old_root, new_root=new_root, path=path
        )


@given(size=st.integers(2, SIZE_MAX), entries=st.data())
def test_a_proof_that_is_longer_or_shorter_is_refused(size: int, entries: st.DataObject) -> None:
    index = entries.draw(st.integers(0, size - 1))
    path = merkle.hashes_of(merkle.plan_inclusion(index, size), hashes())
    root = by_definition(LEAVES[:size])
    for altered in (path[:-1], [*path, root], [root, *path]):
        with pytest.raises(verify.Unproven):
            verify.check_inclusion(
                leaf=LEAVES[index], index=index, size=size, path=altered, root=root
            )


@settings(max_examples=50)
@given(rewritten=st.integers(0, SIZE_MAX - 1), new=sizes)
def test_a_rewritten_leaf_of_the_old_tree_cannot_be_proven_away(rewritten: int, new: int) -> None:
    old = rewritten + 1
    if old > new:
        return
    forged = [*LEAVES[:rewritten], verify.leaf_hash(b"forged"), *LEAVES[rewritten + 1 : new]]
    known = {Place(0, number): leaf for number, leaf in enumerate(forged)}
    known |= {Place(n.level, n.offset): n.hash for n in merkle.grow(Edge(), forged)[1]}
    with pytest.raises(verify.Unproven):
        verify.check_consistency(
            old_size=old,
            new_size=new,
            old_root=by_definition(LEAVES[:old]),
            new_root=by_definition(forged),
            path=merkle.hashes_of(merkle.plan_consistency(old, new), known),
        )
