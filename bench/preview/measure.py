"""One engine, measured in a process of its own: `python -m bench.preview.measure ENGINE PEOPLE RUNS` prints its times as JSON."""

from __future__ import annotations

import json
import resource
import sys
from functools import partial
from pathlib import Path
from statistics import median

from bench.preview.engines import ENGINES, Coterie, Engine, seconds
from bench.preview.shapes import SHAPES, Shape


def measured(engine: Engine, shape: Shape, runs: int) -> dict[str, object]:
    """Counts, and medians in seconds. What Coterie remembers of earlier answers is dropped before every cold run.

    With one run there is no warming up, and only the shape as it is is checked.
    """
    answers = [engine.count(shape, x) for x in (shape.x, *shape.edits)] if runs > 1 else []
    cold, edit, nodes = [], [], []
    for run in range(runs):
        if isinstance(engine, Coterie):
            engine.forget()
        cold.append(seconds(lambda: answers.append(engine.count(shape, shape.x))))
        edit.append(seconds(partial(engine.count, shape, shape.edits[run % len(shape.edits)])))
        if isinstance(engine, Coterie):
            engine.forget()
            nodes.append(seconds(partial(engine.count_every_node, shape)))
    found: dict[str, object] = {"answers": answers[: 1 + len(shape.edits)], "cold": median(cold), "edit": median(edit)}
    return found | ({"every_node": median(nodes)} if nodes else {})


def main(name: str, people: Path, runs: int) -> None:
    before = _memory()
    engine = ENGINES[name]()
    loading = seconds(lambda: engine.load(people))
    after = _memory()
    print(f"{name}: loaded in {loading:.0f} s", file=sys.stderr)
    shapes = {shape.name: measured(engine, shape, runs) for shape in SHAPES}
    print(json.dumps({"load_seconds": loading, "memory_bytes": after - before, "shapes": shapes}))


def _memory() -> int:
    """Bytes this process holds now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
