"""The file of a tape: YAML that a person can read and compare, answers as they came, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from bots.browser.tape import Tape
from engine.errors import UsageError

HEAD = (
    "# What a web system answered; recorded with `run --record-web`, replayed by workflow tests. Secrets are masked.\n"
)


class _Dumper(yaml.CSafeDumper):
    pass


def _text(dumper: Any, value: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def write_tape(file: Path, tape: Tape) -> None:
    """Write it whole: what was there before is replaced."""
    plain = tape.model_dump(exclude_defaults=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.dump({"tape": 1, **plain}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)
    file.write_text(HEAD + text, encoding="utf-8")


def read_tape(file: Path) -> Tape:
    """UsageError naming the file and the place, where it is none."""
    try:
        return Tape.model_validate(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", advice="record it with `run WORKFLOW --record-web FILE`"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        told = " ".join(str(error).split())
        raise UsageError(f"{file} is no tape: {told}", advice="record it again with `run --record-web`") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UsageError(
            f"{file} is no tape: {where}: {first['msg'].lower()}", advice="record it again with `run --record-web`"
        ) from error
