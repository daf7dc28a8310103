"""How large a request may be is judged before Django receives it. Case M1."""

import asyncio
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.urls import reverse

from exchange.vault.uploads import PIECE_BYTES_MAX
from exchange.web import bodies
from exchange.web.bodies import BODY_BYTES_MAX, BodyLimit, limit_of

Message = dict[str, Any]


def scope_of(path: str, **headers: str) -> dict[str, Any]:
    return {
        "type": "http",
        "path": path,
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
    }


class Sent:
    """A request with a body in pieces; what was read of it, and what came back."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.read = 0
        self.answers: list[Message] = []
        self.reached = False

    async def receive(self) -> Message:
        piece = self.pieces.pop(0)
        self.read += len(piece)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}

    async def send(self, message: Any) -> None:
        self.answers.append(message)

    async def application(self, _scope: Any, receive: Any, send: Any) -> None:
        """As Django: it takes the whole body, and gives up when its sender has gone."""
        self.reached = True
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def through(self, scope: dict[str, Any]) -> int:
        asyncio.run(BodyLimit(self.application)(scope, self.receive, self.send))
        return int(self.answers[0]["status"])


def test_what_declares_too_much_is_refused_before_a_byte_is_read() -> None:
    sent = Sent(b"x")
    status = sent.through(scope_of("/accounts/login/", content_length=str(390 * 2**20)))
    assert (status, sent.read, sent.reached) == (413, 0, False)
    assert sent.answers[1]["body"] == b"This is larger than the 5 MB that this address takes."
    assert (b"connection", b"close") in sent.answers[0]["headers"]


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "1e9"])
def test_a_length_that_is_no_number_of_bytes_is_too_large(length: str) -> None:
    assert Sent(b"x").through(scope_of("/accounts/login/", content_length=length)) == 413


def test_what_declares_nothing_is_counted_as_it_comes() -> None:
    sent = Sent(*[b"x" * 2**20] * 300)
    assert sent.through(scope_of("/accounts/login/", transfer_encoding="chunked")) == 413
    assert sent.read == BODY_BYTES_MAX + 2**20


def test_what_fits_passes() -> None:
    sent = Sent(b"x" * BODY_BYTES_MAX)
    size = str(BODY_BYTES_MAX)
    assert sent.through(scope_of("/accounts/login/", content_length=size)) == 200


def test_programs_get_a_problem_document_in_their_language() -> None:
    sent = Sent(b"x")
    sent.through(
        scope_of("/api/v1/orders", content_length=str(2**30), accept_language="zh-CN,zh;q=0.9")
    )
    problem = json.loads(sent.answers[1]["body"])
    assert (problem["code"], problem["status"]) == ("body_too_large", 413)
    assert problem["body_bytes_max"] == BODY_BYTES_MAX
    assert "5 MB" in problem["detail"]
    assert problem["detail"] != "This is larger than the 5 MB that this address takes."


def test_files_may_be_larger_for_who_brings_a_session_or_a_key() -> None:
    larger = {
        reverse("api:upload", args=["upl_1"]): PIECE_BYTES_MAX,
        reverse("web:files"): bodies.FORM_FILE_BYTES_MAX + bodies.ALLOWANCE,
        reverse("web:sell_use_file", args=["prd_1"]): bodies.FORM_FILE_BYTES_MAX + bodies.ALLOWANCE,
        reverse("web:admission_add_document"): 11 * 2**20,
        reverse("web:asset_sale_act", args=["sas_1", "prepare"]): 31 * 2**20,
    }
    for address, most in larger.items():
        assert limit_of(scope_of(address, cookie="sessionid=x")) == most, address
        assert limit_of(scope_of(address, authorization="Bearer x")) == most, address
        assert limit_of(scope_of(address)) == BODY_BYTES_MAX, address
    assert limit_of(scope_of(reverse("account_login"), cookie="sessionid=x")) == BODY_BYTES_MAX


def test_the_door_for_servers_opens_in_a_process_of_its_own() -> None:
    """A server imports it first, before anything has set Django up."""
    run = subprocess.run(
        [sys.executable, "-c", "import exchange.asgi as door; print(type(door.application))"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "exchange.settings.test"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "<class 'exchange.web.bodies.BodyLimit'>\n", run.stderr[-500:]
