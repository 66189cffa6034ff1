"""Regular expressions: RE2, which takes time in proportion to the text whatever the pattern, so a rule cannot be made to hang us.

The pattern is looked for anywhere in the text. `^` and `$` anchor it. It ignores case unless asked not to. The index matches the same
patterns with the RE2 inside Arrow and the same options.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import re2

from coterie.errors import InvalidRule


class Pattern(Protocol):
    """A compiled regular expression, as far as the rules need it."""

    def search(self, text: str) -> object | None: ...


@lru_cache(maxsize=256)
def regex(pattern: str, cased: bool) -> Pattern:
    """The compiled pattern. Raises InvalidRule with RE2's own words where it refuses it."""
    options = re2.Options()
    options.case_sensitive = cased
    options.log_errors = False  # RE2 would write to standard error; the caller is told instead
    try:
        compiled: Pattern = re2.compile(pattern, options)
    except re2.error as refusal:
        raise InvalidRule(
            f"The regular expression {pattern!r} cannot be used: {_words(refusal)}.",
            hint="Patterns are RE2's: no look-around and no back-references. See https://github.com/google/re2/wiki/Syntax.",
        ) from None
    return compiled


def found(pattern: str, text: str, cased: bool) -> bool:
    return regex(pattern, cased).search(text) is not None


def _words(refusal: Exception) -> str:
    words = refusal.args[0] if refusal.args else "RE2 refuses it"
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
