"""Reading a JSON body field by field and keeping every fault, so that a refused request names all of them at once.

Messages read as SendKit's clients are used to: "The email field is required."
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from coterie.errors import CoterieError, InvalidInput, Path, Problem
from coterie.http.fault import dotted
from coterie.model import UNSET, Unset

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def as_uuid(raw: object) -> str | None:
    """The id in its one written form, or None when it is not a UUID at all."""
    return raw.lower() if isinstance(raw, str) and _UUID.fullmatch(raw) else None


class Faults:
    """The faults found so far in one request."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def add(self, message: str, path: Path, hint: str | None = None) -> None:
        self._problems.append(Problem(message, path, "validation_error", hint))

    def keep(self, error: CoterieError, path: Path) -> None:
        """Take over the faults of an error raised below, at the place in the request that caused it."""
        for problem in error.problems:
            self.add(problem.message, path, problem.hint)

    def __len__(self) -> int:
        return len(self._problems)

    def raise_if_any(self) -> None:
        if self._problems:
            first, *others = self._problems
            raise InvalidInput(first.message, path=first.path, hint=first.hint, others=others)

    # --- reading

    def mapping(self, raw: object, allowed: Sequence[str], path: Path = ()) -> Mapping[str, object] | None:
        """A JSON object with no keys but those allowed. PHP writes an empty object as `[]`, so that is one too."""
        if raw == [] and isinstance(raw, list):
            return {}
        if not isinstance(raw, dict):
            self.add(
                "The body must be a JSON object." if not path else f"The {dotted(path)} field must be an object.", path
            )
            return None
        for key in raw:
            if key not in allowed:
                self.add(
                    f"The {dotted((*path, key))} field is not known.", (*path, key), f"Known: {', '.join(allowed)}."
                )
        return raw

    def text(
        self,
        body: Mapping[str, object],
        key: str,
        *,
        longest: int,
        required: bool = False,
        nullable: bool = False,
        path: Path = (),
    ) -> str | None | Unset:
        """A string of at most `longest` characters. UNSET when absent; and when at fault, which has then been recorded."""
        where = (*path, key)
        if key not in body:
            if required:
                self.add(f"The {dotted(where)} field is required.", where)
            return UNSET
        raw = body[key]
        if raw is None and nullable:
            return None
        if not isinstance(raw, str):
            self.add(f"The {dotted(where)} field must be a string{' or null' if nullable else ''}.", where)
        elif required and not raw.strip():
            self.add(f"The {dotted(where)} field is required.", where)
        elif len(raw) > longest:
            self.add(f"The {dotted(where)} field must not be longer than {longest} characters.", where)
        elif "\0" in raw or any("\ud800" <= character <= "\udfff" for character in raw):
            self.add(f"The {dotted(where)} field holds a character that is not text.", where)
        else:
            return raw
        return UNSET

    def choice(
        self, body: Mapping[str, object], key: str, choices: Sequence[str], *, required: bool = True, path: Path = ()
    ) -> str | None:
        """One of `choices`. None when absent or at fault."""
        where = (*path, key)
        if key not in body:
            if required:
                self.add(f"The {dotted(where)} field is required.", where)
            return None
        raw = body[key]
        if isinstance(raw, str) and raw in choices:
            return raw
        self.add(f"The {dotted(where)} field must be one of: {', '.join(choices)}.", where)
        return None
