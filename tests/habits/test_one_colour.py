"""The core is synchronous: no function is written twice, and `async` is a matter of the edge."""

from __future__ import annotations

import ast

from tests.habits.sources import imported, modules


def test_async_is_found_only_at_the_edge() -> None:
    coloured = [
        f"{module.where(node)} is asynchronous"
        for module in modules()
        if module.room != "http"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]
    assert not coloured, "\n".join(coloured)


def test_asyncio_is_imported_only_at_the_edge() -> None:
    importers = [
        f"{module.where(node)} imports {name}"
        for module in modules()
        if module.room != "http"
        for node, name in imported(module)
        if name.split(".")[0] in {"asyncio", "anyio"}
    ]
    assert not importers, "\n".join(importers)
