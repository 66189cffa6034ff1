"""The reference is made from the code, is complete, and is what `make docs` would write now."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from coterie.errors import CoterieError, SegmentLimitReached
from coterie.rules.operators import OPERATORS
from coterie.settings import Settings
from tests.habits.sources import ROOT, modules


def generator() -> ModuleType:
    """docs/generate.py, which is a script and not part of a package."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def test_every_operator_has_cases() -> None:
    cases = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "spec" / "cases").rglob("*.yaml"))
    with_cases = set(re.findall(r"""operator: ["']?(\w+)""", cases))
    assert set(OPERATORS) - with_cases == set()


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_reference_and_described(name: str) -> None:
    assert Settings.model_fields[name].description
    assert f"`COTERIE_{name.upper()}`" in page("settings.md")


def test_every_error_is_in_the_reference_with_a_code_of_its_own_and_a_sentence() -> None:
    def beneath(kind: type[CoterieError]) -> list[type[CoterieError]]:
        return [kind, *(error for child in kind.__subclasses__() for error in beneath(child))]

    ours = [kind for kind in beneath(CoterieError) if kind.__module__.startswith("coterie.")]
    text = page("errors.md")
    for kind in ours:
        assert f"`{kind.code}` " in text, kind.__name__
        assert re.search(rf"`{kind.__name__}` \| \S", text), f"{kind.__name__}: when does it happen?"
    narrowed = {SegmentLimitReached}  # programs match on the code of its parent, as they did before it existed
    assert {kind for kind in ours if "code" not in vars(kind)} == narrowed
    assert len({kind.code for kind in ours}) == len(ours) - len(narrowed)


def test_every_route_is_in_the_reference_and_says_what_it_does() -> None:
    text = page("http.md")
    for path, methods in generator().openapi_document()["paths"].items():
        for method, operation in methods.items():
            assert f"\n## {method.upper()} {path}\n" in text
            assert operation.get("summary"), f"{method} {path}"


def test_every_command_is_in_the_reference() -> None:
    text = page("cli.md")
    commands = [Path(module.place).stem for module in modules() if module.place.startswith("cli/commands/")]
    assert len(commands) > 1
    for name in commands:
        if name != "__init__":
            assert f"\n## coterie {name.rstrip('_')}" in text, name
