from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.store.store import Store
from tests.unit.store.samples import NOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "default.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store.open(path, now=NOW, zone="Europe/Berlin")
    yield opened
    assert opened.integrity_problems() == []  # whatever a test did through the store, the file is sound
    opened.close()
