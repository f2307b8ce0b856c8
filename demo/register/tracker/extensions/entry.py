# mypy: ignore-errors
"""What the register's pages do beyond Roundup's own: the message after saving, and the search."""

from roundup.cgi.actions import NewItemAction


class SaveEntry(NewItemAction):
    """Saves as Roundup does, and says the entry's number."""

    def _editnodes(self, props, links):
        super()._editnodes(props, links)
        return f"Entry saved: {self.db.entry.get(self.nodeid, 'number')}"


def entries(request):
    """The entries asked for in the address: the invoice number whole, the vendor in part; newest first."""
    wanted = {name: request.form.getvalue(name, "") for name in ("invoice_number", "vendor")}
    asked = {name: text.strip() for name, text in wanted.items() if isinstance(text, str) and text.strip()}
    found = request.client.db.entry.filter(None, asked, sort=[("-", "id")])
    number = asked.get("invoice_number")
    cl = request.client.db.entry
    return [one for one in found if number is None or cl.get(one, "invoice_number") == number]


def init(instance):
    instance.registerAction("new", SaveEntry)
    instance.registerUtil("entries", entries)
