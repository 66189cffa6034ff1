"""A workspace that may deliver to private addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.workspace import Workspace
from tests.unit.live.delivery.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place.sqlite")


@pytest.fixture
def ws(place: Place) -> Iterator[Workspace]:
    with place.open() as workspace:
        yield workspace
