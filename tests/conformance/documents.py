"""The YAML of the case files, read so that nothing surprising can happen.

Scalars are resolved as in YAML 1.2 (`on` and `no` are texts, dates are texts), a key given twice is
refused, and two tags of our own make what nobody wants to type: `!repeat [65536, "a"]` and `!nested
[40, rule]`.

PyYAML's own rules are YAML 1.1's. `readings` gives both, so that a test can refuse a file that the
two read differently.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


class Loader(yaml.SafeLoader):
    """YAML 1.2's core schema, and our tags."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own way

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"{node.start_mark}: given twice: {', '.join(map(repr, twice))}")
        return super().construct_mapping(node, deep=deep)


class OldLoader(yaml.SafeLoader):
    """YAML 1.1, as PyYAML does by itself. Our tags are left as they are written."""


def _repeat(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    times, item = loader.construct_sequence(_sequence(node), deep=True)
    return item * times


def _nested(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    times, rule = loader.construct_sequence(_sequence(node), deep=True)
    for _ in range(times):
        rule = {"not": rule}
    return rule


def _as_written(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    return {node.tag: loader.construct_sequence(_sequence(node), deep=True)}


def _sequence(node: yaml.Node) -> yaml.SequenceNode:
    assert isinstance(node, yaml.SequenceNode), f"{node.start_mark}: a list of a number and a thing"
    return node


_CORE = {
    "tag:yaml.org,2002:null": (r"~|null|Null|NULL|", "~nN"),
    "tag:yaml.org,2002:bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "tag:yaml.org,2002:int": (r"[-+]?[0-9]+", "-+0123456789"),
    "tag:yaml.org,2002:float": (FLOAT.pattern, "-+0123456789."),
}
for _tag, (_pattern, _first) in _CORE.items():
    Loader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), [*_first, ""] if "" in _pattern else [*_first])
Loader.add_constructor("!repeat", _repeat)
Loader.add_constructor("!nested", _nested)


class _NewAsWritten(Loader):
    """YAML 1.2, our tags left as they are written, to be compared with `OldLoader`."""


for _loader in (OldLoader, _NewAsWritten):
    _loader.add_constructor("!repeat", _as_written)
    _loader.add_constructor("!nested", _as_written)


def read(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader)


def readings(file: Path) -> tuple[Any, Any]:
    """The file as YAML 1.2 and as YAML 1.1 read it."""
    text = file.read_text(encoding="utf-8")
    return yaml.load(text, _NewAsWritten), yaml.load(text, OldLoader)
