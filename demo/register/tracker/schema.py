# mypy: ignore-errors
# ruff: noqa: F821
"""What the payment register keeps. Roundup runs this file with its own names (`db`, `Class`, ...) in scope."""

user = Class(
    db,
    "user",
    username=String(),
    password=Password(),
    address=String(),
    alternate_addresses=String(),
    timezone=String(),
    roles=String(),
)
user.setkey("username")

currency = Class(db, "currency", code=String(), order=Number())
currency.setkey("code")

file = FileClass(db, "file", name=String())

# Amounts are text, because Roundup's own Number is a binary float; `detectors/entry.py` checks their form.
entry = Class(
    db,
    "entry",
    number=String(),
    vendor=String(),
    invoice_number=String(),
    amount=String(),
    currency=Link("currency"),
    due_date=Date(),
    erp_bill=String(),
    document=Multilink("file"),
)
entry.setlabelprop("number")

# Accounting writes entries and reads them back; what is written stays as it was.
for permission in ("Web Access", "Rest Access"):
    db.security.addPermissionToRole("User", permission)
for kind in ("entry", "file"):
    db.security.addPermissionToRole("User", "View", kind)
    db.security.addPermissionToRole("User", "Create", kind)
db.security.addPermissionToRole("User", "View", "currency")
names = db.security.addPermission(name="View", klass="user", properties=("id", "username"))
db.security.addPermissionToRole("User", names)

# Without this nobody would reach the log-in form.
db.security.addPermissionToRole("Anonymous", "Web Access")
