"""The command line: one command a file, in `commands/`.

    app             the commands together; errors as sentences and exit codes
    exits           what the exit codes mean
    interruption    Ctrl-C, deferred while a batch is stored and counted
    options         the options that commands share
    opening         open a data directory, or a workspace in it, for a command
    terminal        tables for people, JSON for scripts, progress on standard error
    values          profiles, counts and instants as words

To add a command, add `commands/<name>.py` with `PLACE`, its place in the list of commands, and
`register(app)`. `app` imports every module of that folder.
"""

from __future__ import annotations

from coterie.cli.exits import Exit

try:
    from coterie.cli.app import app
except (
    KeyboardInterrupt
):  # loading takes most of the first moments: a Ctrl-C in them ends the program, without a traceback
    raise SystemExit(Exit.INTERRUPTED.value) from None


def main() -> None:
    """The program `coterie`."""
    try:
        app()
    except KeyboardInterrupt:  # before typer listens, or after
        raise SystemExit(Exit.INTERRUPTED.value) from None


__all__ = ["app", "main"]
