"""Fits the confidence of the reader to documents with known values, and writes
bots/documents/deciding/calibration.json.

    .venv/bin/python scripts/fit_confidence.py FOLDER...

Each FOLDER holds documents and a `truth.jsonl` (see benchmarks/document_score.py). For each group of fields a logistic
regression is fitted whose weights are never below zero: more evidence never makes a value less sure. Documents of one
vendor count together as sqrt(n), so that a vendor with many documents does not speak for all. Printed and stored are
figures of a cross-validation by vendor: every document is judged by weights that have never seen its vendor.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.document_score import Truth, calibration_error, same, truths_of  # noqa: E402
from bots.documents.deciding.features import document_features  # noqa: E402
from bots.documents.document import Document, Value, plain  # noqa: E402
from bots.documents.schemas import Schema, schema_of  # noqa: E402

FOLDS = 5
RIDGE = 0.02  # of the weights, so that a measure that never failed in the data is still not believed without end
DRAWN = 2.0  # times the weight of the real documents of a kind, which are few and were tuned to
TUNED = 0.02  # of what is right here, wrong elsewhere: the rules were made with these documents in sight
LEAST = 40  # values below which a group is fitted together with all others only
TARGET = Path(ROOT, "bots", "documents", "deciding", "calibration.json")


@dataclass
class Case:
    """One document that was read, beside its truth."""

    truth: Truth
    document: Document
    schema: Schema
    weight: float = 1.0
    fold: int = 0
    outside: dict[str, float] = field(default_factory=dict)  # confidences by weights that never saw this vendor


@dataclass
class Sample:
    """Measures and outcomes of one group, ready to fit."""

    measures: list[dict[str, float]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, measures: dict[str, float], right: bool, weight: float) -> None:
        self.measures.append(measures)
        self.right.append(right)
        self.weights.append(weight)


def right(name: str, found: Value | None, truth: str) -> bool:
    """Whether a value is the true one; some truths carry numbers before a name, which are not part of it."""
    named = name.endswith(".name") and len(str(found)) >= 8 and str(found).casefold() in truth.casefold()
    return named or same(name, plain(found), truth)


def fit(sample: Sample, ridge_share: float = RIDGE) -> dict[str, Any]:
    """The bias and the weights, none of them below zero, by accelerated projected gradient descent."""
    names = sorted({name for measures in sample.measures for name in measures})
    matrix: NDArray[Any] = numpy.array([[row.get(name, 0.0) for name in names] + [1.0] for row in sample.measures])
    outcome = numpy.array(sample.right, dtype=float) * (1 - TUNED)
    share = numpy.array(sample.weights) / sum(sample.weights)
    # Two imagined failures and one success of no evidence keep the bias finite where nothing ever failed.
    matrix = numpy.vstack([matrix, [[0.0] * len(names) + [1.0]] * 3])
    outcome = numpy.append(outcome, [0.0, 0.0, 1.0])
    share = numpy.append(share, [1 / (sum(sample.weights) + 3)] * 3)
    step = 4.0 / max(float(numpy.linalg.eigvalsh((matrix * share[:, None]).T @ matrix)[-1]), 1e-9) / 1.05
    ridge = numpy.array([ridge_share / max(sum(sample.weights), 1.0)] * len(names) + [0.0])
    theta = numpy.zeros(len(names) + 1)
    ahead, pace = theta.copy(), 1.0
    for _ in range(6000):
        rate = 1 / (1 + numpy.exp(-numpy.clip(matrix @ ahead, -30, 30)))
        moved = ahead - step * (matrix.T @ (share * (rate - outcome)) + ridge * ahead)
        moved[:-1] = numpy.maximum(moved[:-1], 0.0)
        faster = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        ahead = moved + (pace - 1) / faster * (moved - theta)
        theta, pace = moved, faster
    weights = {name: round(float(value), 4) for name, value in zip(names, theta, strict=False) if value > 1e-4}
    return {"bias": round(float(theta[-1]), 4), "weights": weights, "values": len(sample.right)}


def predict(model: dict[str, Any], measures: dict[str, float]) -> float:
    logit = model["bias"] + sum(weight * measures.get(name, 0.0) for name, weight in model["weights"].items())
    return float(1 / (1 + numpy.exp(-numpy.clip(logit, -30, 30))))


def fit_groups(cases: Iterable[Case]) -> dict[str, dict[str, Any]]:
    """The models of all groups of fields, and `any` for all values together."""
    samples: dict[str, Sample] = defaultdict(Sample)
    for case in cases:
        for name, found in case.document.fields.items():
            if not found.features or name not in case.truth.values:
                continue
            good = right(name, found.value, case.truth.values[name])
            for group in (found.group, "any"):
                samples[group].add(dict(found.features), good, case.weight)
    return {group: fit(sample) for group, sample in sorted(samples.items()) if len(sample.right) >= LEAST}


def confidences(case: Case, models: dict[str, dict[str, Any]]) -> dict[str, float]:
    """The confidence of every field of a document by these models."""
    return {
        name: min(predict(models.get(found.group) or models["any"], dict(found.features)), 0.99)
        if found.features
        else found.confidence
        for name, found in case.document.fields.items()
    }


def whole(case: Case) -> bool:
    """Whether every value that was asked for is right."""
    return all(
        name in case.document.fields and right(name, case.document.fields[name].value, value)
        for name, value in case.truth.values.items()
    )


def fit_documents(cases: Sequence[Case]) -> dict[str, dict[str, Any]]:
    """The models of whole documents, one for each kind, from confidences that never saw the vendor."""
    samples: dict[str, Sample] = defaultdict(Sample)
    for case in cases:
        if case.document.problems:
            continue  # a person looks at these anyway
        measures = document_features(case.schema, case.outside, len(case.document.unanswered))
        for group in (f"{case.schema.kind}_document", "document"):
            samples[group].add(measures, whole(case), case.weight)
    return {group: fit(sample) for group, sample in samples.items() if len(sample.right) >= LEAST}


def cases_of(folders: Iterable[Path], ocr: str) -> list[Case]:
    """Read all documents; a second time they come from the cache."""
    from bots.documents.reader import read_document

    cases = []
    for folder in folders:
        schema = "receipt" if "receipt" in folder.name else "invoice"
        for truth in truths_of(folder):
            if truth.values:
                document = read_document(truth.path, schema, einvoice=False, ocr=ocr)  # type: ignore[arg-type]
                cases.append(Case(truth, document, schema_of(schema)))
    weigh(cases)
    return cases


def weigh(cases: list[Case]) -> None:
    """Give each vendor the weight sqrt(n) in all, and a fold of its own; what was drawn counts DRAWN times the rest."""
    vendors = Counter(case.truth.vendor for case in cases)
    for case in cases:
        case.weight = vendors[case.truth.vendor] ** -0.5
        case.fold = int(hashlib.sha256(case.truth.vendor.encode()).hexdigest(), 16) % FOLDS
    for kind in {case.schema.kind for case in cases}:
        own = [case for case in cases if case.schema.kind == kind]
        drawn = [case for case in own if set_of(case).startswith("drawn")]
        real = sum(case.weight for case in own) - sum(case.weight for case in drawn)
        share = min(DRAWN * real / max(sum(case.weight for case in drawn), 1e-9), 1.0) if real else 1.0
        for case in drawn:
            case.weight *= share


def set_of(case: Case) -> str:
    """The name of the folder a document came from."""
    return case.truth.vendor.partition(":")[0]


def cross_validate(cases: Sequence[Case]) -> None:
    """Set each document's confidences by models that never saw its vendor."""
    for fold in range(FOLDS):
        models = fit_groups(case for case in cases if case.fold != fold)
        for case in cases:
            if case.fold == fold:
                case.outside = confidences(case, models)


def report(cases: Sequence[Case]) -> dict[str, Any]:
    """Figures by set: calibration error of the values, documents nobody would look at, and the wrong among them."""
    figures: dict[str, Any] = {}
    sets: dict[str, list[Case]] = defaultdict(list)
    judged: dict[int, float] = {}
    for fold in range(FOLDS):
        models = fit_documents([case for case in cases if case.fold != fold])
        for case in cases:
            if case.fold == fold:
                model = models.get(f"{case.schema.kind}_document") or models["document"]
                judged[id(case)] = predict(
                    model, document_features(case.schema, case.outside, len(case.document.unanswered))
                )
    for case in cases:
        sets[set_of(case)].append(case)
    for name, own in sorted(sets.items()):
        pairs = [
            (case.outside[field_name], right(field_name, found.value, case.truth.values[field_name]))
            for case in own
            for field_name, found in case.document.fields.items()
            if field_name in case.truth.values
        ]
        accepted = [case for case in own if judged[id(case)] >= 0.9 and not case.document.problems]
        wrong = [case for case in accepted if not whole(case)]
        figures[name] = {
            "documents": len(own),
            "calibration_error": round(calibration_error(pairs), 4),
            "accepted": round(len(accepted) / len(own), 3),
            "accepted_wrong": round(len(wrong) / max(len(accepted), 1), 3),
        }
        print(name, figures[name])
        for case in wrong:
            print("   wrong:", case.truth.path.name, round(judged[id(case)], 3))
    return figures


def write(cases: Sequence[Case], target: Path) -> None:
    """Fit on all documents and store weights and figures."""
    cross_validate(cases)
    figures = report(cases)
    groups = {**fit_groups(cases), **fit_documents(cases)}
    content = {"about": "Written by scripts/fit_confidence.py", "cross_validated": figures, "groups": groups}
    target.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main() -> None:
    """Read the command line and fit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--ocr", default="auto")
    parser.add_argument("--target", type=Path, default=TARGET)
    given = parser.parse_args()
    write(cases_of(given.folders, given.ocr), given.target)


if __name__ == "__main__":
    main()
