"""Files are small: one past 300 lines says why in its docstring ("It is long because ...")."""

from __future__ import annotations

import ast

from tests.habits.sources import ROOT, committed, modules

LINES_MAX = 300
FUNCTION_LINES_MAX = 60  # without the signature, which is long where each parameter has its help


def test_a_long_file_says_why_it_is_long() -> None:
    silent = []
    for path in committed():
        if path.suffix != ".py":
            continue
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > LINES_MAX and "long because" not in (ast.get_docstring(ast.parse(text)) or ""):
            silent.append(f"{path.relative_to(ROOT)}: {lines} lines")
    assert not silent, 'Cut it in two, or say "It is long because ..." in its docstring:\n' + "\n".join(silent)


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{module.where(node)} {node.name}: {node.end_lineno - node.body[0].lineno + 1} lines"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.body[0].lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert not long, "\n".join(long)


def test_no_file_is_named_after_nothing() -> None:
    nothing = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    violations = [str(path.relative_to(ROOT)) for path in committed() if nothing & {*path.parts, path.stem}]
    assert not violations, "\n".join(violations)
