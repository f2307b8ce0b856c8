"""An intranet as it was written in 2004, for the tests of the browser bot: everything such systems do to a robot.

A frameset with a menu and a main frame; nested tables, no labels, no ids, fields called f1 to f9; a look-up in a
popup that writes back to its opener; native confirm() and alert() dialogs; a session that ends (inside the frame);
bad input that is dropped without a word, and no word after saving either; lists in pages; a report as a PDF
download; pages in windows-1252. What was saved stands in `vouchers`, so that tests see what really happened.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from email.parser import BytesParser
from html import escape
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

VENDORS = {"V100": "ACME Werkzeuge GmbH", "V200": "Bolt & Söhne KG", "V300": "Crédit Agricole SA", "V310": "Acme Ltd"}
PAGE = 5
"""Vouchers on a page of the list."""
EXPIRED = "Your session has expired. Please log on again."


@dataclass(frozen=True)
class Voucher:
    number: int
    vendor: str
    document: str
    day: date
    amount: Decimal
    tax: str
    text: str
    blocked: bool
    kind: str
    attachment: str
    attachment_size: int


@dataclass
class Intranet:
    """`with Intranet() as intranet: intranet.url`. User `clerk`, password `letmein`.

    `timeout` is in seconds without a click. `expire()` ends all sessions now. `lose_next_answer` saves the next
    voucher and then breaks the connection. `refuse_next` drops the next voucher as if it were badly filled in.
    """

    timeout: float = 900.0
    password: str = "letmein"
    vouchers: list[Voucher] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    lose_next_answer: bool = False
    refuse_next: bool = False
    sessions: dict[str, float] = field(default_factory=dict)
    made: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Intranet:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"intranet": self}))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def expire(self) -> None:
        self.sessions.clear()

    def add(self, document: str, amount: str = "100.00", vendor: str = "V100") -> Voucher:
        """Put a voucher there as if somebody had entered it before."""
        form = {"f1": vendor, "f3": document, "f4": "01.03.2026", "f5": amount.replace(".", ","), "f6": "19"}
        made = self.save(form, ("", b""))
        assert made is not None
        return made

    def save(self, form: dict[str, str], attachment: tuple[str, bytes]) -> Voucher | None:
        amount = re.fullmatch(r"(\d{1,3}(?:\.\d{3})*|\d+),(\d\d)", form.get("f5", "").strip())
        try:
            day = datetime.strptime(form.get("f4", ""), "%d.%m.%Y").date()
        except ValueError:
            return None
        if amount is None or form.get("f1") not in VENDORS or not form.get("f3", "").strip():
            return None
        with self.lock:
            self.made += 1
            voucher = Voucher(
                number=5100000 + self.made,
                vendor=form["f1"],
                document=form["f3"].strip(),
                day=day,
                amount=Decimal(f"{amount[1].replace('.', '')}.{amount[2]}"),
                tax=form.get("f6", ""),
                text=form.get("f7", ""),
                blocked=form.get("f8") == "X",
                kind=form.get("f9", "I"),
                attachment=attachment[0],
                attachment_size=len(attachment[1]),
            )
            self.vouchers.append(voucher)
        return voucher


class _Handler(BaseHTTPRequestHandler):
    intranet: Intranet

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query, encoding="cp1252").items()}
        self.intranet.requests.append(f"GET {self.path}")
        if path == "/favicon.ico":
            return self.page("", status=404)
        if not self.signed_in():
            return self.page(logon("" if path == "/" else EXPIRED))
        pages = {
            "/": lambda: FRAMESET,
            "/top": lambda: page("<B>ACCOUNTING WORKBENCH</B> &nbsp; Release 2.4", "#003366"),
            "/menu": lambda: MENU,
            "/welcome": lambda: page("<BR><CENTER>Welcome.<BR>Please choose a transaction.</CENTER>"),
            "/voucher": lambda: entry_form(),
            "/lookup": lambda: lookup(asked.get("q", "")),
            "/list": lambda: self.shown(asked),
            "/delete": lambda: self.delete(asked),
            "/reports": lambda: REPORTS,
            "/logoff": lambda: self.logoff(),
        }
        if path == "/report.pdf":
            return self.report(attached="inline" not in asked)
        return self.page(pages[path]()) if path in pages else self.page("<H1>Error 500</H1>", status=500)

    def do_POST(self) -> None:
        self.intranet.requests.append(f"POST {self.path}")
        form, attachment = self.form()
        if self.path == "/logon":
            return self.logon(form)
        if not self.signed_in():
            return self.page(logon(EXPIRED))
        if self.intranet.refuse_next:
            self.intranet.refuse_next = False
        else:
            self.intranet.save(form, attachment)
        if self.intranet.lose_next_answer:
            self.intranet.lose_next_answer = False
            self.close_connection = True
            return None
        return self.page(entry_form())  # saved or not: the empty form again, and not a word

    def logon(self, form: dict[str, str]) -> None:
        if form.get("u", "").lower() != "clerk" or form.get("p") != self.intranet.password:
            return self.page(logon(""))  # no word about what was wrong
        session = secrets.token_hex(8)
        self.intranet.sessions[session] = time.monotonic()
        return self.page("", status=302, headers={"Location": "/", "Set-Cookie": f"ASPSESSION={session}; path=/"})

    def logoff(self) -> str:
        self.intranet.sessions.pop(self.session(), None)
        return '<HTML><SCRIPT>top.location.href="/"</SCRIPT></HTML>'

    def session(self) -> str:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("ASPSESSION")
        return cookie.value if cookie is not None else ""

    def signed_in(self) -> bool:
        session, now = self.session(), time.monotonic()
        last = self.intranet.sessions.get(session)
        if last is None or now - last > self.intranet.timeout:
            self.intranet.sessions.pop(session, None)
            return False
        self.intranet.sessions[session] = now
        return True

    def shown(self, asked: dict[str, str]) -> str:
        wanted = asked.get("q", "").strip()
        found = [one for one in self.intranet.vouchers if not wanted or one.document == wanted]
        return voucher_list(found, wanted, int(asked.get("page", "1")))

    def delete(self, asked: dict[str, str]) -> str:
        number = int(asked.get("no", "0"))
        with self.intranet.lock:
            self.intranet.vouchers[:] = [one for one in self.intranet.vouchers if one.number != number]
        return self.shown({})

    def report(self, *, attached: bool) -> None:
        lines = [f"{one.number} {one.vendor} {one.document} {one.amount}" for one in self.intranet.vouchers]
        disposition = 'attachment; filename="Voucher journal.pdf"' if attached else "inline"
        body = pdf(["Voucher journal", *lines])
        self.send_response(200)
        self.send_header("Content-Type", "application/pdf")
        self.send_header("Content-Disposition", disposition)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def form(self) -> tuple[dict[str, str], tuple[str, bytes]]:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/"):
            fields = parse_qs(body.decode("ascii"), keep_blank_values=True, encoding="cp1252")
            return {name: values[0] for name, values in fields.items()}, ("", b"")
        form, attachment = {}, ("", b"")
        for part in BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).walk():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if not isinstance(name, str) or not isinstance(content, bytes):
                continue
            file = part.get_filename()
            if file is None:
                form[name] = content.decode("cp1252")
            elif file:
                attachment = (file, content)
        return form, attachment

    def page(self, html: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        body = html.encode("cp1252", "xmlcharrefreplace")
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html; charset=windows-1252")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


FRAMESET = """<HTML><HEAD><TITLE>Accounting Workbench</TITLE></HEAD>
<FRAMESET ROWS="30,*" BORDER=0><FRAME NAME=top SRC="/top" SCROLLING=no>
<FRAMESET COLS="170,*"><FRAME NAME=menu SRC="/menu"><FRAME NAME=main SRC="/welcome"></FRAMESET></FRAMESET></HTML>"""


def page(body: str, color: str = "#ffffff", script: str = "") -> str:
    text = "#ffffff" if color != "#ffffff" else "#000000"
    return (
        f"<HTML><HEAD><SCRIPT LANGUAGE=JavaScript>{script}</SCRIPT></HEAD>"
        f"<BODY BGCOLOR={color} TEXT={text}><FONT FACE=Verdana SIZE=2>{body}</FONT></BODY></HTML>"
    )


MENU = page(
    "<TABLE>"
    "<TR><TD><A HREF=\"javascript:go('/voucher')\"><FONT SIZE=2>New voucher</FONT></A></TD></TR>"
    '<TR><TD><A HREF="/list" TARGET=main><FONT SIZE=2>Vouchers</FONT></A></TD></TR>'
    '<TR><TD><A HREF="/reports" TARGET=main><FONT SIZE=2>Reports</FONT></A></TD></TR>'
    '<TR><TD><A HREF="/logoff" TARGET=_top><FONT SIZE=2>Log off</FONT></A></TD></TR></TABLE>',
    script="function go(to) { parent.frames['main'].location.href = to }",
)

REPORTS = page(
    "<B>Reports</B><BR><TABLE BORDER=1><TR><TD>Voucher journal</TD><TD><A HREF=/report.pdf>Download</A></TD>"
    '<TD><A HREF="/report.pdf?inline=1" TARGET=_blank>Show</A></TD></TR></TABLE>'
)


def logon(message: str) -> str:
    return page(
        f"<CENTER><FONT COLOR=red>{message}</FONT><FORM ACTION=/logon METHOD=post TARGET=_top><TABLE>"
        "<TR><TD>User</TD><TD><INPUT NAME=u SIZE=12></TD></TR>"
        "<TR><TD>Password</TD><TD><INPUT NAME=p TYPE=password SIZE=12></TD></TR>"
        "<TR><TD></TD><TD><INPUT TYPE=submit VALUE=Logon></TD></TR></TABLE></FORM></CENTER>"
    )


FORM_SCRIPT = """
function lookUp() { window.open('/lookup', 'lookup', 'width=420,height=320') }
function save() {
  var form = document.forms[0];
  if (form.f3.value == '') { alert('Document no. is missing!'); return }
  if (confirm('Post voucher ' + form.f3.value + '?')) form.submit()
}
"""


def entry_form() -> str:
    def row(label: str, control: str) -> str:
        return (
            f"<TR><TD ALIGN=right><FONT SIZE=2>{label}</FONT></TD><TD WIDTH=6></TD>"
            f"<TD><TABLE CELLSPACING=0 CELLPADDING=0><TR><TD>{control}</TD></TR></TABLE></TD></TR>"
        )

    rows = [
        row("Vendor:", '<INPUT NAME=f1 SIZE=8> <INPUT TYPE=button VALUE="..." ONCLICK="lookUp()"> '
            "<INPUT NAME=f2 SIZE=30 READONLY>"),
        row("Document no.:*", "<INPUT NAME=f3 SIZE=16 MAXLENGTH=16>"),
        row("Document date:*", '<INPUT NAME=f4 SIZE=10 MAXLENGTH=10> <FONT SIZE=1>dd.mm.yyyy</FONT>'),
        row("Amount:*", "<INPUT NAME=f5 SIZE=12> EUR"),
        row("Tax:", '<SELECT NAME=f6><OPTION VALUE="">-<OPTION VALUE=19>19 % full<OPTION VALUE=7>7 % reduced</SELECT>'),
        row("Text:", "<TEXTAREA NAME=f7 ROWS=2 COLS=30></TEXTAREA>"),
        row("", "<INPUT TYPE=checkbox NAME=f8 VALUE=X> Blocked for payment"),
        row("Kind:", "<INPUT TYPE=radio NAME=f9 VALUE=I CHECKED>Invoice <INPUT TYPE=radio NAME=f9 VALUE=C>Credit note"),
        row("Attachment:", "<INPUT TYPE=file NAME=f10>"),
        row("", '<INPUT TYPE=button VALUE=" Save " ONCLICK="save()"> <INPUT TYPE=reset VALUE=Reset>'),
    ]  # fmt: skip
    form = f'<FORM ACTION=/voucher METHOD=post ENCTYPE="multipart/form-data"><TABLE>{"".join(rows)}</TABLE></FORM>'
    return page(
        f"<TABLE BORDER=0><TR><TD><B>New voucher</B></TD></TR><TR><TD>{form}</TD></TR></TABLE>", "#ffffff", FORM_SCRIPT
    )


def lookup(wanted: str) -> str:
    found = {number: name for number, name in VENDORS.items() if wanted.lower() in f"{number} {name}".lower()}
    rows = "".join(
        f"<TR><TD><A HREF=\"javascript:pick('{number}', '{escape(name)}')\">{number}</A></TD><TD>{escape(name)}</TD></TR>"
        for number, name in found.items()
    )
    script = """function pick(number, name) {
      var form = opener.document.forms[0]; form.f1.value = number; form.f2.value = name; window.close() }"""
    search = f'<FORM ACTION=/lookup>Search <INPUT NAME=q VALUE="{escape(wanted)}"> <INPUT TYPE=submit VALUE=Go></FORM>'
    return page(f"<B>Vendors</B>{search}<TABLE BORDER=1>{rows}</TABLE>", "#ffffff", script)


def voucher_list(found: list[Voucher], wanted: str, number: int) -> str:
    shown = found[(number - 1) * PAGE : number * PAGE]
    script = "function del(no) { if (confirm('Delete voucher ' + no + '?')) location.href = '/delete?no=' + no }"
    head = "".join(f"<TD><B>{name}</B></TD>" for name in ("Voucher", "Vendor", "Document no.", "Date", "Amount", ""))
    rows = "".join(
        f"<TR><TD>{one.number}</TD><TD>{escape(VENDORS[one.vendor])}</TD><TD>{escape(one.document)}</TD>"
        f"<TD>{one.day:%d.%m.%Y}</TD><TD ALIGN=right>{german(one.amount)}</TD>"
        f'<TD><A HREF="javascript:del({one.number})">Delete</A></TD></TR>'
        for one in shown
    )
    following = f'<A HREF="/list?q={escape(wanted)}&page={number + 1}">next</A>' if len(found) > number * PAGE else ""
    search = f'<FORM ACTION=/list>Document no. <INPUT NAME=q VALUE="{escape(wanted)}"> <INPUT TYPE=submit VALUE=Search></FORM>'
    counted = f"{len(found)} vouchers, page {number}"
    return page(
        f"<B>Vouchers</B>{search}<TABLE BORDER=1><TR>{head}</TR>{rows}</TABLE>{counted} {following}", "#ffffff", script
    )


def german(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def pdf(lines: list[str]) -> bytes:
    """A PDF of one page with these lines."""
    text = "".join(f"({line.replace(chr(92), '').replace('(', '').replace(')', '')}) Tj 0 -16 Td " for line in lines)
    stream = f"BT /F1 11 Tf 60 780 Td {text}ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = "".join(f"{place:010d} 00000 n \n" for place in places).encode()
    start = len(body)
    body += b"xref\n0 6\n0000000000 65535 f \n" + table
    return body + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
