"""Files are kept by content, once, and stay what they were."""

from __future__ import annotations

from pathlib import Path

from engine.artifacts import ArtifactFolder


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    folder = ArtifactFolder(tmp_path)
    first, second = folder.put(b"page"), folder.put(b"page")
    assert first == second and folder.get(first) == b"page"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [first]


def test_a_file_taken_in_survives_its_original(tmp_path: Path) -> None:
    original = tmp_path / "Rechnung März.pdf"
    original.write_bytes(b"%PDF-1")
    kept = ArtifactFolder(tmp_path / "kept").take_in(original)
    original.unlink()
    assert kept.name == "Rechnung März.pdf" and Path(kept.path).read_bytes() == b"%PDF-1"
    assert kept.sha256 in kept.path
