"""The project's files, as the habit tests look at them: read once, parsed once."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "coterie"


@dataclass(frozen=True)
class Module:
    """A Python file of the package, and its place in it: `rules/operators/text.py`."""

    place: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The first part of the place: `rules`, `http`, or a file of the top such as `clock.py`."""
        return self.place.split("/", 1)[0]

    def where(self, node: ast.AST) -> str:
        return f"src/coterie/{self.place}:{getattr(node, 'lineno', 1)}"


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file under `src/coterie` that holds anything."""
    python_modules = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if text.strip():
            python_modules.append(Module(path.relative_to(PACKAGE).as_posix(), text, ast.parse(text)))
    return tuple(python_modules)


@cache
def committed() -> tuple[Path, ...]:
    """Every file that git tracks; outside a clone, every file not ignored by plain names."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode == 0:
        names = [name for name in listing.stdout.decode().split("\0") if name]
    else:
        paths = (path for path in ROOT.rglob("*") if not {".venv", "__pycache__"} & set(path.parts))
        names = [path.relative_to(ROOT).as_posix() for path in paths if not path.is_dir()]
    return tuple(ROOT / name for name in names if (ROOT / name).is_file())


def dotted(node: ast.expr) -> str:
    """`time.time_ns` for the expression with that name, "" for anything but a dotted name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            before = dotted(value)
            return f"{before}.{attr}" if before else ""
        case _:
            return ""


def imported(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    """Each import statement, and the full dotted name that it imports, `from` names included."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield node, alias.name
            case ast.ImportFrom(module=source, names=names, level=0) if source is not None:
                for alias in names:
                    yield node, f"{source}.{alias.name}"
            case ast.ImportFrom():
                yield node, "." * node.level + (node.module or "")


def docstring_nodes(tree: ast.Module) -> set[int]:
    """The ids of the constants that are docstrings, or strings that document a name."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
