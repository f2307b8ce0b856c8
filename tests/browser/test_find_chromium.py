"""Which browser is used on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bots.browser import find_chromium
from engine.errors import ConfigurationError


def program(folder: Path, name: str, says: str = "Chromium 123.4.5") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shell = Path(shutil.which("sh") or "/bin/sh").parent
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "of-playwright"))
    monkeypatch.delenv(find_chromium.SETTING, raising=False)
    assert shell


def test_the_headless_shell_comes_first_where_no_window_is_wanted(tmp_path: Path) -> None:
    program(tmp_path, "chromium")
    shell = program(tmp_path, "chromium-headless-shell")
    assert find_chromium.find_browser(headless=True) == find_chromium.Browser(str(shell), "123.4.5", "headless-shell")
    assert find_chromium.find_browser(headless=False).path == str(tmp_path / "chromium")


def test_the_setting_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "chromium")
    own = program(tmp_path, "my-chrome", "Google Chrome 150.0.1 beta")
    monkeypatch.setenv(find_chromium.SETTING, str(own))
    assert find_chromium.find_browser(headless=True) == find_chromium.Browser(str(own), "150.0.1", "chromium")


def test_playwrights_own_is_the_last_resort(tmp_path: Path) -> None:
    folder = tmp_path / "of-playwright" / "chromium-1200" / "chrome-linux"
    folder.mkdir(parents=True)
    own = program(folder, "chrome")
    assert find_chromium.find_executable(headless=True) == str(own)


def test_a_machine_without_a_browser_is_told_what_to_install() -> None:
    with pytest.raises(ConfigurationError) as caught:
        find_chromium.find_browser(headless=True)
    assert str(caught.value) == (
        "no Chromium or Chrome was found on this machine; install one (Debian: apt install chromium "
        "chromium-headless-shell) or set CLERKWORK_BROWSER to its path"
    )


def test_a_setting_that_names_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(find_chromium.SETTING, "/nowhere/chrome")
    with pytest.raises(
        ConfigurationError, match="CLERKWORK_BROWSER is '/nowhere/chrome', and there is no such program"
    ):
        find_chromium.find_executable(headless=True)


def test_a_browser_that_does_not_start_is_told(tmp_path: Path) -> None:
    program(tmp_path, "chromium").write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(ConfigurationError, match="chromium does not start"):
        find_chromium.find_browser(headless=True)


def test_the_sandbox_is_given_up_for_root_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "--no-sandbox" in find_chromium.launch_arguments()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "--no-sandbox" not in find_chromium.launch_arguments()
