"""The cache of pages: a document costs no second reading, and a damaged or outdated entry is simply read anew."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

import pytest

from bots.documents.opening import page_cache
from bots.documents.opening.children import Child
from bots.documents.opening.page_cache import PageCache
from bots.documents.opening.stretch import Content, Request, Stretch
from bots.documents.pages.page import Page
from bots.documents.reader import Reader
from tests.documents.paper import ENGLISH, draw


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    return draw(tmp_path / "a.pdf", ENGLISH)


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no child can be asked."""

    def ask(*_: object) -> None:
        raise AssertionError("a child was asked")

    monkeypatch.setattr(Child, "ask", ask)


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*"))


def test_a_document_is_read_once_whatever_it_is_called(
    tmp_path: Path, paper: Path, request: pytest.FixtureRequest
) -> None:
    with Reader(cache=PageCache(tmp_path / "cache")) as reader:
        first = reader.read(paper)
    copy = Path(shutil.copy(paper, tmp_path / "copy.pdf"))
    request.getfixturevalue("no_child")
    with Reader(cache=PageCache(tmp_path / "cache")) as reader:
        again = reader.read(copy)
    assert again.to_json() == first.to_json() | {"file": str(copy)}
    assert again.value("number") == "INV-2026-0417"


def test_another_content_and_another_way_of_reading_are_entries_of_their_own(tmp_path: Path, paper: Path) -> None:
    folder = tmp_path / "cache"
    with Reader(cache=PageCache(folder)) as reader:
        reader.read(paper)
        reader.read(paper, einvoice=False)
        reader.read(paper, ocr="never")
        assert len(entries(folder)) == 3
        draw(paper, ENGLISH, number="Invoice number: INV-2026-0418")
        assert reader.read(paper).value("number") == "INV-2026-0418"
    assert len(entries(folder)) == 4


@pytest.mark.parametrize(
    "damage", [b"", b"not zipped", gzip.compress(b"{}", mtime=0), gzip.compress(b'["", [1, "x"]]')]
)
def test_a_damaged_entry_is_read_anew(tmp_path: Path, paper: Path, damage: bytes) -> None:
    with Reader(cache=PageCache(tmp_path / "cache")) as reader:
        first = reader.read(paper)
        (entry,) = entries(tmp_path / "cache")
        whole = entry.read_bytes()
        entry.write_bytes(damage)
        assert reader.read(paper).to_json() == first.to_json()
        assert entry.read_bytes() == whole


def test_an_entry_cut_short_is_read_anew(tmp_path: Path, paper: Path) -> None:
    with Reader(cache=PageCache(tmp_path / "cache")) as reader:
        first = reader.read(paper)
        (entry,) = entries(tmp_path / "cache")
        entry.write_bytes(entry.read_bytes()[:-20])
        assert reader.read(paper).to_json() == first.to_json()


def test_another_version_of_the_engine_reads_scans_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scan.png").write_bytes(b"a picture")
    cache, content = PageCache(tmp_path / "cache"), Content.of(tmp_path / "scan.png")
    asked = Request(tmp_path / "scan.png")
    monkeypatch.setattr(page_cache, "_engine", lambda ocr, second: "rapidocr 3.0")
    scanned, digital = Stretch(1, [Page(1, 595.0, 842.0, [], "ocr")]), Stretch(1, [Page(1, 595.0, 842.0, [])])
    cache.keep(asked, content, scanned)
    assert cache.find(asked, content) == scanned
    monkeypatch.setattr(page_cache, "_engine", lambda ocr, second: "rapidocr 3.1")
    assert cache.find(asked, content) is None
    cache.keep(asked, content, digital)
    assert cache.find(asked, content) == digital


def test_a_file_that_changed_meanwhile_and_a_page_given_up_are_not_kept(tmp_path: Path, paper: Path) -> None:
    cache, content = PageCache(tmp_path / "cache"), Content.of(paper)
    cache.keep(Request(paper), content, Stretch(1, [Page(1, 595.0, 842.0, [], "ocr", unread=True)]))
    paper.write_bytes(paper.read_bytes() + b"\n")
    cache.keep(Request(paper), content, Stretch(1, [Page(1, 595.0, 842.0, [])]))
    assert not (tmp_path / "cache").exists()


def test_the_entries_not_used_for_longest_go_first(tmp_path: Path, paper: Path) -> None:
    content, stretch = Content.of(paper), Stretch(1, [Page(1, 595.0, 842.0, [])])
    cache = PageCache(tmp_path / "cache")
    requests = [Request(paper, first=page) for page in range(1, 9)]
    for age, asked in enumerate(requests):
        cache.keep(asked, content, stretch)
        os.utime(cache._file(asked, content), (age, age))
    assert cache.find(requests[0], content) == stretch
    size = cache._file(requests[0], content).stat().st_size
    small = PageCache(tmp_path / "cache", most=4 * size)
    small.keep(Request(paper, first=9), content, stretch)
    left = [asked.first for asked in [*requests, Request(paper, first=9)] if cache._file(asked, content).exists()]
    assert left == [1, 8, 9]


def test_a_folder_that_cannot_be_written_costs_no_reading(tmp_path: Path, paper: Path) -> None:
    (tmp_path / "cache").write_text("a file stands where the folder should be")
    with Reader(cache=PageCache(tmp_path / "cache")) as reader:
        assert reader.read(paper).value("number") == "INV-2026-0417"
