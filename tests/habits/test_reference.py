"""The reference is made from the code, is complete, and is what `make docs` would write now."""

from __future__ import annotations

import subprocess
import sys

import pytest

from coterie.errors import CoterieError
from coterie.http.app import openapi_document
from coterie.rules.operators import OPERATORS
from coterie.settings import Settings
from tests.habits.sources import ROOT, modules


def page(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


def test_the_pages_are_what_the_code_says() -> None:
    answer = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_every_operator_is_in_the_reference_with_an_example(name: str) -> None:
    section = page("operators.md").split(f"\n## {name}\n", 1)[1].split("\n## ", 1)[0]
    assert "| the value | the operand | holds |" in section


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_every_operator_has_cases(name: str) -> None:
    cases = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "spec" / "cases").rglob("*.yaml"))
    assert f"operator: {name}" in cases or f'"operator": "{name}"' in cases


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_reference_and_described(name: str) -> None:
    assert Settings.model_fields[name].description
    assert f"`COTERIE_{name.upper()}`" in page("settings.md")


def test_every_error_is_in_the_reference_with_a_code_of_its_own() -> None:
    def beneath(kind: type[CoterieError]) -> list[type[CoterieError]]:
        return [kind, *(each for child in kind.__subclasses__() for each in beneath(child))]

    ours = [kind for kind in beneath(CoterieError) if kind.__module__.startswith("coterie.")]
    text = page("errors.md")
    for kind in ours:
        assert f"`{kind.code}` " in text, kind.__name__
        assert f"`{kind.__name__}`" in text, kind.__name__
    assert len({kind.code for kind in ours}) == len(ours)


def test_every_route_is_in_the_reference_and_says_what_it_does() -> None:
    text = page("http.md")
    for path, methods in openapi_document()["paths"].items():
        for method, operation in methods.items():
            assert f"\n## {method.upper()} {path}\n" in text
            assert operation.get("summary"), f"{method} {path}"


def test_every_command_is_in_the_reference() -> None:
    commands = [module.place for module in modules() if module.place.startswith("cli/")]
    assert commands
    assert page("cli.md").count("\n## coterie ") >= 7
