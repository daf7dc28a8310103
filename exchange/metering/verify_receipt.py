#!/usr/bin/env python3
"""Check a receipt of a day's use offline. Needs Python 3.11, `cryptography` and the exchange's verify.py.

    python verify_receipt.py receipt.json --events events.ndjson --key VKEY
        The exchange signed this receipt, and these are the events that it is for.

VKEY is the log's public key, from somebody you trust. Exit code 0: it holds. 1: the reason is printed.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

try:
    from exchange.audit.verify import Unproven, VerifierKey, open_note
except ImportError:  # beside the program that checks the log
    from verify import Unproven, VerifierKey, open_note  # type: ignore[import-not-found,no-redef]

FORMAT = "assay.usage-receipt/1"  # the first line under which a day's use is signed


def signed_text(*, subscription: str, day: str, digest: str) -> str:
    """What the exchange signs of a receipt."""
    return f"{FORMAT}\n{subscription}\n{day}\n{digest}\n"


def check_receipt(receipt: dict[str, object], events: bytes, key: VerifierKey) -> list[str]:
    """What was checked of a day's receipt of use, as sentences. Raises Unproven at the first failure."""
    content = str(receipt["content"])
    document = json.loads(content)
    digest = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
    text = signed_text(subscription=document["subscription"], day=document["day"], digest=digest)
    if open_note(str(receipt["note"]), [key]) != text:
        raise Unproven("The signed text is about another receipt.")
    if hashlib.sha256(events).hexdigest() != document["events_sha256"]:
        raise Unproven("These are not the events that the receipt is for.")
    totals: dict[str, int] = {}
    for line in events.splitlines():
        event = json.loads(line)
        totals[event["meter"]] = totals.get(event["meter"], 0) + event["quantity"]
    if totals != {row["meter"]: row["quantity"] for row in document["meters"]}:
        raise Unproven("The events do not add up to what the receipt says.")
    return [
        f"{key.name} signed the receipt of {document['subscription']} for {document['day']}.",
        f"Its {document['events']} events are these, and add up to what it says.",
    ]


def main(words: Sequence[str]) -> int:
    """Run the program; the exit code."""
    parser = argparse.ArgumentParser(description="Check a receipt of a day's use offline.")
    parser.add_argument("receipt", type=Path, help="the downloaded receipt, JSON")
    parser.add_argument("--events", type=Path, required=True, help="the day's events, NDJSON")
    parser.add_argument("--key", required=True, help="the log's public key, name+hash+base64")
    asked = parser.parse_args(words)
    try:
        receipt = json.loads(asked.receipt.read_text(encoding="utf-8"))
        said = check_receipt(receipt, asked.events.read_bytes(), VerifierKey.parse(asked.key))
    except Unproven as reason:
        print(f"NOT PROVEN: {reason}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as reason:
        print(f"NOT PROVEN: this is not a receipt that can be read ({reason!r}).")
        return 1
    print("\n".join([*(f"ok  {sentence}" for sentence in said), "PROVEN"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
