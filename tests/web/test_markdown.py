"""Descriptions: a few marks, and nothing else of what is written becomes HTML."""

import re
import time

import pytest

from exchange.web.markdown import formatted

# Every tag and attribute that a description may hold, and no other.
MAY_STAND = re.compile(
    r'</?(?:p|br|h[3-6]|ul|li|strong|em)>|<ol(?: start="\d+")?>|</ol>'
    r'|<a href="https?://[^"<>]*"(?: title="[^"<>]*")? rel="nofollow noopener noreferrer ugc">|</a>'
)


def is_safe(html: str) -> bool:
    return "<" not in MAY_STAND.sub("", html)


def test_headings_lists_bold_words_and_links() -> None:
    text = (
        "# Load\n\nHourly, **complete**, *since 2019*.\nTwo lines.\n\n- one\n- two\n\n1. first\n2. second\n\n"
        "## Source\n\n[The grid](https://grid.example/data?a=1&b=2)"
    )
    assert formatted(text) == (
        "<h3>Load</h3>\n<p>Hourly, <strong>complete</strong>, <em>since 2019</em>.<br>\nTwo lines.</p>\n"
        "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<ol>\n<li>first</li>\n<li>second</li>\n</ol>\n"
        "<h4>Source</h4>\n"
        '<p><a href="https://grid.example/data?a=1&amp;b=2" rel="nofollow noopener noreferrer ugc">The grid</a></p>\n'
    )


def test_text_without_marks_is_paragraphs() -> None:
    assert formatted("One & two\n\n负荷 < 3") == "<p>One &amp; two</p>\n<p>负荷 &lt; 3</p>\n"
    assert formatted("") == ""


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- x --><b>b</b>",
        "[a](javascript:alert(1))", "[a](JaVaScRiPt:alert(1))", "[a](data:text/html,<script>)",
        "[a](vbscript:x)", "[a](//evil.example)", "[a](/orders/)", "[a](java\nscript:alert(1))",
        "[a](&#106;avascript:alert(1))", "![pic](https://evil.example/x.png)",
        '[a](https://x.example/" onmouseover="alert(1))', '[a](https://x.example "\"><script>")',
        "[<img src=x onerror=alert(1)>](https://x.example)", "<https://x.example>",
        "[a][1]\n\n[1]: javascript:alert(1)", "```html\n<script>alert(1)</script>\n```",
        "    <script>alert(1)</script>", "# <svg onload=alert(1)>", "- <iframe src=//evil.example>",
        "**<b onclick=alert(1)>**", "&lt;script&gt;alert(1)&lt;/script&gt;", "\u202eabc\x00<b>",
        "| a | b |\n|---|---|\n| <i> | 2 |", "> <q>", "~~<s>~~", "[a](ftp://x.example)",
    ],
)  # fmt: skip
def test_nothing_hostile_becomes_a_mark(text: str) -> None:
    html = formatted(text)
    assert is_safe(html), html
    assert "<img" not in html
    assert "javascript:" not in re.sub(r">[^<]*<", "><", html).lower()


@pytest.mark.parametrize("piece", ["*a ", "[", "**a*", "[a](", "- " * 40 + "\n", "_a__", "\\"])
def test_a_description_of_marks_alone_is_read_in_no_time(piece: str) -> None:
    for chars in (2_000, 20_000):
        text = (piece * chars)[:chars]
        begun = time.process_time()
        html = formatted(text)
        assert time.process_time() - begun < 1
        assert is_safe(html)


def test_more_marks_than_anybody_writes_are_text() -> None:
    assert formatted("**a** " * 500).count("<strong>") == 500
    assert formatted("**a** " * 501) == "<p>" + "**a** " * 500 + "**a**</p>\n"
