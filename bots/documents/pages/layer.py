"""Whether the text layer of a page is what a person sees on it: a layer is no proof of a digital document.

Three kinds of layers are not believed: what some scanner's OCR laid under or over a picture of the page; letters that
the file maps to no text anyone can read; and words that leave no ink on the page, where values could be smuggled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bots.documents.pages.page import Page, Word

DPI = 100  # at which a page is drawn to look for the ink of its words
INK = 14  # grey levels between the darkest and the lightest dot of a word that can be seen
MOST_UNSEEN = 0.5  # of a page's letters: with more, the layer is not of this page
POOR = 0.6  # mean confidence of a page's words below which a scanner's layer is the better reading
AGREED = 0.93  # at least, for a word that the scanner's program read alike
MOST_GARBLED = 0.2  # of a layer's words
LEAST_WORDS = 8  # fewer tell nothing about a layer
LEAST_LETTERS = 60  # fewer tell nothing about its language
LEAST_VOWELS = 0.2  # of its letters: languages have 0.35 to 0.5, invoices full of abbreviations 0.28
_INVISIBLE = (3, 7)  # text render modes that paint nothing
_STRANGE = re.compile(r"\(cid:\d+\)|[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]|[\U000f0000-\U0010ffff]")
# UTF-8 taken for Latin-1: `Ã¼` for `ü`, `â‚¬` for `€`.
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf„‚ƒ†‡ˆŠŒŽœžŸ¼¤¶]|â(?:‚|\u0082)¬|Ã[ŸŒ]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_VOWEL = re.compile(r"(?i)[aeiouyäöüáàâãåæéèêëíìîïóòôõøœúùûýąę]")


def judged(path: Path, page: Page) -> Page | None:
    """The layer of a page of a PDF without the words that cannot be seen, which `unseen` then tells.

    None where the page had better be read as a picture: its layer is another program's reading of it, or garbled, or
    mostly not there to see.
    """
    import pypdfium2 as pdfium

    if garbled(page.words):
        return None
    with pdfium.PdfDocument(path) as pdf:
        try:
            drawn = pdf[page.number - 1]
        except pdfium.PdfiumError:  # it cannot be drawn, so there is nothing to compare the layer with
            return page
        if page.source == "ocr":
            known = page if _over_picture(drawn) else None
            page = replace(page, source="text") if known else page
        else:
            known = page
        result = _seen(drawn, page) if known else None
        drawn.close()
    return result


def better(scanned: Page, layer: Page | None) -> Page:
    """A page as it was read from its picture, or its layer where that is worth more.

    A scanner's layer is a second reading: words in doubt that it has too are surer for it.
    """
    if layer is None or not layer.words:
        return scanned
    if (scanned.unread or scanned.confidence < POOR) and not garbled(layer.words):
        return replace(layer, source="ocr", codes=scanned.codes)
    return replace(scanned, words=[_confirmed(word, scanned, layer) for word in scanned.words], lines=[])


def _confirmed(word: Word, scanned: Page, layer: Page) -> Word:
    if word.confidence >= AGREED:
        return word
    left, top, right, bottom = scanned.on_paper(word.box)
    there = "".join(
        other.text
        for other in layer.words
        if left <= (other.box[0] + other.box[2]) / 2 <= right and top <= other.middle <= bottom
    )
    return replace(word, confidence=AGREED) if there == word.text else word


def garbled(words: Iterable[Word]) -> bool:
    """Whether a layer's letters are not the printed ones: numbers of glyphs, private letters, mojibake, ciphers."""
    texts = [word.text for word in words]
    strange = sum(bool(_STRANGE.search(text) or _MOJIBAKE.search(text)) for text in texts)
    if len(texts) >= LEAST_WORDS and strange > MOST_GARBLED * len(texts):
        return True
    # Letters shifted by the numbers of their glyphs make words without the vowels of any language.
    latin = _LATIN.findall("".join(texts))
    return len(latin) >= LEAST_LETTERS and len(_VOWEL.findall("".join(latin))) < LEAST_VOWELS * len(latin)


def _over_picture(drawn: Any) -> bool:
    """Whether most of the text of a page that a picture covers is painted upon the picture, as on a letterhead."""
    from pypdfium2 import raw

    upon = under = 0
    covered = False
    area = drawn.get_width() * drawn.get_height()
    for item in drawn.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_TEXT], max_depth=4):
        if item.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = item.get_bounds()
            covered = covered or (right - left) * (top - bottom) > 0.85 * area
        elif covered and raw.FPDFTextObj_GetTextRenderMode(item.raw) not in _INVISIBLE:
            upon += 1
        else:
            under += 1
    return upon > under


def _cut_off(drawn: Any) -> tuple[float, float]:
    """What the page's crop box takes away at the left and at the top of the page as it is shown, in points."""
    left, bottom, right, top = drawn.get_mediabox()
    inner = drawn.get_cropbox()
    edges = (inner[0] - left, top - inner[3], right - inner[2], inner[1] - bottom)  # left, top, right, bottom
    quarters = round(drawn.get_rotation() / 90) % 4  # clockwise: the bottom edge comes to the left, the left to the top
    return max(edges[-quarters % 4], 0.0), max(edges[(1 - quarters) % 4], 0.0)


def _seen(drawn: Any, page: Page) -> Page | None:
    import numpy

    bitmap = drawn.render(scale=DPI / 72, grayscale=True)
    pixels = bitmap.to_numpy().reshape(bitmap.height, bitmap.width)
    scale, (aside, above) = DPI / 72, _cut_off(drawn)
    unseen = []
    for word in page.words:
        left, right = (max(int((edge - aside) * scale), 0) for edge in word.box[::2])
        top, bottom = (max(int((edge - above) * scale), 0) for edge in word.box[1::2])
        there = pixels[top : bottom + 1, left : right + 1]
        if not there.size or int(numpy.ptp(there)) < INK:
            unseen.append(word)
    bitmap.close()
    if not unseen:
        return page
    letters = sum(len(word.text) for word in page.words)
    if sum(len(word.text) for word in unseen) > MOST_UNSEEN * letters:
        return None
    hidden = {id(word) for word in unseen}
    kept = [word for word in page.words if id(word) not in hidden]
    return replace(page, words=kept, lines=[], unseen=" ".join(word.text for word in unseen))
