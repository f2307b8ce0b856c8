"""`scripts/setup`: quick when nothing is missing, one clear line where it cannot go on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

IS_UBUNTU = "ID=ubuntu" in Path("/etc/os-release").read_text().splitlines()
BROWSERS = "chromium-browser" if IS_UBUNTU else "chromium chromium-sandbox fonts-liberation chromium-headless-shell"
REPOSITORY = Path(__file__).parents[2]
TOOLS = (
    "bash",
    "cat",
    "chmod",
    "cut",
    "dirname",
    "grep",
    "head",
    "id",
    "mktemp",
    "readlink",
    "rm",
    "sha256sum",
    "tail",
)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A copy of the scripts, and a folder of programs that is all this machine has."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        program = shutil.which(tool)
        assert program is not None
        (tmp_path / "bin" / tool).symlink_to(program)
    shutil.copytree(REPOSITORY / "scripts", tmp_path / "scripts")
    shutil.copy(REPOSITORY / "requirements.lock", tmp_path)
    return tmp_path


def give(machine: Path, name: str, script: str) -> None:
    program = machine / "bin" / name
    program.unlink(missing_ok=True)
    program.write_text(f"#!/bin/bash\n{script}\n")
    program.chmod(0o755)


def environment(machine: Path) -> None:
    """A `.venv` whose locked dependencies are installed already."""
    (machine / ".venv" / "bin").mkdir(parents=True)
    give(machine, "../.venv/bin/python", 'echo "$@" >>installed; [ "$1" = --version ] && echo "Python 3.12.1"; exit 0')
    state = "cat requirements.lock scripts/uv.lock.txt; readlink -f .venv/bin/python"
    answer = subprocess.run(
        f"{{ {state}; }} | sha256sum | cut -d' ' -f1", shell=True, cwd=machine, capture_output=True, check=True
    )
    (machine / ".venv" / ".locked").write_bytes(answer.stdout)


def setup(machine: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(machine / "bin" / "bash"), str(machine / "scripts" / "setup"), *arguments],
        cwd=machine,
        env={"PATH": str(machine / "bin"), "HOME": os.environ["HOME"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def all_programs(machine: Path) -> None:
    give(
        machine,
        "tesseract",
        'case $1 in --list-langs) printf "List:\\neng\\ndeu\\nfra\\n";; *) echo tesseract 5.3.0;; esac',
    )
    give(machine, "chromium", "exit 0")
    give(machine, "chromium-headless-shell", "exit 0")


def test_where_nothing_is_missing_it_installs_nothing(machine: Path) -> None:
    all_programs(machine)
    environment(machine)
    told = setup(machine)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == "setup: ready: Python 3.12.1, chromium, tesseract 5.3.0\n"
    assert "install" not in (machine / "installed").read_text()


def test_a_changed_lock_is_installed_again(machine: Path) -> None:
    all_programs(machine)
    environment(machine)
    with (machine / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    give(machine, "../.venv/bin/uv", 'echo "uv $@" >>installed')
    told = setup(machine)
    assert told.returncode == 0
    assert " locked dependencies into .venv\n" in told.stdout
    assert "--require-hashes -r requirements.lock" in (machine / "installed").read_text()
    assert setup(machine).stdout == "setup: ready: Python 3.12.1, chromium, tesseract 5.3.0\n"


def test_without_apt_it_names_the_packages_in_one_line(machine: Path) -> None:
    environment(machine)
    told = setup(machine)
    assert told.returncode == 1
    assert told.stderr == (
        "setup: cannot go on: this system has no apt-get; install these yourself (Debian's names): "
        "tesseract-ocr tesseract-ocr-eng tesseract-ocr-deu tesseract-ocr-fra "
        f"{BROWSERS}\n"
    )


def test_only_what_is_missing_is_asked_of_apt(machine: Path) -> None:
    all_programs(machine)
    environment(machine)
    give(machine, "tesseract", 'printf "List:\\neng\\n"; [ -f german ] && echo deu; echo fra')
    give(machine, "id", "echo 0")
    give(machine, "env", 'while [[ $1 == *=* ]]; do shift; done; exec "$@"')
    give(machine, "apt-get", 'echo "$@" >>asked; [[ "$*" == *install* ]] && echo >german; exit 0')
    told = setup(machine)
    assert told.returncode == 0
    assert "setup: installing system packages: tesseract-ocr-deu\n" in told.stdout
    assert (
        (machine / "asked").read_text().splitlines()[-1].endswith("install --no-install-recommends tesseract-ocr-deu")
    )


def test_somebody_without_root_and_sudo_is_told_the_command(machine: Path) -> None:
    all_programs(machine)
    environment(machine)
    (machine / "bin" / "chromium").unlink()
    (machine / "bin" / "chromium-headless-shell").unlink()
    give(machine, "id", "echo 1000")
    give(machine, "apt-get", "exit 0")
    told = setup(machine)
    assert told.returncode == 1
    assert told.stderr == (
        f"setup: cannot go on: needs root to install: {BROWSERS}; run as root: apt-get install {BROWSERS}\n"
    )


def test_an_apt_that_fails_shows_its_last_lines_and_where_the_rest_is(machine: Path) -> None:
    all_programs(machine)
    environment(machine)
    (machine / "bin" / "tesseract").unlink()
    give(machine, "id", "echo 0")
    give(machine, "env", 'while [[ $1 == *=* ]]; do shift; done; exec "$@"')
    give(machine, "apt-get", 'echo "E: no network"; exit 100')
    told = setup(machine)
    assert told.returncode == 1
    assert "E: no network\nsetup: cannot go on: apt-get could not install: tesseract-ocr " in told.stderr


def test_the_tests_need_postgres_and_the_product_does_not(machine: Path) -> None:
    all_programs(machine)
    environment(machine)
    if any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("PostgreSQL is installed on this machine, where the script looks for it")
    assert setup(machine).returncode == 0
    assert "postgresql" in setup(machine, "--tests").stderr


def test_the_lock_has_every_dependency_with_its_hashes() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    lock = (REPOSITORY / "requirements.lock").read_text()
    locked = re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)
    names = {re.split(r"[\[<>=!~;]", one)[0].strip().lower().replace("_", "-") for one in asked}
    assert names - set(locked) == set(), "run `make lock`"
    assert len(locked) == len(re.findall(r"==[^\\\n]*\\\n    --hash=sha256:", lock))
