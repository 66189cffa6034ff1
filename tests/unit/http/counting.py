"""How often a request reads and writes a rule."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from coterie.rules.read import read_rule
from coterie.rules.write import write_rule


def count_readings(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The number of whole rules read and written from here on, wherever in the package."""
    counts: Counter[str] = Counter()

    def counting(function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            counts[function.__name__] += 1
            return function(*arguments)

        return counted

    for function in (read_rule, write_rule):
        for name, module in list(sys.modules.items()):
            own = function.__module__  # calls itself for the rules inside a rule
            if name.startswith("coterie.") and name != own and vars(module).get(function.__name__) is function:
                monkeypatch.setattr(module, function.__name__, counting(function))
    return counts
