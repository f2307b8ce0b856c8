"""Zip files made, and taken apart without trusting them."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.context import PlainContext

from bots.files import archives
from bots.files.archives import Unzip, Zip, pack, preview_unzip, preview_zip, unpack
from engine.context import File
from engine.errors import BusinessException


@pytest.fixture
def context(tmp_path: Path) -> Iterator[PlainContext]:
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.txt").write_text("two")
    with PlainContext(tmp_path) as made:
        yield made


def test_files_are_packed_and_taken_out_again(context: PlainContext, tmp_path: Path) -> None:
    step = Zip(files=["a.txt", File(path=str(tmp_path / "b" / "c.txt"), name="of the item.txt")], to="out/all.zip")
    assert preview_zip(step, context).changes == {"files": (None, "a.txt, of the item.txt")}
    done = pack(step, context)
    assert done.count == 2
    assert pack(step, context).sha256 == done.sha256
    back = Unzip(file="out/all.zip", to="back")
    assert preview_unzip(back, context).changes == {"a.txt": (None, "new"), "of the item.txt": (None, "new")}
    assert unpack(back, context).files == ["back/a.txt", "back/of the item.txt"]
    assert unpack(back, context).count == 2
    assert (tmp_path / "back" / "of the item.txt").read_text() == "two"


def test_two_files_of_one_name_are_refused(context: PlainContext, tmp_path: Path) -> None:
    (tmp_path / "b" / "a.txt").write_text("another")
    with pytest.raises(BusinessException, match="several files are called a.txt; rename all but one of them"):
        pack(Zip(files=["a.txt", "b/a.txt"], to="all.zip"), context)


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "a/../../evil", "..\\evil.txt", "C:/evil"])
def test_attack_11_zip_slip_a_name_that_leads_out_of_the_folder_is_refused(
    name: str, context: PlainContext, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as package:
        package.writestr("fine.txt", "x")
        package.writestr(name, "x")
    with pytest.raises(BusinessException) as caught:
        unpack(Unzip(file="evil.zip", to="back"), context)
    assert "which leads out of the folder; do not open it; ask the sender" in str(caught.value)
    assert not (tmp_path / "back").exists()


def test_attack_11_zip_slip_a_link_is_refused(context: PlainContext, tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as package:
        package.writestr(entry, "/etc/passwd")
    with pytest.raises(BusinessException, match="evil.zip holds 'link', which leads out of the folder"):
        unpack(Unzip(file="evil.zip", to="back"), context)


def test_a_bomb_is_refused(context: PlainContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST", 1000)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("zeros", b"\0" * 1001)
    with pytest.raises(
        BusinessException, match="bomb.zip holds 1 files with 1,001 bytes; up to 10,000 files and 1,000"
    ):
        unpack(Unzip(file="bomb.zip", to="back"), context)


def test_a_damaged_file_is_said_to_be_damaged(context: PlainContext, tmp_path: Path) -> None:
    with pytest.raises(BusinessException, match="a.txt is no zip file, or is damaged; ask the sender for it again"):
        unpack(Unzip(file="a.txt", to="back"), context)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as package:
        package.writestr("text", "the content of it")
    content = (tmp_path / "x.zip").read_bytes()
    (tmp_path / "x.zip").write_bytes(content.replace(b"the content", b"THE CONTENT"))
    with pytest.raises(BusinessException, match="x.zip is damaged at text"):
        unpack(Unzip(file="x.zip", to="back"), context)
    assert list((tmp_path / "back").iterdir()) == []
