"""A tracker home of Roundup, set up as a payment register by Roundup's own means: schema, rules, pages."""

from __future__ import annotations

import secrets
import shutil
from importlib import metadata
from pathlib import Path

USER = "clerkwork"
OURS = Path(__file__).parent / "tracker"


def prepare(home: Path, url: str, password: str) -> None:
    """Make or refresh the home; what has been entered stays. `password` becomes the one of the user `clerkwork`.

    Pages and rules are written anew at each start, so that an older folder gets today's; its database stays.
    """
    from roundup import configuration, instance
    from roundup.password import Password

    new = not (home / "initialised").exists()
    if new:
        shutil.rmtree(home, ignore_errors=True)  # a set-up that was killed half way
    shutil.copytree(_template(), home, dirs_exist_ok=True)
    shutil.copytree(OURS, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (home / "db").mkdir(exist_ok=True)
    _configure(configuration.CoreConfig(), home, url)
    tracker = instance.open(str(home))
    if new:
        nobody = secrets.token_urlsafe(24)  # the administrator is not needed, so nobody knows the password
        tracker.init(Password(nobody, config=tracker.config))
    database = tracker.open("admin")
    try:
        hashed = Password(password, config=database.config)
        try:
            database.user.set(database.user.lookup(USER), password=hashed)
        except KeyError:
            database.user.create(username=USER, password=hashed, roles="User", address=f"{USER}@localhost")
        database.commit()
    finally:
        database.close()
    (home / "initialised").touch()


def _configure(config: object, home: Path, url: str) -> None:
    settings = {
        "TRACKER_HOME": str(home),
        "TRACKER_NAME": "Payment register",
        "TRACKER_WEB": url,
        "DATABASE": "db",
        "RDBMS_BACKEND": "sqlite",
        "MAIL_DOMAIN": "localhost",
        "WEB_LOGIN_ATTEMPTS_MIN": 0,  # the tests try wrong passwords
        "INSTANT_REGISTRATION": "no",
    }
    for name, value in settings.items():
        config[name] = value  # type: ignore[index]
    config.save(str(home / "config.ini"))  # type: ignore[attr-defined]


def _template() -> Path:
    """Roundup's own `minimal` tracker, from where the package was installed."""
    for file in metadata.files("roundup") or []:
        if file.match("share/roundup/templates/minimal/schema.py"):
            return Path(str(file.locate())).resolve().parent
    raise FileNotFoundError("the installed roundup has no template `minimal`; install roundup again")
