"""The doors that every case with `send` goes through: the language's own, and a whole workspace's, which takes short cuts of its own.

A door is given what is sent and how it is declared, and answers with what is stored. It raises InvalidInput with paths that begin with the
property's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from coterie.errors import InvalidInput, Problem
from coterie.model import ProfileInput
from coterie.rules.values import Kind, Value
from coterie.workspace import Workspace
from tests.conformance.worlds import at_the_door

Door = Callable[[Mapping[str, Any], Mapping[str, Kind], ZoneInfo], Mapping[str, Value]]


def of_a_workspace(sent: Mapping[str, Any], declared: Mapping[str, Kind], zone: ZoneInfo) -> Mapping[str, Value]:
    """Put and read back, by a second opening of the same file. What is sent as null was there before."""
    there_before = {name: "1" for name, raw in sent.items() if raw is None}
    with TemporaryDirectory() as directory:
        file = Path(directory) / "workspace.db"
        with Workspace(file, zone=zone.key) as workspace:
            for name, kind in declared.items():
                workspace.properties.declare(name, kind)
            workspace.profiles.put(ProfileInput(external_id="one", properties=there_before))
            try:
                workspace.profiles.put(ProfileInput(external_id="one", properties=sent))
            except InvalidInput as refusal:
                assert workspace.profiles.get(external_id="one").properties.keys() == there_before.keys()
                raise _from_the_name_on(refusal) from refusal
        with Workspace(file) as workspace:
            return workspace.profiles.get(external_id="one").properties


def _from_the_name_on(refusal: InvalidInput) -> InvalidInput:
    problems = [Problem(one.message, one.path[1:], one.code, one.hint) for one in refusal.problems]
    assert all(one.path[0] == "properties" for one in refusal.problems)
    retold = type(refusal)(refusal.message, path=problems[0].path, hint=refusal.hint, others=problems[1:])
    assert list(retold.problems) == problems
    return retold


DOORS: Mapping[str, Door] = {"rules": at_the_door, "workspace": of_a_workspace}
