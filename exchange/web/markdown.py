"""What sellers write of their products, in a small part of Markdown: headings, lists, bold and italic
words, links. Everything else is text: HTML, pictures, code, quotations, tables.

The text is kept as it was written; search, cards, the API and documents show it so. `formatted` alone
makes it into a page's HTML.
"""

from collections.abc import Iterable
from functools import lru_cache

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

RULES = ("heading", "list", "emphasis", "link", "escape", "newline")
SCHEMES = ("https://", "http://")
# A description stands below a heading of the second level.
LEVELS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}
# Who follows a link leaves the exchange; nobody is recommended by it.
REL = "nofollow noopener noreferrer ugc"
# The time that marks without a partner take grows with the square of their number.
MARKS = "*_[\\"
MARKS_MAX = 2_000
KEPT = 256


class _Parser(MarkdownIt):
    """Knows these of the rules and no other, and no address but those of the web."""

    def __init__(self, *rules: str) -> None:
        super().__init__("zero", {"html": False, "breaks": True})
        self.enable(rules)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return url.lower().startswith(SCHEMES)


_PARSER, _PLAIN = _Parser(*RULES), _Parser("newline")


@lru_cache(maxsize=KEPT)
def formatted(text: str) -> SafeString:
    """The text as HTML, in which everything that is no mark of RULES is escaped. One with more than
    MARKS_MAX of them is paragraphs alone."""
    has_many = sum(map(text.count, MARKS)) > MARKS_MAX
    parser = _PLAIN if has_many else _PARSER
    tokens = parser.parse(text)
    _adapt(tokens)
    return SafeString(parser.renderer.render(tokens, parser.options, {}))


def _adapt(tokens: Iterable[Token]) -> None:
    for token in tokens:
        token.tag = LEVELS.get(token.tag, token.tag)
        if token.type == "link_open":
            token.attrSet("rel", REL)
        _adapt(token.children or ())
