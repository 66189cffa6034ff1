"""One rule of Greenflash's grammar to a rule of ours. Each type has a reader here; what it means is in `docs/guides/greenflash.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from coterie.errors import Path
from coterie.http.greenflash.grammar import (
    COUNT_OPERATORS,
    FLAGS,
    KEY,
    KEYS_OF_TYPE,
    PROPERTY_OPERATORS,
    SCORE_OPERATORS,
    SCORES,
    SEEN_OPERATORS,
    SEEN_VALUE,
    Context,
    conversation_name,
)  # fmt: skip
from coterie.http.problem_collector import ProblemCollector
from coterie.rules.iso import parse_duration
from coterie.rules.nodes import (
    All,
    Any,
    ConversationCondition,
    Duration,
    EventCondition,
    Not,
    Operand,
    PropertyCondition,
    Rule,
    Window,
)
from coterie.rules.operands import InvalidOperand, describe_json
from coterie.rules.operators import OPERATORS
from coterie.rules.read_operand import read_operand
from coterie.rules.values import Kind


@dataclass(frozen=True, slots=True)
class Scope:
    """Which of a profile's conversations the rules look at: those in the window, of the products (all, where it is empty)."""

    window: Window = None
    products: tuple[str, ...] = ()

    def where(self, rule: Rule | None = None) -> Rule | None:
        """`rule`, of conversations in scope."""
        if not self.products:
            return rule
        product = PropertyCondition("product_id", "in", self.products)
        return product if rule is None else All((rule, product))

    def having(self, rule: Rule, *, some: bool) -> Rule:
        """Any conversation in scope meets `rule`; none does."""
        return ConversationCondition(
            "any" if some else "none", "equals", True, window=self.window, where=self.where(rule)
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """A rule as it was sent, with its place in the request. Reading a part of it returns None where that part is at fault."""

    rule: Mapping[str, object]
    path: Path
    scope: Scope
    context: Context
    problems: ProblemCollector

    @property
    def value(self) -> object:
        return self.rule.get("value")

    def wrong(self, what: str, hint: str | None = None, key: str = "value") -> None:
        self.problems.add(f"`{key}` {what}.", (*self.path, key), hint)

    def choice(self, key: str, choices: Mapping[str, str]) -> str | None:
        """Our word for the one that was sent."""
        word = self.problems.choice(self.rule, key, choices, self.path)
        return None if word is None else choices[word]

    def key(self) -> str | None:
        raw = self.rule.get("key")
        if isinstance(raw, str) and KEY.fullmatch(raw):
            return raw
        if "key" in self.rule:
            self.wrong("must be 1 to 255 letters, digits, dots, hyphens and underscores", key="key")
        return None

    def operand(self, operator: str, kinds: frozenset[Kind]) -> Operand:
        """The value as the operand of an operator of ours. Null is never a value."""
        if "value" not in self.rule:
            return None
        if self.value is None:
            self.wrong("must not be null")
            return None
        try:
            return read_operand(OPERATORS[operator], self.value, self.context.limits, kinds)
        except InvalidOperand as refusal:
            if refusal.unsuited:
                wanted = " or ".join(word for kind, word in _WORDS.items() if kind in kinds & OPERATORS[operator].kinds)
                self.wrong(f"must be {wanted} here, not {describe_json(self.value)}")
            else:
                self.problems.add(refusal.message, (*self.path, "value"))
            return None


_WORDS: Final = MappingProxyType({Kind.TEXT: "a string", Kind.NUMBER: "a number", Kind.BOOLEAN: "true or false"})
_NUMBER: Final = frozenset({Kind.NUMBER})
_SCALAR: Final = frozenset({Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN})


def read_condition(raw: object, path: Path, scope: Scope, context: Context, problems: ProblemCollector) -> Rule | None:
    """The rule, or None when it is at fault, which has then been recorded."""
    if not isinstance(raw, dict):
        problems.add(f"A rule must be an object, not {describe_json(raw)}.", path)
        return None
    kind = problems.choice(raw, "type", KEYS_OF_TYPE, path)
    if "type" not in raw:
        problems.add("`type` is required.", (*path, "type"), f"It is one of: {', '.join(KEYS_OF_TYPE)}.")
    if kind is None:
        return None
    before = len(problems)
    problems.known_keys(raw, KEYS_OF_TYPE[kind], path)
    problems.required(raw, KEYS_OF_TYPE[kind], path)
    rule = _READERS[kind](Sent(raw, path, scope, context, problems))
    return rule if len(problems) == before else None


def _analysis(sent: Sent) -> Rule | None:
    """The mean over the scored conversations in scope; where there is none, the mean is missing, and every comparison false."""
    score, operator = sent.choice("field", SCORES), sent.choice("operator", SCORE_OPERATORS)
    if score is None or operator is None:
        return None
    operand = sent.operand(operator, _NUMBER)
    if operand is None:
        return None
    return ConversationCondition(
        "mean", operator, operand, of=score, window=sent.scope.window, where=sent.scope.where()
    )


def _analysis_flag(sent: Sent) -> Rule | None:
    flag = sent.choice("field", FLAGS)
    if "value" in sent.rule and not isinstance(sent.value, bool):
        sent.wrong(f"must be true or false, not {describe_json(sent.value)}")
    if flag is None or not isinstance(sent.value, bool):
        return None
    return sent.scope.having(PropertyCondition(flag, "equals", True), some=sent.value)


def _property(sent: Sent) -> Rule | None:
    key, operator = sent.key(), sent.choice("operator", PROPERTY_OPERATORS)
    if key is None or operator is None:
        return None
    operand = sent.operand(operator, _SCALAR)
    return None if operand is None else PropertyCondition(sent.context.name_of_key(key), operator, operand)


def _conversation_property(sent: Sent) -> Rule | None:
    """`neq` is the complement of `eq`: no conversation has the value."""
    key, operator = sent.key(), sent.choice("operator", PROPERTY_OPERATORS)
    if key is None or operator is None:
        return None
    positive = "equals" if operator == "not_equals" else operator
    operand = sent.operand(positive, _SCALAR)
    if operand is None:
        return None
    condition = PropertyCondition(conversation_name(key), positive, operand)
    return sent.scope.having(condition, some=operator == positive)


def _conversation_count(sent: Sent) -> Rule | None:
    operator = sent.choice("operator", COUNT_OPERATORS)
    count = None if operator is None else sent.operand(operator, _NUMBER)
    if operator is None or count is None:
        return None
    if not isinstance(count, float) or not count.is_integer() or count < 0:
        sent.wrong(f"must be a whole number from 0, not {describe_json(sent.value)}")
        return None
    return ConversationCondition("count", operator, count, window=sent.scope.window, where=sent.scope.where())


def _last_seen(sent: Sent) -> Rule | None:
    operator = sent.problems.choice(sent.rule, "operator", SEEN_OPERATORS, sent.path)
    length = parse_duration(sent.value) if isinstance(sent.value, str) and SEEN_VALUE.fullmatch(sent.value) else None
    if length is None and "value" in sent.rule:
        sent.wrong(
            f"must be a length of time, not {describe_json(sent.value)}",
            "A whole number from 1 and m, h, d or w, such as 30m, 24h, 7d or 2w; at most a hundred years.",
        )
    if operator is None or length is None:
        return None
    return seen_within(length) if operator == "within" else Not(seen_within(length))


def seen_within(length: Duration) -> Rule:
    """The latest of an event, a conversation's message, and a change of the profile lies within the last `length`.

    A profile has an `updated_at` from the moment it is made, so there is nobody who was never seen, and "before" is the complement.
    """
    return Any(
        (
            EventCondition(None, "last_at", "in_last", length),
            ConversationCondition("last_at", "in_last", length),
            PropertyCondition("updated_at", "in_last", length),
        )
    )


_READERS: Final[Mapping[str, Callable[[Sent], Rule | None]]] = MappingProxyType(
    {
        "analysis": _analysis,
        "analysis_flag": _analysis_flag,
        "property": _property,
        "conversation_property": _conversation_property,
        "conversation_count": _conversation_count,
        "last_seen": _last_seen,
    }
)
