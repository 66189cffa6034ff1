"""Reads a rule from JSON values, or reports every problem in it, each with its path.

The reader never goes deeper than `depth_max` nor past `nodes_max`, so no document can exhaust it.
`read_operand.py` reads operands, `measures.py` the subjects of conditions on activity,
`sequences.py` sequences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from coterie.errors import InvalidRule, Path, Problem, limit_sentence
from coterie.rules.limits import RuleLimits
from coterie.rules.measure_declarations import MEASURES
from coterie.rules.measures import RuleReader, SentMeasure, read_measured
from coterie.rules.names import unfit_text
from coterie.rules.nodes import (
    All,
    Any,
    ConversationCondition,
    EventCondition,
    Not,
    Operand,
    PropertyCondition,
    Rule,
    SegmentCondition,
)
from coterie.rules.operand_shapes import NOTHING
from coterie.rules.operands import InvalidOperand, describe_json
from coterie.rules.operators import OPERATORS, Operator
from coterie.rules.read_operand import read_operand
from coterie.rules.sampling import read_sample
from coterie.rules.sequences import read_sequence
from coterie.rules.values import Kind

_GROUPS = ("all", "any", "not")
_SUBJECTS = ("property", "event", "conversation")
_FORMS = (*_GROUPS, *_SUBJECTS, "sequence", "segment", "sample")
_PROBLEMS_MAX = 100


def read_rule(document: object, limits: RuleLimits) -> Rule:
    """The rule of `document`. Raises InvalidRule, which names every problem."""
    reader = _Reader(limits)
    rule = reader.rule(document, (), 0)
    problems = reader.problems
    if problems:
        first, *others = problems[:_PROBLEMS_MAX]
        if len(problems) > _PROBLEMS_MAX:
            others.append(Problem(f"There are more problems than these {_PROBLEMS_MAX}.", (), "invalid_rule"))
        raise InvalidRule(first.message, path=first.path, hint=first.hint, others=others)
    assert rule is not None
    return rule


class _Reader:
    """Reads one document. A node that cannot be read is None, and its problem is collected."""

    def __init__(self, limits: RuleLimits) -> None:
        self.limits = limits
        self.problems: list[Problem] = []
        self._nodes = 0
        self._where = False  # inside the `where` of an event or a conversation

    def add(self, message: str, path: Path, hint: str | None = None, code: str = "invalid_rule") -> None:
        if len(self.problems) <= _PROBLEMS_MAX:
            self.problems.append(Problem(message, path, code, hint))

    # --- the tree

    def rule(self, document: object, path: Path, depth: int) -> Rule | None:
        self._nodes += 1
        if self._nodes > self.limits.nodes_max:
            if self._nodes == self.limits.nodes_max + 1:
                self._over("nodes", self.limits.nodes_max, "rule_nodes_max", path)
            return None
        if not isinstance(document, Mapping):
            self.add(
                f"A rule is an object, not {describe_json(document)}.",
                path,
                'Such as {"property": "plan", "operator": "is_set"}.',
            )
            return None
        forms = [form for form in _FORMS if form in document]
        if len(forms) != 1:
            self._unclear(document, forms, path)
            return None
        return self._form(forms[0], document, path, depth)

    def _form(self, form: str, document: Mapping[object, object], path: Path, depth: int) -> Rule | None:
        if form in _GROUPS:
            self.known_keys(document, (form,), path)
            if depth >= self.limits.depth_max:
                self._over("levels of groups", self.limits.depth_max, "rule_depth_max", path)
                return None
            return self._group(form, document[form], (*path, form), depth + 1)
        if self._where and form != "property":
            self.add(f"“{form}” has no place inside “where”.", path, "There, conditions are on properties only.")
            return None
        if form == "segment":
            self.known_keys(document, ("segment",), path)
            return self._segment(document["segment"], (*path, "segment"))
        if form == "sample":
            self.known_keys(document, ("sample",), path)
            return read_sample(document["sample"], (*path, "sample"), self)
        if form == "sequence":
            self.known_keys(document, ("sequence", "window"), path)
            return read_sequence(document, path, self, lambda raw, at: self._where_rule(raw, at, depth))
        self.known_keys(document, (form, "operator", "value", "case_sensitive"), path)
        return self._condition(form, document, path, depth)

    def _group(self, form: str, below: object, path: Path, depth: int) -> Rule | None:
        if form == "not":
            child = self.rule(below, path, depth)
            return None if child is None else Not(child)
        if not isinstance(below, list | tuple):
            self.add(f"“{form}” is a list of rules, not {describe_json(below)}.", path)
            return None
        if not below:
            self.add(f"“{form}” is empty.", path, "Give it a condition.")
            return None
        children: list[Rule] = []
        for place, item in enumerate(below):
            child = self.rule(item, (*path, place), depth)
            if child is not None:
                children.append(child)
            if self._nodes > self.limits.nodes_max:
                break
        return All(tuple(children)) if form == "all" else Any(tuple(children))

    def _segment(self, raw: object, path: Path) -> Rule | None:
        if not isinstance(raw, str) or not raw or len(raw) > self.limits.property_name_length_max or unfit_text(raw):
            self.add(f"“segment” is the id of a segment, not {describe_json(raw)}.", path)
            return None
        return SegmentCondition(raw)

    # --- conditions

    def _condition(self, form: str, document: Mapping[object, object], path: Path, depth: int) -> Rule | None:
        subject: str | SentMeasure | None
        if form == "property":
            subject = self.name(document[form], "“property”", (*path, form))
            kinds = frozenset(Kind)
        else:
            subject = read_measured(document[form], form == "event", (*path, form), self)
            if subject is not None and subject.where_document is not None:
                subject = subject.with_where(self._where_rule(subject.where_document, (*path, form, "where"), depth))
            kinds = frozenset(Kind) if subject is None else MEASURES[subject.measure].kinds
        operator = self._operator(document, kinds, subject, path)
        if operator is None:
            return None
        operand, is_read = self._operand(operator, document, kinds, path)
        cased = self._cased(document, operator, operand, is_read, path)
        if subject is None or not is_read:
            return None
        if isinstance(subject, str):
            return PropertyCondition(subject, operator.name, operand, cased)
        if subject.event:
            return EventCondition(
                subject.name, subject.measure, operator.name, operand, subject.of, subject.window, subject.where, cased
            )
        return ConversationCondition(
            subject.measure, operator.name, operand, subject.of, subject.window, subject.where, cased
        )

    def _where_rule(self, document: object, path: Path, depth: int) -> Rule | None:
        self._where = True
        where = self.rule(document, path, depth)
        self._where = False
        return where

    def _operator(
        self, document: Mapping[object, object], kinds: frozenset[Kind], subject: str | SentMeasure | None, path: Path
    ) -> Operator | None:
        raw = document.get("operator")
        if not isinstance(raw, str):
            what = (
                "“operator” is missing."
                if "operator" not in document
                else f"“operator” is a name, not {describe_json(raw)}."
            )
            self.add(what, (*path, "operator") if "operator" in document else path, _one_of(OPERATORS))
            return None
        operator = OPERATORS.get(raw)
        if operator is None:
            near = get_close_matches(raw[:60], OPERATORS, n=1)
            hint = f"Did you mean {near[0]}?" if near else _one_of(OPERATORS)
            self.add(f"There is no operator {raw[:60]!r}.", (*path, "operator"), hint)
            return None
        if operator.of_change and (self._where or isinstance(subject, SentMeasure)):
            self.add(
                f"{raw} asks when a property of the profile changed, and has no place here.",
                (*path, "operator"),
                'As a condition of its own: {"property": "plan", "operator": "held_for", "value": "14d"}.',
            )
            return None
        if not operator.kinds & kinds:
            assert isinstance(subject, SentMeasure)
            fitting = [name for name, each in OPERATORS.items() if each.kinds & kinds and not each.of_change]
            self.add(
                f"{raw} does not suit “{subject.measure}”, which gives {_kind_words(kinds)}.",
                (*path, "operator"),
                _one_of(fitting),
            )
            return None
        return operator

    def _operand(
        self, operator: Operator, document: Mapping[object, object], kinds: frozenset[Kind], path: Path
    ) -> tuple[Operand, bool]:
        """The operand, and whether it was read."""
        raw = document.get("value")
        if raw is None and operator.takes is not NOTHING:
            at = (*path, "value") if "value" in document else path
            hint = f"Here it takes {operator.takes.wanted}."
            if "value" in document:
                hint += " To ask whether there is any value, use is_set or is_not_set."
            self.add(f"{operator.name} needs a “value”.", at, hint)
            return None, False
        try:
            return read_operand(operator, raw, self.limits, kinds), True
        except InvalidOperand as error:
            self.add(error.message, (*path, "value", *error.path), error.hint, error.code)
            return None, False

    def _cased(
        self, document: Mapping[object, object], operator: Operator, operand: Operand, is_read: bool, path: Path
    ) -> bool:
        raw = document.get("case_sensitive", False)
        at = (*path, "case_sensitive")
        if not isinstance(raw, bool):
            self.add(f"“case_sensitive” is true or false, not {describe_json(raw)}.", at)
            return False
        on_text = isinstance(operand, str) or (isinstance(operand, tuple) and isinstance(operand[0], str))
        if raw and (not operator.case_option or (is_read and not on_text)):
            self.add(
                f"“case_sensitive” means nothing to {operator.name} here: no text is compared.", at, "Leave it out."
            )
        return raw

    # --- the parts

    def name(self, raw: object, what: str, path: Path) -> str | None:
        """The name of a property or an event: any text that is not empty."""
        longest = self.limits.property_name_length_max
        if not isinstance(raw, str) or not raw:
            self.add(f"{what} is a name, not {describe_json(raw) if raw != '' else 'an empty text'}.", path)
        elif len(raw) > longest:
            message = limit_sentence("The name", len(raw), "characters", longest, "property_name_length_max")
            self.add(message, path, None, "limit_exceeded")
        elif (why := unfit_text(raw)) is not None:
            self.add(f"The name {why}.", path)
        else:
            return raw
        return None

    def known_keys(self, document: Mapping[object, object], allowed: tuple[str, ...], path: Path) -> None:
        for key in document:
            if key not in allowed:
                self.add(f"Unknown key {str(key)[:60]!r}.", (*path, str(key)), f"Allowed here: {', '.join(allowed)}.")

    def _unclear(self, document: Mapping[object, object], forms: list[str], path: Path) -> None:
        if forms:
            both = " and ".join(f"“{form}”" for form in forms)
            self.add(f"A rule says one thing; this one has {both}.", path, "Put them into an “all” or an “any”.")
        else:
            has = ", ".join(repr(str(key)[:60]) for key in list(document)[:5])
            self.add(
                f"This is not a rule: it has {has or 'no keys'}.", path, f"A rule has one of: {', '.join(_FORMS)}."
            )

    def _over(self, unit: str, limit: int, setting: str, path: Path) -> None:
        self.add(limit_sentence("The rule", None, unit, limit, setting), path, None, "limit_exceeded")


def _one_of(names: Iterable[str]) -> str:
    return f"One of: {', '.join(names)}."


def _kind_words(kinds: frozenset[Kind]) -> str:
    return " or ".join(kind.value for kind in Kind if kind in kinds)


_: type[RuleReader] = _Reader
