"""Chinese is complete, certain and compiled."""

import re

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
