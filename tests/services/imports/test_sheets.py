"""A sheet is told by its headers, however it is written down; one whose structure is broken is refused whole."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from shared.domain.facts.imports import Declared
from shared.domain.facts.lines import Fact
from shared.domain.facts.settings import Settings
from shared.services.imports.file_text import FileRefused, as_utf8
from shared.services.imports.formats.catalogue import FORMATS
from shared.services.imports.read_file import Beside, FactsFile
from tests.data.merchants import NOW, as_file, header, order
from tests.data.toy_formats import BASKETS, PRICES, TOYS

HEADERS = ["Code", "Label", "List Price"]
ROWS = [["A1", "Anchor", "12.50"], ["B2", 'Bell, "ship\'s"', "7"], ["C3", "two\nlines", "1.00"]]
BESIDE = Beside(announced_at=NOW, now=NOW, settings=Settings(currency="EUR"), customer_key=b"k" * 32)


def unheard(*, lines_read: int, bytes_read: int) -> None:
    """Nobody waits for this import."""


def opened(content: bytes, *, declared: Declared | None = None) -> FactsFile:
    beside = BESIDE if declared is None else replace(BESIDE, declared=declared)
    return FactsFile(BytesIO(content), size=len(content), beside=beside, progress=unheard, formats=TOYS)


def written(rows: list[list[str]], *, delimiter: str = ",", end: str = "\r\n") -> str:
    text = StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue()


SHEET = written([HEADERS, *ROWS])


def read(content: bytes | str, *, declared: Declared | None = None) -> tuple[FactsFile, list[Fact]]:
    file = opened(content if isinstance(content, bytes) else content.encode(), declared=declared)
    facts = list(file)
    file.check()
    return file, facts


def bodies(content: bytes | str) -> list[str]:
    return [fact.body for fact in read(content)[1]]


def refused(content: bytes | str, *, declared: Declared | None = None) -> tuple[str, str]:
    with pytest.raises(FileRefused) as why:
        read(content, declared=declared)
    return why.value.refusal.code, why.value.refusal.message


def test_the_rows_of_a_sheet_are_facts_of_the_format_that_its_headers_tell() -> None:
    file, facts = read(SHEET)

    assert (file.format, file.lines, file.rejected) == ("toy_prices", 3, 0)
    assert [(fact.family, fact.source, fact.account, fact.key) for fact in facts] == [
        ("product", "toy", "main", sku) for sku in ("A1", "B2", "C3")
    ]
    assert facts[1].body == '{"currency":"EUR","price":7000000,"sku":"B2","title":"Bell, \\"ship\'s\\""}'


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + SHEET.encode(),
        written([HEADERS, *ROWS], delimiter="\t"),
        written([HEADERS, *ROWS], delimiter=";", end="\n"),
        SHEET.rstrip("\r\n"),
        written([["Prices of the toy shop"], [], ["as of", "2026-11-20"], HEADERS, *ROWS]),
        written([["  CODE ", "label", "List   price"], *ROWS]),
        written([[*HEADERS, ""], *[[*row, ""] for row in ROWS]]),
        written([HEADERS, *[[*row, "", " "] for row in ROWS]]),
        written([["Colour", *HEADERS], *[["red", *row] for row in ROWS]]),
        written([HEADERS, ROWS[0], [], ["", " ", ""], *ROWS[1:]]),
        written([HEADERS, *[[f" {cell} " for cell in row] for row in ROWS]]),
    ],
    ids=[
        "mark",
        "tabs",
        "semicolons",
        "no end",
        "preamble",
        "case",
        "ends",
        "tails",
        "more",
        "blank",
        "spaces",
    ],
)
def test_a_sheet_says_the_same_however_it_is_written_down(content: bytes | str) -> None:
    assert bodies(content) == bodies(SHEET)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_what_excel_saves_as_unicode_is_read(tmp_path: Path, encoding: str) -> None:
    text = written([["Code", "Label", "List Price"], ["A1", "Ankerkette „groß“ 錨", "12.50"]], delimiter="\t")
    file = tmp_path / "raw"
    file.write_bytes(("\ufeff" + text).encode(encoding))

    assert bodies(as_utf8(file).read_bytes()) == bodies(text)
    assert as_utf8(tmp_path / "raw.utf-8") == tmp_path / "raw.utf-8", "what is UTF-8 already is not copied"


def test_half_a_character_at_the_end_of_utf_16_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "raw"
    file.write_bytes(SHEET.encode("utf-16")[:-1])

    with pytest.raises(FileRefused):
        as_utf8(file)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "file_empty"),
        ("\r\n  \r\n", "file_empty"),
        (written([HEADERS]), "file_empty"),
        (SHEET + '"D4,Drum,3\r\nE5,Easel,4\r\n', "quote_open"),
        (SHEET + '"D4" or so,Drum,3\r\nE5,Easel,4\r\n', "not_csv"),
        (SHEET + '"D4,Drum,3\r\n' + "E5,Easel,4\r\n" * 20_000, "cell_too_long"),
        (SHEET + "D4," + '"two\nlines",' * 200_000 + "\r\n", "row_too_long"),
        (SHEET + "D4,Drum,3,4\r\n", "too_many_cells"),
        (written([[*HEADERS, *[""] * 998], *ROWS]), "too_many_cells"),
        ("Our list" + "," * 1_000 + "\r\n" + SHEET, "too_many_cells"),
        (SHEET + "D4,Dr\0um,3\r\n", "not_text"),
        (SHEET.encode() + b"D4,Tromm\xe9l,3\r\n", "not_utf8"),
        (SHEET.encode("utf-16-le"), "not_text"),
        (SHEET.replace("\r\n", "\r"), "wrong_line_ends"),
        (SHEET.replace("\r\n", "\r").replace("\n", " "), "wrong_line_ends"),
        (written([[*HEADERS, "label "], *[[*row, "another"] for row in ROWS]]), "header_repeated"),
        (SHEET.rstrip().removesuffix(",1.00"), "file_truncated"),
        (written([["title"]] * 21 + [HEADERS, *ROWS]), "format_unknown"),
    ],
)
def test_a_sheet_whose_structure_is_broken_is_refused_whole(content: bytes | str, code: str) -> None:
    assert refused(content)[0] == code


def test_headers_that_are_nearly_those_of_a_format_are_answered_with_what_is_missing() -> None:
    assert refused(written([["Basket", "Day", "Pieces"], ["1", "2026-11-01", "2"]])) == (
        "format_unknown",
        "The headers are those of no format that we know. The nearest is Toy, baskets; missing: “code”, “price”.",
    )


def test_headers_in_another_language_are_answered_with_all_that_are_known() -> None:
    with pytest.raises(FileRefused) as why:
        read(written([["Kodex", "Preis"], ["A1", "2"]]))

    assert "English" in why.value.refusal.hint
    assert all(header in why.value.refusal.hint for known in TOYS for header in (*known.requires, *known.begins))


def test_only_a_last_row_without_an_end_of_its_line_breaks_off() -> None:
    short = written([HEADERS, ["A1", "Anchor", "12.50"], ["B2"], *[["C3", "Chain", "3"]] * 40])

    assert read(short)[0].rejected == 1, "a spreadsheet leaves out the empty cells at a row's end"
    assert len(read(written([[*HEADERS, ""], *ROWS]).rstrip())[1]) == 3, "a column without a header may be missing"


def test_a_remark_under_the_rows_of_a_format_that_has_some_is_no_row_that_breaks_off() -> None:
    remarked = [replace(known, has_footer=True) for known in TOYS]
    content = written([HEADERS, *[["A1", "Anchor", "12.50"]] * 40, ["Made on Friday"]]).rstrip().encode()
    file = FactsFile(BytesIO(content), size=len(content), beside=BESIDE, progress=unheard, formats=remarked)

    assert len(list(file)) == 40


def test_headers_of_two_formats_are_no_headers() -> None:
    both = [*HEADERS, "Basket", "Day", "Pieces", "Price"]

    assert refused(written([both])) == (
        "format_ambiguous",
        "The headers are those of more than one format: Toy, prices and Toy, baskets.",
    )


def test_no_two_formats_of_the_catalogue_fit_the_same_headers() -> None:
    for known in FORMATS:
        headers = [*known.requires, *known.begins]
        assert [other.name for other in FORMATS if other.fits(headers)] == [known.name]
    assert len({known.name for known in FORMATS}) == len(FORMATS)


def test_a_bad_row_is_reported_with_the_line_on_which_it_begins() -> None:
    rows = [["A1", "one\nand\ntwo", "1"], ["B2", "", "a lot"], *[["C3", "Chain", "3"]] * 40, ["D4"]]
    file, facts = read(written([["a title"], HEADERS, *rows]))

    assert [(error.line, error.code, error.field) for error in file.errors] == [
        (6, "wrong_type", "price"),
        (47, "wrong_type", "price"),
    ]
    assert (file.lines, file.rejected, len(facts)) == (43, 2, 41)


def test_rows_that_belong_together_are_one_fact_of_the_line_on_which_they_begin() -> None:
    headers = ["basket", "day", "code", "pieces", "price (EUR)"]
    good = [[str(number), "2026-11-01", "A1", "1", "2.50"] for number in range(10, 30)]
    rows = [
        ["7", "2026-11-01", "A1", "2", "1"],
        ["7", "", "B2", "1", "2"],
        ["8", "", "A1", "x", "1"],
        *good,
    ]
    file, facts = read(written([headers, *rows]))

    assert facts[0].body.count('"sku"') == 2
    assert [(error.line, error.field) for error in file.errors] == [(4, "day")]
    assert (file.lines, file.rejected, len(facts)) == (23, 1, 21)


def test_what_is_declared_beside_a_sheet_holds_for_all_of_it() -> None:
    exported_at = datetime(2026, 11, 1, 8, tzinfo=UTC)
    file, facts = read(SHEET, declared=Declared(exported_at=exported_at, account="second", currency="CHF"))

    assert file.header.exported_at == exported_at
    assert {fact.account for fact in facts} == {"second"}
    assert all('"currency":"CHF"' in fact.body for fact in facts)
    assert read(SHEET)[0].header.exported_at == NOW, "undeclared, it left its source when it was announced"


@pytest.mark.parametrize(
    "declared",
    [
        Declared(currency="francs"),
        Declared(account="a\nb"),
        Declared(exported_at=datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_what_is_declared_goes_by_the_rules_of_a_first_line(declared: Declared) -> None:
    assert refused(SHEET, declared=declared)[0] == "declared_wrong"


def test_a_file_that_speaks_for_itself_must_not_be_spoken_for() -> None:
    content = as_file([header(), order()])

    assert read(content)[0].format == "ndjson"
    for declared in (Declared(account="main"), Declared(is_complete=False)):
        assert refused(content, declared=declared)[0] == "declared_twice"


def test_a_sheet_holds_what_its_format_says_unless_it_is_declared_to_be_a_part() -> None:
    whole, _ = read(SHEET)
    part, _ = read(SHEET, declared=Declared(is_complete=False))

    assert [(claim.family, claim.source, claim.account) for claim in whole.claims()] == [("product", "toy", "main")]
    assert part.claims() == ()
    assert (PRICES.fits(HEADERS), BASKETS.fits(HEADERS)) == (True, False)
