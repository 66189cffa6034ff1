"""Named SQL: `schema/<database>/queries*.sql` contain each query after a line `-- name: <name>`.

They are read once, when this module is imported. To add a query, write it there and use its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def parse(text: str) -> Mapping[str, str]:
    """The queries of a file by name. A comment above a name belongs to that name."""
    _, *parts = _NAME.split(text)
    queries: dict[str, str] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if name in queries:
            raise ValueError(f"two queries are called {name}")
        queries[name] = body[: body.rindex(";")].strip()
    return MappingProxyType(queries)


def load(database: str) -> Mapping[str, str]:
    folder = files("coterie.store").joinpath("schema", database)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.startswith("queries"))
    return parse("".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names))


WORKSPACE = load("workspace")
CONTROL = load("control")
