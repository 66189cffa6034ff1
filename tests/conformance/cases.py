"""The cases: every `spec/cases/**/*.yaml`, with its defaults filled in and every key known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.conformance.documents import read

CASES = Path(__file__).parents[2] / "spec" / "cases"
DEFAULTS = ("now", "zone", "declared", "profiles", "changed", "events", "conversations", "numbers", "segments")
_EVALUATED = {"rule", "members"}
_KINDS = (
    _EVALUATED,
    _EVALUATED | {"warned"},
    {"rule", "refused"},
    {"rule", "saved_as", "cycle"},
    {"send", "stored"},
    {"send", "refused"},
)


@dataclass(frozen=True)
class Expected:
    """A problem that must be reported. A field that is None is not compared."""

    code: str | None = None
    path: tuple[str | int, ...] | None = None
    says: str | None = None


@dataclass(frozen=True)
class Case:
    name: str
    file: Path
    now: str = "2026-03-25T12:00:00Z"
    zone: str = "UTC"
    declared: Mapping[str, str] = field(default_factory=dict)
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    changed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    events: Mapping[str, Sequence[Sequence[Any]]] = field(default_factory=dict)
    conversations: Mapping[str, Sequence[Sequence[Any]]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    segments: Mapping[str, Any] = field(default_factory=dict)
    rule: Any = None
    members: frozenset[str] | None = None
    refused: tuple[Expected, ...] | None = None
    warned: tuple[Expected, ...] | None = None
    saved_as: str | None = None
    cycle: tuple[str, ...] | None = None
    send: Mapping[str, Any] | None = None
    stored: Mapping[str, Any] | None = None

    def profile_labels(self) -> list[str]:
        """The labels with properties, activity or a number."""
        return list(dict.fromkeys((*self.profiles, *self.events, *self.conversations, *self.numbers)))

    def __repr__(self) -> str:
        return f"{self.file.relative_to(CASES)}: {self.name}"


@cache
def every_case() -> tuple[Case, ...]:
    return tuple(case for file in case_files() for case in _cases_of(file))


def case_files() -> list[Path]:
    return sorted(CASES.rglob("*.yaml"))


def _cases_of(file: Path) -> list[Case]:
    document = read(file)
    if isinstance(document, list):
        document = {"cases": document}
    unknown = document.keys() - {"about", "cases", *DEFAULTS}
    assert not unknown, f"{file}: unknown keys {unknown}"
    defaults = {key: document[key] for key in DEFAULTS if key in document}
    return [_case(file, defaults, written) for written in document["cases"]]


def _case(file: Path, defaults: Mapping[str, Any], written: Mapping[str, Any]) -> Case:
    where = f"{file}: {written.get('name')}"
    keys = written.keys() - {"name", *DEFAULTS}
    assert keys in _KINDS, f"{where}: a case has one of {_KINDS}, not {keys}"
    values = {**defaults, **written}
    if "members" in values:
        assert len(set(values["members"])) == len(values["members"]), f"{where}: a member twice"
        values["members"] = frozenset(values["members"])
    if "refused" in values:
        listed = values["refused"] if isinstance(values["refused"], list) else [values["refused"]]
        values["refused"] = _expected(listed)
    if "warned" in values:
        values["warned"] = _expected(values["warned"])
    if "cycle" in values:
        values["cycle"] = tuple(values["cycle"])
    case = Case(file=file, **values)
    assert (case.members or frozenset()) <= set(case.profile_labels()), f"{where}: a member that is no profile"
    assert case.changed.keys() <= case.profiles.keys(), f"{where}: a change of nobody"
    return case


def _expected(written: Sequence[Mapping[str, Any]]) -> tuple[Expected, ...]:
    return tuple(Expected(**{**item, "path": tuple(item["path"]) if "path" in item else None}) for item in written)
