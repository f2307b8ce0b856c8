"""A real IMAP server for the tests: Debian's dovecot on a free loopback port, with folders in a temporary place of its own."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PASSWORD = "seven-green-bicycles"
USER = "ap"

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%u
}}
first_valid_uid = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


def find_dovecot() -> str | None:
    return shutil.which("dovecot") or next((path for path in ("/usr/sbin/dovecot",) if Path(path).exists()), None)


class Dovecot:
    """`deliver` puts a message into a folder, as a mail server would; dovecot refuses root, so root runs it as nobody."""

    def __init__(self, *, tls: bool = False) -> None:
        # A folder of its own: the path of a socket may have 107 letters, and pytest closes its own to other users.
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.port, self.tls_port = _free_port(), _free_port() if tls else 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = find_dovecot()
        assert program is not None, "dovecot is not installed: apt install dovecot-imapd"
        who = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for part in ("run", "mail", "home"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        import grp

        names = {"user": who.pw_name, "group": grp.getgrgid(who.pw_gid).gr_name}
        names |= {
            "folder": str(self.folder),
            "port": str(self.port),
            "tls_port": str(self.tls_port),
        }
        certificate = ""
        if self.tls_port:
            self._certify()
            certificate = f"ssl_cert = <{self.folder}/cert.pem\nssl_key = <{self.folder}/key.pem"
        config = self.folder / "dovecot.conf"
        ssl = "yes" if self.tls_port else "no"
        config.write_text(CONFIG.format(**names, password=PASSWORD, ssl=ssl, certificate=certificate))
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, who.pw_uid, who.pw_gid)
        self._launch(program, config)

    def _launch(self, program: str, config: Path) -> None:
        who = (
            {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        )
        self._process = subprocess.Popen(
            [program, "-F", "-c", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            **who,  # type: ignore[arg-type]
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                self.client().logout()
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(f"dovecot did not answer: {(self.folder / 'log').read_text()[-2000:]}")

    def _certify(self) -> None:
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        command += ["-keyout", str(self.folder / "key.pem"), "-out", str(self.folder / "cert.pem")]
        subprocess.run(command, check=True, capture_output=True)

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        try:
            client.login(USER, PASSWORD)
        except imaplib.IMAP4.error:
            client.shutdown()
            raise
        return client

    def deliver(self, message: bytes, folder: str = "INBOX") -> None:
        client = self.client()
        if folder != "INBOX":
            client.create(folder)
        status, told = client.append(folder, None, None, message)  # type: ignore[arg-type]
        assert status == "OK", told
        client.logout()

    def subjects(self, folder: str) -> list[str]:
        """The subjects of the messages in a folder, in order; nothing if there is no such folder."""
        client = self.client()
        try:
            if client.select(folder, readonly=True)[0] != "OK":
                return []
            numbers = client.search(None, "ALL")[1][0].split()
            told = [client.fetch(number, "(BODY[HEADER.FIELDS (SUBJECT)])")[1][0][1] for number in numbers]  # type: ignore[index]
            return [bytes(text).decode().removeprefix("Subject:").strip() for text in told]
        finally:
            client.logout()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None

    def kill(self) -> None:
        """As a machine that loses its power: every process of this server at once."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=20)
        self._process = None

    def remove(self) -> None:
        """Stop for good."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start_again(self) -> None:
        program = find_dovecot()
        assert program is not None
        self._launch(program, self.folder / "dovecot.conf")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
