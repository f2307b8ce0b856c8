"""RapidOCR behind the OCR port: neural models that come inside its package, read on the CPU, offline."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from bots.documents.document import Box
from bots.documents.page import Word, union

Letter: TypeAlias = tuple[str, float, Box]
"""A letter with its confidence and its box in pixels, as wide as the model's columns tell."""

_PRINT = str.maketrans({"（": "(", "）": ")", "，": ",", "：": ":", "；": ";", "！": "!", "？": "?", "。": "."})


@dataclass(frozen=True)
class RapidOcr:
    """RapidOCR with its models loaded once a process."""

    name: str = "rapidocr"
    resolution: tuple[float, float] = (150, 200)

    @property
    def version(self) -> str:
        from importlib.metadata import version

        return f"{version('rapidocr')}/{version('onnxruntime')}"

    def words(self, image: Any) -> list[Word]:
        """The words with their boxes in pixels and their confidence, 0..1."""
        import numpy

        read = _model()(numpy.ascontiguousarray(numpy.asarray(image.convert("RGB"))[:, :, ::-1]))
        if not read.txts:
            return []
        found: list[Word] = []
        for text, score, box, letters in zip(read.txts, read.scores, read.boxes, read.word_results, strict=True):
            placed = [(letter, float(sure), _box(place)) for letter, sure, place in letters]
            found.extend(words_of(text, float(score), _box(box), placed))
        return found


def words_of(text: str, score: float, box: Box, letters: Sequence[Letter]) -> Iterator[Word]:
    """The words of one line that was found: its text cut at the spaces, each word as wide as its letters."""
    place = 0
    for printed in text.split():
        own: list[Letter] = []
        for _ in printed:
            if place < len(letters):
                own.append(letters[place])
                place += 1
        # The engine joins the boxes of letters to the line's own height.
        edges = union(letter[2] for letter in own) if own else box
        sure = min([score, *(letter[1] for letter in own)])
        plain = unicodedata.normalize("NFKC", printed.translate(_PRINT))
        yield Word(plain, (edges[0], box[1], edges[2], box[3]), sure)


def _box(corners: Any) -> Box:
    """The upright box around four corners."""
    across, down = [float(corner[0]) for corner in corners], [float(corner[1]) for corner in corners]
    return (min(across), min(down), max(across), max(down))


@lru_cache(maxsize=1)
def _model() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            # Pages run side by side; threads of one page would only wait for each other.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "error",
            "Global.return_word_box": True,
            "Global.return_single_char_box": True,
            "Global.use_cls": False,
        }
    )
