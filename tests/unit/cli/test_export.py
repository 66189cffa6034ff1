"""`coterie export`, and back again."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import coterie
from coterie.model import Profile
from coterie.rules.values import Instant
from tests.unit.cli.running import PLAN_IS_PRO, Shell

ODD = [
    {
        "external_id": "odd",
        "text": 'a,"b"\r\nc\n',
        "quote's.dot 😀": "naïve",
        "bool": False,
        "zip": "01234",
        "n": -0.1,
        "big": 1e300,
    },
    {"email": "only@example.com", "tags": ["x", "[y]", 'q"'], "at": {"time": "2026-03-01T09:30:00.123Z"}, "zip": "9"},
    {"external_id": "mixed 1", "mixed": 1, "tags": []},
    {"external_id": "mixed 2", "mixed": "one", "text": "[not a list]"},
    {"external_id": "mixed 3", "mixed": {"time": "2026-03-01T00:00:00Z"}, "text": "true"},
    {"external_id": "bare"},
]


def everybody(data: Path) -> list[tuple[str | None, str | None, dict[str, object]]]:
    def plain(profile: Profile) -> dict[str, object]:
        return {name: (type(value).__name__, value) for name, value in profile.properties.items()}

    with coterie.open(data) as workspace:
        return [
            (profile.external_id, profile.email, plain(profile))
            for profile in workspace.profiles.list(limit=1_000).items
        ]


@pytest.mark.parametrize("suffix", ["ndjson", "ndjson.zst", "parquet"])
def test_what_is_exported_comes_back_the_same(empty: Shell, tmp_path: Path, suffix: str) -> None:
    with coterie.open(empty.data) as workspace:
        assert not workspace.put(ODD).refused
    file = str(tmp_path / f"everybody.{suffix}")
    empty("export", "profiles", "-o", file)
    assert empty("import", "profiles", file).out == "created 0 updated 0 unchanged 6 refused 0\n"
    fresh = Shell(tmp_path / "fresh")
    fresh("import", "profiles", file)
    assert everybody(fresh.data) == everybody(empty.data)


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
def test_csv_comes_back_the_same_into_the_workspace_it_came_from(empty: Shell, tmp_path: Path, suffix: str) -> None:
    """But for properties with values of several kinds, which CSV cannot tell apart."""
    with coterie.open(empty.data) as workspace:
        workspace.put([{name: value for name, value in row.items() if name != "mixed"} for row in ODD])
    before = everybody(empty.data)
    file = str(tmp_path / f"everybody.{suffix}")
    empty("export", "profiles", "-o", file)
    assert empty("import", "profiles", file).out == "created 0 updated 0 unchanged 6 refused 0\n"
    assert everybody(empty.data) == before


def test_a_segment_is_exported_by_name_or_id_to_standard_output(shell: Shell) -> None:
    made = shell("segments", "create", "Pro", PLAN_IS_PRO, "--json").json()
    lines = shell("export", "Pro", "--format", "ndjson").out.splitlines()
    assert [json.loads(line)["external_id"] for line in lines] == ["c-1", "c-3"]
    csv = shell("export", made["id"]).out
    assert csv.splitlines()[0] == "id,external_id,email,created_at,updated_at,mrr,plan,signed_up_at,tags"
    assert len(csv.splitlines()) == 3


def test_the_file_is_packed_as_its_name_says_and_appears_whole(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "people.ndjson.gz"
    assert shell("export", "profiles", "-o", str(file), "--json").json() == {
        "file": str(file),
        "format": "ndjson",
        "profiles": 3,
    }
    assert len(gzip.decompress(file.read_bytes()).splitlines()) == 3
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_what_cannot_be_exported_is_said(shell: Shell, tmp_path: Path) -> None:
    assert "There is no segment 'Nobody'" in shell("export", "Nobody", code=1).err
    assert "does not say its format" in shell("export", "profiles", "-o", str(tmp_path / "people.xlsx"), code=2).err
    assert "cannot be written" in shell("export", "profiles", "-o", "/no/such/dir/people.csv", code=2).err
    assert "--json tells of the file" in shell("export", "profiles", "--json", code=2).err


def test_a_time_is_exported_to_the_millisecond(empty: Shell) -> None:
    with coterie.open(empty.data) as workspace:
        workspace.put(ODD)
        at = workspace.profiles.get(email="only@example.com").properties["at"]
    assert isinstance(at, Instant)
    assert at.iso() == "2026-03-01T09:30:00.123Z"
    assert "2026-03-01T09:30:00.123Z" in empty("export", "profiles").out
