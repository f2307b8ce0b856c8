"""The settings of what takes messages, as they stand under its name in `connections.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError, model_validator

from connectors.address import is_here, is_safe
from connectors.settings import wrong_in
from engine.errors import ConfigurationError

PORTS = {"tls": 465, "starttls": 587, "none": 25}


class ChatConnection(BaseModel):
    """An incoming web hook of Slack or Teams. Its address is the right to write there: keep it as a secret."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["slack", "teams"]
    url: SecretStr = Field(description="The address of the incoming web hook.")
    timeout: float = Field(15.0, gt=0, description="Seconds to wait for the answer.")

    @model_validator(mode="after")
    def _secret(self) -> ChatConnection:
        if not is_safe(self.url.get_secret_value()):
            raise ValueError("url must begin with https://")
        return self


class SmtpConnection(BaseModel):
    """A mail server that sends for us."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["smtp"]
    host: str = Field(min_length=1, description="The mail server, for example smtp.example.com.")
    port: int | None = Field(None, ge=1, le=65535, description="Its port; 465, 587 or 25, as the security asks for.")
    security: Literal["tls", "starttls", "none"] = Field(
        "starttls", description="How the connection is kept secret; none is for a server on this machine only."
    )
    user: str | None = Field(None, description="The user, where the server asks for one.")
    password: SecretStr | None = Field(None, description="That user's password; keep it as a secret.")
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", description="The address it comes from.")
    to: tuple[str, ...] = Field(min_length=1, description="The addresses it goes to.")
    authority: Path | None = Field(None, description="The certificate of an authority of your own, a PEM file.")
    timeout: float = Field(30.0, gt=0, description="Seconds to wait for one answer.")

    @model_validator(mode="after")
    def _secret(self) -> SmtpConnection:
        if self.security == "none" and not is_here(self.host):
            raise ValueError(f"security is none, and {self.host} is another machine; write tls or starttls")
        return self


NoticeConnection = Annotated[ChatConnection | SmtpConnection, Field(discriminator="system")]
_ADAPTER: TypeAdapter[ChatConnection | SmtpConnection] = TypeAdapter(NoticeConnection)


def notice_connection(name: str, settings: Mapping[str, Any]) -> ChatConnection | SmtpConnection:
    """The settings, checked; ConfigurationError with all that is wrong."""
    try:
        return _ADAPTER.validate_python(dict(settings))
    except ValidationError as error:
        raise ConfigurationError(
            f"the connection {name} takes no messages: {wrong_in(error)}",
            advice="see it in config/connections.yaml; its system is slack or teams (with url) or smtp",
        ) from error
