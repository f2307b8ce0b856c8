"""What reading one file may cost, and how a process confines itself to it."""

from __future__ import annotations

import math
import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Memory in MiB, times in seconds. Memory is what a document may take beyond what its reader already holds."""

    pages: int = 10_000
    pixels: int = 50_000_000  # of one page; beyond this a picture is a bomb, not a scan
    memory: int = 1024
    ocr_memory: int = 3072  # RapidOCR with its models needs 1.8 GB of addresses for a page at 300 dots an inch
    cpu: int = 30  # from one page to the next
    ocr_cpu: int = 90  # for a page that is read as a picture
    patience: int = 4  # times as long by the clock as by the CPU, on a machine that is busy with others
    document: int = 300  # by the clock, and for each page `page` more, or the patience for its OCR
    page: int = 2
    answer: int = 64  # MiB for one page as words
    scratch: int = 512  # MiB for one temporary file
    documents: int = 200  # until a reader is replaced by a new one
    resident: int = 1536  # MiB of memory held after a document, beyond which a reader is replaced

    def waiting(self, *, ocr: bool) -> float:
        """Seconds by the clock for the next answer of a reader."""
        return float((self.ocr_cpu if ocr else self.cpu) * self.patience)


def confine(limits: Limits) -> None:
    """The limits that hold for a reading process from its start to its end."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, limits.scratch * _MIB)
    _lower(resource.RLIMIT_NOFILE, 128)


def allow_memory(mib: int) -> None:
    """Let this process take so much memory beyond what it holds now; then MemoryError, or death inside a library."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    _lower(resource.RLIMIT_AS, pages * os.sysconf("SC_PAGE_SIZE") + mib * _MIB)


def allow_cpu(seconds: int) -> None:
    """Let this process work so long from now on; then the system ends it with SIGXCPU."""
    _lower(resource.RLIMIT_CPU, math.ceil(time.process_time()) + seconds)


def resident() -> int:
    """MiB of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // _MIB


def _lower(what: int, limit: int) -> None:
    """Only the soft limit: the next document gets its own."""
    _, most = resource.getrlimit(what)
    resource.setrlimit(what, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))
