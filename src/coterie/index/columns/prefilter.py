"""The prefilter of a regular expression: literals of which a matching text must contain one.

A search for literals is ten times as fast as matching, so only the texts that contain one are
matched. `prefilter` understands the plain part of RE2's syntax and gives up on the rest: then
it requires nothing. It never names a literal that a match can do without. It names only ASCII
literals, in lower case: they are searched for in folded texts, and texts with other characters are
always matched.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

LITERALS_MAX: Final = 8
LENGTH_MIN: Final = 2
"""A single character is too common to be worth a search."""

SETS_MAX: Final = 3

Literals = frozenset[str]
Prefilter = tuple[Literals, ...]


class _UnsupportedSyntax(Exception):
    """The pattern has something that this reader does not understand."""


@lru_cache(maxsize=512)
def prefilter(pattern: str) -> Prefilter:
    """Return sets of literals; every text that the pattern matches contains at least one of each.

    The most selective come first. Empty when nothing is known.
    """
    try:
        reader = _Reader(pattern)
        required = reader.alternatives()
        if not reader.at_end:
            return ()
    except _UnsupportedSyntax:
        return ()
    selective = {literals for literals in required if _length(literals) >= LENGTH_MIN}
    return tuple(sorted(selective, key=_worth, reverse=True)[:SETS_MAX])


def _length(literals: Literals) -> int:
    return min(map(len, literals))


def _worth(literals: Literals) -> tuple[int, int, list[str]]:
    """Rank literals: longer ones are worth more; among equally long ones, fewer are."""
    return _length(literals), -len(literals), sorted(literals)


@dataclass(slots=True)
class _Reader:
    """Reads the pattern from `at`. Escapes and classes that are not literal require nothing."""

    pattern: str
    at: int = 0

    @property
    def at_end(self) -> bool:
        return self.at >= len(self.pattern)

    def _peek(self) -> str:
        return self.pattern[self.at] if not self.at_end else ""

    def alternatives(self) -> Prefilter:
        branches = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._sequence())
        if len(branches) == 1:
            return branches[0]
        if not all(branches):
            return ()
        literals = Literals().union(*(max(branch, key=_worth) for branch in branches))
        return (literals,) if len(literals) <= LITERALS_MAX else ()

    def _sequence(self) -> Prefilter:
        """Read pieces up to "|", ")" or the end, and return what they require.

        Neighbouring characters that occur exactly once make one literal.
        """
        required: list[Literals] = []
        run = ""
        while not self.at_end and self._peek() not in "|)":
            character, inner = self._piece()
            least, is_repeated = self._repetition()
            if character and not is_repeated:
                run += character
                continue
            required += [Literals({run})] if run else []
            run = ""
            if least > 0:
                required += [Literals({character})] if character else inner
        return (*required, Literals({run})) if run else tuple(required)

    def _piece(self) -> tuple[str, Prefilter]:
        """Read a piece: a literal character in lower case, or "" and what the piece requires."""
        character = self._peek()
        self.at += 1
        match character:
            case "\\":
                return self._escape(), ()
            case "[":
                self._skip_class()
                return "", ()
            case "(":
                return "", self._group()
            case "." | "^" | "$":
                return "", ()
            case "*" | "+" | "?" | "{" | "]" | "}":
                raise _UnsupportedSyntax
        if not character.isascii():
            return "", ()
        return character.lower(), ()

    def _escape(self) -> str:
        character = self._peek()
        self.at += 1
        if not character.isascii() or not character:
            raise _UnsupportedSyntax
        if character in "dDwWsSbBAz":
            return ""
        if character.isalnum():
            raise _UnsupportedSyntax
        return character

    def _skip_class(self) -> None:
        """Skip to the end of `[...]`. Named classes in it, such as [[:alpha:]], are unsupported."""
        if self._peek() == "^":
            self.at += 1
        if self._peek() == "]":
            self.at += 1
        while self._peek() != "]":
            if self.at_end or self._peek() == "[":
                raise _UnsupportedSyntax
            if self._peek() == "\\":
                self.at += 1
                self._escape()
            else:
                self.at += 1
        self.at += 1

    def _group(self) -> Prefilter:
        if self._peek() == "?":
            if self.pattern[self.at : self.at + 2] != "?:":
                raise _UnsupportedSyntax
            self.at += 2
        inner = self.alternatives()
        if self._peek() != ")":
            raise _UnsupportedSyntax
        self.at += 1
        return inner

    def _repetition(self) -> tuple[int, bool]:
        """Read a repetition: its least number of times, and whether there is one at all."""
        match self._peek():
            case "*" | "?":
                least = 0
            case "+":
                least = 1
            case "{":
                return self._counted_repetition()
            case _:
                return 1, False
        self.at += 1
        if self._peek() == "?":
            self.at += 1
        if self._peek() and self._peek() in "*+?{":
            raise _UnsupportedSyntax
        return least, True

    def _counted_repetition(self) -> tuple[int, bool]:
        close = self.pattern.find("}", self.at)
        low = self.pattern[self.at + 1 : close].partition(",")[0]
        if close < 0 or not low.isdecimal() or not low.isascii():
            raise _UnsupportedSyntax
        self.at = close + 1
        if self._peek() == "?":
            self.at += 1
        if self._peek() and self._peek() in "*+?{":
            raise _UnsupportedSyntax
        return int(low), True
