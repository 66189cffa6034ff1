"""Every file, library name, public class and longer function of the core has a docstring.

For the edge and the command line the reference is the place: each route and each command says
what it does there.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

import coterie
from tests.habits.sources import Module, modules

CORE = {
    "rules",
    "index",
    "store",
    "live",
    "answers",
    "workspace",
    "library.py",
    "server.py",
    "settings.py",
    "clock.py",
}
SHORT = 4
"""A function of so few lines, whose name and types are all there is to say, may stay silent."""


def test_every_file_opens_with_what_it_is() -> None:
    silent = [module.where(module.tree) for module in modules() if not ast.get_docstring(module.tree)]
    assert not silent, "\n".join(silent)


def test_every_name_of_the_library_is_documented() -> None:
    silent = []
    for name in coterie.__all__:
        value = getattr(coterie, name)
        words = vars(value).get("__doc__") if inspect.isclass(value) else getattr(value, "__doc__", None)
        made_by_dataclass = (words or "").startswith(f"{name}(")
        if callable(value) and (not words or made_by_dataclass):
            silent.append(name)
    assert not silent, f"coterie.{', coterie.'.join(silent)}: no docstring of their own"


def test_every_public_class_and_longer_function_is_documented() -> None:
    silent = [
        f"{module.where(node)} {node.name}"
        for module in modules()
        if module.room in CORE
        for node in public_definitions(module)
        if not ast.get_docstring(node)
    ]
    assert not silent, "\n".join(silent)


def public_definitions(module: Module) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Public functions with a body to explain, and public classes, at the top level of a module."""
    for node in module.tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if not name.startswith("_"):
                if (node.end_lineno or node.lineno) - node.body[0].lineno >= SHORT:
                    yield node
            case ast.ClassDef(name=name) if not name.startswith("_"):
                if any(isinstance(inner, ast.FunctionDef) for inner in node.body):
                    yield node
            case _:
                pass
