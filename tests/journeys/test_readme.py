"""The README's session against a demo server, pasted as a newcomer would; and its commands."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.pages import blocks

needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="the README's session is for bash and curl"
)
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Demo:
    address: str
    directory: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`coterie demo`, as `make demo` starts it, on a free port."""
    directory = tmp_path_factory.mktemp("readme")
    command = [str(PROGRAMS / "coterie"), "demo", "--port", "0", "--json"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COTERIE_")}
    with subprocess.Popen(command, cwd=directory, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        output = "".join(iter(process.stdout.readline, "}\n")) + "}"
        try:
            yield Demo(json.loads(output)["address"], directory)
        finally:
            process.terminate()
            process.wait(timeout=30)


def paste(script: str, directory: Path) -> subprocess.CompletedProcess[str]:
    answer = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=directory, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return answer


def session() -> list[str]:
    return [block for block in blocks("README.md", "bash") if ".venv" not in block]


@needs_curl
def test_the_session_with_curl_goes_as_the_readme_says(demo: Demo) -> None:
    opening, create, move, why, preview, active = session()
    assert "http://127.0.0.1:8080" in opening
    opening = opening.replace("http://127.0.0.1:8080", demo.address)
    script = "\n".join([opening, create, move, "echo ---", why, "echo ---", preview, "echo ---", active])
    answer = paste(script, demo.directory)
    segment = json.loads(answer.stderr.splitlines()[0])
    assert list(segment) == ["id", "name", "match_type", "filters", "created_at", "updated_at"]

    moved, explained, counted, streamed = answer.stdout.split("---\n")
    before, without, inside = (int(total) for total in re.findall(r'^"total":(\d+)$', moved, re.MULTILINE))
    assert before > 0
    assert without == before
    assert inside == before + 1

    explanation, left, transitions = (json.loads(line) for line in explained.splitlines())
    assert explanation["member"] is True
    assert explanation["verdict"]["actual"] == "zoe@example.com"
    assert left["email"] == "zoe@elsewhere.net"
    assert [item["action"] for item in transitions["items"]] == ["enter", "exit"]

    tree = json.loads(counted)["tree"]
    assert 0 < tree["count"] < min(child["count"] for child in tree["children"])

    streamed_transitions = [
        json.loads(line.removeprefix("data: ")) for line in streamed.splitlines() if line.startswith("data: ")
    ]
    (she,) = {
        transition["profile_id"] for transition in streamed_transitions if transition["cause"] == "facts"
    }  # somebody of the demo may be active, too
    hers = [
        (transition["action"], transition["cause"])
        for transition in streamed_transitions
        if transition["profile_id"] == she
    ]
    assert hers == [("enter", "facts"), ("exit", "time")]


@pytest.mark.parametrize("client", ["greenflash", "segment"])
def test_the_clients_of_the_readme_work_as_they_are(demo: Demo, client: str) -> None:
    (block,) = (
        block_ for block_ in blocks("README.md", "python") if f"{client}." in block_ or f"from {client} " in block_
    )
    key = (demo.directory / "coterie-demo" / "demo.key").read_text(encoding="utf-8").strip()
    program = f"KEY = {key!r}\n" + block.replace("http://127.0.0.1:8080", demo.address)
    paths = {"PYTHONPATH": str(PROGRAMS.parent / "clients" / "segment-2.4.0")} if client == "segment" else {}
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=demo.directory, env={**os.environ, **paths}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    where, expected = {
        "greenflash": ("/v1/segments?limit=100", "High-intent enterprise users"),
        "segment": ("/v1/events", "Order Completed"),
    }[client]
    request = urllib.request.Request(demo.address + where, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=30) as response:
        assert expected in response.read().decode()


@needs_curl
def test_the_commands_of_the_readme_work(tmp_path: Path) -> None:
    (script,) = (block for block in blocks("README.md", "bash") if ".venv" in block)
    alias, *commands = script.splitlines()
    assert alias == "alias coterie=.venv/bin/coterie"
    (tmp_path / "people.csv").write_text("external_id,plan\nu1,pro\nu2,free\nu3,pro\n", encoding="utf-8")
    (tmp_path / "orders.csv").write_text(
        "external_id,date,total\nu1,2026-03-01,80\nu1,2026-03-02,40\n", encoding="utf-8"
    )
    output = paste(
        "\n".join(command.replace("coterie", str(PROGRAMS / "coterie"), 1) for command in commands), tmp_path
    )
    assert "1 of 3" in output.stdout, output.stdout
    assert len((tmp_path / "on-pro.csv").read_text(encoding="utf-8").splitlines()) == 3
