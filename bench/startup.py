"""The time to open a workspace, and the memory per profile.

    python -m bench.startup [--profiles 1000000] [--properties 20] [--segments 12] [--events 0]

The facts (the first `--properties` of the 20 of `bench.data`, and events of 20 names,
`bench.events.data`) are written straight into the store, because the opening is what is measured: a
fresh process opens the workspace, builds the index, reads the memberships, compares each with a
fresh evaluation, and answers a first preview. With events, five more segments refer to them. Memory
is the process's peak and its resident size once open, less that of the same process over an empty
workspace. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

import coterie
from bench.data import NOW, batches, documents
from bench.events.data import WITH_COLUMNS, write
from bench.events.questions import QUESTIONS
from bench.live.filling import profiles as bare_profiles
from bench.preview.shapes import SHAPES
from coterie.store.directory import workspace_path
from coterie.store.document import encode
from coterie.store.ids import new_id
from coterie.store.rows import StoredEvent, StoredProfile
from coterie.store.store import Store, Transaction

PAGE = resource.getpagesize()


def fill(directory: Path, profiles: int, properties: int) -> None:
    """Write the facts of `profiles` people, as the workspace would have."""
    coterie.open(directory).close()
    store = Store.open(workspace_path(directory, "default"), now=int(NOW), zone="UTC")
    if not properties:
        bare_profiles(store, profiles, NOW)
        store.close()
        return
    pid = 0
    for batch in batches(profiles):
        rows = []
        for person in documents(batch):
            email = str(person.pop("email"))
            person = dict(list(person.items())[:properties])
            rows.append(
                StoredProfile(pid, new_id(NOW), f"u{pid}", email, False, encode(person), int(NOW), int(NOW), None)
            )
            pid += 1

        def insert(tx: Transaction, rows: list[StoredProfile] = rows) -> None:
            tx.insert_profiles(rows)

        store.write(insert)
    store.close()


def fill_events(directory: Path, profiles: int, events: int) -> None:
    """The events of `bench.events`, without message ids."""
    store = Store.open(workspace_path(directory, "default"), now=int(NOW), zone="UTC")
    nothing = encode({})
    with tempfile.TemporaryDirectory(dir=".") as folder:
        write(Path(folder), profiles, events)
        for file in sorted(Path(folder).glob("*.parquet")):
            for batch in pq.ParquetFile(file).iter_batches(200_000):
                columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
                bodies = [nothing] * batch.num_rows
                if file.stem == WITH_COLUMNS:
                    bodies = [
                        encode({"total": total, "category": category})
                        for total, category in zip(columns["total"], columns["category"], strict=True)
                    ]
                found = zip(columns["number"], columns["pid"], columns["at"], bodies, strict=True)

                def insert(tx: Transaction, found: object = found, name: str = file.stem) -> None:
                    first = tx.next_eid()
                    tx.insert_events(
                        [
                            StoredEvent(first + place, pid, name, at, None, body)
                            for place, (_, pid, at, body) in enumerate(found)  # type: ignore[var-annotated,arg-type]
                        ]
                    )

                store.write(insert)
    store.close()


def define(directory: Path, segments: int, *, on_events: bool) -> None:
    with coterie.open(directory) as workspace:
        for place in range(segments):
            shape = SHAPES[place % len(SHAPES)]
            workspace.segments.create(f"{shape.name} {place}", workspace.parse_rule(shape.rule(shape.x)))
        for question in QUESTIONS if on_events else ():
            workspace.segments.create(question.name, workspace.parse_rule(question.rule(question.asked)))


def child(directory: Path) -> None:
    """Open, ask, and tell: what runs in the process that is measured."""
    begun = time.perf_counter()
    workspace = coterie.open(directory)
    opened, worked = time.perf_counter() - begun, time.process_time()
    begun = time.perf_counter()
    workspace.preview(workspace.parse_rule(SHAPES[0].rule(SHAPES[0].x)))
    asked = time.perf_counter() - begun
    begun = time.perf_counter()
    workspace.preview(workspace.parse_rule(QUESTIONS[0].rule(QUESTIONS[0].edited)))
    asked_events = time.perf_counter() - begun
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    index = workspace.counts()["index_bytes"]
    told = {
        "open_s": opened,
        "open_cpu_s": worked,
        "first_preview_s": asked,
        "first_preview_on_events_s": asked_events,
        "resident": resident,
        "peak": peak,
        "index": index,
    }
    sys.stdout.buffer.write(orjson.dumps(told))
    sys.stdout.flush()
    workspace.close()


def measured(directory: Path) -> dict[str, float]:
    run = subprocess.run(
        [sys.executable, "-m", "bench.startup", "--child", str(directory)], check=True, stdout=subprocess.PIPE
    )
    told: dict[str, float] = orjson.loads(run.stdout)
    return told


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--profiles", type=int, default=1_000_000)
    options.add_argument("--properties", type=int, default=20, help="of each profile; 0 to 20")
    options.add_argument("--segments", type=int, default=12)
    options.add_argument("--events", type=int, default=0)
    options.add_argument("--json", type=Path, default=Path("bench/results/startup.json"))
    options.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.child is not None:
        child(chosen.child)
        return
    with tempfile.TemporaryDirectory(dir=".") as folder:
        empty = Path(folder) / "empty"
        coterie.open(empty).close()
        base = measured(empty)
        full = Path(folder) / "full"
        fill(full, chosen.profiles, chosen.properties)
        if chosen.events:
            fill_events(full, chosen.profiles, chosen.events)
        define(full, chosen.segments, on_events=chosen.events > 0)
        size = workspace_path(full, "default").stat().st_size
        told = measured(full)
    report(chosen, base, told, size)


def report(chosen: argparse.Namespace, base: dict[str, float], told: dict[str, float], size: int) -> None:
    each = {key: (told[key] - base[key]) / chosen.profiles for key in ("resident", "peak", "index")}
    rows = [
        ("open, index and compare", f"{told['open_s']:.1f} s, of which the processor {told['open_cpu_s']:.1f} s"),
        ("first preview", f"{told['first_preview_s'] * 1000:.1f} ms"),
        ("first preview on events", f"{told['first_preview_on_events_s'] * 1000:.1f} ms"),
        ("resident, once open", f"{told['resident'] / 2**20:,.0f} MiB, {each['resident']:.0f} bytes a profile"),
        ("peak, while opening", f"{told['peak'] / 2**20:,.0f} MiB, {each['peak']:.0f} bytes a profile"),
        ("index, by its own count", f"{told['index'] / 2**20:,.0f} MiB, {each['index']:.0f} bytes a profile"),
        ("on disk", f"{size / 2**20:,.0f} MiB, {size / chosen.profiles:.0f} bytes a profile"),
    ]
    what = f"{chosen.profiles:,} profiles of {chosen.properties} properties, {chosen.events:,} events"
    table = Table("", "", title=f"{what}, {chosen.segments} segments", show_header=False)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    told_all = {
        "profiles": chosen.profiles,
        "properties": chosen.properties,
        "events": chosen.events,
        "segments": chosen.segments,
        "disk": size,
        "empty": base,
        "full": told,
    }
    chosen.json.write_bytes(orjson.dumps(told_all, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
