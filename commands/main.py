"""`clerkwork COMMAND`: which commands there are, and what becomes of an error."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from commands.session import Session
from commands.subcommands import Subcommands
from engine.errors import ClerkworkError, ExitCode, ItemError

NAME = "clerkwork"
INTERRUPTED = 130

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("commands.init:init", "Make a new project folder with one working workflow."),
    "check": ("commands.check:check", "Find all problems of all workflow files at once."),
    "run": ("commands.run:run", "Queue items of a workflow and work them now."),
    "dry-run": ("commands.run:dry_run", "Show what a run would post, and post nothing."),
    "test": ("commands.test:test", "Run workflow tests; nothing outside is reached."),
    "start": ("commands.processes:start", "Run the scheduler, the workers and the console until Ctrl-C."),
    "worker": ("commands.processes:worker_command", "Run one worker, for a fleet."),
    "scheduler": ("commands.processes:scheduler", "Run the scheduler alone, for a fleet."),
    "console": ("commands.processes:console", "Run the web console alone, for a fleet."),
    "queue": ("commands.queue:queue", "See and steer the work items."),
    "exceptions": ("commands.exceptions:exceptions", "Clear the exception queue without the console."),
    "effects": ("commands.effects:effects", "See the ledger; look up what is uncertain."),
    "schedule": ("commands.schedule:schedule", "See when schedules fire."),
    "read": ("commands.read:read", "Read documents, one JSON object a line."),
    "record": ("commands.record:record", "Work in a browser; a workflow comes out."),
    "replay": ("commands.replay:replay", "Write a run's evidence, step by step, into one HTML file."),
    "inspect": ("commands.inspect:inspect", "List what can be named on a web page, with the words to write."),
    "heal": ("commands.heal:heal", "See and accept what stands in for targets that are gone."),
    "vendors": ("commands.vendors:vendors", "See and test what corrections taught about vendors."),
    "actions": ("commands.actions:actions", "The reference of actions."),
    "secret": ("commands.secret:secret", "Set, list and remove secrets."),
    "user": ("commands.user:user", "Add, list and remove the console's users."),
    "token": ("commands.token:token", "Add, list and revoke tokens for programs."),
    "alerts": ("commands.alerts:alerts", "See what people were told of; try out the channels."),
    "evidence": ("commands.evidence:evidence", "All that is kept of an item in one file, for an auditor."),
    "audit": ("commands.audit:audit", "Who did what, and whether nobody has changed what was written."),
    "hooks": ("commands.hooks:hooks", "See the calls to other systems; try them out, make them again."),
    "report": ("commands.report:report", "See the reports of figures that go out; send one now."),
    "retention": ("commands.retention:retention", "Forget what items held: by age, or of one person."),
    "backup": ("commands.backup:backup", "Write the store and the kept files into one archive."),
    "restore": ("commands.backup:restore", "Make the store what a backup holds."),
    "doctor": ("commands.doctor:doctor", "Check this machine and this project."),
    "demo": ("commands.demo:demo", "Run the main job on the bundled invoices."),
    "bench": ("commands.bench:bench", "Run the benchmarks."),
}


class Commands(Subcommands):
    """Knows the names and one line of each command; imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS:
            from engine.nearest import suggestion

            advice = suggestion(args[0], COMMANDS, f"see `{NAME} --help`")
            raise click.UsageError(f"there is no command {args[0]!r}; {advice}", ctx)
        return super().resolve_command(ctx, args)

    def lines(self, ctx: click.Context) -> list[tuple[str, str]]:
        return [(name, line) for name, (_, line) in COMMANDS.items()]


def version() -> str:
    """The version in `pyproject.toml`, or of the installed package."""
    file = Path(__file__).parents[1] / "pyproject.toml"
    if file.is_file():
        import tomllib

        return str(tomllib.loads(file.read_text())["project"]["version"])
    from importlib.metadata import version as installed

    return installed(NAME)


def _version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"{NAME} {version()}")
        context.exit()


@click.group(cls=Commands, name=NAME, no_args_is_help=True)
@click.option(
    "--project", metavar="DIR", help="The project folder (default: CLERKWORK_PROJECT, or the nearest upward)."
)
@click.option("--debug", is_flag=True, help="Log everything and show the trace of an unexpected error.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@click.pass_obj
def cli(session: Session, project: str | None, debug: bool) -> None:
    """Bots for the back office, written in YAML: they never post twice, never guess, and ask when in doubt."""
    session.project_folder = project
    session.debug = debug


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code is one of engine.errors.ExitCode, or 130 after Ctrl-C."""
    session = Session()
    try:
        answer = cli.main(args=arguments, prog_name=NAME, standalone_mode=False, obj=session)
    except click.ClickException as error:
        return _usage(error)
    except ClerkworkError as error:
        return _told(error)
    except (click.Abort, KeyboardInterrupt):
        _say("stopped")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last door: people get one line and a file, not a stack trace
        return _unexpected(error, session)
    return answer if isinstance(answer, int) else int(ExitCode.DONE)


def _usage(error: click.ClickException) -> int:
    message = " ".join(error.format_message().split()).replace(". Did you mean", "; did you mean").rstrip(".")
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(message, err=True)
        return int(ExitCode.USAGE)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else NAME
    advice = "" if "; " in message else f"; see `{command} --help`"
    _say(f"{message[:1].lower()}{message[1:]}{advice}")
    return int(ExitCode.USAGE)


def _told(error: ClerkworkError) -> int:
    code = f"{error.code}: " if isinstance(error, ItemError) else ""
    _say(f"{code}{error}")
    return int(error.exit_code)


def _unexpected(error: Exception, session: Session) -> int:
    from datetime import UTC, datetime

    from config.logging import crash_report

    if session.debug:
        click.echo(session.scrubber.scrub("".join(traceback.format_exception(error))), err=True)
    file = crash_report(session.crash_folder(), error, session.scrubber, datetime.now(UTC))
    _say(f"an unexpected error ({type(error).__name__}), a fault of Clerkwork itself; please report it with {file}")
    return int(ExitCode.INTERNAL)


def _say(text: str) -> None:
    click.echo(f"{NAME}: {text}" if "\n" not in text else text, err=True)
