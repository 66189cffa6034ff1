"""The exit codes. They are a promise: scripts may rely on them."""

from __future__ import annotations

from enum import IntEnum

from coterie.errors import AccessRefused, CoterieError, InvalidInput, StoreError


class Exit(IntEnum):
    """0 is done, 130 stopped by Ctrl-C, as shells have it."""

    DONE = 0
    NO = 1  # a negative answer: not found, in conflict, rows refused, faults found
    USAGE = 2  # the command, the rule or the file makes no sense
    DATA = 3  # the data directory is busy, damaged, or of a newer version
    ADDRESS = 4  # the address to serve on is taken
    BUG = 70  # a fault of Coterie's own
    INTERRUPTED = 130


MEANINGS = {
    Exit.DONE: "done",
    Exit.NO: "a negative answer: nothing found, a conflict, rows refused, faults found",
    Exit.USAGE: "the command, the rule or the file makes no sense",
    Exit.DATA: "the data directory is busy, damaged, or written by a newer version",
    Exit.ADDRESS: "the address to serve on is taken",
    Exit.BUG: "a fault of Coterie's own; `coterie --debug ...` shows it",
    Exit.INTERRUPTED: "stopped by Ctrl-C; rows that an import stored by then stay, and it reports how many",
}


class AddressTaken(CoterieError):
    """Another program listens on the address, or this machine does not have it."""

    code = "address_taken"


def exit_for(error: CoterieError) -> Exit:
    """The exit code of a command that failed with this error."""
    match error:
        case InvalidInput():
            return Exit.USAGE
        case StoreError():
            return Exit.DATA
        case AddressTaken():
            return Exit.ADDRESS
        case AccessRefused() | _:
            return Exit.NO
