"""SQL has a home: each database's `schema/<database>/queries*.sql` hold its queries, each after a line `-- name: <name>`.

They are read once, when the module that uses them is imported. To add a query, write it there and ask for it by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def parse(text: str) -> Mapping[str, str]:
    """The queries of a file by name. Comments before a name belong to it and are left out of the query before."""
    _, *parts = _NAME.split(text)
    named: dict[str, str] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if name in named:
            raise ValueError(f"two queries are called {name}")
        named[name] = body[: body.rindex(";")].strip()
    return MappingProxyType(named)


def load(database: str) -> Mapping[str, str]:
    folder = files("coterie.store").joinpath("schema", database)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.startswith("queries"))
    return parse("".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names))


WORKSPACE = load("workspace")
CONTROL = load("control")
