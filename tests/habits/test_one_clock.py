"""Only `clock.py` reads a clock, so every decision can be repeated at any instant.

Measuring a duration is no decision: the edge and the command line may do that.
"""

from __future__ import annotations

import ast

from tests.habits.sources import dotted, modules

READS_THE_TIME = {
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.strftime",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
}  # fmt: skip
MEASURES = {"time.perf_counter", "time.perf_counter_ns", "time.monotonic", "time.monotonic_ns", "time.process_time"}
MEASURING_ROOMS = {"http", "cli"}


def test_only_the_clock_reads_the_time() -> None:
    readers = [
        f"{module.where(node)} reads {dotted(node)}"
        for module in modules()
        if module.place != "clock.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and dotted(node) in READS_THE_TIME
    ]
    assert not readers, "Take `now` as an argument instead:\n" + "\n".join(readers)


def test_only_the_edge_measures_how_long_things_take() -> None:
    readers = [
        f"{module.where(node)} reads {dotted(node)}"
        for module in modules()
        if module.room not in MEASURING_ROOMS and module.place != "clock.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and dotted(node) in MEASURES
    ]
    assert not readers, "\n".join(readers)


def test_no_function_of_a_clock_is_imported_by_its_bare_name() -> None:
    bare = {name.rpartition(".")[2] for name in READS_THE_TIME | MEASURES if name.startswith("time.")}
    importers = [
        f"{module.where(node)} imports {alias.name} from time"
        for module in modules()
        if module.place != "clock.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
        if alias.name in bare
    ]
    assert not importers, "\n".join(importers)
