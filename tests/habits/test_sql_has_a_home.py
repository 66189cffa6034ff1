"""SQL lives in .sql files as named queries with bound values; Python holds none."""

from __future__ import annotations

import ast
import re

from tests.habits.sources import docstring_nodes, modules

STATEMENT = re.compile(
    r"^\s*(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|REPLACE\s+INTO\s|WITH\s+\w+.*\sAS\s*\(|"
    r"CREATE\s+(TABLE|INDEX|UNIQUE|VIEW|TRIGGER|TEMP)|DROP\s+(TABLE|INDEX|VIEW)|ALTER\s+TABLE|PRAGMA\s|ATTACH\s|VACUUM\b|"
    r"BEGIN(\s+(IMMEDIATE|EXCLUSIVE|DEFERRED))?\s*;?\s*$|COMMIT\s*;?\s*$|ROLLBACK\s*;?\s*$|SAVEPOINT\s)",
    re.IGNORECASE | re.DOTALL,
)


def test_no_sql_in_python() -> None:
    violations = []
    for module in modules():
        prose = docstring_nodes(module.tree)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                # An upper-case first word: English sentences also begin with "Update" and "With".
                first = node.value.split(maxsplit=1)[0] if node.value.strip() else ""
                if first.isupper() and STATEMENT.match(node.value):
                    violations.append(f"{module.where(node)} {node.value.strip().splitlines()[0][:60]!r}")
    assert not violations, "Name it in a .sql file:\n" + "\n".join(violations)
