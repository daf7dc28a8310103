#!/usr/bin/env python3
"""Check proofs of a transparency log offline. Needs Python 3.11 and the package `cryptography`, nothing else.

    python verify.py bundle.json --key VKEY
        The record of a downloaded bundle is in the log that the key's owner signed.
    python verify.py consistency proof.json --old saved.txt --new later.txt --key VKEY
        A later checkpoint continues the one that you saved: nothing before it was rewritten.
    python verify.py case order-case.zip --key VKEY
        The case file of an order is as the key's owner signed it: every file, every proof in it, and what
        the proven records say of its files.

VKEY is the log's public key (`name+hash+base64`). Get it from somebody you trust or keep it from an
earlier visit: a key out of the same download as the proof would prove nothing.
Exit code 0: everything that was asked holds. 1: something does not; the reason is printed.

Hashes and proofs are those of RFC 6962 and RFC 9162 (SHA-256, prefixes 0x00 and 0x01); a checkpoint
is a C2SP signed note with one extension line, `time …`, so that the time is signed too.
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH_BYTES = 32
ED25519 = b"\x01"  # the signed note's algorithm byte
KEY_HASH_BYTES = 4
SIGNATURE_BYTES = 64
CASE_FORMAT = "assay.case-file/1"  # the first line of a case file's index
CASE_INDEX = "index.txt"
CASE_FILES_MAX = 5_000
CASE_BYTES_MAX = 256 * 1024 * 1024


class Unproven(Exception):
    """The proof does not hold; the message says which part."""


def leaf_hash(record: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_inclusion(*, leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root of the tree of `size` leaves that has `leaf` at `index`, by RFC 9162 §2.1.3.2."""
    if not 0 <= index < size:
        raise Unproven(f"Index {index} is outside a tree of {size} leaves.")
    _check_hashes([leaf, *path])
    root = leaf
    for sibling, on_left in _walk(index, size - 1, path):
        root = node_hash(sibling, root) if on_left else node_hash(root, sibling)
    return root


def check_inclusion(
    *, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Raise Unproven unless the tree with this root has this leaf at this index."""
    if root_from_inclusion(leaf=leaf, index=index, size=size, path=path) != root:
        raise Unproven("The path leads to another root than the signed one.")


def check_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Raise Unproven unless the new tree begins with all leaves of the old one (RFC 9162 §2.1.4.2)."""
    _check_hashes([old_root, new_root, *path])
    if not 0 < old_size <= new_size:
        raise Unproven(f"A tree of {new_size} leaves cannot continue one of {old_size}.")
    if old_size == new_size:
        if old_root != new_root or path:
            raise Unproven("Two trees of one size have different roots: the log has forked.")
        return
    hashes = list(path) if old_size & (old_size - 1) else [old_root, *path]
    if not hashes:
        raise Unproven("The path is empty.")
    if _roots_from_consistency(old_size, new_size, hashes) != (old_root, new_root):
        raise Unproven("The new tree does not contain the old one unchanged.")


def _roots_from_consistency(
    old_size: int, new_size: int, hashes: Sequence[bytes]
) -> tuple[bytes, bytes]:
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for sibling, on_left in _walk(place, last, hashes[1:]):
        if on_left:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    return old, new


def _walk(place: int, last: int, path: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each hash of a path upwards, and whether it stands on the left of what is known so far.

    `place` is where the path starts at its level and `last` the last place of that level.
    """
    for sibling in path:
        if last == 0:
            raise Unproven("The path is too long for a tree of this size.")
        on_left = bool(place & 1) or place == last
        yield sibling, on_left
        while on_left and place and not place & 1:
            place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
    if last != 0:
        raise Unproven("The path is too short for a tree of this size.")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise Unproven(f"A hash is not {HASH_BYTES} bytes long.")


def _decode(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as refused:
        raise Unproven(f"{text!r} is not base64.") from refused
    if base64.b64encode(content).decode() != text:
        raise Unproven(f"{text!r} is not written as base64 should be.")
    return content


@dataclass(frozen=True)
class VerifierKey:
    """A log's name and its Ed25519 public key."""

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        material = self.name.encode() + b"\n" + ED25519 + self.public
        return hashlib.sha256(material).digest()[:KEY_HASH_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, vkey: str) -> "VerifierKey":
        name, _, rest = vkey.strip().partition("+")
        mark, _, encoded = rest.partition("+")
        material = _decode(encoded)
        if material[:1] != ED25519 or len(material) != 1 + HASH_BYTES:
            raise Unproven("The key is not an Ed25519 key of the form name+hash+base64.")
        key = cls(name=name, public=material[1:])
        if not name or key.hash.hex() != mark:
            raise Unproven("The key's hash does not fit its name: it was mistyped or altered.")
        return key


@dataclass(frozen=True)
class Checkpoint:
    """What a log signs: its name, how many leaves it has, their root, and when that was."""

    origin: str
    size: int
    root: bytes
    time: str

    def body(self) -> str:
        """The signed text, with its last newline."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\ntime {self.time}\n"


def open_note(note: str, keys: Sequence[VerifierKey]) -> str:
    """The text of a signed note, after one of `keys` was found to have signed it."""
    text, _, signatures = note.partition("\n\n")
    body = text + "\n"
    if not any(_signed(body, line, key) for line in signatures.splitlines() for key in keys):
        raise Unproven("No signature of the given key is under this text.")
    return body


def open_checkpoint(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """The checkpoint in a signed note, after one of `keys` was found to have signed it."""
    body = open_note(note, keys)
    lines = body.removesuffix("\n").split("\n")
    if len(lines) != 4 or not lines[1].isdecimal() or not lines[3].startswith("time "):  # noqa: PLR2004 - origin, size, root, time
        raise Unproven("The signed text is not a checkpoint of this kind of log.")
    checkpoint = Checkpoint(lines[0], int(lines[1]), _decode(lines[2]), lines[3][5:])
    if checkpoint.body() != body or len(checkpoint.root) != HASH_BYTES:
        raise Unproven("The checkpoint is not written as it should be.")
    if checkpoint.origin not in {key.name for key in keys}:
        raise Unproven("The checkpoint speaks of another log than the key's.")
    return checkpoint


def _signed(body: str, line: str, key: VerifierKey) -> bool:
    mark = f"— {key.name} "
    if not line.startswith(mark):
        return False
    signature = _decode(line.removeprefix(mark))
    if signature[:KEY_HASH_BYTES] != key.hash or len(signature) != KEY_HASH_BYTES + SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(
            signature[KEY_HASH_BYTES:], body.encode()
        )
    except InvalidSignature:
        raise Unproven("The signature under this text is false.") from None
    return True


def check_bundle(bundle: dict[str, object], key: VerifierKey) -> list[str]:
    """What was checked of a downloaded bundle, as sentences. Raises Unproven at the first failure."""
    said: list[str] = []
    checkpoint = open_checkpoint(str(bundle["checkpoint"]), [key])
    said.append(
        f"{key.name} signed a log of {checkpoint.size} records at {checkpoint.time};"
        f" its root is {checkpoint.root.hex()}."
    )
    if bundle["size"] != checkpoint.size:
        raise Unproven("The proof is for a tree of another size than the signed one.")
    leaf = bytes.fromhex(str(bundle["leaf_hash"]))
    canonical = bundle.get("canonical")
    if canonical is None:
        said.append("The record itself is not in this bundle: only its hash is checked.")
    else:
        if leaf_hash(str(canonical).encode()) != leaf:
            raise Unproven("The record does not have the hash that the bundle names.")
        if json.loads(str(canonical)).get("id") != bundle["record"]:
            raise Unproven("The record has another id than the bundle says.")
        said.append(f"The record's bytes have the leaf hash {leaf.hex()}.")
    path = _hashes(bundle["path"])
    index = int(str(bundle["index"]))
    check_inclusion(leaf=leaf, index=index, size=checkpoint.size, path=path, root=checkpoint.root)
    name = bundle["record"] or "The record"
    said.append(f"{name} is record number {index} of it, proven by {len(path)} hashes.")
    return said


def check_continuation(
    proof: dict[str, object], *, old: str, new: str, key: VerifierKey
) -> list[str]:
    """What was checked of two saved checkpoints, as sentences. Raises Unproven at the first failure."""
    before, after = open_checkpoint(old, [key]), open_checkpoint(new, [key])
    path = _hashes(proof["path"])
    check_consistency(
        old_size=before.size,
        new_size=after.size,
        old_root=before.root,
        new_root=after.root,
        path=path,
    )
    return [
        f"{key.name} signed both checkpoints, of {before.size} and of {after.size} records.",
        f"The first {before.size} are the same in both, proven by {len(path)} hashes.",
    ]


@dataclass(frozen=True)
class CaseEntry:
    """A file of a case as its index has it; `record` is the one in the log that states its hash, or "-"."""

    sha256: str
    size: int
    record: str
    name: str

    def line(self) -> str:
        return f"{self.sha256} {self.size} {self.record} {self.name}"

    @classmethod
    def parse(cls, line: str) -> "CaseEntry":
        sha256, size, record, name = line.split(" ")
        return cls(sha256, int(size), record, name)


def case_text(heading: Mapping[str, str], entries: Sequence[CaseEntry]) -> str:
    """What is signed of a case file: what it is of, for whom and when, then one line for each file."""
    told = [f"{name} {value}" for name, value in heading.items()]
    return "\n".join([CASE_FORMAT, *told, "files", *(one.line() for one in entries)]) + "\n"


def check_case(files: Mapping[str, bytes], key: VerifierKey) -> list[str]:
    """What was checked of a case file, as sentences. Raises Unproven at the first failure."""
    if CASE_INDEX not in files:
        raise Unproven("The case file has no index.")
    body = open_note(files[CASE_INDEX].decode(), [key])
    heading, _, listed = body.partition("\nfiles\n")
    if heading.split("\n")[0] != CASE_FORMAT:
        raise Unproven("The signed text is not the index of a case file.")
    entries = [CaseEntry.parse(line) for line in listed.splitlines()]
    _check_files(files, entries)
    said = [
        f"{key.name} signed this index: {', '.join(heading.splitlines()[1:])}.",
        f"Its {len(entries)} files are there, each with its hash, and no other.",
    ]
    records, count = _check_proofs(files, key)
    said.append(f"{count} proofs hold; {len(records)} of the records can be read.")
    anchored = [entry for entry in entries if entry.record != "-"]
    for entry in anchored:
        if entry.sha256 not in _hashes_stated(records.get(entry.record, {})):
            raise Unproven(f"No proven record states the hash of {entry.name}.")
    said.append(f"The log states the hashes of {len(anchored)} files.")
    if "messages.json" in files:
        opened = _check_messages(json.loads(files["messages.json"]), records)
        said.append(f"The log holds the commitments to {opened} messages.")
    return said


def _check_files(files: Mapping[str, bytes], entries: Sequence[CaseEntry]) -> None:
    names = [entry.name for entry in entries]
    if len(set(names)) != len(names):
        raise Unproven("The index names a file twice.")
    for name in sorted(set(names) - files.keys()):
        raise Unproven(f"The file {name} is missing.")
    for name in sorted(files.keys() - set(names) - {CASE_INDEX}):
        raise Unproven(f"The file {name} is not in the index.")
    for entry in entries:
        content = files[entry.name]
        if len(content) != entry.size or hashlib.sha256(content).hexdigest() != entry.sha256:
            raise Unproven(f"The file {entry.name} was altered.")


def _check_proofs(
    files: Mapping[str, bytes], key: VerifierKey
) -> tuple[dict[str, dict[str, object]], int]:
    """The proven records that can be read, by their ids, and how many proofs hold."""
    records: dict[str, dict[str, object]] = {}
    names = sorted(name for name in files if name.startswith("proofs/"))
    for name in names:
        bundle = json.loads(files[name])
        try:
            check_bundle(bundle, key)
        except Unproven as reason:
            raise Unproven(f"{name}: {reason}") from reason
        if bundle.get("canonical") is not None:
            record = json.loads(bundle["canonical"])
            records[record["id"]] = record
    return records, len(names)


def _hashes_stated(record: dict[str, object]) -> set[str]:
    """The hashes of documents that a record states."""
    stated = [record.get("documents") or {}, record.get("facts") or {}]
    values = [value for one in stated if isinstance(one, dict) for value in one.values()]
    return {str(value).removeprefix("sha256:") for value in values if isinstance(value, str)}


def _check_messages(
    messages: list[dict[str, str]], records: Mapping[str, dict[str, object]]
) -> int:
    """How many messages were found to be those that their records commit to."""
    opened = 0
    for message in messages:
        if not message.get("salt"):
            continue
        committed = (records.get(message["record"]) or {}).get("personal")
        material = bytes.fromhex(message["salt"]) + b"text\0" + message["text"].encode()
        found = hashlib.sha256(material).hexdigest()
        if not isinstance(committed, dict) or committed.get("text") != found:
            raise Unproven(f"The message {message['id']} is not the one that the log committed to.")
        opened += 1
    return opened


def read_case(path: Path) -> dict[str, bytes]:
    """The files of an archive. Raises Unproven for one that is larger than a case file may be."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len({info.filename for info in infos}) != len(infos):
                raise Unproven("The archive has a file twice.")
            size = sum(info.file_size for info in infos)
            if len(infos) > CASE_FILES_MAX or size > CASE_BYTES_MAX:
                raise Unproven("The archive is larger than a case file may be.")
            return {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as reason:
        raise Unproven(f"The archive is damaged: {reason}.") from reason


def _hashes(path: object) -> list[bytes]:
    if not isinstance(path, list):
        raise Unproven("The proof has no path.")
    return [bytes.fromhex(str(one)) for one in path]


def _read_words(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check proofs of a transparency log offline.")
    parser.add_argument("proof", type=Path, help="the downloaded JSON, or the case file")
    parser.add_argument("--key", required=True, help="the log's public key, name+hash+base64")
    if words[:1] == ["consistency"]:
        parser.add_argument("--old", type=Path, required=True, help="the checkpoint you saved")
        parser.add_argument("--new", type=Path, required=True, help="a later checkpoint")
        words = words[1:]
    elif words[:1] == ["case"]:
        parser.set_defaults(is_case=True)
        words = words[1:]
    return parser.parse_args(words)


def _checked(asked: argparse.Namespace, key: VerifierKey) -> list[str]:
    if "is_case" in asked:
        return check_case(read_case(asked.proof), key)
    proof = json.loads(asked.proof.read_text(encoding="utf-8"))
    if "old" in asked:
        old, new = (one.read_text(encoding="utf-8") for one in (asked.old, asked.new))
        return check_continuation(proof, old=old, new=new, key=key)
    return check_bundle(proof, key)


def main(words: Sequence[str]) -> int:
    """Run the program; the exit code."""
    asked = _read_words(words)
    try:
        key = VerifierKey.parse(asked.key)
        said = _checked(asked, key)
    except Unproven as reason:
        print(f"NOT PROVEN: {reason}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as reason:
        print(f"NOT PROVEN: this is not a proof that can be read ({reason!r}).")
        return 1
    print("\n".join([*(f"ok  {sentence}" for sentence in said), "PROVEN"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
