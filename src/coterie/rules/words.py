"""Names, texts, numbers and times as words, for `describe.py` and the shapes of operands.

Long texts and long lists are shortened, and underscores in names become spaces. Instants are given
in UTC and dates as dates, so that no sentence depends on the workspace's zone.
"""

from __future__ import annotations

import re
from datetime import date

from coterie.rules.nodes import Duration, Operand
from coterie.rules.values import Instant

_CHARACTERS_MAX = 80
_ITEMS_MAX = 10
_PLAIN_NAME = re.compile(r"\w+(?: \w+)*")
_PLAIN_TEXT = re.compile(r"[\w.@+/-]+")
_NUMBER = re.compile(r"[+-]?[\d.]+(e[+-]?\d+)?", re.IGNORECASE)
_WORDS_OF_SENTENCES = {"and", "or", "not", "true", "false", "of", "is", "the"}
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}


def operand_words(operand: Operand) -> str:
    """The operand in a sentence: `enterprise`, `7 days`, `Berlin, Paris or Rome`."""
    match operand:
        case None:
            return ""
        case tuple():
            items = [value_words(item) for item in operand[:_ITEMS_MAX]]
            if len(operand) > _ITEMS_MAX:
                items.append(f"{len(operand) - _ITEMS_MAX:,} more")
            return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"
        case _:
            return value_words(operand)


def value_words(operand: str | float | bool | Instant | date | Duration) -> str:
    """One value of an operand."""
    match operand:
        case bool():
            return "true" if operand else "false"
        case str():
            return text_words(operand)
        case Duration():
            return duration_words(operand)
        case Instant() | date():
            return moment_words(operand)
        case _:
            return f"{operand:.0f}" if operand.is_integer() and abs(operand) < 1e15 else repr(operand)


def name_words(name: str) -> str:
    """The name of a property or an event: `signed up at`; in quotes where it is not plain words."""
    words = spaced(name)
    return words if _PLAIN_NAME.fullmatch(words) else quoted(name)


def text_words(text: str) -> str:
    bare = _PLAIN_TEXT.fullmatch(text) and not _NUMBER.fullmatch(text) and text.lower() not in _WORDS_OF_SENTENCES
    return shortened(text) if bare else quoted(text)


def quoted(text: str) -> str:
    return f"“{shortened(text)}”"


def shortened(text: str) -> str:
    return text if len(text) <= _CHARACTERS_MAX else f"{text[: _CHARACTERS_MAX - 1]}…"


def spaced(word: str) -> str:
    return word.replace("_", " ")


def duration_words(length: Duration) -> str:
    count, unit = int(length.text[:-1]), _UNITS[length.text[-1]]
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def moment_words(moment: Instant | date) -> str:
    """An instant or a date: `1 March 2026 09:30 UTC`."""
    if not isinstance(moment, Instant):
        return f"{moment.day} {moment:%B} {moment.year}"
    at = moment.moment()
    seconds = f":{at:%S}" if int(moment) % 60_000 else ""
    milliseconds = f".{int(moment) % 1000:03d}" if int(moment) % 1000 else ""
    return f"{at.day} {at:%B} {at.year} {at:%H:%M}{seconds}{milliseconds} UTC"
