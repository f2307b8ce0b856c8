# mypy: ignore-errors
# ruff: noqa: F821
"""The first rows of a new register. Roundup runs this file once, with `db` and `adminpw` in scope."""

db.user.create(username="admin", password=adminpw, address=admin_email, roles="Admin")
db.user.create(username="anonymous", roles="Anonymous")
for order, code in enumerate(("EUR", "CHF", "GBP", "USD"), 1):
    db.currency.create(code=code, order=order)
