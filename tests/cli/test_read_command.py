"""`read`: one JSON object a line, in the order given, whatever the files are."""

from __future__ import annotations

import shutil
import zlib
from pathlib import Path

from cli_office import Office
from PIL import Image

from bots.documents.schemas import SCHEMAS

SAMPLE = Path(__file__).parents[2] / "commands" / "new_project" / "samples" / "invoice.pdf"


def test_a_document_is_an_object_of_the_contract(office: Office) -> None:
    answer = office("read", str(SAMPLE), "--json")
    (line,) = answer.lines
    assert answer.code == 0
    assert list(line) == [
        "file", "pages", "type", "language", "fields", "lines", "tax_breakdown", "tables", "problems", "confidence",
    ]  # fmt: skip
    assert (line["file"], line["pages"], line["type"], line["language"]) == (str(SAMPLE), 1, "invoice", "de")
    total = line["fields"]["total"]
    assert list(total) == ["value", "confidence", "page", "box", "source"]
    assert (total["value"], total["page"], total["source"], len(total["box"])) == ("1437.28", 1, "text", 4)


def test_bad_files_are_objects_with_problems_and_stop_nothing(office: Office) -> None:
    shutil.copy(SAMPLE, office.write("good.pdf", ""))
    office.write("text.pdf", "this is no PDF")
    office.write("empty.pdf", "")
    answer = office("read", "text.pdf", "gone.pdf", "good.pdf", "empty.pdf", "--jobs", "2")
    assert answer.code == 0
    assert [(line["file"], [problem["code"] for problem in line["problems"]]) for line in answer.lines] == [
        ("text.pdf", ["NOT_A_PDF"]),
        ("gone.pdf", ["FILE_MISSING"]),
        ("good.pdf", []),
        ("empty.pdf", ["EMPTY_FILE"]),
    ]


def test_fields_of_ones_own_come_from_a_file(office: Office) -> None:
    office.write("fields.yaml", "invoice_no: {type: text, labels: [Rechnungsnummer, Rechnungs-Nr.]}\n")
    (line,) = office("read", str(SAMPLE), "--fields", "fields.yaml").lines
    assert set(line["fields"]) <= {"invoice_no"}


def test_a_wrong_field_set_is_told(office: Office) -> None:
    answer = office("read", str(SAMPLE), "--fields", "bill")
    assert (answer.code, answer.err) == (
        2,
        "clerkwork: --fields bill: there is no such field set and no such file; "
        f"expected {', '.join(SCHEMAS)}, or the path of a YAML file\n",
    )
    office.write("fields.yaml", "po: {type: nonsense}\n")
    wrong = office("read", str(SAMPLE), "--fields", "fields.yaml")
    assert wrong.code == 2
    assert wrong.err.startswith("clerkwork: --fields fields.yaml: ")


def bomb(file: Path) -> None:
    """A PDF whose only page unpacks to more than a reader may take."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 2**20) for _ in range(1200)) + packer.flush()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >> stream\n%b\nendstream" % (len(packed), packed),
    ]
    body = b"".join(b"%d 0 obj %b endobj\n" % (number, part) for number, part in enumerate(parts, start=1))
    file.write_bytes(b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R /Size 5 >>\n%%EOF\n")


def test_a_file_that_kills_its_reader_is_named_and_the_others_are_read(office: Office) -> None:
    bomb(office.write("bomb.pdf", ""))
    files = [str(SAMPLE), "bomb.pdf", str(SAMPLE)]
    answer = office("read", *files, "--jobs", "2", "--no-cache", "--json")
    assert (answer.code, [line["file"] for line in answer.lines]) == (0, files)
    assert [[problem["code"] for problem in line["problems"]] for line in answer.lines] == [[], ["TOO_LARGE"], []]
    assert answer.lines[1]["problems"][0]["message"] == (
        "bomb.pdf needs more than 1024 MB of memory to be read; it is broken or hostile; "
        "ask the sender for the file again, or print it to a new PDF"
    )


def test_pages_are_kept_in_the_project_unless_told_otherwise(office: Office) -> None:
    kept = office.root / "data" / "cache" / "pages"
    first = office("read", str(SAMPLE), "--no-cache", "--json")
    assert not kept.exists()
    assert office("read", str(SAMPLE), "--json").out == first.out
    (entry,) = kept.glob("*/*")
    again = office("read", str(SAMPLE), "--json")
    assert (again.out, list(kept.glob("*/*"))) == (first.out, [entry])


def test_the_pages_are_drawn_with_a_box_around_each_value(office: Office) -> None:
    answer = office("read", str(SAMPLE), "--boxes", "marked", "--no-cache", "--json")
    (line,) = answer.lines
    total = line["fields"]["total"]
    with Image.open(office.root / "marked" / "invoice-1.png") as picture:
        scale = picture.width / 595.3
        x0, y0, _, y1 = total["box"]
        edge = picture.convert("RGB").getpixel((round(x0 * scale) - 3, round((y0 + y1) / 2 * scale)))
    assert edge == (22, 128, 61)  # green: sure
