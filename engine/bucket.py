"""Artifacts in a bucket or any other place that fsspec reaches by a URL, shared by all machines of a fleet."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from engine.artifacts import FILES, PART, ArtifactFolder, carried
from engine.cache_limit import CacheLimit
from engine.context import File
from engine.errors import ApplicationException, ConfigurationError

WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "memory"})
"""Object stores: an object is there whole or not at all. Elsewhere a file is written aside and then renamed."""
PATIENCE = {"connect_timeout": 5, "read_timeout": 60, "retries": {"max_attempts": 2}}
"""Of each call to S3, in seconds. An outage is for the item's own retries, and must not hold a worker for minutes."""
UNREACHABLE = "ARTIFACTS_UNREACHABLE"


class ArtifactBucket:
    """Laid out as ArtifactFolder lays out a folder. What was read or written lies in `folder` too, up to `limit`.

    `options` gives fsspec's storage options (key, secret, endpoint_url ...) when the place is first asked.
    """

    def __init__(self, url: str, folder: Path, options: Callable[[], Mapping[str, Any]], limit: int) -> None:
        self.url = url.rstrip("/")
        self.folder = folder
        self._near = ArtifactFolder(folder)
        self._limit = CacheLimit(folder, limit)
        self._options = options
        self._opening = threading.Lock()
        self._opened: tuple[Any, str] | None = None
        self._carried = re.compile(rf"{re.escape(self.url)}/{FILES}/[0-9a-f]{{2}}/([0-9a-f]{{64}})/([^/\0]+)")

    # -- what runs keep ---------------------------------------------------------------------------------------------

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        with self._asked(f"write {digest}"):
            self._write(_evidence(digest), content)
        if not self._near.path(digest).exists():
            self._near.put(content)
            self._limit.grown(len(content))
        return digest

    def get(self, digest: str) -> bytes:
        return self.path(digest).read_bytes()

    def path(self, digest: str) -> Path:
        return self._brought(_evidence(digest), digest)

    # -- what items carry -------------------------------------------------------------------------------------------

    def take_in(self, source: Path) -> File:
        near = self._near.take_in(source)
        name = carried(near.sha256, near.name)
        with self._asked(f"write {name}"):
            self._send(Path(near.path), name)
        self._limit.grown(Path(near.path).stat().st_size)
        return File(path=f"{self.url}/{name}", name=near.name, sha256=near.sha256)

    def known(self, path: str) -> File | None:
        found = self._carried.fullmatch(path)
        if found is None or found[2] in (".", ".."):
            return None
        return File(path=path, name=found[2], sha256=found[1])

    def here(self, path: str) -> Path:
        file = self.known(path)
        if file is None:
            return Path(path)
        near = self._brought(carried(file.sha256, file.name), file.sha256)
        if not near.is_file():
            raise ApplicationException(
                "ARTIFACT_MISSING",
                f"{path} is not there any more",
                advice="put it back from a backup of the bucket, or discard the item and add it anew",
            )
        return near

    def at_hand(self, values: Any) -> Any:
        if isinstance(values, dict):
            if "sha256" in values and isinstance(values.get("path"), str) and self.known(values["path"]):
                return {**values, "path": str(self.here(values["path"]))}
            return {name: self.at_hand(value) for name, value in values.items()}
        return [self.at_hand(value) for value in values] if isinstance(values, list) else values

    # -- backups ----------------------------------------------------------------------------------------------------

    def names(self) -> Iterator[str]:
        with self._asked("list") as (system, root):
            found = system.find(root)
        for place in sorted(found):
            name = str(place)[len(root) :].lstrip("/")
            if not name.rpartition("/")[2].startswith("."):  # else being written, or the trace of a check
                yield name

    @contextmanager
    def borrowed(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy"
            with self._asked(f"read {name}") as (system, root):
                system.get_file(f"{root}/{name}", str(copy))
            yield copy

    def copy_in(self, source: Path, name: str) -> None:
        with self._asked(f"write {name}"):
            self._send(source, name)

    # -- the place itself -------------------------------------------------------------------------------------------

    def remove(self, digest: str) -> None:
        self._near.remove(digest)
        with self._asked(f"remove {digest[:12]}") as (system, root):
            for name in (_evidence(digest), carried(digest, "").rstrip("/")):
                with suppress(FileNotFoundError):
                    system.rm(f"{root}/{name}", recursive=True)

    def check(self) -> None:
        """Write, read and remove a small object; ApplicationException or ConfigurationError says what is wrong."""
        name = f".check-{uuid4().hex}"
        with self._asked("write") as (system, root):
            system.pipe_file(f"{root}/{name}", b"clerkwork")
            found = system.cat_file(f"{root}/{name}")
            system.rm_file(f"{root}/{name}")
        if found != b"clerkwork":
            raise ApplicationException(UNREACHABLE, f"{self.url} gives back other bytes than were written to it")

    def _write(self, name: str, content: bytes) -> None:
        system, root = self._place()
        target = f"{root}/{name}"
        near = self._near.folder / name
        if near.exists() and system.exists(target):
            return  # what lies here may have been cleared there, by a rule of the bucket
        self._placed(target, lambda at: system.pipe_file(at, content))

    def _send(self, source: Path, name: str) -> None:
        system, root = self._place()
        target = f"{root}/{name}"
        if not system.exists(target):
            self._placed(target, lambda at: system.put_file(str(source), at))

    def _placed(self, target: str, write: Callable[[str], object]) -> None:
        system, _root = self._place()
        if _protocol(self.url) in WHOLE:
            write(target)
            return
        system.makedirs(target.rpartition("/")[0], exist_ok=True)
        aside = f"{target.rpartition('/')[0]}/.{uuid4().hex}.part"
        write(aside)
        system.mv(aside, target)

    def _brought(self, name: str, digest: str) -> Path:
        """The local copy; what comes is checked by its content before anybody sees it."""
        near = self.folder / name
        try:
            os.utime(near)  # what was used last is dropped last
            return near
        except FileNotFoundError:
            pass
        near.parent.mkdir(parents=True, exist_ok=True)
        handle, coming = tempfile.mkstemp(dir=near.parent, prefix=PART)
        os.close(handle)
        try:
            with self._asked(f"read {name}") as (system, root):
                try:
                    system.get_file(f"{root}/{name}", coming)
                except FileNotFoundError:
                    return near
            with Path(coming).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != digest:
                raise ApplicationException(
                    "ARTIFACT_DAMAGED",
                    f"{self.url}/{name} has other content than was kept (SHA-256 {found[:12]}, expected {digest[:12]})",
                    advice="put it back from an older version of the bucket or from a backup",
                )
            size = Path(coming).stat().st_size
            Path(coming).replace(near)
        finally:
            Path(coming).unlink(missing_ok=True)
        self._limit.grown(size)
        return near

    @contextmanager
    def _asked(self, what: str) -> Iterator[tuple[Any, str]]:
        """The place, and its errors as one an operator understands: each library behind fsspec raises its own."""
        try:
            yield self._place()
        except (ApplicationException, ConfigurationError):
            raise
        except OSError as error:
            if error.filename and str(error.filename).startswith(str(self.folder)):
                raise  # this machine's own disk
            raise self._away(what, error) from error
        except Exception as error:
            raise self._away(what, error) from error

    def _away(self, what: str, error: Exception) -> ApplicationException:
        cause = str(error).splitlines()[0] if str(error) else type(error).__name__
        return ApplicationException(
            UNREACHABLE,
            f"the kept files in {self.url} cannot be reached to {what}: {cause}",
            advice="see `artifacts` in config/settings.yaml; `doctor` tells more",
        )

    def _place(self) -> tuple[Any, str]:
        with self._opening:
            if self._opened is None:
                self._opened = _open(self.url, dict(self._options()))
            return self._opened


def _open(url: str, options: dict[str, Any]) -> tuple[Any, str]:
    """The file system of fsspec and the root in it."""
    protocol = _protocol(url)
    if protocol in ("s3", "s3a"):
        options["config_kwargs"] = {**PATIENCE, **options.get("config_kwargs", {})}
    try:
        from fsspec.core import url_to_fs

        system, root = url_to_fs(url, use_listings_cache=False, **options)
    except ImportError as error:
        package = "s3fs" if protocol in ("s3", "s3a") else f"of fsspec for {protocol}://"
        raise ConfigurationError(
            f"`artifacts` is {url}, which needs the Python package {package}: {error}",
            advice="install it: pip install 'clerkwork[s3]'" if package == "s3fs" else "install it beside clerkwork",
        ) from error
    except ValueError as error:
        raise ConfigurationError(
            f"`artifacts` is {url}, which fsspec does not know: {error}", advice="expected s3://BUCKET/PREFIX"
        ) from error
    return system, str(root).rstrip("/")


def _protocol(url: str) -> str:
    return url.partition("://")[0]


def _evidence(digest: str) -> str:
    return f"{digest[:2]}/{digest}"
