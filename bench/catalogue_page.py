"""The first page of a search of two words, with its facets, against a bare view of one server.

Listings are synthetic and loaded with COPY: a hundred thousand (BENCH_LISTINGS), and ten times as many.
The searches are many and their words of every frequency, so that nothing is answered from memory of
the one before.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from urllib.parse import urlencode

from bench import measure
from bench.measure import Measurement

SMALL = int(os.environ.get("BENCH_LISTINGS", "100000"))
LARGE = 10 * SMALL
REQUESTS = 150
WORDS = 4_000
SEED = 20260
PORT = 18_765
_SERVER = """
import uvicorn
from exchange.asgi import application  # sets Django up
from django.http import HttpResponse
from django.urls import path
import exchange.urls
exchange.urls.urlpatterns.insert(0, path("bare", lambda request: HttpResponse("bare")))
uvicorn.run(application, port={port}, log_level="warning")
"""


def _vocabulary() -> tuple[list[str], list[float]]:
    """Words by falling frequency, as in any language."""
    return [f"word{number}" for number in range(WORDS)], list(
        accumulate(1 / (number + 5) for number in range(WORDS))
    )


def _entry(number: int, chance: random.Random, listed_at: datetime) -> tuple[object, ...]:
    vocabulary, weights = _vocabulary_once
    words = chance.choices(vocabulary, cum_weights=weights, k=48)
    title = dict.fromkeys(words[:7])
    places: dict[str, str] = {}
    for place, word in enumerate(words, 1):
        places.setdefault(word, f"{place}{'A' if word in title else 'D'}")
    kind = chance.choice(("dataset", "api", "report", "model"))
    price = chance.randrange(0, 10**6)
    card = {
        "id": f"prd_{number:026d}", "title": " ".join(title), "title_zh": "", "summary_zh": "",
        "summary": " ".join(words[7:30]), "seller": "Bench", "kind": kind, "industry": "energy",
        "region": "CN-BJ", "rhythm": "daily", "delivery": "file", "formats": ["csv"],
        "allowed": ["internal_use"], "score": "91.00", "grade": "A", "rows": 1000, "columns": 8,
        "price_minor": price, "currency": "CNY", "period": "", "offers": 1, "has_sample": True,
        "synthetic": True, "revision": 1, "listed_at": listed_at.isoformat(),
    }  # fmt: skip
    facets = [
        f"kind:{kind}",
        f"industry:{chance.choice(('energy', 'finance', 'health', 'transport', 'public'))}",
        f"pricing:{chance.choice(('free', 'one_off', 'subscription'))}",
        f"delivery:{chance.choice(('file', 'api', 'external'))}",
        f"format:{chance.choice(('csv', 'parquet', 'json'))}",
        f"rhythm:{chance.choice(('daily', 'weekly', 'monthly', 'yearly'))}",
        f"region:CN-{chance.choice(('BJ', 'SH', 'GD', 'ZJ', 'SC', 'XJ'))}",
        "use:internal_use",
        f"quality:{chance.choice('ABCD')}",
        "sample:yes",
    ]
    return (
        number,
        " ".join(f"'{word}':{place}A" for place, word in enumerate(title, 1)),
        " ".join(f"'{word}':{place}" for word, place in places.items()),
        facets,
        price,
        "91.00",
        listed_at,
        True,
        json.dumps(card),
    )


_vocabulary_once = _vocabulary()


def _load(first: int, last: int) -> None:
    """Entries first to last, without their products: the search reads nothing else."""
    from django.db import connection  # noqa: PLC0415 - only after django.setup()

    chance = random.Random(SEED + first)  # noqa: S311 - a bench wants the same every time
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with cursor.copy(
            "COPY catalog_searchentry (product_id, title_terms, text_terms, facets,"
            " price_order, quality_score, listed_at, is_local, card) FROM STDIN"
        ) as copy:
            for number in range(first, last):
                copy.write_row(_entry(number, chance, begin + timedelta(seconds=number)))
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE catalog_searchentry")


@contextmanager
def _server() -> Iterator[str]:
    """The product's own server, with one more address that answers a constant."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER.format(port=PORT)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "exchange.settings.test"},
    )
    url = f"http://127.0.0.1:{PORT}"
    try:
        _await(f"{url}/bare")
        yield url
    finally:
        process.terminate()
        process.wait()


def _await(address: str) -> None:
    for _try in range(300):
        try:
            _milliseconds(address)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server did not begin to answer.")


def _milliseconds(address: str) -> float:
    begun = time.perf_counter()
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server
        answer.read()
    return (time.perf_counter() - begun) * 1000


def _searches(count: int) -> list[str]:
    chance = random.Random(SEED)  # noqa: S311 - the same searches at every size
    vocabulary, _weights = _vocabulary_once
    return [urlencode({"q": " ".join(chance.sample(vocabulary[:400], 2))}) for _ in range(count)]


def _measured() -> tuple[float, float, float]:
    """Median and 95th percentile of the page, and the median of the bare view, in turns."""
    pages, bare = [], []
    with _server() as url:
        for query in _searches(20):
            _milliseconds(f"{url}/catalogue/?{query}")
        for query in _searches(REQUESTS):
            bare.append(_milliseconds(f"{url}/bare"))
            pages.append(_milliseconds(f"{url}/catalogue/?{query}"))
    return statistics.median(pages), measure.percentile(pages, 0.95), statistics.median(bare)


def page() -> Iterator[Measurement]:
    """The median page against the bare view, and the slow pages against the median."""
    _load(1, SMALL + 1)
    median, p95, bare = _measured()
    yield Measurement(
        "catalogue.page", median, "ms, median", "a bare view, same server", bare, 8,
        lower_is_better=True,
    )  # fmt: skip
    yield Measurement(
        "catalogue.tail", p95, "ms, p95", "its own median", median, 3, lower_is_better=True
    )


def growth() -> Measurement:
    """The median page among ten times as many listings."""
    _load(1, SMALL + 1)
    small, _p95, _bare = _measured()
    _load(SMALL + 1, LARGE + 1)
    large, _tail, _peer = _measured()
    return Measurement(
        "catalogue.growth", large, f"ms at {LARGE:,}", f"at {SMALL:,}", small, 1.5,
        lower_is_better=True,
    )  # fmt: skip


BENCHES: dict[str, measure.Bench] = {"catalogue.page": page, "catalogue.growth": growth}
