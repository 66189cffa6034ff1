"""Reading a JSON document part by part and keeping every fault, so that a refused request names all of them at once, each with its path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from coterie.errors import InvalidInput, Path, Problem
from coterie.rules.operands import describe_json

FAULTS_MAX = 100


class Faults:
    """The faults found so far in one request."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def __len__(self) -> int:
        return len(self._problems)

    def add(self, message: str, path: Path, hint: str | None = None) -> None:
        if len(self._problems) < FAULTS_MAX:
            self._problems.append(Problem(message, path, "invalid_input", hint))

    def raise_if_any(self) -> None:
        """Raises InvalidInput."""
        if self._problems:
            first, *others = self._problems
            raise InvalidInput(first.message, path=first.path, hint=first.hint, others=others)

    def mapping(self, raw: object, allowed: Iterable[str], path: Path = ()) -> Mapping[str, object] | None:
        """A JSON object with no keys but those allowed. None where it is none, which has then been recorded."""
        if not isinstance(raw, dict):
            self.add(f"{_name(path)} must be an object, not {describe_json(raw)}.", path)
            return None
        self.known_keys(raw, allowed, path)
        return raw

    def known_keys(self, sent: Mapping[str, object], allowed: Iterable[str], path: Path) -> None:
        for key in sent:
            if key not in allowed:
                self.add(f"The key {key[:60]!r} is not known.", (*path, key), f"Known keys: {', '.join(allowed)}.")

    def required(self, sent: Mapping[str, object], keys: Iterable[str], path: Path) -> None:
        for key in keys:
            if key not in sent:
                self.add(f"`{key}` is required.", (*path, key))

    def choice(self, sent: Mapping[str, object], key: str, choices: Iterable[str], path: Path) -> str | None:
        """One of `choices`. None where it is absent, or at fault, which has then been recorded."""
        raw = sent.get(key)
        if key not in sent:
            return None
        if isinstance(raw, str) and raw in choices:
            return raw
        self.add(f"`{key}` cannot be {describe_json(raw)}.", (*path, key), f"It is one of: {', '.join(choices)}.")
        return None

    def text(self, sent: Mapping[str, object], key: str, longest: int | None = None) -> str | None:
        """A text, or null, which is the same as leaving it out."""
        raw = sent.get(key)
        if raw is None:
            return None
        if not isinstance(raw, str):
            self.add(f"`{key}` must be a string, not {describe_json(raw)}.", (key,))
        elif longest is not None and len(raw) > longest:
            self.add(f"`{key}` has {len(raw):,} characters; at most {longest} are allowed.", (key,))
        elif "\0" in raw or any("\ud800" <= character <= "\udfff" for character in raw):
            self.add(f"`{key}` holds a character that is not text.", (key,))
        else:
            return raw
        return None


def _name(path: Path) -> str:
    return f"`{path[-1]}`" if path and isinstance(path[-1], str) else "A rule" if path else "The body"
