"""The form of a field's values at one vendor, induced from those that people entered: `RE-9999`, a date, an amount."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from bots.documents.schemas import FieldType

FormKind: TypeAlias = Literal["amount", "date", "tax_id", "iban", "code", "text"]

_KINDS: Mapping[FieldType, FormKind] = {
    "money": "amount",
    "number": "amount",
    "date": "date",
    "tax_id": "tax_id",
    "iban": "iban",
    "id": "code",
    "name": "text",
    "text": "text",
    "address": "text",
}
_SAID: Mapping[FormKind, str] = {
    "amount": "an amount",
    "date": "a date",
    "tax_id": "a tax id",
    "iban": "an IBAN",
    "code": "letters and digits",
    "text": "words",
}
_RUN = re.compile(r"[^\W\d_]+|\d+|\s+|.")
ANY_CODE = r"(?=[^\s]*\d)[^\W_](?:[\w./-]*[^\W_])?"
"""Where two values are not built alike: a run of letters, digits and joining signs with a digit in it."""


@dataclass(frozen=True, slots=True)
class Form:
    """`pattern` is for codes alone; `sample` is how the form is said aloud, as in `like RE-9999`."""

    kind: FormKind
    pattern: str = ""
    sample: str = ""

    @property
    def aloud(self) -> str:
        return f"like {self.sample}" if self.sample else _SAID[self.kind]

    def codes(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a text holds codes of this form, each standing for itself."""
        for match in _compiled(self.pattern).finditer(text):
            yield match.span()

    def to_data(self) -> dict[str, Any]:
        return {"kind": self.kind, "pattern": self.pattern, "sample": self.sample}

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Form:
        return cls(data["kind"], data["pattern"], data["sample"])


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w])(?:{pattern})(?![\w]|[./-]\w)", re.IGNORECASE)


def form_kind(type: FieldType) -> FormKind | None:
    """The kind of form that values of a type have; None for types that do not stand on a page as they are."""
    return _KINDS.get(type)


def form_of(type: FieldType, values: Sequence[object]) -> Form | None:
    """The form that these values of one field have in common; None where the type has no form."""
    kind = form_kind(type)
    if kind is None:
        return None
    if kind != "code":
        return Form(kind)
    runs = [_RUN.findall(str(value)) for value in values]
    if len({tuple(map(_class, of)) for of in runs}) != 1:
        return Form("code", ANY_CODE)
    columns = list(zip(*runs, strict=True))
    return Form("code", "".join(map(_pattern, columns)), "".join(map(_sample, columns)))


def _class(run: str) -> str:
    """What a run is compared by: letters and digits may change from value to value, other signs may not."""
    if run.isdecimal():
        return "9"
    return "A" if run.isalpha() else run.strip() or " "


def _pattern(runs: Sequence[str]) -> str:
    if runs[0].isdecimal():
        # Numbers grow by a digit, and leading zeros are dropped.
        lengths = [len(run) for run in runs]
        return rf"\d{{{max(min(lengths) - 1, 1)},{max(lengths) + 1}}}"
    if not runs[0].isalpha():
        return r"\s?" if runs[0].isspace() else re.escape(runs[0])
    if len(set(map(str.casefold, runs))) == 1:
        return re.escape(runs[0])
    lengths = [len(run) for run in runs]
    return rf"[^\W\d_]{{{min(lengths)},{max(lengths)}}}"


def _sample(runs: Sequence[str]) -> str:
    if runs[0].isdecimal():
        return "9" * max(map(len, runs))
    if runs[0].isspace():
        return " "
    return runs[0] if len(set(map(str.casefold, runs))) == 1 else "A" * max(map(len, runs))
