"""Which element of a changed page is the one that was meant, if any: a pure decision, from what is remembered.

Better none than a wrong one. Every reason to doubt is a refusal that says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bots.browser.healing.fingerprint import Features, Fingerprint
from bots.browser.healing.likeness import AS_BUILT, AS_SEEN, is_generated, similarity
from bots.browser.healing.wording import contradict, likeness

SCORE = 0.6
MARGIN = 0.12
NAMED_MARGIN = 0.05  # where no other has its name, or an attribute that was its own
SAME_NAME = 0.7  # of two names that count as one
SURE = 0.85  # so alike that it needs no name
TRANSLATED = 0.8  # of what stayed on the page by its attributes: as many with other names are another language
FEWEST = 4  # of them, to speak of a language
_TICKS = frozenset({"checkbox", "radio"})
_NAMES = ("name", "label", "text", "title", "placeholder", "alt")


@dataclass(frozen=True, slots=True)
class Winner:
    """The element at `index` among the candidates, how alike it is, and how far the second one is behind."""

    index: int
    score: float
    margin: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why nothing may stand in for it; `best` is what came nearest, if anything did."""

    reason: str
    best: Winner | None = None


def decide(remembered: Fingerprint, candidates: Sequence[Features]) -> Winner | Doubt:
    """The one candidate that is the remembered element, or why that cannot be said.

    It must be like it by both weightings, clearly more than any other, of the same kind, not named for something
    else, known by a name or an attribute of its own, and nothing that stood beside it before. On a page that speaks
    another language names say nothing: there an attribute that nothing else has or had decides alone.
    """
    if not candidates:
        return Doubt("nothing of its kind is on the page")
    built = [similarity(remembered.features, one, AS_BUILT, remembered.varied) for one in candidates]
    seen = [similarity(remembered.features, one, AS_SEEN, remembered.varied) for one in candidates]
    mean = [(a + b) / 2 for a, b in zip(built, seen, strict=True)]
    own = _by_attribute(remembered, candidates)
    if own is not None and _translated(remembered, candidates):
        ahead = mean[own] - max((one for index, one in enumerate(mean) if index != own), default=0.0)
        return Winner(own, round(mean[own], 3), round(ahead, 3))
    (first, ahead), (other, ahead_seen) = _first(built), _first(seen)
    nearest = max(range(len(mean)), key=mean.__getitem__)
    best = Winner(nearest, round(mean[nearest], 3), round(min(ahead, ahead_seen), 3))
    if first != other:
        return Doubt("one element looks like it, and another is built like it", best)
    if best.score < SCORE:
        return Doubt(f"the likest is only {best.score:.2f} alike", best)
    alone = nearest == own or _named_alone(remembered, candidates, nearest)
    if best.margin < (NAMED_MARGIN if alone else MARGIN):
        return Doubt(f"two are nearly as like it, {best.margin:.2f} apart", best)
    doubt = _doubt(remembered, candidates[nearest])
    return Doubt(doubt, best) if doubt else best


def _by_attribute(remembered: Fingerprint, candidates: Sequence[Features]) -> int | None:
    """The only candidate with an attribute that an author gave to the remembered element alone, and of its kind."""
    for name in _given(remembered):
        value = remembered.features[name]
        same = [index for index, one in enumerate(candidates) if one.get(name) == value]
        if len(same) == 1 and _kind(remembered.features) == _kind(candidates[same[0]]):
            return same[0]
    return None


def _given(remembered: Fingerprint) -> list[str]:
    """The names of its attributes that tell it from everything else on the page as it was."""
    before = remembered.features
    return [
        name
        for name in ("testid", "id", "called")
        if before.get(name)
        and name not in remembered.varied
        and not is_generated(str(before[name]))
        and not any(one.get(name) == before[name] for one in remembered.rivals)
    ]


def _translated(remembered: Fingerprint, candidates: Sequence[Features]) -> bool:
    """Whether nearly all that is still there by its attributes has another name now."""
    changed = total = 0
    for rival in remembered.rivals:
        attribute = next((name for name in ("id", "called", "href") if rival.get(name)), None)
        if attribute is None:
            continue
        same = [one for one in candidates if one.get(attribute) == rival[attribute]]
        if len(same) == 1:
            total += 1
            changed += not any(rival.get(name) and rival.get(name) == same[0].get(name) for name in _NAMES)
    return total >= FEWEST and changed / total >= TRANSLATED


def _named_alone(remembered: Fingerprint, candidates: Sequence[Features], index: int) -> bool:
    """Whether this candidate has the remembered name in any wording, and no other has."""
    for name in ("name", "label"):
        before = str(remembered.features.get(name, ""))
        if before and name not in remembered.varied:
            same = [at for at, one in enumerate(candidates) if likeness(before, str(one.get(name, ""))) >= 0.95]
            if same == [index]:
                return True
    return False


def is_another(remembered: Fingerprint, features: Features) -> bool:
    """Whether an element to which the locator leads is clearly not the one it led to before."""
    alike = sum(similarity(remembered.features, features, one, remembered.varied) for one in (AS_BUILT, AS_SEEN)) / 2
    names = any(contradict(str(remembered.features.get(one, "")), str(features.get(one, ""))) for one in _NAMES)
    return alike < SCORE or names or (alike < SURE and not _identified(remembered, features))


def lost_its_own(remembered: Fingerprint, features: Features) -> bool:
    """Whether no attribute that was the element's alone is on this one; a name may be data."""
    given = _given(remembered)
    return bool(given) and all(features.get(name) != remembered.features[name] for name in given)


def _first(scores: Sequence[float]) -> tuple[int, float]:
    """The place of the highest score, and how far ahead it is."""
    ranked = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    return ranked[0], scores[ranked[0]] - (scores[ranked[1]] if len(ranked) > 1 else 0.0)


def _doubt(remembered: Fingerprint, winner: Features) -> str | None:
    before = remembered.features
    if _kind(before) != _kind(winner):
        return f"the likest is a {_kind(winner)}, it was a {_kind(before)}"
    for name in _NAMES:
        if contradict(str(before.get(name, "")), str(winner.get(name, ""))):
            return f"the likest is called {winner[name]!r}, it was {before[name]!r}"
    if not _identified(remembered, winner):
        return "the likest has neither its name nor an attribute of its own"
    if _was_another(remembered, winner):
        return "the likest stood on the page before, beside it"
    return None


def _kind(features: Features) -> str:
    """What it is for a person: boxes to tick, lists and fields are never taken for one another."""
    role, type = str(features.get("role", "")), str(features.get("type", "")).lower()
    if type in _TICKS or role in (*_TICKS, "switch"):
        return "box to tick"
    if type in ("password", "file"):
        return f"{type} field"
    if role in ("combobox", "listbox"):
        return "list"
    if role in ("textbox", "searchbox", "spinbutton", "slider"):
        return "field"
    if role in ("button", "link", "tab", "menuitem", "option"):
        return "button or link"
    return "text"


def _identified(remembered: Fingerprint, winner: Features) -> bool:
    """By a name that says the same, or by an attribute that an author gave to this element alone."""
    before = remembered.features
    # What it is called itself says more than what stands beside it: that may be data, as in a row of a list.
    known = ("name",) if "name" in before and "name" in winner else _NAMES
    names = [name for name in known if name in before and name in winner]
    if any(likeness(str(before[name]), str(winner[name])) >= SAME_NAME for name in names):
        return True
    return any(before[name] == winner.get(name) for name in _given(remembered))


def _was_another(remembered: Fingerprint, winner: Features) -> bool:
    """Whether something else of the page as it was is more like the winner than the element itself was."""
    own = _alike(remembered.features, winner, remembered.varied)
    return any(_alike(rival, winner, remembered.varied) > own for rival in remembered.rivals)


def _alike(one: Features, other: Features, varied: frozenset[str]) -> float:
    """Both ways round, so that an element of which little is known is not like everything."""
    return sum(
        similarity(a, b, weights, varied) for weights in (AS_BUILT, AS_SEEN) for a, b in ((one, other), (other, one))
    )
