"""The documents say what the code does."""

import re

from tests.architecture.floors import PROJECT


def test_every_setting_from_the_environment_is_in_the_operating_guide() -> None:
    read = set()
    for path in (PROJECT / "exchange" / "settings").glob("*.py"):
        read |= set(re.findall(r'env\.\w+\(\s*"(\w+)"', path.read_text()))
    guide = (PROJECT / "docs" / "operating.md").read_text()
    assert sorted(name for name in read if f"`{name}`" not in guide) == []


def test_every_room_is_on_the_map_of_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text()
    rooms = [p.parent.name for p in (PROJECT / "exchange").glob("*/__init__.py")]
    missing = [room for room in rooms if f"`{room}`" not in readme and f"/{room}" not in readme]
    assert sorted(set(missing) - {"settings"}) == []


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = sorted(path.name[:4] for path in (PROJECT / "docs" / "decisions").glob("*.md"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_every_command_of_the_readme_exists() -> None:
    readme = (PROJECT / "README.md").read_text()
    makefile = (PROJECT / "Makefile").read_text()
    for target in re.findall(r"^    make (\w+)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    commands = {path.stem for path in PROJECT.glob("exchange/*/management/commands/*.py")}
    named = re.findall(r"^    python manage.py (\w+)", readme, re.MULTILINE)
    assert [name for name in named if name not in commands] == []
