"""`python -m bench.events --profiles 1000000 --events 5000000`: five rules over events.

Every engine answers each rule cold, after an edit, and a second later. Engines run in processes of
their own and in turn; each count must be the same in all of them. Prints a table and writes JSON to
`bench/results/`.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.events.data import write
from bench.events.questions import QUESTIONS

ROOT = Path(__file__).parent.parent.parent
RESULTS = Path(__file__).parent.parent / "results"
PEERS = ("duckdb", "polars")
HOW = ("cold", "edit", "later")


class Asked:
    """One engine's process."""

    def __init__(self, engine: str, folder: Path, profiles: int) -> None:
        self.engine = engine
        self.seconds: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self.counts: dict[str, int] = {}
        command = [sys.executable, "-m", "bench.events.measure", engine, str(folder), str(profiles)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True)
        self.loaded = self._answer()

    def ask(self, question: str, how: str, *, timed: bool) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([question, how]) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        self.counts[f"{question} {how}"] = int(answer["count"])
        if timed:
            self.seconds[question][how].append(answer["seconds"])

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.engine} ended early")
        answer: dict[str, float] = json.loads(line)
        return answer

    def end(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        told = {
            question: {
                f"{how}{kind}": of(found) for how, found in by.items() for kind, of in (("", median), ("_best", min))
            }
            for question, by in self.seconds.items()
        }
        return {**self.loaded, "questions": told, "counts": self.counts}


def measured(engines: list[str], folder: Path, profiles: int, runs: int) -> dict[str, Any]:
    """Medians and bests in seconds, after one warm-up round.

    Engines load one after the other and answer in turn.
    """
    asked = [Asked(engine, folder, profiles) for engine in engines]
    for run in range(-1, runs):
        for question in QUESTIONS:
            for how in HOW:
                for one in asked:
                    one.ask(question.name, how, timed=run >= 0)
    results = {one.engine: one.end() for one in asked}
    right = results[engines[0]]["counts"]
    for engine, found in results.items():
        wrong = {key: (count, right[key]) for key, count in found["counts"].items() if right[key] != count}
        if wrong:
            raise SystemExit(f"{engine} and {engines[0]} disagree: {wrong}")
    return results


def show(results: dict[str, Any], profiles: int, events: int) -> None:
    peers = [one for one in results if one != "coterie"]
    table = Table(title=f"Counting over {profiles:,} profiles and {events:,} events, milliseconds (median)")
    table.add_column("rule")
    for column in (
        "profiles",
        *(f"Coterie {how}" for how in HOW),
        *(f"{peer} {how}" for peer in peers for how in ("cold", "edit")),
    ):
        table.add_column(column, justify="right")
    ours = results["coterie"]
    for question in QUESTIONS:
        times = [ours["questions"][question.name][how] for how in HOW]
        times += [results[peer]["questions"][question.name][how] for peer in peers for how in ("cold", "edit")]
        count = f"{ours['counts'][f'{question.name} cold']:,}"
        table.add_row(question.sentence, count, *(f"{1000 * one:,.1f}" for one in times))
    Console(width=200).print(table)
    for peer in peers:
        for how in ("cold", "edit"):
            ratios = [results[peer]["questions"][one.name][how] / ours["questions"][one.name][how] for one in QUESTIONS]
            mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
            each = ", ".join(f"{one.name} {ratio:.1f}" for one, ratio in zip(QUESTIONS, ratios, strict=True))
            Console(width=200).print(f"{peer} takes {mean:.1f} times as long, {how} ({each})")
    for engine, found in results.items():
        Console().print(
            f"{engine}: loaded in {found['load_seconds']:.0f} s, {found['memory_bytes'] / events:.0f} bytes an event"
        )


def main() -> None:
    options = argparse.ArgumentParser(prog="bench.events", description=__doc__)
    options.add_argument("--profiles", type=int, default=1_000_000)
    options.add_argument("--events", type=int, default=5_000_000)
    options.add_argument("--runs", type=int, default=7, help="timed runs, of which the median counts")
    options.add_argument("--engines", nargs="*", default=PEERS, choices=PEERS)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        write(Path(folder), chosen.profiles, chosen.events)
        results = measured(["coterie", *chosen.engines], Path(folder), chosen.profiles, chosen.runs)
    show(results, chosen.profiles, chosen.events)
    RESULTS.mkdir(exist_ok=True)
    told = {"profiles": chosen.profiles, "events": chosen.events, "engines": results}
    path = RESULTS / f"events-{chosen.profiles}-{chosen.events}.json"
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
