"""Lists as SQL parameters: one JSON array, bound to one parameter and read there with json_each."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from coterie.rules.names import is_encodable


def of_numbers(numbers: Sequence[int]) -> str:
    """Takes NumPy's integers and arrays too, which the index uses for pids."""
    return orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY, default=list).decode()


def of_texts(texts: Sequence[str]) -> str:
    """Leaves out texts that are not encodable: nothing can be stored under them."""
    try:
        return orjson.dumps(texts, default=list).decode()
    except TypeError:
        return orjson.dumps([text for text in texts if is_encodable(text)]).decode()
