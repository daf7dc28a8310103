"""A template is read on a screen: its lines are short."""

from tests.architecture.floors import PROJECT

LINE_MAX = 160


def test_no_line_of_a_template_is_longer_than_160_characters() -> None:
    assert [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in sorted((PROJECT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LINE_MAX
    ] == []
