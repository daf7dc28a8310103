"""A paper is data: it is set as written, in both scripts, and the same paper is the same file."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from exchange.web.papers.document import Clause, Line, Paper, Party, Seal, Table
from exchange.web.papers.typesetting import qr_svg, to_pdf

AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
PAPER = Paper(
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


def test_a_paper_becomes_a_pdf() -> None:
    assert to_pdf(PAPER, at=AT).startswith(b"%PDF-")


def test_the_same_paper_at_the_same_moment_gives_the_same_bytes() -> None:
    assert to_pdf(PAPER, at=AT) == to_pdf(PAPER, at=AT)


def test_text_that_looks_like_markup_is_set_as_it_is_written() -> None:
    hostile = '#panic("x") $a$ *b* \\ `c` "d" #{ sys } 中文 <label> @ref'
    marked = replace(PAPER, title=hostile, parties=(Party(hostile, hostile),))
    assert to_pdf(marked, at=AT).startswith(b"%PDF-")


def test_a_paper_without_parties_tables_and_seal_is_a_paper() -> None:
    plain = replace(PAPER, parties=(), tables=(), clauses=(), seal=None)
    assert to_pdf(plain, at=AT).startswith(b"%PDF-")


def test_papers_printed_at_once_do_not_mix() -> None:
    papers = [replace(PAPER, number=f"TC-2026-{number:06d}") for number in range(12)]
    alone = [to_pdf(paper, at=AT) for paper in papers]
    with ThreadPoolExecutor(max_workers=4) as pool:
        together = list(pool.map(lambda paper: to_pdf(paper, at=AT), papers))
    assert together == alone
    assert len(set(together)) == 12


def test_a_name_outside_the_shipped_characters_does_not_stop_the_paper() -> None:
    rare = replace(PAPER, parties=(Party("卖方", "𠮷野 😀 العربية"),))
    assert to_pdf(rare, at=AT).startswith(b"%PDF-")


def test_the_code_to_scan_needs_no_style_of_its_own() -> None:
    drawn = qr_svg("https://exchange.example/verify/1/")
    assert drawn.startswith("<svg")
    assert "style=" not in drawn
