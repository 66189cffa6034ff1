"""The inputs that read every case with `send`: the language's own, and a workspace's.

An input takes what is sent and how it is declared, and returns what is stored. It raises
InvalidInput with paths that begin with the property's name.
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
from tests.conformance.worlds import on_input

Input = Callable[[Mapping[str, Any], Mapping[str, Kind], ZoneInfo], Mapping[str, Value]]


def of_a_workspace(sent: Mapping[str, Any], declared: Mapping[str, Kind], zone: ZoneInfo) -> Mapping[str, Value]:
    """Put, and read back after reopening the file. What is sent as null was stored before."""
    stored_before = {name: "1" for name, raw in sent.items() if raw is None}
    with TemporaryDirectory() as directory:
        file = Path(directory) / "workspace.db"
        with Workspace(file, zone=zone.key) as workspace:
            for name, kind in declared.items():
                workspace.properties.declare(name, kind)
            workspace.profiles.put(ProfileInput(external_id="one", properties=stored_before))
            try:
                workspace.profiles.put(ProfileInput(external_id="one", properties=sent))
            except InvalidInput as error:
                assert workspace.profiles.get(external_id="one").properties.keys() == stored_before.keys()
                raise _from_the_name_on(error) from error
        with Workspace(file) as workspace:
            return workspace.profiles.get(external_id="one").properties


def _from_the_name_on(error: InvalidInput) -> InvalidInput:
    assert all(problem.path[0] == "properties" for problem in error.problems)
    problems = [Problem(problem.message, problem.path[1:], problem.code, problem.hint) for problem in error.problems]
    moved = type(error)(error.message, path=problems[0].path, hint=error.hint, others=problems[1:])
    assert list(moved.problems) == problems
    return moved


INPUTS: Mapping[str, Input] = {"rules": on_input, "workspace": of_a_workspace}
