"""Files made to break a reader: each ends in a reading or a named problem, within the limits, and the next one is read."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bots.documents.document import Document
from bots.documents.pages.limits import Limits
from bots.documents.reader import Reader
from tests.documents.hostile import PAGE, TEXT, form, pdf, png, stream, zeros
from tests.documents.paper import ENGLISH, draw
from tests.documents.test_einvoices import UBL, with_xml

LIMITS = Limits(memory=256, cpu=2, document=60)
BIG = 700  # MiB: more than a reader may take here


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(LIMITS) as reader:
        yield reader


def flate_bomb(folder: Path) -> Path:
    return pdf(folder / "a.pdf", {4: stream(zeros(BIG), b"/Filter /FlateDecode")})


def flate_bomb_in_a_flate_bomb(folder: Path) -> Path:
    return pdf(folder / "a.pdf", {4: stream(zlib.compress(zeros(BIG)), b"/Filter [/FlateDecode /FlateDecode]")})


def picture_bomb(folder: Path) -> Path:
    return png(folder / "a.png", 60_000, 60_000, zeros(60))


def page_tree_that_claims_a_million_pages(folder: Path) -> Path:
    return pdf(folder / "a.pdf", {2: b"<< /Type /Pages /Count 1000000 /Kids [2 0 R 3 0 R 2 0 R] >>"})


def forms_that_call_each_other(folder: Path) -> Path:
    """Each calls the next ten times: 10 ** 30 in all."""
    parts = {number: form(b"/X Do " * 10, number + 1) for number in range(6, 36)}
    return pdf(folder / "a.pdf", {3: PAGE % b"/XObject << /X 6 0 R >>", 4: stream(b"/X Do"), **parts, 36: form(b"", 6)})


def more_words_than_fit(folder: Path) -> Path:
    words = b" ".join(b"1 0 0 1 %d %d Tm (ab) Tj" % (at % 290 * 2, at // 290 * 2) for at in range(40_000))
    return pdf(folder / "a.pdf", {4: stream(b"BT /F 1 Tf " + words + b" ET")})


def words_in_one_endless_line(folder: Path) -> Path:
    words = b" ".join(b"1 0 0 1 %.1f 500 Tm (abcdefgh) Tj" % at for at in range(590))
    return pdf(folder / "a.pdf", {4: stream(b"BT /F 0.1 Tf " + words + b" ET")})


def pages_that_are_no_page(folder: Path) -> Path:
    return pdf(
        folder / "a.pdf", {2: b"<< /Type /Pages /Count 1 /Kids " + b"[" * 50_000 + b"3 0 R" + b"]" * 50_000 + b" >>"}
    )


def text_behind_a_wrong_name(folder: Path) -> Path:
    (folder / "a.png").write_text("Dear Sir or Madam, please find attached our invoice.")
    return folder / "a.png"


@pytest.mark.parametrize(
    ("make", "code", "message"),
    [
        (flate_bomb, "TOO_LARGE", "a.pdf needs more than 256 MB of memory to be read; it is broken or hostile; ask the sender for the file again, or print it to a new PDF"),
        (flate_bomb_in_a_flate_bomb, "TOO_LARGE", "a.pdf needs more than 256 MB of memory to be read; it is broken or hostile; ask the sender for the file again, or print it to a new PDF"),
        (picture_bomb, "TOO_LARGE", "a.png has 60000 x 60000 pixels; at most 50 million are read; scan it coarser"),
        (page_tree_that_claims_a_million_pages, "TOO_LARGE", "a.pdf has 1000000 pages; at most 10000 are read as one document; split the file"),
        (forms_that_call_each_other, "TOO_SLOW", "a.pdf takes more than 2 seconds for one page; it is broken or hostile; ask the sender for the file again, or print it to a new PDF"),
        (more_words_than_fit, "TOO_SLOW", "a.pdf takes more than 2 seconds for one page; it is broken or hostile; ask the sender for the file again, or print it to a new PDF"),
        (words_in_one_endless_line, "TOO_LARGE", "Page 1 of a.pdf has 5898 letters in one line; at most 5000 are read; it is no document"),
        (pages_that_are_no_page, "CORRUPT_FILE", "Page 1 of a.pdf is damaged and cannot be shown; ask the sender for the file again"),
        (text_behind_a_wrong_name, "UNREADABLE", "a.png is neither a PDF, nor an image, nor an e-invoice in XML; convert it to PDF"),
    ],
)  # fmt: skip
def test_a_bomb_is_named_and_the_next_document_is_read(
    tmp_path: Path, reader: Reader, make: Callable[[Path], Path], code: str, message: str
) -> None:
    document = reader.read(make(tmp_path))
    assert [(problem.code, problem.message) for problem in document.problems] == [(code, message)]
    assert document.fatal
    assert found(reader.read(draw(tmp_path / "good.pdf", ENGLISH))) == ("INV-2026-0417", "372.00")


def found(document: Document) -> tuple[str, str]:
    return str(document.value("number")), str(document.value("total"))


def script_and_launch(folder: Path) -> Path:
    """Opening it is to run a script, closing it a program."""
    target = str(folder / "harm").encode()
    return pdf(
        folder / "a.pdf",
        {
            1: b"<< /Type /Catalog /Pages 2 0 R /OpenAction 6 0 R /AA << /WC 7 0 R >> >>",
            6: b"<< /S /JavaScript /JS (while\\(true\\){}) >>",
            7: b"<< /S /Launch /F (/bin/touch) /Win << /F (touch) /P (%b) >> >>" % target,
        },
    )


def nested_objects(folder: Path) -> Path:
    return pdf(folder / "a.pdf", {6: b"[" * 100_000 + b"]" * 100_000, 3: PAGE % b"/Deep 6 0 R"})


def table_that_leads_to_itself(folder: Path) -> Path:
    start = pdf(folder / "a.pdf", {}).read_bytes().rindex(b"xref\n0")
    return pdf(folder / "a.pdf", {}, trailer=b"/Root 1 0 R /Prev %d" % start)


def pages_that_lead_to_themselves(folder: Path) -> Path:
    return pdf(folder / "a.pdf", {2: b"<< /Type /Pages /Count 1 /Kids [3 0 R 2 0 R 2 0 R] >>"})


def page_as_wide_as_a_field(folder: Path) -> Path:
    return pdf(folder / "a.pdf", {3: (PAGE % b"").replace(b"595 842", b"59500 842")})


@pytest.mark.parametrize(
    "make",
    [script_and_launch, nested_objects, pages_that_lead_to_themselves, page_as_wide_as_a_field],
)  # fmt: skip
def test_what_does_no_harm_is_read(tmp_path: Path, reader: Reader, make: Callable[[Path], Path]) -> None:
    document = reader.read(make(tmp_path), ocr="never")
    assert found(document) == ("INV-2026-0417", "372.00")
    assert not (tmp_path / "harm").exists()


def form_that_calls_itself(folder: Path) -> Path:
    return pdf(
        folder / "a.pdf",
        {3: PAGE % b"/XObject << /X 6 0 R >>", 4: stream(TEXT + b" /X Do"), 6: form(b"/X Do /X Do", 6)},
    )


def font_that_is_its_own_descendant(folder: Path) -> Path:
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [5 0 R] /ToUnicode 5 0 R >>"
    return pdf(folder / "a.pdf", {5: font})


def letters_that_draw_themselves(folder: Path) -> Path:
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] /CharProcs << /a 6 0 R >> "
        b"/Encoding << /Differences [0 /a] >> /FirstChar 0 /LastChar 0 /Widths [1] /Resources << /Font << /F 5 0 R >> >> >>"
    )
    return pdf(folder / "a.pdf", {5: font, 6: stream(b"BT /F 12 Tf (\0) Tj ET")})


def endless_filters(folder: Path) -> Path:
    return pdf(folder / "a.pdf", {4: stream(TEXT, b"/Filter [%b]" % (b"/ASCIIHexDecode " * 5000))})


def numbers_beyond_all_measure(folder: Path) -> Path:
    return pdf(
        folder / "a.pdf",
        {3: (PAGE % b"").replace(b"595", b"9" * 400), 4: stream(b"1e308 0 0 1e308 0 0 cm " * 3 + TEXT)},
    )


def picture_bomb_on_the_page(folder: Path) -> Path:
    picture = b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    return pdf(
        folder / "a.pdf",
        {
            3: PAGE % b"/XObject << /I 6 0 R >>",
            4: stream(b"q 595 0 0 842 0 0 cm /I Do Q"),
            6: stream(zeros(BIG), picture + b" /Filter /FlateDecode"),
        },
    )


@pytest.mark.parametrize(
    "make",
    [
        table_that_leads_to_itself,
        form_that_calls_itself,
        font_that_is_its_own_descendant,
        letters_that_draw_themselves,
        endless_filters,
        numbers_beyond_all_measure,
        picture_bomb_on_the_page,
    ],
)
def test_what_leads_nowhere_ends_in_a_reading_or_a_named_problem(
    tmp_path: Path, reader: Reader, make: Callable[[Path], Path]
) -> None:
    document = reader.read(make(tmp_path), ocr="never")
    codes = {problem.code for problem in document.problems}
    assert codes <= {"TOO_LARGE", "TOO_SLOW", "CORRUPT_FILE", "NO_TEXT", "MISSING_FIELD"}
    assert codes or document.fields
    assert found(reader.read(draw(tmp_path / "good.pdf", ENGLISH))) == ("INV-2026-0417", "372.00")


def test_of_ten_thousand_pages_the_first_and_the_last_are_searched(tmp_path: Path, reader: Reader) -> None:
    kids = range(10, 10_010)
    pages = {number: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>" for number in kids}
    tree = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(kids), b" ".join(b"%d 0 R" % number for number in kids))
    parts = {**pages, 2: tree, 10_009: PAGE % b""}
    document = reader.read(pdf(tmp_path / "a.pdf", parts), ocr="never")
    assert (document.pages, found(document)) == (10_000, ("INV-2026-0417", "372.00"))
    assert document.fields["total"].page == 10_000
    assert [problem.message for problem in document.problems if problem.code == "PAGES_LEFT_OUT"] == [
        "The document has 10000 pages; the fields are from its first 70 and its last 30; look at the others, "
        "or split the file"
    ]


LAUGHS = """<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY a0 "ha">{}]>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>&a9;</ID></Invoice>
""".format("".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 100}">' for level in range(1, 10)))

OUTSIDE = """<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>&secret;</ID></Invoice>
"""


@pytest.mark.parametrize("xml", [LAUGHS, OUTSIDE], ids=["laughs", "outside"])
def test_an_e_invoice_with_entities_is_never_opened(tmp_path: Path, reader: Reader, xml: str) -> None:
    inside = reader.read(with_xml(tmp_path, xml))
    assert ("EINVOICE_BROKEN", "The e-invoice inside the file cannot be used: the e-invoice defines XML entities, "
            "which no e-invoice needs; it is not opened; the values are from the page") in [
        (problem.code, problem.message) for problem in inside.problems
    ]  # fmt: skip
    assert found(inside) == ("INV-2026-0417", "372.00")
    (tmp_path / "a.xml").write_text(xml)
    alone = reader.read(tmp_path / "a.xml")
    assert [(problem.code, problem.message) for problem in alone.problems] == [
        ("CORRUPT_FILE", "a.xml: the e-invoice defines XML entities, which no e-invoice needs; it is not opened; "
         "ask the sender for the file again")
    ]  # fmt: skip


def test_an_e_invoice_nested_without_end_is_read_or_named(tmp_path: Path, reader: Reader) -> None:
    deep = "<a>" * 200_000 + "</a>" * 200_000
    (tmp_path / "a.xml").write_text(UBL.replace("</Invoice>", deep + "</Invoice>"))
    document = reader.read(tmp_path / "a.xml")
    assert document.value("number") == "R-77" or document.fatal
    assert {problem.code for problem in document.problems} <= {"CORRUPT_FILE", "TOO_LARGE"}
