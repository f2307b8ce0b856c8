"""The demo's ERP database: built once, kept in a cache outside git, copied for each demo and each test."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import metadata
from pathlib import Path

from argon2 import PasswordHasher

from engine.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[2]
NAME = "tryton"
API_USER = "clerkwork"
BUILD_SECONDS = 600


def build_database(target: Path) -> None:
    """Make the database with the company in it from nothing (about half a minute); complete or not at all.

    Raises ConfigurationError with the end of the builder's output if Tryton refuses.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "demo.erp.build", str(target.resolve())]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise ConfigurationError(
            f"the demo's ERP database could not be built: {(done.stderr or done.stdout).strip()[-1500:]}",
            advice="install the packages of the extra `demo` (pip install '.[demo]') and try again",
        )


def cached_database() -> Path:
    """The built database, for copying; builds it if versions or set-up changed. Two callers build it once."""
    folder = cache_folder() / "tryton" / fingerprint()
    database = folder / f"{NAME}.sqlite"
    if not database.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder / "lock"):
            if not database.exists():
                build_database(database)
    return database


def copy_database(target: Path) -> None:
    """A fresh copy of the cached database; `target` appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    os.close(handle)
    shutil.copyfile(cached_database(), name)
    Path(name).replace(target)


def set_password(database: Path, login: str, password: str) -> None:
    """Give a user of a database that no server has open a password, in the form Tryton keeps it."""
    with closing(sqlite3.connect(database)) as connection, connection:
        changed = connection.execute(
            "UPDATE res_user SET password_hash = ? WHERE login = ?", (PasswordHasher().hash(password), login)
        ).rowcount
    if changed != 1:
        raise ConfigurationError(f"{database} has no user {login}", advice="remove the file; it is made anew")


def cache_folder() -> Path:
    """`$CLERKWORK_CACHE`, else `.cache` in the repository, else (where that is read-only) the user's cache."""
    if chosen := os.environ.get("CLERKWORK_CACHE"):
        return Path(chosen)
    if (ROOT / "pyproject.toml").exists() and os.access(ROOT, os.W_OK):
        return ROOT / ".cache"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "clerkwork"


def fingerprint() -> str:
    """Changes with the version of any Tryton package and with the code that sets the company up."""
    digest = hashlib.sha256()
    packages = [package for package in metadata.distributions() if _is_tryton(package)]
    for line in sorted(f"{package.metadata['Name']}=={package.version}" for package in packages):
        digest.update(line.encode())
    for source in ("company.py", "build.py"):
        digest.update((Path(__file__).parent / source).read_bytes())
    return digest.hexdigest()[:16]


def _is_tryton(package: metadata.Distribution) -> bool:
    return (package.metadata["Name"] or "").lower().startswith(("tryton", "proteus"))


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Wait until no other process holds this lock; the kernel frees it when its holder dies."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
