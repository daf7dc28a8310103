"""Somebody who finds the way through the console: only what stands in the page in front of them can be pressed.

A press on a link or a button is a click, and so is each choice: an entry of a list, a tick, a file. To type is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

CHOSEN = ("checkbox", "radio")


def _bare(link: str) -> str:
    """The address without what only says from which list somebody comes."""
    address, _mark, query = link.partition("?")
    kept = [one for one in query.split("&") if one and not one.startswith("_changelist_filters=")]
    return f"{address}?{'&'.join(kept)}" if kept else address


@dataclass
class Field:
    """What a form asks for: what it holds when nobody touches it, and what can be chosen, if anything."""

    kind: str
    held: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form of a page and its fields by name."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)


class Page(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, url: str, html: str) -> None:
        super().__init__()
        self.url = url
        self.links: set[str] = set()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: Field | None = None
        self._text: Field | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and said.get("href"):
            self.links.add(urljoin(self.url, said["href"]))
        elif tag == "form":
            action = urljoin(self.url, said.get("action", "")) if said.get("action") else self.url
            self._form = Form(action, said.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._add_field(self._form, tag, said)

    def _add_field(self, form: Form, tag: str, said: Mapping[str, str]) -> None:
        name = said.get("name", "")
        if tag == "select":
            self._select = form.fields.setdefault(name, Field("select"))
        elif tag == "option" and self._select is not None:
            self._select.choices.append(said.get("value", ""))
            if "selected" in said:
                self._select.held = [said.get("value", "")]
        elif tag == "textarea":
            self._text = form.fields.setdefault(name, Field("text", [""]))
        elif tag == "input" and name:
            kind = said.get("type", "text")
            asked = form.fields.setdefault(name, Field(kind))
            if kind not in CHOSEN:
                asked.held = [] if kind == "file" else [said.get("value", "")]
                return
            asked.choices.append(said.get("value", "on"))
            if "checked" in said:
                asked.held.append(said.get("value", "on"))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.held = [self._text.held[0] + data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select is not None:
            if not self._select.held and self._select.choices:
                self._select.held = self._select.choices[:1]  # as a browser has it
            self._select = None
        elif tag == "textarea":
            self._text = None


class Walker:
    """One person, on one page after the other; `clicks` so far."""

    def __init__(self, client: Client, start: str) -> None:
        self.client, self.clicks = client, 0
        self.page = self._opened(start)

    def follow(self, url: str) -> None:
        """Press the link that leads there. It must stand in the page."""
        wanted = urljoin(self.page.url, url)
        found = [link for link in self.page.links if _bare(link) == wanted]
        assert found, f"{self.page.url} has no link to {wanted}"
        self.clicks += 1
        self.page = self._opened(found[0])

    def find(self, text: str) -> None:
        """Type what is looked for and press the button."""
        form = next(one for one in self.page.forms if one.method == "get" and "q" in one.fields)
        self.clicks += 1
        self.page = self._opened(f"{form.action}?{urlencode({'q': text})}")

    def send(self, url: str, given: Mapping[str, Any]) -> None:
        """Fill in the form that is sent there and press its button; it must be accepted."""
        wanted = urljoin(self.page.url, url)
        form = next(
            (one for one in self.page.forms if (one.method, one.action) == ("post", wanted)), None
        )
        assert form is not None, f"{self.page.url} has no form to {wanted}"
        filled: dict[str, Any] = {
            name: asked.held for name, asked in form.fields.items() if name and asked.held
        }
        for name, value in given.items():
            assert name in form.fields, f"{wanted} does not ask for {name}"
            self.clicks += self._choices(form.fields[name], value)
            filled[name] = value
        self.clicks += 1
        answer = self.client.post(form.action, filled)
        assert answer.status_code == 302, answer.content.decode()[-4000:]
        self.page = self._opened(urljoin(form.action, answer["Location"]))

    def _choices(self, asked: Field, value: Any) -> int:
        """How many of the form's own answers are pressed to give this one."""
        if isinstance(value, SimpleUploadedFile):
            assert asked.kind == "file"
            return 1
        if asked.kind not in (*CHOSEN, "select"):
            assert asked.kind != "hidden"
            return 0
        values = [value] if isinstance(value, str) else list(value)
        assert set(values) <= set(asked.choices), f"{values} are not among {asked.choices}"
        return (
            len(set(values) ^ set(asked.held))
            if asked.kind == "checkbox"
            else int(values != asked.held)
        )

    def _opened(self, url: str) -> Page:
        answer = self.client.get(url, follow=True)
        assert answer.status_code == 200, f"{url}: {answer.status_code}"
        reached = answer.redirect_chain[-1][0] if answer.redirect_chain else url
        if answer.streaming or "html" not in answer["Content-Type"]:
            return Page(reached, "")
        return Page(urljoin(url, reached), answer.content.decode())
