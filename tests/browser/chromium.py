"""A real Chromium, as it stands on the machine, that says nothing to anybody."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, ViewportSize, sync_playwright

AXE = (Path(__file__).parent / "axe.min.js").read_text()
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]
WIDE: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}
REMEMBER_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


def path() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def running() -> Iterator[Browser]:
    """The browser; its profile is thrown away."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), args=[*QUIET, *root])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Reader:
    """A page, and everything it did that it should not have."""

    page: Page
    host: str
    faults: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.add_init_script(REMEMBER_VIOLATIONS)
        self.page.on("console", lambda message: self._said(message.type, message.text))
        self.page.on("pageerror", lambda error: self._said("error", f"{error} {error.stack}"))
        self.page.on("request", self._asked)

    def read(self, address: str) -> int:
        """Go there; the HTTP status."""
        answer = self.page.goto(f"http://{self.host}{address}", wait_until="load")
        assert answer is not None
        return answer.status

    def accessibility_faults(self, *rules: str) -> list[str]:
        """Violations that axe finds on the page as it stands, of all its rules or of some; one
        sentence each. Text in the very colour of its ground counts as one: axe takes a contrast of
        1:1 for perhaps meant and puts it among what a person must look at."""
        self.page.evaluate(AXE)
        found = self.page.evaluate(
            "(rules) => axe.run(document, {resultTypes: ['violations', 'incomplete'],"
            " ...(rules.length ? {runOnly: {type: 'rule', values: rules}} : {})})",
            list(rules),
        )
        unseen = [
            {**rule, "nodes": [node for node in rule["nodes"] if _is_unseen(node)]}
            for rule in found["incomplete"]
        ]
        return [
            f"{rule['id']}: {node['html'][:200]} — {node['failureSummary']}"
            for rule in [*found["violations"], *unseen]
            for node in rule["nodes"]
        ]

    def policy_faults(self) -> list[str]:
        return [f"policy: {one}" for one in self.page.evaluate("window.violations")]

    def overflow_px(self) -> int:
        """How far the page is wider than the window."""
        width: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width

    def _said(self, kind: str, text: str) -> None:
        expected = "Failed to load resource: the server responded with a status of 4"
        if kind in {"error", "warning"} and not text.startswith(expected):
            self.faults.append(f"console {kind} at {urlsplit(self.page.url).path}: {text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.netloc != self.host:
            self.faults.append(f"request to {request.url}")


def _is_unseen(node: dict[str, Any]) -> bool:
    """Whether axe measured the text of a node to have the colour of its ground."""
    measured = [check["data"] for check in node["any"] if isinstance(check["data"], dict)]
    return any(data.get("messageKey") == "equalRatio" for data in measured)
