"""Pictures of receipts that a till printed and a telephone photographed, with words that no list of words knows.

The receipts are those of `tills.yaml` and the heads of `shop_heads.yaml`; by the seed some of their words become made-up
ones (in the truth too), something is stamped over the name, and the paper is turned, blurred, faded and grainy.
"""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.documents.rolls import heads, tills

if TYPE_CHECKING:
    from PIL.Image import Image

STAMPS = ("A01234", "TAN HOOI LING", "2018/033", "POSTED", "paid", "No. 77", "CLAIM", "LIM AH KOW", "31803 40")
STAMPED, REPLACED = 0.3, 0.07  # shares of the receipts, and of their words
WIDTH, LETTER = 640, 22  # pixels
FIELDS = {
    "seller.name": "seller_name",
    "seller.address": "address",
    "issue_date": "invoice_date",
    "total": "gross_total",
}


@dataclass(frozen=True)
class Print:
    """A receipt as text and as a picture, and what is to be read on it."""

    seed: int
    text: str
    truth: dict[str, str]

    @property
    def name(self) -> str:
        return f"till-{self.seed:05}.jpg"

    def picture(self) -> bytes:
        """The photograph, as a JPEG."""
        return _photographed(self.text, random.Random(f"photograph {self.seed}"))


def till_print(seed: int) -> Print:
    """The receipt of a seed."""
    originals = _originals()
    text, truth = originals[seed % len(originals)]
    chance = random.Random(f"words {seed}")
    made: dict[str, str] = {}
    if seed >= len(originals):  # the first round is as written
        for word in sorted(set(re.findall(r"[^\W\d_]{3,}", text))):
            if chance.random() < REPLACED:
                made[word.upper()] = _made_up(word, chance)
    text = _replaced(text, made)
    truth = {
        key: _replaced(value, made) if key in ("seller_name", "address") else value for key, value in truth.items()
    }
    if chance.random() < STAMPED:
        text = " " * chance.randrange(20) + chance.choice(STAMPS) + "\n" + text
    return Print(seed, text, truth)


def save(seeds: Iterable[int], folder: Path) -> None:
    """Write the pictures of these seeds and their `truth.jsonl`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.jsonl").open("w", encoding="utf-8") as rows:
        for seed in seeds:
            one = till_print(seed)
            (folder / one.name).write_bytes(one.picture())
            rows.write(json.dumps({"file": one.name, "doc_id": one.name, **one.truth}) + "\n")


def _originals() -> list[tuple[str, dict[str, str]]]:
    found = [
        (known["text"], {theirs: str(known[ours]) for ours, theirs in FIELDS.items()}) for known in tills().values()
    ]
    for number, head in enumerate(heads()):
        day, price = f"{number % 28 + 1:02}", 10 + 7 * number
        rows = (
            f"{head['lines']}        TAX INVOICE\nBill No: {4711 + number}\nDate: {day}/11/2018  10:11\n"
            f"GOODS  {price}.40\nBAG  0.20\nTOTAL RM  {price}.60\nCASH  {price + 10}.60\nCHANGE  10.00\n      THANK YOU"
        )
        truth = {"seller_name": head["name"], "address": head["address"]}
        found.append((rows, {**truth, "invoice_date": f"2018-11-{day}", "gross_total": f"{price}.60"}))
    return found


def _made_up(word: str, chance: random.Random) -> str:
    return "".join(chance.choice("AEIOU" if place % 2 else "BCDFGHKLMNPRSTVW") for place in range(len(word)))


def _replaced(text: str, made: dict[str, str]) -> str:
    def other(match: re.Match[str]) -> str:
        word = match.group()
        new = made.get(word.upper())
        if new is None:
            return word
        return new if word.isupper() else new.capitalize() if word[0].isupper() else new.lower()

    return re.sub(r"[^\W\d_]{3,}", other, text)


def _photographed(text: str, chance: random.Random) -> bytes:
    import numpy
    from PIL import Image, ImageFilter

    picture = _drawn(text)
    grain = numpy.random.default_rng(chance.randrange(10**6))
    turned = picture.rotate(chance.uniform(-1.5, 1.5), resample=Image.Resampling.BICUBIC, fillcolor=255)
    soft = turned.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 1.1)))
    ink = numpy.asarray(soft, dtype=float)
    faded = 255 - (255 - ink) * chance.uniform(0.5, 1.0)
    noisy = numpy.clip(faded + grain.normal(0, chance.uniform(4, 14), ink.shape) - 10, 0, 255).astype("uint8")
    stored = io.BytesIO()
    Image.fromarray(noisy).save(stored, "JPEG", quality=60)
    return stored.getvalue()


def _drawn(text: str) -> Image:
    """The lines on white paper: what starts far in stands in the middle, the last of several cells at the right."""
    import reportlab
    from PIL import Image as pictures
    from PIL import ImageDraw, ImageFont

    font = ImageFont.truetype(str(Path(str(reportlab.__file__)).parent / "fonts" / "Vera.ttf"), LETTER)
    lines = text.splitlines()
    picture = pictures.new("L", (WIDTH + 120, int((len(lines) + 4) * LETTER * 1.45)), 255)
    pen = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        y = (row + 2) * LETTER * 1.45
        cells = re.split(r"\s{2,}", line.strip())
        far_in = len(line) - len(line.lstrip()) >= 3
        if len(cells) == 1 and far_in:
            pen.text((60 + (WIDTH - pen.textlength(cells[0], font)) / 2, y), cells[0], 0, font)
            continue
        x = 60.0
        for place, cell in enumerate(cells):
            last = place and place == len(cells) - 1
            if last:
                x = max(x, 60 + WIDTH - pen.textlength(cell, font))
            pen.text((x, y), cell, 0, font)
            x += pen.textlength(cell, font) + 2.2 * LETTER
    return picture
