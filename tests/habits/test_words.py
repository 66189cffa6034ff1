"""The committed text names no machine, keeps no promise in a comment, and has working links."""

from __future__ import annotations

import re

from tests.habits.sources import PACKAGE, ROOT, committed, modules

SELF = "tests/habits/test_words.py"
TEXT = {".py", ".md", ".toml", ".sql", ".yaml", ".yml", ".lock", ".sh", ".txt", ".json", ".html", ".css", ".js", ""}
MACHINES = re.compile(
    r"(?<![\w.])/(work|root|Users|home/[a-z]+|opt/pypi)/|/tmp/notes|pythonhosted|pypi\.org|localhost:\d{5}/simple|--(extra-)?index-url",
)


def test_no_machine_and_no_package_host_is_named() -> None:
    violations = []
    for path in committed():
        place = path.relative_to(ROOT).as_posix()
        if path.suffix in TEXT and place != SELF:
            for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                if MACHINES.search(line):
                    violations.append(f"{place}:{number} {line.strip()[:100]}")
    assert not violations, "\n".join(violations)


def test_locks_hold_versions_and_hashes_only() -> None:
    for lock in sorted((ROOT / "requirements").rglob("*.lock")):
        for line in lock.read_text(encoding="utf-8").splitlines():
            assert re.match(r"[a-z0-9][a-z0-9._-]*==\S+( ; .+)? \\$|    --hash=sha256:[0-9a-f]{64}( \\)?$", line), (
                f"{lock.name}: {line}"
            )


def test_silenced_checks_say_why() -> None:
    """`type: ignore`, `noqa` and their like carry a reason on the same line."""
    silencer = re.compile(
        r"#\s*(type: ignore(\[[\w, -]+\])?|noqa(: [A-Z]+\d+(, ?[A-Z]+\d+)*)?|pragma: no cover)(?P<reason>.*)"
    )
    bare = []
    for module in modules():
        for number, line in enumerate(module.text.splitlines(), 1):
            silenced = silencer.search(line)
            if silenced and not re.search(r"\w{3,}", silenced["reason"]):
                bare.append(f"src/coterie/{module.place}:{number} {line.strip()}")
    assert not bare, "\n".join(bare)


def test_no_promise_is_left_in_a_comment() -> None:
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    violations = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in committed()
        if path.suffix in {".py", ".sql", ".md", ".sh"} or path.name == "Makefile"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if words.search(line)
    ]
    assert not violations, "\n".join(violations)


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in committed():
        if page.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:|#", target):
                continue
            if not (page.parent / target.split("#")[0]).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken, "\n".join(broken)


def test_paths_named_in_the_map_exist() -> None:
    """Every path that ARCHITECTURE.md and CONTRIBUTING.md name in backticks exists."""
    named = re.compile(r"`((?:src|tests|spec|bench|docs|requirements|rules|index|store|live|http|cli)/[\w./-]+)`")
    missing = []
    for name in ("ARCHITECTURE.md", "CONTRIBUTING.md"):
        for path in named.findall((ROOT / name).read_text(encoding="utf-8")):
            if not (ROOT / path).exists() and not (PACKAGE / path).exists():
                missing.append(f"{name}: {path}")
    assert not missing, "\n".join(missing)


def test_pages_keep_to_100_columns() -> None:
    """The prose of pages; tables, headings, code and generated pages may be wider."""
    long = []
    for page in committed():
        place = page.relative_to(ROOT).as_posix()
        if page.suffix != ".md" or place.startswith("docs/reference/"):
            continue
        in_code = False
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            if line.lstrip().startswith("```"):
                in_code = not in_code
            elif not in_code and len(line) > 100 and not line.startswith(("|", "#", "    ")):
                long.append(f"{place}:{number} {line[:80]}")
    assert not long, "\n".join(long)
