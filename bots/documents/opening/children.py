"""The parent's side of the reading children: started when needed, kept warm, killed at a limit, replaced after it."""

from __future__ import annotations

import json
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from bots.documents.opening.stretch import Stretch
from bots.documents.pages.codec import shape_of
from bots.documents.pages.limits import Limits
from bots.documents.pages.pdf_file import Unreadable, refuse

_ROOT = Path(__file__).parents[3]
_INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "TESSDATA_PREFIX", "PYTHONPYCACHEPREFIX")
"""All that a child gets of the environment: no secret is among it."""
_LAST = ("end", "problem", "exhausted", "fault")
_FOLDERS = "clerkwork-read-"  # then the process that made it
_CHUNK = 1 << 18
_GLANCE = 0.01  # seconds between two looks at a child's memory: at its end the system tells our own peak as its
_MIB = 2**20


class Child:
    """One reading child. It answers one request at a time."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.usable = True
        self.answered = 0  # requests so far
        self._buffer = bytearray()
        self._inherited = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB; a new process starts with our peak
        self._peak = 0  # KiB that it was seen to take
        _sweep()
        self._folder = tempfile.mkdtemp(prefix=f"{_FOLDERS}{os.getpid()}-")
        watched, self._life = os.pipe()
        try:
            with Path(self._folder, "stderr").open("wb") as errors:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "bots.documents.opening.child", str(watched)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    cwd=self._folder,
                    env=_environment(self._folder),
                    pass_fds=(watched,),
                    start_new_session=True,  # a group of its own, that ends as one
                    bufsize=0,
                )
        finally:
            os.close(watched)
        _started.add(self)
        self._send({"limits": asdict(limits), "shape": shape_of(Stretch)})

    def ask(self, request: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
        """The answers to a request about the file called `name`, each as it comes.

        Raises Unreadable with the problem that the child names, or that its death means; `usable` is then False.
        Whoever stops listening before the last answer ends the child.
        """
        kind = ""
        try:
            self._send(request)
            while kind not in _LAST:
                kind, value = self._answer(name, self.limits.waiting(ocr=kind == "scanning"))
                if kind not in _LAST:
                    yield kind, value
            self._finish(kind, value, name)
        finally:
            if kind not in _LAST:
                self.close()

    def _send(self, request: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it is dead, which the answer tells better
            self._process.stdin.write(json.dumps(request).encode() + b"\n")

    def _answer(self, name: str, seconds: float) -> tuple[str, Any]:
        line = self._line(name, time.monotonic() + seconds)
        try:
            kind, value = json.loads(line)
        except (ValueError, TypeError, RecursionError) as error:
            raise refuse("READER_FAULT", f"{name} made the reader answer nonsense; enter the values by hand") from error
        return str(kind), value

    def _line(self, name: str, deadline: float) -> bytes:
        """The next line of the child. Raises Unreadable where it dies, is silent too long or says too much."""
        assert self._process.stdout is not None
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > self.limits.answer * _MIB:
                raise refuse(
                    "TOO_LARGE", f"{name} has a page with more than {self.limits.answer} MB of text; split the file"
                )
            if not self._ready(deadline):
                raise _too_slow(name, self.limits)
            chunk = os.read(self._process.stdout.fileno(), _CHUNK)
            if not chunk:
                raise self._death(name)
            self._buffer += chunk
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _ready(self, deadline: float) -> bool:
        """Wait until the child says something, or is gone; what memory it takes meanwhile is noted."""
        assert self._process.stdout is not None
        while (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self._process.stdout], [], [], min(left, _GLANCE))
            if ready:
                return True
            self._peak = max(self._peak, _peak_of(self._process.pid))
        return False

    def _death(self, name: str) -> Unreadable:
        """Why the child is gone, as the problem of the document it was reading."""
        self.kill()
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGXCPU:
            return _too_slow(name, self.limits)
        taken = max(self._peak, usage.ru_maxrss if usage.ru_maxrss > self._inherited else 0)
        if code == -signal.SIGKILL or taken > self.limits.memory * 1024 / 2:
            return _too_large(name, self.limits)  # libraries abort, and the system kills, where memory ends
        if code > 0:
            told = Path(self._folder, "stderr").read_text("utf-8", "replace").strip()[-2000:]
            raise RuntimeError(f"the reading child ended with code {code}: {told}")
        return refuse(
            "READER_KILLED",
            f"{name} made its reader stop at once; it is broken or hostile; ask for the file again",
        )

    def _finish(self, kind: str, value: Any, name: str) -> None:
        self.answered += 1
        if kind == "problem":
            raise refuse(str(value["code"]), str(value["message"]))
        if kind == "fault":
            raise refuse(
                "READER_FAULT", f"{name} made the reader fail: {value}; enter the values by hand and report the file"
            )
        if kind == "exhausted":
            self.close()
            raise _too_large(name, self.limits)
        if self.answered >= self.limits.documents or int(value) > self.limits.resident:
            self.close()

    def close(self) -> None:
        """End the child and whatever it started."""
        if not self.usable:
            return
        self.usable = False
        _started.discard(self)
        os.close(self._life)
        self.kill()
        self._process.wait()
        self._drop_pipes()
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """End the child's processes at once; `close` does the rest."""
        # Until it is waited for, its number and its group's are nobody else's.
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _drop_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def leave_to_parent(self) -> None:
        """In a process forked off the parent: let go of a child that is not ours, so that it dies with its parent."""
        self.usable = False
        os.close(self._life)
        self._drop_pipes()
        self._process.returncode = 0


class Children:
    """Up to `most` children for one reader, used by turns and kept warm in between."""

    def __init__(self, limits: Limits, most: int = 1) -> None:
        self.limits = limits
        self.most = most
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._free = threading.Semaphore(most)
        self._lock = threading.Lock()
        # Also when nobody closes them: at the end of the process, or of this object.
        self._end = weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def one(self, *, fresh: bool = False) -> Iterator[Child]:
        """A child that nobody else uses meanwhile; with `fresh` one that has read nothing yet."""
        with self._free:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is not None and (fresh or not child.usable):
                child.close()
                child = None
            child = child or Child(self.limits)
            with self._lock:
                self._busy.add(child)
            try:
                yield child
            finally:
                with self._lock:
                    self._busy.discard(child)
                    if child.usable:
                        self._idle.append(child)

    def close(self) -> None:
        """End all children; whoever waits for one that is at work is told that it was killed."""
        with self._lock:
            for child in self._busy:
                child.kill()
            _close_all(self._idle)


_started: weakref.WeakSet[Child] = weakref.WeakSet()


def _close_all(children: list[Child]) -> None:
    while children:
        children.pop().close()


def _leave_all() -> None:
    for child in list(_started):
        child.leave_to_parent()
    _started.clear()


os.register_at_fork(after_in_child=_leave_all)


@cache
def _sweep() -> None:
    """Remove the folders of processes that were killed, once in the life of this one."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDERS}*-*"):
        owner = folder.name.removeprefix(_FOLDERS).partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    own = {"PYTHONPATH": str(_ROOT), "HOME": folder, "TMPDIR": folder, "OMP_THREAD_LIMIT": "1", "MALLOC_ARENA_MAX": "2"}
    return kept | own


def _peak_of(pid: int) -> int:
    """The most memory a process has taken so far, in KiB; 0 where that cannot be known any more."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) if found else 0


def _too_slow(name: str, limits: Limits) -> Unreadable:
    return refuse(
        "TOO_SLOW",
        f"{name} takes more than {limits.cpu} seconds for one page; it is broken or hostile; "
        "ask the sender for the file again, or print it to a new PDF",
    )


def _too_large(name: str, limits: Limits) -> Unreadable:
    return refuse(
        "TOO_LARGE",
        f"{name} needs more than {limits.memory} MB of memory to be read; it is broken or hostile; "
        "ask the sender for the file again, or print it to a new PDF",
    )
