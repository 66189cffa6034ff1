"""Reads the peers' questions from the .sql files beside this one."""

from __future__ import annotations

import re
from pathlib import Path


def named(file: str) -> dict[str, str]:
    """The queries of a file, by the name in the comment above each."""
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return dict(re.findall(r"-- name: (\w+)\n(.*?);", text, flags=re.DOTALL))
