"""Chinese is complete, certain and compiled."""

import re
from pathlib import Path

from babel.messages import Message
from django.utils import translation
from django.utils.translation import gettext

from tests import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def _same_placeholders(message: Message) -> bool:
    texts = [message.id] if isinstance(message.id, str) else list(message.id)
    wanted = set(PLACEHOLDER.findall(texts[-1]))
    return all(
        set(PLACEHOLDER.findall(string)) == wanted for string in messages.strings(message.string)
    )


def test_every_sentence_has_a_certain_chinese_translation() -> None:
    assert messages.missing(messages.current()) == []


def test_the_catalogue_holds_just_what_is_marked() -> None:
    assert messages.PO.read_bytes() == messages.as_po(messages.current()), "run `make messages`"


def test_the_compiled_catalogue_is_that_of_the_written_one() -> None:
    assert messages.MO.read_bytes() == messages.as_mo(messages.translated()), "run `make messages`"


def test_no_sentence_of_ours_stands_inside_an_f_string() -> None:
    inside = {
        str(path.relative_to(messages.ROOT)): found
        for folder in ("accounts", "exchange", "pricing")
        for path in (messages.ROOT / folder).rglob("*.py")
        if (found := messages.inside_f_strings(path))
    }
    assert inside == {}


def test_sentences_inside_f_strings_of_the_theme_are_listed_by_hand() -> None:
    inside = {
        sentence
        for path in messages.UNFOLD.rglob("*.py")
        for sentence in messages.inside_f_strings(path)
    }
    assert inside == {repr(sentence) for sentence in messages.UNFOLD_INSIDE_F_STRINGS}


def test_a_sentence_inside_an_f_string_is_found(tmp_path: Path) -> None:
    module = tmp_path / "greetings.py"
    module.write_text(
        "plain = _('Outside')\n"
        "greeting = f\"{_('Hello')} {name} {translation.gettext('again')} {len(name)}\"\n"
        "price = f\"{amount:{pgettext('width', 'wide')}}\"\n"
    )
    assert messages.inside_f_strings(module) == ["'Hello'", "'again'", "'width'"]


def test_translations_keep_the_placeholders() -> None:
    unlike = [
        message.id
        for message in messages.translated()
        if message.id and not messages.missing([message]) and not _same_placeholders(message)
    ]
    assert unlike == []


def test_attributes_of_components_and_blocks_over_many_lines_are_found() -> None:
    found = {message.id for message in messages.gather()}
    assert "Verify a proof yourself" in found  # a component's attribute
    assert any("Put it together with the dashed" in str(one) for one in found)


def test_the_compiled_catalogue_is_the_one_that_is_read() -> None:
    with translation.override("zh-hans"):
        assert gettext("Transparency log") == "透明日志"
