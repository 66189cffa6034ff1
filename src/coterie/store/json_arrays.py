"""Lists as SQLite takes them: one JSON array, bound to one parameter and read there with json_each."""

from __future__ import annotations

from collections.abc import Sequence

import orjson


def of_numbers(numbers: Sequence[int]) -> str:
    """Also of NumPy's integers and arrays, in which the index keeps its pids."""
    return orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY, default=list).decode()


def of_texts(texts: Sequence[str]) -> str:
    """Half a surrogate pair cannot be written in UTF-8, so nothing is stored under a text with one: it is left out."""
    try:
        return orjson.dumps(texts, default=list).decode()
    except TypeError:
        return orjson.dumps([text for text in texts if is_encodable(text)]).decode()


def is_encodable(text: str) -> bool:
    """Can `text` be written in UTF-8, and so be in the file at all?"""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
