"""The provider over the network: its API and its pages at a local address, for development and tests.

Whoever sets `STRIPE_API_BASE` to it runs what production runs: the kit, its connection, the pages that a payer
is led to and back from.
"""

import html
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from django.db import connection

from exchange.payments.gateway.sandbox import cards, outgoing, server, store
from exchange.payments.gateway.sandbox.store import ApiError, Body

NUMBER = "<p><input name=number><button>Continue</button></p>"
LOCAL = "127.0.0.1"
FORM_BYTES_MAX = 64 * 1024
PAGE = "<!doctype html><title>Test provider</title><h1>{title}</h1><form method=post>{rows}</form>"
BUTTON = "<p><button name={name} value={value}>{label}</button></p>"


class Front(BaseHTTPRequestHandler):
    """One request; the connection to the database is closed with it."""

    server_version = "assay-sandbox"

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def log_message(self, *_arguments: object) -> None:
        """Nothing: the exchange's own log says what was asked."""

    def _serve(self, method: str) -> None:
        try:
            address = urlsplit(self.path)
            length = min(int(self.headers.get("Content-Length") or 0), FORM_BYTES_MAX)
            form = self.rfile.read(length).decode()
            if address.path.startswith("/v1/"):
                self._api(method, address.path, address.query if method == "GET" else form)
            else:
                self._page(method, address.path, form)
        finally:
            connection.close()

    def _api(self, method: str, path: str, form: str) -> None:
        said = server.answer(
            server.Request(
                method=method,
                path=path,
                form_text=form,
                key=self.headers.get("Idempotency-Key", ""),
                account=self.headers.get("Stripe-Account", ""),
                api_key=self.headers.get("Authorization", "").removeprefix("Bearer "),
                version=self.headers.get("Stripe-Version", ""),
            )
        )
        if said.lost:
            self.close_connection = True
            return
        text = said.text.replace(store.PAGES, self._own_address)
        self._answer(said.status, text, **dict(said.headers))

    @property
    def _own_address(self) -> str:
        _host, port = self.connection.getsockname()[:2]
        return f"http://{LOCAL}:{port}"

    def _page(self, method: str, path: str, form: str) -> None:
        kind, _slash, ref = path.strip("/").rpartition("/")
        given = {name: values[0] for name, values in parse_qs(form).items()}
        pages = {"c/pay": _card_page, "setup": _account_page}
        try:
            if kind not in pages:
                raise store.no_such("page", path)
            text, leads_to = pages[kind](ref, given if method == "POST" else None)
        except ApiError as error:
            self._answer(error.status, html.escape(str(error)), **{"Content-Type": "text/html"})
            return
        if leads_to:
            self._answer(HTTPStatus.SEE_OTHER, "", Location=leads_to)
        else:
            self._answer(HTTPStatus.OK, text, **{"Content-Type": "text/html; charset=utf-8"})

    def _answer(self, status: int, text: str, **headers: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _card_page(session_id: str, given: dict[str, str] | None) -> tuple[str, str]:
    """The page of a session, or where it leads once something was answered on it."""
    session: Body = store.get("checkout.session", session_id).told
    intent: Body = cards.given(session_id)
    if given is not None:
        if "agreed" in given:
            intent = cards.confirm(session_id, agreed=given["agreed"] == "yes")
        else:
            intent = cards.pay(session_id, card_code=given.get("card", ""))
        if intent["status"] in {"requires_capture", "succeeded"}:
            return "", str(session["success_url"])
    answers: tuple[tuple[str, str, str], ...]
    if intent.get("status") == "requires_action":
        answers = (("agreed", "yes", "It is me"), ("agreed", "no", "It is not me"))
    else:
        answers = tuple(("card", card.code, str(card.label)) for card in cards.CARDS.values())
    return _form(f"{session['amount_total']} {session['currency']}", answers), ""


def _account_page(account_id: str, given: dict[str, str] | None) -> tuple[str, str]:
    """Where a seller says who it is and where it is paid."""
    account = store.get("account", account_id)
    if given is not None:
        outgoing.finish_account(account_id, given.get("number", ""))
        return "", account.group
    asked = ", ".join(account.body["requirements"]["currently_due"])
    return PAGE.format(title=html.escape(asked), rows=NUMBER), ""


def _form(title: str, answers: tuple[tuple[str, str, str], ...]) -> str:
    rows = "".join(
        BUTTON.format(name=name, value=value, label=html.escape(label))
        for name, value, label in answers
    )
    return PAGE.format(title=html.escape(title), rows=rows)


def serve(port: int = 0) -> ThreadingHTTPServer:
    """A server at a local address, not yet running; port 0 takes a free one."""
    return ThreadingHTTPServer((LOCAL, port), Front)
