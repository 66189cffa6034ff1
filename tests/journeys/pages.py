"""The code on the documentation's pages, cut out so that it can be run."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROMISE = "# → "


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language, in order, without their indentation."""
    text = (ROOT / page).read_text(encoding="utf-8")
    matches = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in matches]


def run_python(source: str, names: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Run a block; return every expression with a promised value (`# → value`), and both values."""
    lines = source.splitlines()
    promises = []
    for statement in ast.parse(source).body:
        code = compile(ast.Module([statement], []), "<page>", "exec")
        last = lines[(statement.end_lineno or statement.lineno) - 1]
        if isinstance(statement, ast.Expr) and PROMISE in last:
            value = eval(compile(ast.Expression(statement.value), "<page>", "eval"), names)  # noqa: S307 - our own page
            promises.append((ast.unparse(statement), str(value), last.split(PROMISE, 1)[1].strip()))
        else:
            exec(code, names)  # noqa: S102 - our own page
    return promises
