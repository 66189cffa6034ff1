"""NDJSON: one JSON object a line, flat or nested (see `documents`).

Values keep their kinds, and null removes. `json` reads it, rather than a faster parser, because it
preserves whole numbers of any length, so that the workspace can refuse those that a double cannot
hold instead of storing a neighbour.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import count
from typing import NoReturn

from coterie.importing.columns import Use
from coterie.importing.kinds import Misfit, fitted, quoted
from coterie.importing.opening import DAMAGE, Source, cut_short
from coterie.importing.plan import Plan
from coterie.importing.rows import Numbered, ReadableFile, RowProblem, bad

LINE_BYTES_MAX = 16 * 2**20


def read_ndjson(source: Source, plan: Plan) -> ReadableFile:
    return ReadableFile((), _rows(source.stream, plan))


def _rows(stream: io.BufferedReader, plan: Plan) -> Iterator[Numbered]:
    for line in count(1):
        try:
            written = stream.readline(LINE_BYTES_MAX + 1)
        except DAMAGE as damage:
            yield cut_short(line, damage)
            return
        if not written:
            return
        if len(written) > LINE_BYTES_MAX:
            _skip_line(stream, written)
            yield bad(line, f"is longer than {LINE_BYTES_MAX:,} bytes")
            continue
        if line == 1:
            written = written.removeprefix(b"\xef\xbb\xbf")
        if written.strip():
            yield _row(line, written, plan)


def _skip_line(stream: io.BufferedReader, written: bytes) -> None:
    while written and not written.endswith(b"\n"):
        written = stream.readline(LINE_BYTES_MAX)


def _row(line: int, written: bytes, plan: Plan) -> Numbered:
    try:
        document = json.loads(written.decode(plan.encoding or "utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        byte = written[error.start]
        return bad(line, f"holds the byte 0x{byte:02X}, which is not {error.encoding}, at {error.start + 1}")
    except json.JSONDecodeError as error:
        return bad(line, f"is not JSON: {error.msg} at character {error.pos + 1}")
    except (ValueError, RecursionError) as error:
        return bad(line, f"is not JSON that can be read: {error}")
    if not isinstance(document, dict):
        return bad(line, f"is not a JSON object: {quoted(written.decode(errors='replace').strip())}")
    return _item(line, document, plan)


def _item(line: int, document: dict[str, object], plan: Plan) -> Numbered:
    identifiers: dict[str, object] = {}
    properties: dict[str, object] = {}
    problems: list[RowProblem] = []
    for name, target, value in plan.row_type.named(document, plan.mapping):
        kind = plan.types.get(name)
        if target.use is not Use.PROPERTY:
            if target.use is not Use.LEFT_OUT:
                identifiers[target.use.value] = value
        elif kind is None:
            properties[target.name] = value
        else:
            try:
                properties[target.name] = fitted(value, kind, plan.list_separator)
            except Misfit as misfit:
                problems.append(RowProblem(name, f"{misfit} (--type {name}={kind})"))
    return plan.row_type.row(line, identifiers, properties, problems, document)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
