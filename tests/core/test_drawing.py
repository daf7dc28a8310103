import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings

from exchange.core.drawing import Drawn, file_name, markdown, svg
from exchange.core.lifecycle import lifecycles

DOCS = Path(settings.BASE_DIR) / "docs"
SVG = "{http://www.w3.org/2000/svg}"


class Door(Enum):
    SHUT = "shut"
    OPEN = "open"
    GONE = "gone <&>"


@dataclass(frozen=True)
class Sketch:
    """A lifecycle that no model has."""

    name: str
    title: str
    start: Enum
    moves: Mapping[Enum, frozenset[Enum]]


DOOR = Sketch(
    name="test.door",
    title="A door",
    start=Door.SHUT,
    moves={
        Door.SHUT: frozenset({Door.OPEN, Door.GONE}),
        Door.OPEN: frozenset({Door.OPEN, Door.SHUT, Door.GONE}),
        Door.GONE: frozenset(),
    },
)


@pytest.mark.parametrize("one", lifecycles(), ids=lambda one: str(one.name))
def test_the_committed_picture_is_what_the_table_says(one: Drawn) -> None:
    assert (DOCS / "pictures" / file_name(one)).read_text(encoding="utf-8") == svg(one), (
        "run: python manage.py draw_lifecycles"
    )


def test_the_committed_page_shows_every_lifecycle_and_no_other() -> None:
    assert (DOCS / "lifecycles.md").read_text(encoding="utf-8") == markdown(lifecycles())
    pictures = {path.name for path in (DOCS / "pictures").glob("lifecycle-*.svg")}
    assert pictures == {file_name(one) for one in lifecycles()}


def test_a_picture_has_a_box_for_each_state_and_an_arrow_for_each_move_to_another() -> None:
    picture = ET.fromstring(svg(DOOR))  # noqa: S314 - drawn here
    labels = [text.text for text in picture.iter(f"{SVG}text")]
    assert labels == ["A door", "Shut", "Open", "Gone <&>"]
    arrows = [path for path in picture.iter(f"{SVG}path") if path.get("class")]
    assert [path.get("class") for path in arrows] == ["move"] * 3 + ["move back"]
    told = picture.find(f"{SVG}desc")
    assert told is not None
    assert told.text == "Shut → Open; Shut → Gone <&>; Open → Shut; Open → Gone <&>"


@pytest.mark.parametrize("one", [DOOR, *lifecycles()], ids=lambda one: str(one.name))
def test_no_two_boxes_touch_and_no_arrow_crosses_a_box_it_does_not_belong_to(
    one: Drawn,
) -> None:
    picture = ET.fromstring(svg(one))  # noqa: S314 - drawn here
    boxes = [
        tuple(float(rect.get(side, "")) for side in ("x", "y", "width", "height"))
        for rect in picture.iter(f"{SVG}rect")
    ]
    assert len(boxes) == len(one.moves)
    for number, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, _w, _h in boxes[number + 1 :]:
            assert abs(x - other_x) >= width or abs(y - other_y) >= height
    for path in picture.iter(f"{SVG}path"):
        for level, right in re.findall(r",([\d.]+) H([\d.]+)", path.get("d", "")):
            inside = [b for b in boxes if b[1] < float(level) < b[1] + b[3] and b[0] < float(right)]
            assert [b for b in inside if float(right) <= b[0] + b[2]] == []


@pytest.mark.parametrize("one", lifecycles(), ids=lambda one: str(one.name))
def test_every_declared_lifecycle_reaches_all_its_states(one: Drawn) -> None:
    reached: set[Enum] = set()
    created = {
        row.target for row in getattr(one, "transitions", {}).values() if None in row.sources
    }
    ahead = [one.start, *(state for state in created if state is not None)]
    while ahead:
        state = ahead.pop()
        if state not in reached:
            reached.add(state)
            ahead += one.moves[state]
    assert reached == set(one.moves)
