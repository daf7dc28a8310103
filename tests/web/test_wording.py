"""The words that readers see: what was replaced does not come back, and one idea has one word."""

import re
from pathlib import Path

import pytest
from babel.messages import Message

from tests import messages

# What stood on pages once, beside what stands there now.
REPLACED = {
    "Use by the meter": "Metered usage",
    "Look at the bid": "Review bid",
    "You may not, or must": "Not allowed / Required",
    "Find out who or what single rows are about": "Re-identify people or companies",
    "At the seller's own place": "Hosted by the seller",
    "In the sandbox: the data stays": "Sandbox only, no download",
    " of 100 complete": "37 % complete",
    "The exchange has it now.": "Submitted. We'll notify you of the result.",
    "This was not done": "Couldn't save",
    "Words to the other side": "Message",
    "Send money back": "Withdraw",
    "Fill the wallet": "Top up",
    "Take out": "Remove",
    "Take away": "Revoke",
    "Put away": "Archive",
    "How you are told": "Notification settings",
    "Offer something": "New product",
    "Hold an auction": "Create auction",
    "Let sellers bid": "Request offers",
    "Load it anew": "Reload",
    "Amounts are whole minor units": "Enter an amount above 0",
    "To the first page": "Home",
    "As saved last": "Saved version",
    "Normativity": "Conformity",
    "Suppose a demand": "Enter expected demand",
    "Bring the data": "Upload data",
    "yielded into no results": "No results",
    "Your own number": "PO number",
}
# The theme's, which a template of ours replaces.
NOT_OURS = {"This page yielded into no results. Create a new item or reset your filters."}
# Chinese: a word that is not used, beside the one that is.
CHINESE = {
    "Email|E-mail": "邮箱",
    "双因素|两步验证|多因素|身份认证": "双重身份验证",
    "拍卖": "竞价",
    "帐户|帐号": "账户",
    "您不得或必须": "禁止 / 要求",
    "可切换身份的人员": "体验角色",
    "退款申请": "提现",
    r"可全额退款\.": "。",
    # The exchange holds money; it is no escrow agent. A seller may host data.
    "(?<!由卖方)托管": "保管",
}
# What readers take for a licensed service.
NOT_OFFERED = re.compile("escrow", re.IGNORECASE)
CJK = re.compile("[\u4e00-\u9fff]")


def _catalogue() -> list[Message]:
    return [message for message in messages.translated() if message.id]


def _english(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def _templates() -> list[Path]:
    return [path for path in (messages.ROOT / "templates").rglob("*") if path.is_file()]


@pytest.mark.parametrize("old", REPLACED)
def test_a_replaced_sentence_is_nowhere(old: str) -> None:
    marked = [one for message in _catalogue() for one in _english(message) if old in one]
    assert set(marked) <= NOT_OURS
    written = [str(path) for path in _templates() if old in path.read_text()]
    assert written == []


@pytest.mark.parametrize("word", CHINESE)
def test_one_idea_has_one_chinese_word(word: str) -> None:
    found = [
        text
        for message in _catalogue()
        for text in messages.strings(message.string)
        if re.search(word, messages.PLACEHOLDERS.sub("", text))
    ]
    assert found == []


def test_nobody_is_told_of_an_escrow() -> None:
    marked = [
        one for message in _catalogue() for one in _english(message) if NOT_OFFERED.search(one)
    ]
    assert marked == []


def test_a_chinese_sentence_ends_in_a_chinese_full_stop() -> None:
    found = [
        text
        for message in _catalogue()
        for text in messages.strings(message.string)
        if CJK.search(text) and re.search(r"[\u4e00-\u9fff]\.$", text)
    ]
    assert found == []
