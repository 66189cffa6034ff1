"""One engine in a process of its own: `python -m bench.events.measure ENGINE FOLDER PROFILES`.

It loads the events, reports that, and then answers one line at a time. A line names a question and
a way to ask it. `cold`: Coterie's caches are dropped first. `edit`: the question was just asked,
and now the threshold or the window differs. `later`: it was just asked, and a second has passed.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from bench.events.engines import ENGINES, Coterie, Engine
from bench.events.questions import BY_NAME, Question

SECOND = 1_000


def answered(engine: Engine, question: Question, how: str) -> dict[str, float]:
    if isinstance(engine, Coterie):
        engine.forget()
        if how != "cold":
            engine.count(question, question.asked, 0)
    asked, later = (question.edited if how == "edit" else question.asked), (SECOND if how == "later" else 0)
    begun = time.perf_counter()
    count = engine.count(question, asked, later)
    return {"count": count, "seconds": time.perf_counter() - begun}


def memory() -> int:
    """Bytes this process holds now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def main(name: str, folder: Path, profiles: int) -> None:
    before, begun = memory(), time.perf_counter()
    engine = ENGINES[name]()
    engine.load(folder, profiles)
    print(json.dumps({"load_seconds": time.perf_counter() - begun, "memory_bytes": memory() - before}), flush=True)
    for line in sys.stdin:
        question, how = json.loads(line)
        print(json.dumps(answered(engine, BY_NAME[question], how)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
