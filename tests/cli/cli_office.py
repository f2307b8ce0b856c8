"""The command line called in this process, as a shell would call it."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from commands.main import main

ADDER = """\
workflow: adder
title: Add
inputs:
  n: {type: integer, description: a number}
  tags: {type: list, required: false}
queue: {key: "${{ item.n }}"}
steps:
  - name: Double
    set: {twice: "${{ item.n * 2 }}"}
  - name: Not too big
    if: ${{ twice > 10 }}
    fail: {code: TOO_BIG, message: "${{ twice }} is too big"}
  - name: Ask the lead
    if: ${{ twice == 8 }}
    approve: {by: lead, show: [twice]}
outputs: {twice: "${{ twice }}"}
"""


@dataclass(frozen=True)
class Answer:
    """What a call of the command line came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON lines on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


class Office:
    """`office("run", "adder", "--item", "n=3")` inside the project's folder."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.root = root
        self._capsys, self._patch = capsys, patch

    def __call__(self, *arguments: str, stdin: str | None = None) -> Answer:
        self._capsys.readouterr()
        self._patch.chdir(self.root)
        if stdin is not None:
            self._patch.setattr("sys.stdin", io.StringIO(stdin))
        code = main(arguments)
        said = self._capsys.readouterr()
        return Answer(code, said.out, said.err)

    def write(self, name: str, text: str) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file
