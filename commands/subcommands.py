"""Groups of commands whose help says what each one does, in a whole sentence."""

from __future__ import annotations

import click


class Subcommands(click.Group):
    """Wraps the first sentence of each command, where click cuts it off."""

    def lines(self, ctx: click.Context) -> list[tuple[str, str]]:
        """The name of each command, and its first sentence."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        return [(name, command.get_short_help_str(limit=1000)) for name, command in found if command is not None]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(self.lines(ctx))
