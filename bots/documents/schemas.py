"""Which fields to look for: `invoice`, `receipt`, `qr_bill`, `bank_statement`, and sets an author writes in YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, get_args

FieldType: TypeAlias = Literal[
    "text", "number", "date", "money", "id", "tax_id", "iban", "currency", "name", "address", "mark"
]

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")
_RESERVED = frozenset(
    {
        "file",
        "pages",
        "type",
        "language",
        "lines",
        "tables",
        "problems",
        "confidence",
        "fields",
        "page_images",
        "alternatives",
        "adjustments",
        "tax_breakdown",
        "schema_fields",
        "extends",
        "schema",
    }
)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field to look for. `labels` and `pattern` are an author's own; the built-in fields use the lexicon.

    `required` fields are a problem when missing, and the document's confidence is the least of theirs.
    """

    name: str
    type: FieldType
    labels: tuple[str, ...] = ()
    pattern: str | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """A set of fields. `kind` is the built-in set it rests on, or `other`."""

    kind: str
    fields: tuple[FieldSpec, ...] = field(default=())

    def __getitem__(self, name: str) -> FieldSpec:
        return next(spec for spec in self.fields if spec.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(spec.name for spec in self.fields)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(spec.name for spec in self.fields if spec.required)

    @property
    def own(self) -> tuple[FieldSpec, ...]:
        """The fields an author defined."""
        return tuple(spec for spec in self.fields if spec.labels or spec.pattern)


INVOICE = Schema(
    "invoice",
    (
        FieldSpec("number", "id", required=True),
        FieldSpec("issue_date", "date", required=True),
        FieldSpec("due_date", "date"),
        FieldSpec("currency", "currency"),
        FieldSpec("seller.name", "name", required=True),
        FieldSpec("seller.tax_id", "tax_id"),
        FieldSpec("seller.iban", "iban"),
        FieldSpec("buyer.name", "name"),
        FieldSpec("buyer.tax_id", "tax_id"),
        FieldSpec("order_number", "id"),
        FieldSpec("net_total", "money"),
        FieldSpec("tax_total", "money"),
        FieldSpec("total", "money", required=True),
    ),
)

RECEIPT = Schema(
    "receipt",
    (
        FieldSpec("seller.name", "name", required=True),
        FieldSpec("seller.address", "address"),
        FieldSpec("issue_date", "date", required=True),
        FieldSpec("total", "money", required=True),
    ),
)

QR_BILL = Schema(
    "qr_bill",
    (
        FieldSpec("seller.name", "name", required=True),
        FieldSpec("seller.address", "address"),
        FieldSpec("seller.iban", "iban", required=True),
        FieldSpec("buyer.name", "name"),
        FieldSpec("number", "id"),
        FieldSpec("issue_date", "date"),
        FieldSpec("due_date", "date"),
        FieldSpec("currency", "currency", required=True),
        FieldSpec("total", "money"),
        FieldSpec("payment_reference", "id"),
        FieldSpec("message", "text"),
    ),
)

BANK_STATEMENT = Schema(
    "bank_statement",
    (
        FieldSpec("bank.name", "name"),
        FieldSpec("account.iban", "iban"),
        FieldSpec("account.number", "id"),
        FieldSpec("period.start", "date"),
        FieldSpec("period.end", "date"),
        FieldSpec("currency", "currency"),
        FieldSpec("opening_balance", "money", required=True),
        FieldSpec("closing_balance", "money", required=True),
    ),
)

SCHEMAS: Mapping[str, Schema] = {
    "invoice": INVOICE,
    "receipt": RECEIPT,
    "qr_bill": QR_BILL,
    "bank_statement": BANK_STATEMENT,
}


_TITLES = {
    "number": "invoice number",
    "issue_date": "issue date",
    "due_date": "due date",
    "total": "total",
    "net_total": "net total",
    "tax_total": "tax total",
    "seller.name": "seller's name",
    "seller.tax_id": "seller's tax id",
}


def title(name: str) -> str:
    """A field's name as people say it."""
    return _TITLES.get(name, name.replace(".", " ").replace("_", " "))


def schema_of(fields: str | Mapping[str, Any]) -> Schema:
    """The schema that `fields` names or defines.

    A mapping defines fields (`{po_number: {type: text, labels: [PO], pattern: "PO-\\d+"}}`); with `extends: invoice`
    they are added to a built-in set. Raises ValueError with a message for the author of the workflow.
    """
    if isinstance(fields, str):
        if fields not in SCHEMAS:
            raise ValueError(
                f"fields {fields!r} is not known; expected {', '.join(SCHEMAS)}, or a mapping of your own fields"
            )
        return SCHEMAS[fields]
    definitions = dict(fields)
    base = definitions.pop("extends", None)
    schema = schema_of(base) if base is not None else Schema("other")
    for name, definition in definitions.items():
        spec = _spec(str(name), definition)
        kept = tuple(old for old in schema.fields if old.name != spec.name)
        schema = replace(schema, fields=(*kept, spec))
    if not schema.fields:
        raise ValueError(
            "fields names no field; expected at least one, as in {po_number: {type: text, labels: [PO number]}}"
        )
    return schema


def _spec(name: str, definition: Any) -> FieldSpec:
    if not _NAME.fullmatch(name) or name.partition(".")[0] in _RESERVED:
        raise ValueError(
            f"field name {name!r} cannot be used; expected lower-case letters, digits and _ (and one dot at most), "
            f"and none of {', '.join(sorted(_RESERVED))}"
        )
    if isinstance(definition, str):
        definition = {"type": definition}
    if not isinstance(definition, Mapping):
        raise ValueError(f"field {name} is {definition!r}; expected a mapping with type, labels and pattern")
    unknown = set(definition) - {"type", "labels", "pattern", "required"}
    if unknown:
        raise ValueError(
            f"field {name} has the unknown key {min(map(str, unknown))!r}; expected type, labels, pattern, required"
        )
    kind = definition.get("type", "text")
    if kind not in get_args(FieldType):
        raise ValueError(f"field {name} has the type {kind!r}; expected one of {', '.join(get_args(FieldType))}")
    labels = definition.get("labels", ())
    labels = (labels,) if isinstance(labels, str) else tuple(str(label) for label in labels)
    pattern = definition.get("pattern")
    if pattern is not None:
        _check_pattern(name, str(pattern))
    if not labels and not pattern:
        labels = (name.replace(".", " ").replace("_", " "),)
    return FieldSpec(name, kind, labels, pattern, required=definition.get("required") is True)


def _check_pattern(name: str, pattern: str) -> None:
    if len(pattern) > 200:
        raise ValueError(
            f"field {name} has a pattern of {len(pattern)} characters; expected 200 at most; shorten the pattern"
        )
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(
            f"field {name} has the pattern {pattern!r}, which is no regular expression ({error}); correct it"
        ) from error


def nested_shape(schema: Schema) -> dict[str, Any]:
    """The field names as later steps write them: `{"seller": {"name": None}, "number": None}`."""
    shape: dict[str, Any] = {}
    for name in schema.names:
        head, _, rest = name.partition(".")
        if rest:
            group = shape.setdefault(head, {})
            if group is not None:
                group[rest] = None
        else:
            shape[head] = None
    return shape
