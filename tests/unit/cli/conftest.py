"""A shell with an empty data directory, and one with three people in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.running import Shell

PEOPLE = """external_id,email,plan,mrr,tags,signed_up_at
c-1,ada@example.com,pro,250,"[""beta""]",2026-03-01T09:30:00Z
c-2,grace@example.com,free,,[],2026-04-01
c-3,,pro,40,"[""beta"",""vip""]",2026-05-01 12:00
"""


@pytest.fixture
def empty(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "data")


@pytest.fixture
def shell(empty: Shell) -> Shell:
    empty("import", "profiles", empty.file("people.csv", PEOPLE), "--quiet")
    return empty
