"""Words that the project gave up for standard terms (docs/glossary.md) do not come back.

Public, wire and stored names are not on the lists: they keep their old words for as long as
somebody depends on them.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.habits.sources import ROOT, committed

SELF = "tests/habits/test_vocabulary.py"
STORED = "src/coterie/store/schema/"  # names of migrations and of what they created

PARTS = {
    "anchors", "book", "desk", "dialling", "door", "doors", "faces", "flips", "foresight", "happening", "happenings",
    "lanes", "loosely", "manner", "sayable", "unfile",
}  # fmt: skip
"""Words that no identifier and no file name contains, in snake_case or CamelCase."""

NAMES = {
    "Ahead", "AnsweredBefore", "Course", "Either", "Face", "Fault", "Faults", "Few", "Flight", "Kept", "Known",
    "Landing", "Mover", "Pending", "Receipt", "Refused", "Round", "SamePerson", "Seen", "Span", "Standing", "Tick",
    "Whole", "asking", "face", "known_of", "leaf_holds", "receipt", "round_", "told_apart",
}  # fmt: skip
"""Identifiers that are not used whole, though their words are good elsewhere."""

PROSE = re.compile(r"\b(book|desk|flips|round_|happenings?)\b", re.IGNORECASE)


def words_of(identifier: str) -> set[str]:
    """The words of an identifier: {"leaf", "holds"} for `leaf_holds` and for `LeafHolds`."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)}


def refused(identifier: str) -> bool:
    return identifier in NAMES or bool(words_of(identifier) & PARTS)


@cache
def python_files() -> tuple[Path, ...]:
    return tuple(path for path in committed() if path.suffix == ".py" and path.relative_to(ROOT).as_posix() != SELF)


def identifiers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name that the code defines or uses, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.AsyncFunctionDef(name=name) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.keyword(arg=str(name)):
                yield node.lineno, name
            case ast.alias(name=name, asname=other):
                yield from ((node.lineno, part) for part in (*name.split("."), other or ""))


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The comments and docstrings of Python code, line by line."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from enumerate(node.value.value.splitlines(), node.lineno)


def test_identifiers_use_the_standard_terms() -> None:
    violations = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in python_files()
        for line, name in identifiers(ast.parse(path.read_text(encoding="utf-8")))
        if refused(name)
    ]
    assert not violations, "docs/glossary.md has the standard terms:\n" + "\n".join(violations)


def test_file_names_use_the_standard_terms() -> None:
    violations = [
        str(path.relative_to(ROOT))
        for path in committed()
        if not path.relative_to(ROOT).as_posix().startswith(STORED)
        if any(words_of(part) & PARTS for part in path.relative_to(ROOT).parts)
    ]
    assert not violations, "\n".join(violations)


def test_prose_uses_the_standard_terms() -> None:
    violations = [
        f"{path.relative_to(ROOT)}:{line} {text.strip()[:90]}"
        for path in python_files()
        for line, text in prose(path.read_text(encoding="utf-8"))
        if PROSE.search(text)
    ]
    violations += [
        f"{path.relative_to(ROOT)}:{line} {text.strip()[:90]}"
        for path in committed()
        if path.suffix in {".md", ".sql", ".sh"} and not path.relative_to(ROOT).as_posix().startswith(STORED)
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if PROSE.search(text)
    ]
    assert not violations, "\n".join(violations)
