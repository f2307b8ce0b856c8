"""`python -m demo.samples OUT_DIR [--bad]`: the sample invoices and their truth, or the bad files."""

from __future__ import annotations

from pathlib import Path

import click

from demo.samples import write
from demo.samples.bad import bad_files


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--bad", is_flag=True, help="Write the files that cannot be read instead.")
def main(folder: Path, bad: bool) -> None:
    """Write the sample invoices and truth.jsonl into FOLDER."""
    if bad:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in bad_files().items():
            (folder / name).write_bytes(content)
            click.echo(folder / name)
        return
    for file in write(folder):
        click.echo(file)


main()
