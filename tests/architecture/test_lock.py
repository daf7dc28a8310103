"""The committed lock gives every Python the same packages, so that figures and types are the same."""

import tomllib
from collections import Counter

from tests.architecture.floors import PROJECT

VERSIONS = ("3.11", "3.12", "3.13", "3.14")


def test_the_lock_holds_one_version_of_each_package() -> None:
    packages = tomllib.loads((PROJECT / "uv.lock").read_text())["package"]
    counted = Counter(package["name"] for package in packages)
    assert [name for name, count in counted.items() if count > 1] == []


def test_the_lock_lets_in_the_pythons_that_the_readme_names() -> None:
    lock = tomllib.loads((PROJECT / "uv.lock").read_text())
    assert lock["requires-python"] == ">=3.11, <3.15"
    readme = (PROJECT / "README.md").read_text()
    assert f"Python {', '.join(VERSIONS[:-1])} or {VERSIONS[-1]}" in readme
    run = (PROJECT / ".ci" / "machines").read_text()
    assert f"for version in {' '.join(VERSIONS)}; do" in run
