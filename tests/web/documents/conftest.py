"""What tests of documents share."""

import pytest
import typst

from exchange.web.documents import typesetting


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has no font of its own."""
    compiler = typst.Compiler(
        typesetting.TEMPLATE,
        root=typesetting.HERE,
        font_paths=[typesetting.FONTS],
        ignore_system_fonts=True,
    )
    monkeypatch.setattr(typesetting, "_compiler", lambda: compiler)
