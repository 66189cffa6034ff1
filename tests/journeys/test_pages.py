"""The documentation is true: its Python runs, its rules parse, its promises hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coterie.rules.limits import RuleLimits
from coterie.rules.read import read_rule
from coterie.rules.write import write_rule
from tests.journeys.pages import blocks, run_python

PAGES_WITH_PYTHON = ("docs/guides/python-library.md", "README.md")


@pytest.mark.parametrize("page", PAGES_WITH_PYTHON)
def test_the_python_on_a_page_does_what_the_page_says(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    ours = [block for block in blocks(page, "python") if "import coterie" in block or page != "README.md"]
    promises = [promise for block in ours for promise in run_python(block, names)]
    assert promises, "the page promises nothing"
    for expression, value, promised in promises:
        assert value == promised, expression


@pytest.mark.parametrize("rule", blocks("docs/guides/segments-by-hand.md", "json"))
def test_the_rules_on_a_page_are_rules(rule: str) -> None:
    read = read_rule(json.loads(rule), RuleLimits())
    assert read_rule(write_rule(read), RuleLimits()) == read
