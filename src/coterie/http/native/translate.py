"""Between our own dialect's JSON and the model, both ways, and nowhere else. Pure.

Instants become ISO 8601 text in UTC (`2026-03-25T14:30:00.000Z`), whole numbers have no `.0`. A property's time stays tagged
(`{"time": ...}`): read and sent back, it is still a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias, TypeVar

from coterie.exporting.cells import json_value
from coterie.http.native import schema
from coterie.http.native.envelope import problem_out
from coterie.http.problem_paths import dotted, moved
from coterie.model import (
    UNSET,
    Comparison,
    Counted,
    Explanation,
    KindSummary,
    NodeCount,
    Outcome,
    Preview,
    Profile,
    ProfileInput,
    ProfileWrite,
    Property,
    PropertyChange,
    PropertySummary,
    Rejected,
    Segment,
    Transition,
    Verdict,
)  # fmt: skip
from coterie.rules.nodes import Rule
from coterie.rules.operators.declaration import Example, Operator
from coterie.rules.values import Instant
from coterie.rules.write import write_rule

Json: TypeAlias = dict[str, object]
Sentence: TypeAlias = Callable[[Rule], str]
W = TypeVar("W")


# --- profiles ---------------------------------------------------------------------------------------------------------


def profile_in(sent: schema.NewProfile) -> ProfileInput:
    """What was not sent is left UNSET; null means remove."""
    named = sent.model_fields_set
    return ProfileInput(
        id=UNSET if sent.id is None else str(sent.id),
        external_id=sent.external_id if "external_id" in named else UNSET,
        email=sent.email if "email" in named else UNSET,
        properties=sent.properties,
        lists=[str(item) for item in sent.lists] if "lists" in named else UNSET,
        anonymous_id=UNSET if sent.anonymous_id is None else sent.anonymous_id,
    )


def profile_out(profile: Profile) -> Json:
    return {
        "id": profile.id,
        "external_id": profile.external_id,
        "email": profile.email,
        "properties": {name: json_value(value) for name, value in profile.properties.items()},
        "lists": list(profile.lists),
        "created_at": profile.created_at.iso(),
        "updated_at": profile.updated_at.iso(),
    }


def write_out(write: ProfileWrite) -> Json:
    return {"id": write.id, "outcome": write.outcome.value}


def batch_out(results: Sequence[ProfileWrite | Rejected]) -> Json:
    return page_of_refusals(results, write_out, Outcome, {"id": None})


def page_of_refusals(
    results: Sequence[W | Rejected], taken: Callable[[W], Json], outcomes: Iterable[StrEnum], absent: Mapping[str, object]
) -> Json:  # fmt: skip
    """The fates of a batch, and how often there was each. `absent` is what a refused item has in place of what `taken` tells."""
    counts: dict[str, int] = {str(outcome): 0 for outcome in outcomes} | {"refused": 0}
    items: list[Json] = []
    for index, result in enumerate(results):
        item = _refused(result, absent) if isinstance(result, Rejected) else {**taken(result), "problems": []}
        counts[str(item["outcome"])] += 1
        items.append({"index": index, **item})
    return {"counts": counts, "items": items}


def _refused(refused: Rejected, absent: Mapping[str, object]) -> Json:
    return {**absent, "outcome": "refused", "problems": [problem_out(problem) for problem in refused.problems]}


# --- properties -------------------------------------------------------------------------------------------------------


def property_out(known: Property) -> Json:
    return {
        "id": known.id,
        "name": known.name,
        "type": known.type.value if known.type else None,
        "fallback": known.fallback,
        "created_at": known.created_at.iso(),
        "updated_at": known.updated_at.iso(),
    }


def summary_out(summary: PropertySummary) -> Json:
    kinds = [_kind_out(kind) for kind in summary.kinds]
    return {**property_out(summary.property), "count": summary.count, "kinds": kinds}


def _kind_out(kind: KindSummary) -> Json:
    return {
        "kind": kind.kind.value,
        "count": kind.count,
        "distinct": kind.distinct,
        "top": [{"value": top.value, "count": top.count} for top in kind.top],
        "low": _bound(kind.low),
        "high": _bound(kind.high),
    }


def _bound(bound: float | Instant | None) -> object:
    """The end of a range of one kind: nobody takes it for a text, so a time needs no tag."""
    return bound.iso() if isinstance(bound, Instant) else None if bound is None else json_value(bound)


def change_out(change: PropertyChange) -> Json:
    return {
        "property": property_out(change.property),
        "converted": change.converted,
        "dropped": change.dropped,
        "warnings": [problem_out(warning) for warning in change.warnings],
    }


# --- segments ---------------------------------------------------------------------------------------------------------


def segment_out(segment: Segment, sentence: Sentence) -> Json:
    origin = segment.origin
    return {
        "id": segment.id,
        "name": segment.name,
        "kind": segment.kind.value,
        "description": segment.description,
        "rule": None if segment.rule is None else write_rule(segment.rule),
        "sentence": None if segment.rule is None else sentence(segment.rule),
        "origin": None if origin is None else {"dialect": origin.dialect, "document": dict(origin.document)},
        "version": segment.version,
        "member_count": segment.member_count,
        "created_at": segment.created_at.iso(),
        "updated_at": segment.updated_at.iso(),
    }


def transition_out(transition: Transition) -> Json:
    return {
        "sequence": transition.sequence,
        "segment_id": transition.segment_id,
        "segment_version": transition.segment_version,
        "profile_id": transition.profile_id,
        "action": transition.action.value,
        "cause": transition.cause.value,
        "at": transition.at.iso(),
    }


# --- answers ----------------------------------------------------------------------------------------------------------


def preview_out(preview: Preview) -> Json:
    return {
        "count": preview.count,
        "total": preview.total,
        "tree": _count_out(preview.tree),
        "sample": [profile_out(profile) for profile in preview.sample],
        "sentence": preview.sentence,
        "warnings": [problem_out(warning) for warning in moved(preview.warnings, ("rule",))],
        "as_of": preview.as_of.iso(),
        "comparison": _comparison_out(preview.comparison) if preview.comparison else None,
    }


def _count_out(node: NodeCount) -> Json:
    children = [_count_out(child) for child in node.children]
    return {"path": dotted(node.path), "sentence": node.sentence, "count": node.count, "children": children}


def _comparison_out(comparison: Comparison) -> Json:
    return {
        "segment_id": comparison.segment_id,
        "enter": comparison.enter,
        "leave": comparison.leave,
        "stay": comparison.stay,
    }


def explanation_out(explanation: Explanation) -> Json:
    return {
        "profile_id": explanation.profile_id,
        "segment_id": explanation.segment_id,
        "member": explanation.member,
        "since": _moment(explanation.since),
        "verdict": _verdict_out(explanation.verdict) if explanation.verdict else None,
        "as_of": explanation.as_of.iso(),
        "changes_at": _moment(explanation.changes_at),
        "changes_known_until": _moment(explanation.changes_known_until),
    }


def _moment(at: Instant | None) -> str | None:
    return None if at is None else at.iso()


def _verdict_out(verdict: Verdict) -> Json:
    return {
        "path": dotted(verdict.path),
        "sentence": verdict.sentence,
        "holds": verdict.holds,
        "actual": None if verdict.actual is None else json_value(verdict.actual),
        "counted": [_counted_out(one) for one in verdict.counted],
        "counted_count": verdict.counted_count,
        "children": [_verdict_out(child) for child in verdict.children],
    }


def _counted_out(counted: Counted) -> Json:
    return {
        "name": counted.name,
        "at": counted.at.iso(),
        "values": {name: json_value(value) for name, value in counted.values.items()},
    }


def page_out(items: Iterable[Json], next_page: str | int | None, total: int | None) -> Json:
    return {"items": list(items), "next": next_page, "total": total}


# --- the language -----------------------------------------------------------------------------------------------------


def operator_out(operator: Operator) -> Json:
    return {
        "name": operator.name,
        "reads": operator.reads,
        "summary": operator.summary,
        "kinds": sorted(kind.value for kind in operator.kinds),
        "takes": operator.takes.name,
        "case_option": operator.case_option,
        "complement_of": operator.complement_of,
        "examples": [_example_out(shown) for shown in operator.examples],
    }


def _example_out(shown: Example) -> Json:
    return {"value": shown.value, "operand": shown.operand, "holds": shown.holds, "now": shown.now}
