"""A few hundred profiles with activity, drawn from a seed: plain, in DuckDB, in the index.

Values come from the small pools of `tests/strategies.py`'s kind, so that operands and values meet.
Numbers are halves and quarters whose sums are exact, for DuckDB adds in an order of its own; that
sums are rounded once is tested where the law and the index are. It is long because the same people
stand here in all three forms.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from coterie.index import Index
from coterie.index.activity.rows import Changes, Loaded, Row
from coterie.rules.activity import ActivityRow
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import AT, ChangedAt, Conversations, EventsNamed, Lowered, Source
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.values import DAY, Instant, Value, fold, kind_of
from tests.differential.sql import Question
from tests.strategies import (
    CONVERSATION_PROPERTIES,
    EVENT_PROPERTIES,
    EVENTS,
    NOW,
    PROPERTIES,
    SEGMENTS,
)

TABLES = (Path(__file__).parent / "tables.sql").read_text(encoding="utf-8")
ZONES = ("UTC", "Europe/Berlin", "America/Santiago", "Asia/Kathmandu")
PEOPLE = 200

TEXTS = (
    "",
    "a",
    "A",
    "ab",
    "Ab",
    "b",
    "ß",
    "SS",
    "ς",
    "Σ",
    "İ",
    "i",
    "I",
    "K",
    "k",
    "1",
    "true",
    "é",
    "e\u0301",
    "a\nb",
    "'",
    "%",
    "_",
    "2026-03-01",
)
NUMBERS = (0.0, 1.0, 1.0, -1.0, 0.5, 0.25, 2.0, 3.0, 4.0, 10.0, 100.0, 2.0**40)
LENGTHS = (1_000, 30 * 60_000, 3_600_000, DAY, 7 * DAY, 30 * DAY, 365 * DAY)


@dataclass
class DrawnRow:
    number: int
    pid: int
    name: str | None  # None for a conversation
    at: Instant
    values: Mapping[str, Value]

    @property
    def source(self) -> Source:
        return Conversations() if self.name is None else EventsNamed(self.name)


class Drawing:
    """Draws a world's people from its seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def instant(self) -> Instant:
        chance = self.chance
        if chance.random() < 0.05:
            return Instant(NOW + chance.randint(-200 * 366, 200 * 366) * DAY)
        away = chance.choice(LENGTHS) * chance.choice((0, 1, 1, 1, 2)) if chance.random() < 0.5 else 0
        if not away:
            away = chance.choice((0, 1, 2, 3, 5, 8, 14, 40, 100, 365)) * DAY + chance.randint(-14, 14) * 3_600_000
        ahead = 1 if chance.random() < 0.15 else -1
        return Instant(NOW + ahead * away + chance.choice((-1, 0, 0, 1)))

    def value(self) -> Value:
        chance = self.chance
        match chance.randrange(8):
            case 0 | 1:
                return chance.choice(TEXTS)
            case 2 | 3 | 4:
                return chance.choice(NUMBERS)
            case 5:
                return chance.random() < 0.5
            case 6:
                return self.instant()
            case _:
                return tuple(chance.choice(TEXTS) for _ in range(chance.randrange(4)))

    def values(self, names: Sequence[str]) -> dict[str, Value]:
        return {name: self.value() for name in names if self.chance.random() < 0.6}

    def people(self) -> tuple[list[dict[str, Value]], list[dict[str, Instant]], list[DrawnRow]]:
        """Documents and change instants by pid, and their activity."""
        documents: list[dict[str, Value]] = []
        changes: list[dict[str, Instant]] = []
        activity: list[DrawnRow] = []
        for pid in range(PEOPLE):
            created_at, updated_at = sorted((self.instant(), self.instant()))
            own: dict[str, Value] = {"external_id": f"u{pid}", "created_at": created_at, "updated_at": updated_at}
            values = self.values(PROPERTIES)
            documents.append(own | values)
            changes.append(
                {name: self.instant() for name in values}
                | {"external_id": created_at, "created_at": created_at, "updated_at": updated_at}
            )
            for name, columns, most in (
                *((name, EVENT_PROPERTIES, 5) for name in EVENTS),
                (None, CONVERSATION_PROPERTIES, 3),
            ):
                for _ in range(self.chance.randrange(most)):
                    at = activity[-1].at if activity and self.chance.random() < 0.1 else self.instant()
                    activity.append(DrawnRow(len(activity) + 1, pid, name, at, self.values(columns)))
        self.chance.shuffle(activity)
        return documents, changes, activity


class World:
    """The people of a seed, and the three who are asked."""

    def __init__(self, seed: int) -> None:
        self.zone = ZoneInfo(ZONES[seed % len(ZONES)])
        drawing = Drawing(seed)
        self.documents, self.changes, self.activity = drawing.people()
        self.lists = {name: BitMap(drawing.chance.sample(range(PEOPLE), PEOPLE // 3)) for name in SEGMENTS}
        self.loaded = self._loaded()
        self.written = self._written(drawing.chance)
        self.database = self._database()

    # --- the law

    def by_law(self, rule: Rule, moment: Moment) -> BitMap:
        return BitMap([pid for pid in range(PEOPLE) if evaluate(rule, WorldView(self, pid), moment)])

    # --- the index

    def _documents(self) -> list[dict[Any, Value]]:
        return [
            {**document, **{ChangedAt(name): at for name, at in changed.items()}}
            for document, changed in zip(self.documents, self.changes, strict=True)
        ]

    def sources(self) -> list[Source]:
        return [*(EventsNamed(name) for name in EVENTS), Conversations()]

    def _loaded(self) -> Index:
        """As at opening: instants first, and columns as rules come to need them."""
        index = Index(zone=self.zone, threads=1)
        index.load([(range(PEOPLE), self._documents())])
        for source in self.sources():
            rows = [row for row in self.activity if row.source == source]
            halves = [rows[: len(rows) // 2], rows[len(rows) // 2 :]]
            index.load_activity(source, [self._batch(half, ()) for half in halves])
        return index

    @staticmethod
    def _batch(rows: Sequence[DrawnRow], names: Sequence[str]) -> Loaded:
        return Loaded(
            np.array([row.number for row in rows], dtype=np.int64),
            np.array([row.pid for row in rows], dtype=np.int64),
            np.array([int(row.at) for row in rows], dtype=np.int64),
            {name: [row.values.get(name) for row in rows] for name in names},
        )

    def _written(self, chance: random.Random) -> Index:
        """Written in small commits; a tenth is first written with other values, then corrected."""
        index = Index(zone=self.zone, threads=1)
        documents = self._documents()
        for source in self.sources():
            index.load_activity(source, [])
            self.need(
                index, source, EVENT_PROPERTIES if isinstance(source, EventsNamed) else CONVERSATION_PROPERTIES, ()
            )
        self.need(index, EventsNamed(None), (), ())
        for start in range(0, PEOPLE, 40):
            pids = range(start, min(start + 40, PEOPLE))
            index.publish(index.stage(pids, documents[start : start + 40]))
        for start in range(0, len(self.activity), 97):
            batch = self.activity[start : start + 97]
            wrong = [row for row in batch if chance.random() < 0.1]
            self._publish(index, [self._otherwise(row) for row in wrong], [])
            self._publish(index, batch, wrong)
        return index

    @staticmethod
    def _otherwise(row: DrawnRow) -> DrawnRow:
        return DrawnRow(row.number, row.pid, row.name, Instant(row.at - 5 * DAY), {"total": 3.0, "topics": ("a",)})

    def _publish(self, index: Index, added: Sequence[DrawnRow], removed: Sequence[DrawnRow]) -> None:
        pids = sorted({row.pid for row in (*added, *removed)})
        if not pids:
            return
        into: dict[Source, list[Row]] = {}
        for row in added:
            into.setdefault(row.source, []).append(Row(row.number, row.pid, int(row.at), row.values))
        out: dict[Source, list[tuple[int, int]]] = {}
        for row in removed:
            out.setdefault(row.source, []).append((row.number, row.pid))
        documents = self._documents()
        index.publish(index.stage(pids, [documents[pid] for pid in pids], (), Changes(into, out)))

    def need(
        self, index: Index, source: Source, names: Sequence[str], activity: Sequence[DrawnRow] | None = None
    ) -> None:
        """Load these columns, in no order."""
        rows = [
            row
            for row in (self.activity if activity is None else activity)
            if row.source == source or (source == EventsNamed(None) and row.name is not None)
        ]
        rows = rows[::-1]
        numbers = np.array([row.number for row in rows], dtype=np.int64)
        index.load_columns(source, names, [(numbers, {name: [row.values.get(name) for row in rows] for name in names})])

    def by_index(self, index: Index, rule: Lowered, moment: Moment) -> BitMap:
        for source, name in sorted(index.missing(rule), key=str):
            self.need(index, source, () if name == AT else (name,))
        assert not index.missing(rule)
        selected = index.select(rule, moment, self.lists.__getitem__)
        sampled = np.arange(3, PEOPLE, 7)
        holds = index.evaluate(rule, sampled, moment, self.lists.__getitem__)
        assert sampled[holds].tolist() == [pid for pid in sampled.tolist() if pid in selected], (
            "some rows are judged otherwise"
        )
        return selected

    # --- DuckDB

    def _database(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        connection.execute(TABLES)
        rows: Mapping[str, list[dict[str, Any]]] = {
            "profiles": [{"pid": pid} for pid in range(PEOPLE)],
            "memberships": [{"pid": pid, "segment": name} for name, pids in self.lists.items() for pid in pids],
            "activity": [
                {
                    "number": row.number, "pid": row.pid, "name": row.name, "happened_at": int(row.at),
                    "source": "conversation" if row.name is None else "event",
                }
                for row in self.activity
            ],
            "profile_values": [
                {"pid": pid, "name": name, "changed_at": int(self.changes[pid][name]), **as_columns(value)}
                for pid, document in enumerate(self.documents)
                for name, value in document.items()
            ],
            "activity_values": [
                {"number": row.number, "name": name, **as_columns(value)}
                for row in self.activity
                for name, value in row.values.items()
            ],
            "days": [
                {"happened_at": at, "month_and_day": self._month_and_day(at)} for at in sorted(set(self._instants()))
            ],
        }  # fmt: skip
        for table, records in rows.items():
            columns = connection.sql(f"SELECT * FROM {table} LIMIT 0").to_arrow_table().schema  # noqa: S608  # ours
            filled = pa.Table.from_pylist(
                [{name: record.get(name) for name in columns.names} for record in records], columns
            )
            connection.register("given", filled)
            connection.execute(f"INSERT INTO {table} SELECT * FROM given")  # noqa: S608  # ours
            connection.unregister("given")
        return connection

    def _instants(self) -> Iterator[int]:
        for value in (
            *(v for d in self.documents for v in d.values()),
            *(v for h in self.activity for v in h.values.values()),
        ):
            if isinstance(value, Instant):
                yield int(value)
        yield from (int(row.at) for row in self.activity)
        yield from (int(at) for changed in self.changes for at in changed.values())

    def _month_and_day(self, at: int) -> str:
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone(self.zone)
        return f"{local.month:02}-{local.day:02}"

    def by_sql(self, rule: Rule, moment: Moment) -> BitMap:
        question = Question(rule, moment)
        return BitMap([pid for (pid,) in self.database.execute(question.text, question.bound).fetchall()])


def as_columns(value: Value) -> dict[str, object]:
    """A value in the columns of its kind."""
    match value:
        case bool():
            filled: dict[str, object] = {"boolean_value": value}
        case Instant():
            filled = {"time_value": int(value)}
        case str():
            filled = {"text_value": value, "folded_text": fold(value)}
        case tuple():
            filled = {"list_value": list(value), "folded_list": [fold(item) for item in value]}
        case _:
            filled = {"number_value": value}
    return {"kind": kind_of(value).value, **filled}


class WorldView:
    """One person of a world, as the law looks at them."""

    def __init__(self, world: World, pid: int) -> None:
        self._world = world
        self.number = pid

    def value(self, name: str) -> Value | None:
        return self._world.documents[self.number].get(name)

    def changed_at(self, name: str) -> Instant | None:
        return self._world.changes[self.number].get(name)

    def activity(self, source: Source) -> list[ActivityRow]:
        return [
            ActivityRow(row.at, row.values)
            for row in self._world.activity
            if row.pid == self.number
            and (
                row.name is None
                if isinstance(source, Conversations)
                else row.name is not None and source.name in (None, row.name)
            )
        ]

    def is_member(self, segment_id: str) -> bool:
        return self.number in self._world.lists[segment_id]
