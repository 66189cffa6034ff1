"""One engine in a process of its own: `python -m bench.preview.measure ENGINE PEOPLE`.

It loads the people, reports that, and then answers one line at a time. A line names a shape and
what to do: count it cold, count an edit of it, count every node of it. The answer has the count and
the seconds it took. Engines that wait use no processor, so they can answer in turn, and whatever
else the machine does affects them alike.
"""

from __future__ import annotations

import json
import resource
import sys
from functools import partial
from pathlib import Path

from bench.preview.engines import ENGINES, Coterie, Engine, seconds
from bench.preview.shapes import SHAPES, Shape

BY_NAME = {shape.name: shape for shape in SHAPES}


def answered(engine: Engine, shape: Shape, what: str, number: int) -> dict[str, float]:
    """`cold`: Coterie's caches are dropped first. `edit`: the shape itself was just asked."""
    counted: list[int] = []
    x = shape.edits[number % len(shape.edits)] if what == "edit" else shape.x
    ask = partial(engine.count, shape, x)
    if isinstance(engine, Coterie) and what != "edit":
        engine.forget()
        if what == "every_node":
            ask = partial(engine.count_every_node, shape)
    took = seconds(lambda: counted.append(ask()))
    return {"count": counted[0], "seconds": took}


def main(name: str, people: Path) -> None:
    before = _memory()
    engine = ENGINES[name]()
    loading = seconds(lambda: engine.load(people))
    print(json.dumps({"load_seconds": loading, "memory_bytes": _memory() - before}), flush=True)
    for line in sys.stdin:
        shape, what, number = json.loads(line)
        print(json.dumps(answered(engine, BY_NAME[shape], what, number)), flush=True)


def _memory() -> int:
    """Bytes this process holds now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
