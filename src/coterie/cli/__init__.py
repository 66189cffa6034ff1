"""The command line: one command a file, in `commands/`.

    app         the commands put together, and errors turned into sentences and exit codes
    exits       what the exit codes mean
    options     the options that commands share
    opening     a data directory, or a workspace in it, for the length of a command
    terminal    tables for people, JSON for scripts, progress on standard error
    values      profiles, counts and instants as words

To add a command: add `commands/<name>.py` with `PLACE`, its place in the list of commands, and `register(app)`. It is found by being there.
"""

from __future__ import annotations

from coterie.cli.app import app


def main() -> None:
    """The program `coterie`."""
    app()


__all__ = ["app", "main"]
