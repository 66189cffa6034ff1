"""Translates one rule of Greenflash's grammar. Each type of rule has a reader here.

`docs/guides/greenflash.md` says what each type means.
"""

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
from coterie.http.greenflash.wording import Problems
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
    """Which conversations of a profile the rules look at: those in the window and of the products.

    Without products, those of any product.
    """

    window: Window = None
    products: tuple[str, ...] = ()

    def where(self, rule: Rule | None = None) -> Rule | None:
        """`rule`, bounded to conversations of the products."""
        if not self.products:
            return rule
        product = PropertyCondition("product_id", "in", self.products)
        return product if rule is None else All((rule, product))

    def any_conversation(self, rule: Rule) -> Rule:
        """At least one conversation in scope matches `rule`."""
        return ConversationCondition("any", "equals", True, window=self.window, where=self.where(rule))

    def no_conversation(self, rule: Rule) -> Rule:
        """No conversation in scope matches `rule`."""
        return ConversationCondition("none", "equals", True, window=self.window, where=self.where(rule))


@dataclass(frozen=True, slots=True)
class SentRule:
    """A rule as it was sent, and its place in the request.

    Its readers report what is wrong and return None.
    """

    rule: Mapping[str, object]
    path: Path
    scope: Scope
    context: Context
    problems: Problems

    @property
    def value(self) -> object:
        return self.rule.get("value")

    def report(self, what: str, hint: str | None = None, key: str = "value") -> None:
        """Report that the value under `key` is wrong; `what` completes the sentence."""
        self.problems.add(f"`{key}` {what}.", (*self.path, key), hint)

    def choice(self, key: str, choices: Mapping[str, str]) -> str | None:
        """The model's word for the one that was sent."""
        word = self.problems.choice(self.rule, key, choices, self.path)
        return None if word is None else choices[word]

    def key(self) -> str | None:
        raw = self.rule.get("key")
        if isinstance(raw, str) and KEY.fullmatch(raw):
            return raw
        if "key" in self.rule:
            self.report("must be 1 to 255 letters, digits, dots, hyphens and underscores", key="key")
        return None

    def operand(self, operator: str, kinds: frozenset[Kind]) -> Operand:
        """The value as the operand of an operator of the model. Null is never a value."""
        if "value" not in self.rule:
            return None
        if self.value is None:
            self.report("must not be null")
            return None
        try:
            return read_operand(OPERATORS[operator], self.value, self.context.limits, kinds)
        except InvalidOperand as error:
            if error.unsuited:
                suited = kinds & OPERATORS[operator].kinds
                allowed = " or ".join(word for kind, word in _KIND_WORDS.items() if kind in suited)
                self.report(f"must be {allowed} here, not {describe_json(self.value)}")
            else:
                self.problems.add(error.message, (*self.path, "value"))
            return None


_KIND_WORDS: Final = MappingProxyType({Kind.TEXT: "a string", Kind.NUMBER: "a number", Kind.BOOLEAN: "true or false"})
_NUMBER: Final = frozenset({Kind.NUMBER})
_SCALAR: Final = frozenset({Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN})


def read_condition(raw: object, path: Path, scope: Scope, context: Context, problems: Problems) -> Rule | None:
    """The rule, or None after reporting what is wrong with it."""
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
    rule = _READERS[kind](SentRule(raw, path, scope, context, problems))
    return rule if len(problems) == before else None


def _analysis(sent: SentRule) -> Rule | None:
    """The mean over the scored conversations in scope.

    Without any it is missing, and every comparison is false.
    """
    score, operator = sent.choice("field", SCORES), sent.choice("operator", SCORE_OPERATORS)
    if score is None or operator is None:
        return None
    operand = sent.operand(operator, _NUMBER)
    if operand is None:
        return None
    return ConversationCondition(
        "mean", operator, operand, of=score, window=sent.scope.window, where=sent.scope.where()
    )


def _analysis_flag(sent: SentRule) -> Rule | None:
    flag = sent.choice("field", FLAGS)
    if "value" in sent.rule and not isinstance(sent.value, bool):
        sent.report(f"must be true or false, not {describe_json(sent.value)}")
    if flag is None or not isinstance(sent.value, bool):
        return None
    has_flag = PropertyCondition(flag, "equals", True)
    return sent.scope.any_conversation(has_flag) if sent.value else sent.scope.no_conversation(has_flag)


def _property(sent: SentRule) -> Rule | None:
    key, operator = sent.key(), sent.choice("operator", PROPERTY_OPERATORS)
    if key is None or operator is None:
        return None
    operand = sent.operand(operator, _SCALAR)
    return None if operand is None else PropertyCondition(sent.context.name_of_key(key), operator, operand)


def _conversation_property(sent: SentRule) -> Rule | None:
    """`neq` is the complement of `eq`: no conversation has the value."""
    key, operator = sent.key(), sent.choice("operator", PROPERTY_OPERATORS)
    if key is None or operator is None:
        return None
    positive = "equals" if operator == "not_equals" else operator
    operand = sent.operand(positive, _SCALAR)
    if operand is None:
        return None
    condition = PropertyCondition(conversation_name(key), positive, operand)
    if operator == positive:
        return sent.scope.any_conversation(condition)
    return sent.scope.no_conversation(condition)


def _conversation_count(sent: SentRule) -> Rule | None:
    operator = sent.choice("operator", COUNT_OPERATORS)
    count = None if operator is None else sent.operand(operator, _NUMBER)
    if operator is None or count is None:
        return None
    if not isinstance(count, float) or not count.is_integer() or count < 0:
        sent.report(f"must be a whole number from 0, not {describe_json(sent.value)}")
        return None
    return ConversationCondition("count", operator, count, window=sent.scope.window, where=sent.scope.where())


def _last_seen(sent: SentRule) -> Rule | None:
    operator = sent.problems.choice(sent.rule, "operator", SEEN_OPERATORS, sent.path)
    length = parse_duration(sent.value) if isinstance(sent.value, str) and SEEN_VALUE.fullmatch(sent.value) else None
    if length is None and "value" in sent.rule:
        sent.report(
            f"must be a length of time, not {describe_json(sent.value)}",
            "A whole number from 1 and m, h, d or w, such as 30m, 24h, 7d or 2w; at most a hundred years.",
        )
    if operator is None or length is None:
        return None
    return seen_within(length) if operator == "within" else Not(seen_within(length))


def seen_within(length: Duration) -> Rule:
    """An event, a message of a conversation or a change of the profile is at most `length` old.

    A profile has an `updated_at` from the moment it is created, so every profile was seen, and
    "before" is the complement.
    """
    return Any(
        (
            EventCondition(None, "last_at", "in_last", length),
            ConversationCondition("last_at", "in_last", length),
            PropertyCondition("updated_at", "in_last", length),
        )
    )


_READERS: Final[Mapping[str, Callable[[SentRule], Rule | None]]] = MappingProxyType(
    {
        "analysis": _analysis,
        "analysis_flag": _analysis_flag,
        "property": _property,
        "conversation_property": _conversation_property,
        "conversation_count": _conversation_count,
        "last_seen": _last_seen,
    }
)
