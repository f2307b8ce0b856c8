"""A library put before a process, so that its reads and writes fail as a disk does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

NO_COMPILER = "left out: needs a C compiler (apt install gcc)"


def build_shim(source: Path, folder: Path) -> Path | None:
    """The library for LD_PRELOAD, made of this C file; None where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    shim = folder / source.with_suffix(".so").name
    build = [compiler, "-shared", "-fPIC", "-O1", "-w", "-o", str(shim), str(source), "-ldl", "-lpthread"]
    subprocess.run(build, check=True, capture_output=True)
    return shim
