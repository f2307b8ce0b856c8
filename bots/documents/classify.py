"""What kind of document it is, by the words that name it."""

from __future__ import annotations

import re
from collections import Counter

from bots.documents.lexicon import LONGEST, lexicon, squeeze
from bots.documents.page import Page

_TOKEN = re.compile(r"[^\W_]+")


def type_of(pages: list[Page]) -> str:
    """`invoice`, `credit_note`, `receipt`, `order`, `delivery_note`, `statement` or `other`."""
    if not pages:
        return "other"
    words = lexicon()
    seen: Counter[str] = Counter()
    for line in pages[0].lines:
        top = line.box[1] < 0.5 * pages[0].height
        for cell in line.cells:
            tokens = [squeeze(token) for token in _TOKEN.findall(cell.text)]
            for start in range(len(tokens)):
                for length in range(min(LONGEST, len(tokens) - start), 0, -1):
                    kind = words.title("".join(tokens[start : start + length]))
                    if kind:
                        # A title stands alone, at the start of its cell, and high on the page.
                        seen[kind] += (3 if start == 0 and len(tokens) <= 4 else 1) * (2 if top else 1)
                        break
    if not seen:
        return "other"
    if seen["credit_note"] >= 6:
        return "credit_note"
    return seen.most_common(1)[0][0]
