"""Each library is imported only in the folders that need it, so that it can be replaced there.

import-linter holds the order between our own folders (`make imports`, contracts in pyproject.toml).
"""

from __future__ import annotations

import ast
import sys

import pytest

from tests.habits.sources import Module, dotted, imported, modules

ROOMS = {
    "apsw": {"store"},
    "fastapi": {"http"},
    "fastapi_offline": {"http"},
    "granian": {"http"},
    "numpy": {"index", "live", "answers"},
    "pandas": set(),
    "polars": set(),
    "prometheus_client": {"http"},
    "pyarrow": {"index", "importing", "exporting"},
    "pydantic": {"http", "settings.py"},
    "pydantic_settings": {"settings.py"},
    "re2": {"rules"},
    "rich": {"cli"},
    "sqlite3": set(),
    "standardwebhooks": {"live"},
    "starlette": {"http"},
    "typer": {"cli"},
}
"""A library, and the rooms (first folder or file under src/coterie) that may import it."""


@pytest.mark.parametrize("library", sorted(ROOMS))
def test_a_library_is_imported_only_in_its_rooms(library: str) -> None:
    strangers = [
        f"{module.where(node)} imports {name}"
        for module in modules()
        for node, name in imported(module)
        if name.split(".")[0] == library and module.room not in ROOMS[library]
    ]
    assert not strangers, f"{library} belongs in {sorted(ROOMS[library]) or 'no room at all'}:\n" + "\n".join(strangers)


def test_the_language_imports_the_standard_library_re2_and_our_errors_only() -> None:
    def allowed(name: str) -> bool:
        top = name.split(".")[0]
        return top in sys.stdlib_module_names or top == "re2" or name.startswith(("coterie.rules", "coterie.errors"))

    strangers = [
        f"{module.where(node)} imports {name}"
        for module in modules()
        if module.room == "rules"
        for node, name in imported(module)
        if not allowed(name)
    ]
    assert not strangers, "\n".join(strangers)


def test_imports_are_absolute() -> None:
    relative = [
        f"{module.where(node)} imports {name}"
        for module in modules()
        for node, name in imported(module)
        if name.startswith(".")
    ]
    assert not relative, "\n".join(relative)


def test_nothing_is_evaluated_as_code() -> None:
    def calls(module: Module) -> list[str]:
        return [
            f"{module.where(node)} calls {dotted(node.func)}"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call) and dotted(node.func) in {"eval", "exec", "compile", "__import__"}
        ]

    violations = [line for module in modules() for line in calls(module)]
    assert not violations, "\n".join(violations)
