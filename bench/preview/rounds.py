"""Starts engines, asks them the shapes in turn, and checks that they say the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from bench.preview.shapes import SHAPES

ROOT = Path(__file__).parent.parent.parent
Times = dict[tuple[str, str], list[float]]  # by shape and what was asked


class Asked:
    """One engine's process."""

    def __init__(self, engine: str, people: Path) -> None:
        self.engine = engine
        self.times: Times = {}
        self.counts: dict[tuple[str, str, int], int] = {}
        command = [sys.executable, "-m", "bench.preview.measure", engine, str(people)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True)

    def loaded(self) -> dict[str, float]:
        found: dict[str, float] = self._answer()
        return found

    def ask(self, shape: str, what: str, number: int, *, timed: bool) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([shape, what, number]) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        self.counts[shape, "edit" if what == "edit" else "cold", number if what == "edit" else 0] = answer["count"]
        if timed:
            self.times.setdefault((shape, what), []).append(answer["seconds"])

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.engine} ended early")
        return json.loads(line)

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def measured(engines: list[str], people: Path, runs: int) -> dict[str, Any]:
    """Medians and bests, in seconds, of `runs` rounds after one warm-up round.

    In each round every engine answers every shape once.
    """
    asked = [Asked(engine, people) for engine in engines]
    results: dict[str, Any] = {one.engine: one.loaded() for one in asked}
    for run in range(-1 if runs > 1 else 0, runs):
        for shape in SHAPES:
            for one in asked:
                one.ask(shape.name, "cold", 0, timed=run >= 0)
                one.ask(shape.name, "edit", run % len(shape.edits), timed=run >= 0)
                if one.engine == "coterie":
                    one.ask(shape.name, "every_node", 0, timed=run >= 0)
    for one in asked:
        one.end()
        times = {}
        for (shape_name, what), seconds in one.times.items():
            times.setdefault(shape_name, {})[what] = median(seconds)
            times[shape_name][what + "_best"] = min(seconds)
        results[one.engine] |= {
            "shapes": times,
            "counts": {" ".join(map(str, key)): count for key, count in sorted(one.counts.items())},
        }
    return results


def check_same(results: dict[str, Any]) -> None:
    """Every engine gave Coterie's counts, for the rules and for their edits."""
    right = results["coterie"]["counts"]
    for engine, found in results.items():
        wrong = {key: (count, right[key]) for key, count in found["counts"].items() if right[key] != count}
        if wrong:
            raise SystemExit(f"{engine} and coterie disagree: {wrong}")
