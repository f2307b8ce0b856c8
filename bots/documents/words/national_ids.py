"""Tax ids printed without the letters of their country (`NIF: B30963946`), told by label and checksum."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from stdnum.au import abn
from stdnum.be import vat as be_vat
from stdnum.de import vat as de_vat
from stdnum.dk import cvr
from stdnum.es import nif as es_nif
from stdnum.gb import vat as gb_vat
from stdnum.in_ import gstin
from stdnum.it import iva
from stdnum.nl import btw
from stdnum.no import orgnr
from stdnum.pl import nip
from stdnum.pt import nif as pt_nif

from bots.documents.pages.page import Cell, Line


@dataclass(frozen=True)
class _Scheme:
    label: re.Pattern[str]
    value: re.Pattern[str]
    valid: Callable[[str], bool]


def _scheme(label: str, value: str, valid: Callable[[str], bool]) -> _Scheme:
    return _Scheme(
        re.compile(rf"(?<![^\W_])(?:{label})(?![^\W_])", re.IGNORECASE),
        re.compile(rf"(?<![\w.-])(?:{value})(?!\w|[.-]\w)"),
        valid,
    )


_VAT = r"vat|v\.a\.t\.|ust\.?|u\.?st|mwst\.?|tva|t\.v\.a\.|btw|b\.t\.w\.|i\.?v\.?a\.?"
_SCHEMES = (
    _scheme(r"n\.?i\.?f\.?|c\.?i\.?f\.?|vat|iva", r"[A-Z][- ]?\d{7}-?[A-Z0-9]|\d{8}-?[A-Z]", es_nif.is_valid),
    _scheme(r"p\.? ?i\.?(?: ?v\.?a\.?)?|partita iva|part\. ?iva|piva|iva|vat", r"\d{11}", iva.is_valid),
    _scheme(
        r"n\.?i\.?f\.?|nipc|contribuinte|cont\.|vat", r"\d{3} \d{3} \d{3}|\d{3}\.\d{3}\.\d{3}|\d{9}", pt_nif.is_valid
    ),
    _scheme(r"nip|vat", r"\d{3}[- ]\d{3}[- ]\d{2}[- ]\d{2}|\d{3}-\d{2}-\d{2}-\d{3}|\d{10}", nip.is_valid),
    _scheme(r"vat|v\.a\.t\.", r"\d{3} \d{4} \d{2}|\d{9}", gb_vat.is_valid),
    _scheme(r"btw|tva|ondernemingsnummer|bce|kbo|vat", r"[01]\d{3}\.\d{3}\.\d{3}|[01]\d{9}", be_vat.is_valid),
    _scheme(r"btw|btw-nummer|btw-id|vat", r"\d{9} ?B ?\d{2}|\d{4}\.\d{2}\.\d{3}\.B\.?\d{2}", btw.is_valid),
    _scheme(r"ust|ust-?id|ustid\w*|umsatzsteuer-?id\w*", r"\d{3} ?\d{3} ?\d{3}", de_vat.is_valid),
    _scheme(r"cvr|cvr-nr|se-nr", r"\d{2} \d{2} \d{2} \d{2}|\d{8}", cvr.is_valid),
    _scheme(r"org\.?|orgnr|organisasjonsnummer|foretaksregisteret", r"\d{3} ?\d{3} ?\d{3}", orgnr.is_valid),
    _scheme(r"abn|a\.b\.n\.", r"\d{2} \d{3} \d{3} \d{3}|\d{11}", abn.is_valid),
    _scheme(r"gstin|gst|gstin/uin", r"\d{2}[A-Z]{5}\d{4}[A-Z]\d[A-Z][0-9A-Z]", gstin.is_valid),
)
_ANY = re.compile(
    rf"(?<![^\W_])(?:{_VAT}|n\.?i\.?f\.?|c\.?i\.?f\.?|p\.? ?i\.?|nip|nipc|contribuinte|cont\.|"
    r"cvr|se-nr|org|orgnr|abn|gst|gstin|kbo|bce|ustid\w*|umsatzsteuer\w*|partita|piva|ondernemingsnummer|organisasjonsnummer|foretaksregisteret)(?![^\W_])",
    re.IGNORECASE,
)
_NEAR = 34  # letters that a label and what is around it may take before the value


def national_ids(line: Line, above: Sequence[Line]) -> Iterator[tuple[str, int, int]]:
    """The ids of a line with their places: each has a label before it in the line, or over it in the lines above."""
    text = line.text
    if not any(letter.isdigit() for letter in text):
        return
    heads = [other for other in above if _ANY.search(other.text)]
    if not heads and not _ANY.search(text):
        return
    for scheme in _SCHEMES:
        for match in scheme.value.finditer(text):
            compact = re.sub(r"[ .\-]", "", match.group())
            if not _labelled(scheme, line, match.start(), heads) or not scheme.valid(compact):
                continue
            yield compact, match.start(), match.end()


def _labelled(scheme: _Scheme, line: Line, start: int, heads: Sequence[Line]) -> bool:
    before = line.text[max(start - _NEAR, 0) : start]
    found = list(scheme.label.finditer(before))
    if found and not re.search(r"\d", before[found[-1].end() :]):
        return True
    cell = line.cell_at(start)
    return any(
        scheme.label.search(other.text)
        for head in heads
        if line.box[1] - head.box[3] < 1.5 * line.height
        for other in head.cells
        if _over(other, cell)
    )


def _over(head: Cell, cell: Cell) -> bool:
    return min(head.box[2], cell.box[2]) - max(head.box[0], cell.box[0]) > 0


def national_id(text: str) -> str | None:
    """An id that a person typed without the letters of its country, compact; None where no checksum holds."""
    compact = re.sub(r"[ .\-]", "", text.upper())
    return compact if any(scheme.valid(compact) for scheme in _SCHEMES if scheme.value.fullmatch(compact)) else None
