"""The tree and its proofs against the test data of Certificate Transparency (RFC 6962)."""

import pytest

from exchange.audit import merkle, verify
from exchange.audit.merkle import Edge

ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
LEAVES = [verify.leaf_hash(entry) for entry in ENTRIES]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def known(leaves: list[bytes]) -> dict[merkle.Place, bytes]:
    """The hash of every complete subtree."""
    hashes = {merkle.Place(0, index): leaf for index, leaf in enumerate(leaves)}
    _, added = merkle.grow(Edge(), leaves)
    return hashes | {merkle.Place(node.level, node.offset): node.hash for node in added}


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out_however_the_leaves_were_batched(size: int) -> None:
    for cut in range(size + 1):
        edge, _ = merkle.grow(Edge(), LEAVES[:cut])
        edge, _ = merkle.grow(edge, LEAVES[cut:size])
        assert edge.root.hex() == ROOTS[size]
        assert edge.size == size


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_the_published_inclusion_paths_come_out_and_verify(
    index: int, size: int, path: list[str]
) -> None:
    proof = merkle.hashes_of(merkle.plan_inclusion(index, size), known(LEAVES[:size]))
    assert [one.hex() for one in proof] == path
    verify.check_inclusion(
        leaf=LEAVES[index], index=index, size=size, path=proof, root=bytes.fromhex(ROOTS[size])
    )


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_the_published_consistency_paths_come_out_and_verify(
    old: int, new: int, path: list[str]
) -> None:
    proof = merkle.hashes_of(merkle.plan_consistency(old, new), known(LEAVES[:new]))
    assert [one.hex() for one in proof] == path
    verify.check_consistency(
        old_size=old,
        new_size=new,
        old_root=bytes.fromhex(ROOTS[old]),
        new_root=bytes.fromhex(ROOTS[new]),
        path=proof,
    )


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (4, 3)])
def test_no_path_leads_to_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.plan_inclusion(index, size)
    with pytest.raises(verify.Unproven):
        verify.check_inclusion(leaf=LEAVES[0], index=index, size=size, path=[], root=LEAVES[0])


@pytest.mark.parametrize(("old", "new"), [(0, 3), (-1, 3), (4, 3)])
def test_no_tree_continues_one_that_is_empty_or_larger(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="does not continue"):
        merkle.plan_consistency(old, new)
    with pytest.raises(verify.Unproven):
        verify.check_consistency(
            old_size=old, new_size=new, old_root=LEAVES[0], new_root=LEAVES[0], path=[]
        )


def test_two_roots_of_one_size_are_a_fork() -> None:
    with pytest.raises(verify.Unproven, match="forked"):
        verify.check_consistency(
            old_size=3, new_size=3, old_root=LEAVES[0], new_root=LEAVES[1], path=[]
        )


def test_a_short_hash_is_no_hash() -> None:
    with pytest.raises(verify.Unproven, match="32 bytes"):
        verify.check_inclusion(leaf=b"x", index=0, size=1, path=[], root=b"x")


def test_a_proof_in_a_million_leaves_has_at_most_twenty_hashes() -> None:
    size = 1_000_000
    assert max(len(merkle.plan_inclusion(i, size)) for i in (0, size // 2, 524_288, size - 1)) == 20
