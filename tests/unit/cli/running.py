"""Commands, run in this process as a shell would, on a data directory of the test's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from coterie.cli import app

PLAN_IS_PRO = '{"property": "plan", "operator": "equals", "value": "pro"}'


@dataclass(frozen=True)
class Output:
    """What a command wrote."""

    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """Runs `coterie ...`, and checks the exit code."""

    data: Path

    def __call__(self, *words: str, code: int = 0, stdin: str | bytes | None = None) -> Output:
        result = CliRunner().invoke(
            app, list(words), input=stdin, env={"COTERIE_DATA": str(self.data), "COLUMNS": "200"}
        )
        assert result.exit_code == code, (
            f"exit {result.exit_code}, not {code}\n{result.stdout}\n{result.stderr}\n{result.exception!r}"
        )
        assert "Traceback" not in result.stderr
        return Output(result.stdout, result.stderr)

    def file(self, name: str, content: str | bytes) -> str:
        path = self.data.parent / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)
