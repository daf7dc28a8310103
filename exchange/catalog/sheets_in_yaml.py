"""Products as a list in YAML, read as a table in CSV is: each entry with the line at which it begins.

Nothing of the format beyond lists, names and texts is taken: no anchors, no objects, no depth. Every value is
the text that was written, so that a price keeps its digits and “no” stays a word.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml
from django.utils.translation import gettext as _

from exchange.catalog.details import refuse

ENDINGS = (".yaml", ".yml")
BYTES_MAX = 300_000
DEPTH_MAX = 4
PRODUCTS = "products"
# What is read in C takes a hundredth of the time; both give the same.
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

Entry = dict[str, str | list[str]]


@dataclass(frozen=True)
class _Node:
    """A text, a list, or names with what stands beside them; and at which line it begins."""

    line: int
    text: str | None = None
    listed: "list[_Node]" = field(default_factory=list)
    named: "list[tuple[_Node, _Node]] | None" = None

    @property
    def is_list(self) -> bool:
        return self.text is None and self.named is None


def entries_of(text: str, *, lists: Collection[str]) -> list[tuple[int, Entry]]:
    """The entries with their lines; those named in `lists` may be lists. Raises DetailsRefused."""
    try:
        root = _root(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        _refuse(_("The file cannot be read as YAML at line %(line)d.") % {"line": line})
    if root is not None and root.named is not None:
        root = next((value for name, value in root.named if name.text == PRODUCTS), None)
    if root is None or not root.is_list:
        _refuse(_("The file is no list of products in YAML."))
    return [(node.line, _entry(node, lists)) for node in root.listed]


def _root(text: str) -> _Node | None:
    """The one document of the text; None where it is empty."""
    events = _events(text)
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            root = _node(next(events), events, depth=0)
            rest = [type(one) for one in events]
            if rest != [yaml.DocumentEndEvent, yaml.StreamEndEvent]:
                _refuse(_("The file is no list of products in YAML."))
            return root
    return None


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _Loader(text)
    while loader.check_event():
        yield loader.get_event()


def _node(event: yaml.Event, events: Iterator[yaml.Event], *, depth: int) -> _Node:
    """What begins with the event, read to its end."""
    line = event.start_mark.line + 1 if event.start_mark else 1
    if isinstance(event, yaml.ScalarEvent):
        return _Node(line, text=str(event.value).strip())
    is_list = isinstance(event, yaml.SequenceStartEvent)
    if depth >= DEPTH_MAX or not (is_list or isinstance(event, yaml.MappingStartEvent)):
        _refuse_line(line)
    inner = list(_inner(events, depth=depth + 1))
    if is_list:
        return _Node(line, listed=inner)
    return _Node(line, named=list(zip(inner[::2], inner[1::2], strict=True)))


def _inner(events: Iterator[yaml.Event], *, depth: int) -> Iterator[_Node]:
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            return
        yield _node(event, events, depth=depth)


def _entry(node: _Node, lists: Collection[str]) -> Entry:
    if node.named is None:
        _refuse_line(node.line)
    entry: Entry = {}
    for name, value in node.named:
        if name.text is None or name.text in entry:
            _refuse_line(name.line)
        may_be_list = name.text in lists and value.is_list
        entry[name.text] = [_text(one) for one in value.listed] if may_be_list else _text(value)
    return entry


def _text(node: _Node) -> str:
    if node.text is None:
        _refuse_line(node.line)
    return node.text


def _refuse_line(line: int) -> NoReturn:
    _refuse(_("Line %(line)d is no text, or says something for the second time.") % {"line": line})


def _refuse(message: str) -> NoReturn:
    refuse("file", message, accepted="YAML")
