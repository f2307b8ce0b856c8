"""Texts kept between items are sealed, and a text that cannot be opened is as if it had never been kept."""

from __future__ import annotations

from pathlib import Path

from config.sealed import SealedTexts
from config.secrets import SecretStore


def texts(folder: Path) -> SealedTexts:
    return SealedTexts(folder / "sealed", SecretStore(folder, {}))


def test_a_text_comes_back_and_lies_there_sealed(tmp_path: Path) -> None:
    assert texts(tmp_path).get("portal eve") is None
    texts(tmp_path).put("portal eve", "sid=0123456789")
    assert texts(tmp_path).get("portal eve") == "sid=0123456789"
    lying = b"".join(path.read_bytes() + path.name.encode() for path in tmp_path.rglob("*") if path.is_file())
    assert b"0123456789" not in lying
    assert b"portal" not in lying


def test_a_newer_text_takes_its_place_and_none_forgets_it(tmp_path: Path) -> None:
    kept = texts(tmp_path)
    kept.put("a", "old")
    kept.put("a", "new")
    kept.put("b", "other")
    assert (kept.get("a"), kept.get("b")) == ("new", "other")
    kept.put("a", None)
    kept.put("a", None)
    assert (kept.get("a"), kept.get("b")) == (None, "other")


def test_what_was_changed_moved_or_sealed_with_another_key_is_not_there(tmp_path: Path) -> None:
    kept = texts(tmp_path)
    kept.put("a", "text")
    kept.put("b", "other")
    first, second = sorted((tmp_path / "sealed").iterdir())
    content = first.read_text(), second.read_text()
    first.write_text(content[1])
    second.write_text(content[0])
    assert (kept.get("a"), kept.get("b")) == (None, None)
    first.write_text("nonsense")
    assert (kept.get("a"), kept.get("b")) == (None, None)
    kept.put("a", "text")
    (tmp_path / "secret.key").unlink()
    assert kept.get("a") is None
