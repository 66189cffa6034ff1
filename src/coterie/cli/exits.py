"""What the exit codes mean. They are promised: scripts may rely on them."""

from __future__ import annotations

from enum import IntEnum

from coterie.errors import AccessRefused, CoterieError, InvalidInput, StoreError


class Exit(IntEnum):
    """0 is done, 130 stopped by Ctrl-C, as shells have it."""

    DONE = 0
    NO = 1  # a negative answer: not found, in conflict, rows refused, faults found
    USAGE = 2  # the command, the rule or the file cannot be meant
    DATA = 3  # the data directory is busy, damaged, or of a newer version
    ADDRESS = 4  # the address to serve on cannot be had
    BUG = 70  # a fault of Coterie's own
    INTERRUPTED = 130


MEANINGS = {
    Exit.DONE: "done",
    Exit.NO: "what was asked about is not so: nothing found, a conflict, rows refused, faults found",
    Exit.USAGE: "the command, the rule or the file cannot be meant",
    Exit.DATA: "the data directory is busy, damaged, or written by a newer version",
    Exit.ADDRESS: "the address to serve on cannot be had",
    Exit.BUG: "a fault of Coterie's own; `coterie --debug ...` shows it",
    Exit.INTERRUPTED: "stopped by Ctrl-C; what an import had stored by then stays, and it says how much",
}


class AddressTaken(CoterieError):
    """Another program listens on the address, or this machine does not have it."""

    code = "address_taken"


def exit_for(error: CoterieError) -> Exit:
    """The code with which a command ends that failed so."""
    match error:
        case InvalidInput():
            return Exit.USAGE
        case StoreError():
            return Exit.DATA
        case AddressTaken():
            return Exit.ADDRESS
        case AccessRefused() | _:
            return Exit.NO
