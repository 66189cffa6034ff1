"""Everything that can go wrong, as one tree.

Each error says what happened in a sentence (`message`), where in the caller's input (`path`, a
tuple of keys and indexes), and what to do about it (`hint`). `code` is stable; programs match on
it. Dialects translate the classes to their own envelopes; nothing here knows about HTTP.

    CoterieError
    ├── InvalidInput            the caller's input is wrong; may carry several problems
    │   ├── InvalidRule         a rule that cannot be read or does not make sense
    │   ├── InvalidValue        a property value refused on input
    │   ├── InvalidCursor       a paging cursor we did not make
    │   └── LimitExceeded       larger, deeper or more than a named limit allows
    │       ├── BodyTooLarge    a request body, after decompression
    │       └── SegmentLimitReached  as many segments as `segments_max` allows
    ├── NotFound                no such profile, segment, property, key
    ├── Conflict                a conflict with the current state
    │   ├── IdentityConflict    identifiers that belong to different profiles
    │   ├── SegmentInUse        other segments' rules refer to it
    │   ├── PropertyInUse       segments' rules refer to it
    │   ├── IdempotencyConflict the same Idempotency-Key with another request
    │   └── Suppressed          about somebody who was erased
    ├── AccessRefused           the caller may not do this
    │   ├── KeyMissing          no key was sent
    │   ├── KeyRefused          the key is not known, or was revoked
    │   └── ScopeMissing        the key does not reach as far as the request
    └── StoreError              the data directory
        ├── DataDirectoryBusy   another process has it open
        ├── DataDirectoryDamaged  it cannot be read, or is not what was written
        └── SchemaTooNew        written by a newer Coterie
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]

CHANGE_USERS_FIRST = "Change or delete those segments first."
"""The hint for something that segments use."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input."""

    message: str
    path: Path = ()
    code: str = "invalid_input"
    hint: str | None = None


class CoterieError(Exception):
    """The root. `code` is for programs; `message`, `path` and `hint` are for people."""

    code = "error"

    def __init__(self, message: str, *, path: Path = (), hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.hint = hint

    def __str__(self) -> str:
        where = f" (at {'.'.join(map(str, self.path))})" if self.path else ""
        how = f" {self.hint}" if self.hint else ""
        return f"{self.message}{where}{how}"

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (Problem(self.message, self.path, self.code, self.hint),)


class InvalidInput(CoterieError):
    """The input is wrong. `problems` lists every problem, this error's own first."""

    code = "invalid_input"

    def __init__(
        self, message: str, *, path: Path = (), hint: str | None = None, others: Iterable[Problem] = ()
    ) -> None:
        super().__init__(message, path=path, hint=hint)
        self._others = tuple(others)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (Problem(self.message, self.path, self.code, self.hint), *self._others)


class InvalidRule(InvalidInput):
    code = "invalid_rule"


class InvalidValue(InvalidInput):
    code = "invalid_value"


class InvalidCursor(InvalidInput):
    code = "invalid_cursor"


class LimitExceeded(InvalidInput):
    code = "limit_exceeded"


class BodyTooLarge(LimitExceeded):
    code = "body_too_large"


class SegmentLimitReached(LimitExceeded):
    """The workspace has as many segments as `segments_max` allows."""


class NotFound(CoterieError):
    code = "not_found"


class Conflict(CoterieError):
    code = "conflict"


class IdentityConflict(Conflict):
    code = "identity_conflict"


class SegmentInUse(Conflict):
    """`users` are the (id, name) of the segments whose rules refer to this one."""

    code = "segment_in_use"

    def __init__(self, message: str, *, users: tuple[tuple[str, str], ...], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.users = users


class PropertyInUse(Conflict):
    """`users` are the (id, name) of the segments whose rules refer to the property."""

    code = "property_in_use"

    def __init__(self, message: str, *, users: tuple[tuple[str, str], ...], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.users = users


class IdempotencyConflict(Conflict):
    code = "idempotency_conflict"


class Suppressed(Conflict):
    code = "suppressed"


class AccessRefused(CoterieError):
    code = "access_refused"


class KeyMissing(AccessRefused):
    code = "key_missing"


class KeyRefused(AccessRefused):
    code = "key_refused"


class ScopeMissing(AccessRefused):
    code = "scope_missing"


class StoreError(CoterieError):
    code = "store_error"


class DataDirectoryBusy(StoreError):
    code = "data_directory_busy"


class DataDirectoryDamaged(StoreError):
    code = "data_directory_damaged"


class SchemaTooNew(StoreError):
    code = "schema_too_new"


def not_found(kind: str, name: object, *, path: Path = (), hint: str | None = None) -> NotFound:
    """The error for an id or a name that nothing of this kind has."""
    return NotFound(none_of(kind, name), path=path, hint=hint)


def none_of(kind: str, name: object) -> str:
    """The sentence for an id or a name that nothing of this kind has."""
    return f"There is no {kind} {name}."


def one_identifier(noun: str) -> InvalidInput:
    """The error for a `noun` that was asked for by no identifier, or by two."""
    return InvalidInput(f"Ask for {noun} by its id or by its external_id.")


def workspace_closed() -> StoreError:
    """The error for work on a workspace after it was closed."""
    return StoreError("The workspace is closed.")


def missing(field: str, question: str, *, path: Path | None = None, hint: str) -> InvalidInput:
    """The error for an input without its subject. `question` is what the field answers, such as
    "whose event this is"; `path` is the field's, unless given."""
    return InvalidInput(f"`{field}` is missing: say {question}.", path=(field,) if path is None else path, hint=hint)


def limit_sentence(what: str, count: int | None, unit: str, limit: int, setting: str | None = None) -> str:
    """The sentence for something that has more than a limit allows, or as much already.

    `count` is how much it has, None where nobody counted to the end; `setting` names the limit.
    """
    amount = "too many" if count is None else f"{count:,}"
    return f"{what} has {amount} {unit}; the limit is {limit:,}{f' ({setting})' if setting else ''}."


def over_limit(
    what: str, count: int, unit: str, limit: int, setting: str | None = None, *, path: Path = (),
    hint: str | None = None, error: type[LimitExceeded] = LimitExceeded,
) -> LimitExceeded:  # fmt: skip
    """The error for more than a limit allows, which is an `error`."""
    return error(limit_sentence(what, count, unit, limit, setting), path=path, hint=hint)


def file_sentence(file: object, verb: str, error: OSError) -> str:
    """The sentence for a file that cannot be `verb`: read, written or opened."""
    return f"{file} cannot be {verb}: {error.strerror}."
