"""The program as a process: from the demo to a served key.

Also how it behaves in pipes, at a terminal, and beside another process.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "coterie"]
READY_WITHIN = 60  # seconds; it takes about three on a machine with nothing else to do
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("COTERIE_")}


def coterie(*words: str, code: int = 0, **more: Any) -> subprocess.CompletedProcess[str]:
    answer = subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, check=False, env=ENVIRONMENT, timeout=120, **more
    )
    assert answer.returncode == code, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    return answer


@contextmanager
def running(*words: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The command, and its output by the time it serves; Ctrl-C stops it at the end."""
    process = subprocess.Popen(
        [*COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**ENVIRONMENT, **environment},
    )
    try:
        assert process.stdout is not None
        lines: list[str] = []
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline and not (lines and lines[-1].lstrip().startswith("stop")):
            line = process.stdout.readline()
            assert line, f"it ended with {process.wait()}: {lines}"
            lines.append(line)
        yield process, lines
    finally:
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert code == 0


def value_of(lines: list[str], label: str) -> str:
    return next(line.split(maxsplit=1)[1].strip() for line in lines if line.lstrip().startswith(f"{label} "))


def get(address: str, path: str, key: str) -> Any:
    request = urllib.request.Request(f"{address}{path}", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def test_the_demo_serves_and_its_key_opens_it_and_a_second_time_it_is_the_same(tmp_path: Path) -> None:
    data = str(tmp_path / "demo")
    with running("demo", "--data", data, "--port", "0") as (_, lines):
        address, key = value_of(lines, "address"), value_of(lines, "key")
        segments = get(address, "/v1/segments", key)["items"]
        assert len(segments) >= 12
        assert all(segment["member_count"] > 0 for segment in segments)
        busy = coterie("segments", "list", "--data", data, code=3)
        assert address in busy.stderr
        assert "coterie demo" in busy.stderr
        another = coterie("keys", "create", "--data", data, "--scope", "read").stdout.strip()
        assert get(address, "/v1/segments", another)["items"] == segments
        port = address.rpartition(":")[2]
        assert "is in use by" in coterie("demo", "--data", data, "--port", port, code=3).stderr
        assert (
            f"--port {int(port) + 1}"
            in coterie("serve", "--data", str(tmp_path / "other"), "--port", port, code=4).stderr
        )
        assert not (tmp_path / "other").exists()
    assert (tmp_path / "demo" / "demo.key").stat().st_mode & 0o777 == 0o600
    again = json.loads(coterie("demo", "--data", data, "--no-serve", "--json").stdout)
    assert again == {
        "address": None,
        "key": key,
        "profiles": 10_000,
        "segments": len(segments),
        "fresh": False,
        "data": data,
    }
    assert json.loads(coterie("check", data, "--json").stdout)["sound"]


def test_serve_takes_its_key_and_place_from_the_environment(tmp_path: Path) -> None:
    secret = "a-secret-of-the-operator-s-own-0123456789"
    environment = {"COTERIE_DATA": str(tmp_path / "data"), "COTERIE_PORT": "0", "COTERIE_BOOTSTRAP_KEY": secret}
    with running("serve", **environment) as (_, lines):
        address = lines[0].split()[-1]
        assert address.startswith("http://127.0.0.1:")
        assert not address.endswith(":8080"), "the port of the environment, a free one, and not the default"
        assert f"{address}/docs" in "".join(lines)
        assert secret not in "".join(lines)
        assert get(address, "/v1/segments", secret)["items"] == []


def test_a_pipe_that_closes_early_is_no_fault(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    rows = "".join(f"c-{n},{'x' * 200}\n" for n in range(10_000))
    coterie("import", "profiles", "-", "--format", "csv", "--data", data, input=f"external_id,text\n{rows}")
    export = subprocess.Popen(
        [*COMMAND, "export", "profiles", "--data", data],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    assert export.stdout is not None
    assert export.stderr is not None
    export.stdout.readline()
    export.stdout.close()
    complaint = export.stderr.read()
    export.wait(60)
    assert b"Traceback" not in complaint
    assert b"Error" not in complaint


def test_a_terminal_sees_progress_and_a_pipe_does_not(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("external_id,n\n" + "".join(f"c-{n},{n}\n" for n in range(12_000)))
    words = ["import", "profiles", str(file), "--data", str(tmp_path / "data")]
    assert "\x1b[" not in coterie(*words).stderr
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *words], stdout=subprocess.PIPE, stderr=end, env={**ENVIRONMENT, "TERM": "xterm", "COLUMNS": "120"}
    )
    os.close(end)
    terminal_output = b""
    try:
        while chunk := os.read(terminal, 65_536):
            terminal_output += chunk
    except OSError:  # the other end is closed: the process has ended
        pass
    os.close(terminal)
    answer, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"\x1b[" in terminal_output
    assert b"%" in terminal_output
    assert answer == b"created 0 updated 0 unchanged 12000 refused 0\n"


def test_commands_other_than_serve_start_without_the_http_edge() -> None:
    program = "import sys, coterie.cli; sys.exit('fastapi' in sys.modules or 'granian' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
