"""From the measures of a choice to the share of such choices that are right.

For each group of fields a logistic regression whose weights, none of them below zero, were fitted on documents with
known values (`scripts/fit_confidence.py`); they stand in `calibration.json` with the figures they were fitted to.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

MOST = 0.99  # no page read by rules alone is surer than this


def confidence(group: str, features: Mapping[str, float]) -> float:
    """The probability, 0..MOST, that a value of this group with these measures is right.

    A group that was never fitted, such as an author's own field, takes the weights that all fields gave together.
    """
    models = _models()
    weights = models.get(group) or models["any"]
    logit = weights["bias"] + sum(weight * features.get(name, 0.0) for name, weight in weights["weights"].items())
    return round(min(1 / (1 + math.exp(-max(min(logit, 30.0), -30.0))), MOST), 3)


def fitted(group: str) -> bool:
    """Whether weights were fitted for this group itself."""
    return group in _models()


@lru_cache(maxsize=1)
def _models() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, dict[str, Any]]] = json.loads(
        Path(__file__).with_name("calibration.json").read_text(encoding="utf-8")
    )
    return loaded["groups"]
