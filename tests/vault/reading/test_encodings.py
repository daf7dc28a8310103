"""Text that does not say in which encoding it is: its letters do, or the seller is asked."""

from pathlib import Path

import pytest

from tests.vault.reading.brought import brought, columns, noted

CASES = Path(__file__).parent / "cases"
OWN = {
    "Chinese": ("gb18030", "编号,名称\n" + "1,变电站\n2,运行正常\n3,备注\n" * 5),
    "Chinese of four words": ("gb18030", "城市,kwh\n广州,1.5\n深圳,2.5\n北京,3.5\n"),
    "Chinese of Taiwan": ("big5", "電錶編號,地區\n" + "T1,高雄市\nT2,新竹縣\nT3,臺南市\n" * 9),
    "Chinese of Hong Kong": ("big5", "用戶,電費\n" + "九龍,尖峰\n港島,離峰\n新界,半尖峰\n" * 9),
    "Russian": ("cp1251", "Город;Улица\n" + "Москва;Тверская\nОмск;Ленина\n" * 9),
    "Russian of Unix": ("koi8-r", "город;улица\nмосква;ленина\nказань;мира\nомск;тверская\n"),
    "Russian of DOS": ("cp866", "Город;Улица\n" + "Москва;Тверская\nОмск;Ленина\n" * 9),
    "Japanese": ("cp932", "番号,地域,電力量\n" + "1,東京都,キロワット\n2,大阪府,です\n" * 5),
    "Japanese of Unix": ("euc_jp", "番号,地域,電力量\n" + "1,東京都,キロワット\n2,大阪府,です\n" * 5),
    "German": ("cp1252", "Straße;Größe\nMünchen;10 °C\nGäßchen;für\nKöln;Übergabe\n"),
    "French": ("cp1252", "ville;été\nÉvry;déjà vu\nBesançon;crème brûlée\n"),
    "Spanish": ("cp1252", "Año;Población\nMálaga;Águilas\nCórdoba;niño\n"),
    "Czech": ("cp1250", "Město;Ulice\nPlzeň;Šumavská\nBrno;Křížová\nPraha;žluťoučký\n"),
    "Polish": ("cp1250", "Miasto;Zużycie\nŁódź;Gdańsk\nŻywiec;węgiel\nKraków;słońce\n"),
    "Greek": ("cp1253", "Πόλη;Ενέργεια\nΑθήνα;Κρήτη\nΘεσσαλονίκη;Πάτρα\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_letters_tell_the_encoding(tmp_path: Path, name: str) -> None:
    encoding, text = OWN[name]
    read = brought(tmp_path, text.encode(encoding))
    assert read.encoding == encoding
    assert list(columns(read.tables[0])) == text.split("\n")[0].replace(";", ",").split(",")
    assert "encoding_guessed" in noted(read.tables[0])
    assert read.questions == ()


@pytest.mark.parametrize(
    ("name", "encoding", "names"),
    [
        ("61_portuguese_latin1.csv", "cp1252", ("Usina", "Situação", "Operação", "Potência")),
        ("62_russian_cp1251.csv", "cp1251", ("Город", "Улица", "Объём")),
        ("65_utf32.csv", "utf-32", ("编号", "名称", "电量")),
        ("05_big5.csv", "big5", ("電錶編號", "地區", "用電量", "備註")),
    ],
)
def test_a_given_case_is_read_in_its_encoding(
    tmp_path: Path, name: str, encoding: str, names: tuple[str, ...]
) -> None:
    read = brought(tmp_path, (CASES / name).read_bytes())
    assert (read.encoding, tuple(columns(read.tables[0]))) == (encoding, names)


@pytest.mark.parametrize("encoding", ["utf-32", "utf-16"])
def test_wide_letters_are_read_by_their_mark(tmp_path: Path, encoding: str) -> None:
    read = brought(tmp_path, "编号,n\n站,1\n".encode(encoding))
    assert (read.encoding, tuple(columns(read.tables[0]))) == (encoding, ("编号", "n"))


def test_capitals_alone_that_fit_twice_are_asked(tmp_path: Path) -> None:
    text = "ГОРОД;УЛИЦА\nМОСКВА;ЛЕНИНА\nКАЗАНЬ;МИРА\nОМСК;ТВЕРСКАЯ\n"
    (question,) = brought(tmp_path, text.encode("cp1251")).questions
    assert (question.taken, {one.value for one in question.options}) == (
        "cp1251", {"cp1251", "koi8-r"},
    )  # fmt: skip
