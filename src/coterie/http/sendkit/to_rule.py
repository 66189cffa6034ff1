"""SendKit's filters to a rule of ours. Pure: what the workspace has comes in as `Context`.

The grammar has exactly two levels: groups joined by the segment's `match_type`, each joining its conditions (`conditions.py`) by its own.
Every fault of a document is reported, each with its path. Beside the rule stands the document as it will be echoed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coterie.errors import Path
from coterie.http.problem_collector import ProblemCollector
from coterie.http.problem_paths import dotted
from coterie.http.sendkit.conditions import read_condition
from coterie.http.sendkit.grammar import CONDITIONS_MAX, GROUPS_MAX, MATCH_TYPES, Context
from coterie.http.sendkit.wording import php_object
from coterie.rules.nodes import All, Any, Rule


@dataclass(frozen=True, slots=True)
class Group:
    """A group, read: its conditions as rules, and each as it is echoed."""

    match_type: str
    rules: tuple[Rule, ...]
    shown: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A segment's definition, read."""

    match_type: str
    groups: tuple[Group, ...]

    @property
    def rule(self) -> Rule:
        return joined(self.match_type, [joined(group.match_type, group.rules) for group in self.groups])

    @property
    def document(self) -> dict[str, object]:
        """`match_type` and `filters` as every answer shows them."""
        groups = [{"match_type": group.match_type, "conditions": list(group.shown)} for group in self.groups]
        return {"match_type": self.match_type, "filters": {"groups": groups}}


def joined(match_type: str, rules: Sequence[Rule]) -> Rule:
    """All or any of them; one alone is itself, so that its sentence has no empty words in it."""
    if len(rules) == 1:
        return rules[0]
    return All(tuple(rules)) if match_type == "all" else Any(tuple(rules))


def read_definition(body: Mapping[str, object], context: Context, problems: ProblemCollector) -> Definition | None:
    """The `match_type` and `filters` of a body. None when they are at fault, which has then been recorded."""
    before = len(problems)
    match_type = problems.choice(body, "match_type", MATCH_TYPES, required=True)
    groups = _groups(body, context, problems)
    return Definition(match_type, tuple(groups)) if match_type and len(problems) == before else None


def _groups(body: Mapping[str, object], context: Context, problems: ProblemCollector) -> list[Group]:
    if "filters" not in body:
        problems.add("The filters field is required.", ("filters",))
        return []
    filters = problems.mapping(php_object(body["filters"]), ("groups",), ("filters",))
    if filters is None:
        return []
    sent = _array(filters, "groups", GROUPS_MAX, ("filters",), problems)
    groups = [_group(raw, ("filters", "groups", index), context, problems) for index, raw in enumerate(sent)]
    return [group for group in groups if group is not None]


def _group(raw: object, path: Path, context: Context, problems: ProblemCollector) -> Group | None:
    group = problems.mapping(php_object(raw), ("match_type", "conditions"), path)
    if group is None:
        return None
    match_type = problems.choice(group, "match_type", MATCH_TYPES, path=path, required=True)
    sent = _array(group, "conditions", CONDITIONS_MAX, path, problems)
    read = [read_condition(one, (*path, "conditions", index), context, problems) for index, one in enumerate(sent)]
    whole = [one for one in read if one is not None]
    return Group(match_type or "all", tuple(rule for rule, _ in whole), tuple(shown for _, shown in whole))


def _array(holder: Mapping[str, object], key: str, most: int, path: Path, problems: ProblemCollector) -> list[object]:
    where = (*path, key)
    raw = holder.get(key)
    if key not in holder:
        problems.add(f"The {dotted(where)} field is required.", where)
    elif not isinstance(raw, list):
        problems.add(f"The {dotted(where)} field must be an array.", where)
    elif not raw:
        problems.add(f"The {dotted(where)} field must have at least 1 item.", where)
    elif len(raw) > most:
        problems.add(f"The {dotted(where)} field must not have more than {most} items.", where)
    else:
        return raw
    return []
