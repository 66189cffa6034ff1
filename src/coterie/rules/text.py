"""Regular expressions: RE2, whose time is linear in the text, so that no pattern can hang us.

A pattern matches anywhere in the text, unless `^` and `$` anchor it. It ignores case unless asked
not to. The index matches the same patterns, with the same options, by the RE2 inside Arrow.
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
    """The compiled pattern. Raises InvalidRule with RE2's own words."""
    options = re2.Options()
    options.case_sensitive = cased
    options.log_errors = False  # to standard error: the caller reports them instead
    try:
        compiled: Pattern = re2.compile(pattern, options)
    except re2.error as error:
        raise InvalidRule(
            f"The regular expression {pattern!r} cannot be used: {_words(error)}.",
            hint="Patterns are RE2's: no look-around and no back-references. See https://github.com/google/re2/wiki/Syntax.",
        ) from None
    return compiled


def is_found(pattern: str, text: str, cased: bool) -> bool:
    return regex(pattern, cased).search(text) is not None


def _words(error: Exception) -> str:
    words = error.args[0] if error.args else "RE2 refuses it"
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
