"""The settings of one mailbox, as they stand under its name in `connections.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from connectors.address import is_here
from connectors.settings import wrong_in
from engine.errors import ConfigurationError

PORTS = {"tls": 993, "starttls": 143, "none": 143}


class MailboxConnection(BaseModel):
    """One mailbox that triggers name as `connection:`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["imap"] = Field("imap", description="How it is read: imap.")
    host: str = Field(min_length=1, description="The mail server, for example imap.example.com.")
    port: int | None = Field(None, ge=1, le=65535, description="Its port; 993, or 143 where security is not tls.")
    user: str = Field(description="The user that reads the mailbox.")
    password: SecretStr = Field(description="That user's password; keep it as a secret.")
    security: Literal["tls", "starttls", "none"] = Field(
        "tls", description="How the connection is kept secret; none is for a server on this machine only."
    )
    authority: Path | None = Field(None, description="The certificate of an authority of your own, a PEM file.")
    timeout: float = Field(30.0, gt=0, description="Seconds to wait for one answer.")
    largest: int = Field(50, ge=1, description="Megabytes that one mail may have; a larger one is not taken.")

    @model_validator(mode="after")
    def _secret(self) -> MailboxConnection:
        if self.security == "none" and not is_here(self.host):
            raise ValueError(f"security is none, and {self.host} is another machine; write tls or starttls")
        return self


def mailbox_connection(name: str, settings: Mapping[str, Any]) -> MailboxConnection:
    """The settings, checked; ConfigurationError with all that is wrong."""
    try:
        return MailboxConnection.model_validate(dict(settings))
    except ValidationError as error:
        raise ConfigurationError(
            f"the connection {name} is no mailbox: {wrong_in(error)}",
            advice="see it in config/connections.yaml; a mailbox has host, user, password and security",
        ) from error
