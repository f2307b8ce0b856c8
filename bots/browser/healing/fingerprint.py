"""What is remembered of a target: what told its element apart, and what else stood on the page then."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from bots.browser.targets import Part, Target, Want

Features: TypeAlias = Mapping[str, Any]
"""What page/fingerprint.js tells of one element: texts, lists of texts, and its box in the page."""

PLACE = frozenset({"path", "box", "near", "shown"})
"""What changes with the rest of the page; never reason enough to write the fingerprint anew."""
MOST_RIVALS = 400


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One target of a step. `varied` names features that were not the same from run to run: they tell nothing.

    `rivals` are the other elements that could have been meant, on the page where it was last found.
    """

    target: str
    want: Want
    url: str
    features: Features
    varied: frozenset[str] = frozenset()
    rivals: tuple[Features, ...] = ()

    def differs(self, features: Features) -> bool:
        """Whether anything that stays with an element is another than remembered."""
        return bool(self._changed(features))

    def _changed(self, features: Features) -> set[str]:
        names = (self.features.keys() | features.keys()) - PLACE - self.varied
        return {name for name in names if self.features.get(name) != features.get(name)}

    def seen_again(self, features: Features, url: str, rivals: Iterable[Features]) -> Fingerprint:
        """The same target found once more: what differs is marked as varying."""
        varied = self.varied | self._changed(features)
        kept = tuple(rivals)[:MOST_RIVALS]
        return replace(self, url=url, features=dict(features), varied=varied, rivals=kept)

    def as_data(self) -> dict[str, Any]:
        """Everything but the rivals."""
        return {
            "target": self.target,
            "want": self.want,
            "url": self.url,
            "features": dict(self.features),
            "varied": sorted(self.varied),
        }

    def packed_rivals(self) -> bytes:
        return zlib.compress(json.dumps(self.rivals, ensure_ascii=False).encode())

    @classmethod
    def of_data(cls, data: Mapping[str, Any], rivals: bytes = b"") -> Fingerprint:
        others = tuple(json.loads(zlib.decompress(rivals))) if rivals else ()
        features, varied = data["features"], frozenset(data["varied"])
        return cls(data["target"], data["want"], data["url"], features, varied, others)


def key_of(target: Target) -> str:
    """The target as remembered: a row is named by data, which another item does not share."""
    parts = ["row=*" if part.kind == "row" else _written(part) for part in target.parts]
    return " >> ".join([f"frame={target.frame}", *parts] if target.frame else parts)


def _written(part: Part) -> str:
    return part.value if part.kind == "plain" else f"{part.kind}={part.value}"


def digest_of(workflow: str, step: str, key: str, want: str) -> str:
    """The name under which it is kept: one for each target of each step."""
    return hashlib.sha256("\n".join((workflow, step, key, want)).encode()).hexdigest()
