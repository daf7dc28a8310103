"""A document is data: it is set as written, in both scripts, and the same document is the same file."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis.strategies import characters, text

from exchange.web.documents import glyphs, typesetting
from exchange.web.documents.layout import Clause, Document, Line, Party, Seal, Table
from exchange.web.documents.typesetting import qr_svg, to_pdf

AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
DOCUMENT = Document(
    kind="certificate",
    stem="certificate-1",
    language="zh-Hans",
    title="数据交易凭证",
    number="TC-2026-000001",
    issuer="Assay",
    lines=(Line("日期", "2026年11月23日"),),
    parties=(Party("卖方", "晴川数据", (Line("统一社会信用代码", "91310000MA1FL3X00J"),)),),
    tables=(
        Table("明细", ("项目", "金额"), (("电表读数", "¥1,000.00"),), (1,), ("合计", "¥1,000.00")),
    ),
    clauses=(Clause("用途", ("仅供分析。",)),),
    seal=Seal("ab" * 32, (Line("SHA-256", "ab" * 32),), "https://exchange.example/verify/1/"),
)


def test_a_document_becomes_a_pdf() -> None:
    assert to_pdf(DOCUMENT, at=AT).startswith(b"%PDF-")


def test_the_same_document_at_the_same_moment_gives_the_same_bytes() -> None:
    assert to_pdf(DOCUMENT, at=AT) == to_pdf(DOCUMENT, at=AT)


def test_text_that_looks_like_markup_is_set_as_it_is_written() -> None:
    hostile = '#panic("x") $a$ *b* \\ `c` "d" #{ sys } 中文 <label> @ref'
    marked = replace(DOCUMENT, title=hostile, parties=(Party(hostile, hostile),))
    assert to_pdf(marked, at=AT).startswith(b"%PDF-")


def test_a_document_without_parties_tables_and_seal_is_a_document() -> None:
    plain = replace(DOCUMENT, parties=(), tables=(), clauses=(), seal=None)
    assert to_pdf(plain, at=AT).startswith(b"%PDF-")


def test_documents_printed_at_once_do_not_mix() -> None:
    documents = [replace(DOCUMENT, number=f"TC-2026-{number:06d}") for number in range(12)]
    alone = [to_pdf(document, at=AT) for document in documents]
    with ThreadPoolExecutor(max_workers=4) as pool:
        together = list(pool.map(lambda document: to_pdf(document, at=AT), documents))
    assert together == alone
    assert len(set(together)) == 12


def test_a_name_outside_the_shipped_characters_does_not_stop_the_document() -> None:
    rare = replace(DOCUMENT, parties=(Party("卖方", "𠮷野 😀 العربية"),))
    assert to_pdf(rare, at=AT).startswith(b"%PDF-")


def test_what_goes_from_right_to_left_is_set_in_every_place() -> None:
    name, title = "מדידות בע״מ (2019)", "قراءات العدادات 2019–2026 (smart meters)"
    turned = replace(
        DOCUMENT,
        title=title,
        parties=(Party("Seller", name, (Line("Name", name),)),),
        tables=(
            Table(title, ("Item", "Amount"), ((title, "1,000.00"),), (1,), ("Sum", "1,000.00")),
        ),
        clauses=(Clause(title, (f"{name}: {title}", title)),),
    )
    assert to_pdf(turned, at=AT).startswith(b"%PDF-")
    assert to_pdf(turned, at=AT) == to_pdf(turned, at=AT)


def test_what_no_font_has_is_printed_as_a_box(bare_machine: None) -> None:
    rare = replace(DOCUMENT, parties=(Party("卖方", "𠮷野 👩‍💻 🇩🇪\t語\ufeff end"),))
    boxed = replace(DOCUMENT, parties=(Party("卖方", "□野 □ □\t□ end"),))
    assert to_pdf(rare, at=AT) == to_pdf(boxed, at=AT)


def test_a_letter_that_prints_alone_and_not_beside_others_is_a_box(bare_machine: None) -> None:
    odd = replace(DOCUMENT, number="a\u0b84\u0f99\u0305 € ¥ é")
    assert to_pdf(odd, at=AT) == to_pdf(replace(DOCUMENT, number="a□ € ¥ é"), at=AT)


def test_signs_that_print_apart_and_fail_together_are_boxes(
    monkeypatch: pytest.MonkeyPatch, bare_machine: None
) -> None:
    monkeypatch.setattr(glyphs, "with_boxes", lambda facts, **_: facts)
    odd = replace(DOCUMENT, number="𠮷 € ¥ é")
    assert to_pdf(odd, at=AT) == to_pdf(replace(DOCUMENT, number="□ € ¥ é"), at=AT)


@given(text(alphabet=characters(codec="utf-8"), min_size=1, max_size=12))
@example("\0\x01\x85\u2028\ue000\ufffe\U0010ffff")
@settings(max_examples=15)
def test_no_text_at_all_stops_a_document(words: str) -> None:
    odd = replace(DOCUMENT, title=words, number=words, parties=(Party(words, words),))
    assert to_pdf(odd, at=AT).startswith(b"%PDF-")


def test_a_document_of_nothing_but_unknown_signs_takes_a_bounded_number_of_looks() -> None:
    looks: list[int] = []

    def prints(texts: Sequence[str]) -> bool:
        looks.append(len(texts))
        return False

    signs = "".join(map(chr, range(0x20000, 0x20000 + 5_000)))
    assert glyphs.with_boxes({"notes": [f"价 {signs} 1"]}, prints=prints) == {
        "notes": [f"价 {'□' * 5_000} 1"]
    }
    assert len(looks) == glyphs.LOOKS_MAX


def test_everything_that_needs_no_look_is_printed_everywhere(bare_machine: None) -> None:
    pairs = [bytes([a, b]) for a in range(0xA1, 0xF8) for b in range(0xA1, 0xFF)]
    signs = "".join(pair.decode(glyphs.SHIPPED, errors="ignore") for pair in pairs)
    assert len(signs) == 7_445
    latin = "".join(sign for sign in map(chr, range(0x100)) if sign.isprintable())
    texts = [signs, latin, glyphs.SHIPPED_SIGNS, glyphs.BOX]
    assert typesetting._prints(texts, blank=typesetting._blank(DOCUMENT), at=AT)


def test_the_code_to_scan_needs_no_style_of_its_own() -> None:
    drawn = qr_svg("https://exchange.example/verify/1/")
    assert drawn.startswith("<svg")
    assert "style=" not in drawn
