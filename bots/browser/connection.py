"""`connection:` of a browser step: a web system, how to sign in to it, and how it says that something is wrong."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Viewport(BaseModel):
    """The size of the page as seen, in CSS pixels."""

    model_config = ConfigDict(extra="forbid")

    width: int = Field(default=1280, ge=200, le=8000, description="Width in CSS pixels")
    height: int = Field(default=900, ge=200, le=8000, description="Height in CSS pixels")


class ClientCertificate(BaseModel):
    """The certificate by which this machine or person is known: `cert` and `key`, or one `pfx` file."""

    model_config = ConfigDict(extra="forbid")

    cert: str | None = Field(default=None, description="The certificate in PEM: its text, or a file of the project")
    key: SecretStr | None = Field(default=None, description="Its private key in PEM: name a secret, or a file")
    pfx: str | None = Field(default=None, description="A file of the project with both (PKCS 12)")
    passphrase: SecretStr | None = Field(default=None, description="What opens the key or the file; name a secret")

    @model_validator(mode="after")
    def _both_or_one(self) -> ClientCertificate:
        if (self.pfx is None) == (self.cert is None) or (self.cert is None) != (self.key is None):
            raise ValueError("a client certificate is cert and key, or pfx")
        return self


class Login(BaseModel):
    """How to sign in. Without `do`, the user name and the password go into the only log-in form of the page."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(default=None, description="Where the log-in page is; without it, the page that shows it")
    do: list[dict[str, Any]] = Field(
        default_factory=list,
        description="Verbs that sign in; {username}, {password} and {otp} stand for the connection's own",
    )
    otp: SecretStr | None = Field(
        default=None, description="What makes the one-time codes of the second factor (TOTP); name a secret"
    )
    signed_in: str | None = Field(default=None, description="A text or locator that only a signed-in person sees")
    expired: str | None = Field(default=None, description="A text of the page that says the session has ended")


class BrowserConnection(BaseModel):
    """A web system that the browser bot works in."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(default="browser", description="What this connection is for")
    base_url: str = Field(description="Where the system is; `open: /path` is relative to it")
    username: str | None = Field(default=None, description="The user that signs in")
    password: SecretStr | None = Field(default=None, description="That user's password; name a secret, not the text")
    login: Login | None = Field(default=None, description="How to sign in, when the system asks for it")
    basic_auth: bool = Field(default=False, description="Send user name and password as HTTP basic authentication")
    headers: dict[str, str] = Field(default_factory=dict, description="Headers sent with every request")
    client_certificate: ClientCertificate | None = Field(
        default=None, description="The certificate that the system asks this machine for"
    )
    self_signed: bool = Field(default=False, description="Accept a TLS certificate that no authority has signed")
    proxy: str | None = Field(default=None, description="A proxy for this system, as http://host:port")
    timeout: float = Field(default=10, gt=0, le=600, description="Seconds a verb waits for what it needs")
    scripts: bool = Field(default=False, description="Allow the verb `script`, which runs JavaScript in the page")
    error_texts: list[str] = Field(
        default_factory=list, description="Texts by which this system says that something was refused"
    )
    reads_by_post: list[str] = Field(
        default_factory=list,
        description="Addresses (`/rpc/search*`) to which this system posts only to read: let through in a dry run",
    )
    changes_by_get: list[str] = Field(
        default_factory=list,
        description="Addresses (`/delete?*`) that change data though they are only opened: held back in a dry run",
    )
    handlers: list[dict[str, Any]] = Field(
        default_factory=list, description="Overlays of this system and how to close them: `{when: text, do: [verbs]}`"
    )
    headless: bool = Field(default=True, description="false shows the browser's window")
    viewport: Viewport = Field(default_factory=Viewport, description="The size of the page")
    locale: str | None = Field(default=None, description="The language the browser asks for, as de-DE")
    timezone: str | None = Field(default=None, description="The time zone the page sees, as Europe/Berlin")
    keep_session: bool = Field(default=True, description="Stay signed in from one work item to the next")
