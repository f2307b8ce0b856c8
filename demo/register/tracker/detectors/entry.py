# mypy: ignore-errors
"""The register's own rules: how an amount is written, and the number that each new entry is given."""

import re

AMOUNT = re.compile(r"-?\d{1,9}\.\d\d")


def check(db, cl, nodeid, values):
    amount = values.get("amount")
    if amount is not None and not AMOUNT.fullmatch(amount):
        raise ValueError(f"Amount must be written like 1234.56, but '{amount}' was entered")


def give_number(db, cl, nodeid, old):
    cl.set(nodeid, number=f"PR-{int(nodeid):06d}")


def init(db):
    db.entry.audit("create", check)
    db.entry.audit("set", check)
    db.entry.react("create", give_number)
