"""CSV: any delimiter, quoted cells over several lines, a byte order mark, any line ending.

A row's number is the physical line on which it begins, where an editor finds it. A row that `csv`
cannot read is bad, and reading continues on the next line. Bytes outside the file's encoding make
their row bad, not the file.
"""

from __future__ import annotations

import csv
import io
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeAlias

from coterie.errors import InvalidInput
from coterie.importing.columns import Target, Use, lay_out, refuse_unknown_types
from coterie.importing.documents import is_id
from coterie.importing.kinds import Misfit, infer, near_miss, quoted, read_cell, reads_as
from coterie.importing.opening import DAMAGE, Source, cut_short
from coterie.importing.plan import BLANKS, ROWS_SAMPLED, Plan
from coterie.importing.rows import BadRow, ColumnRead, Numbered, ReadableFile, RowProblem, bad
from coterie.rules.values import Kind

DELIMITERS = (",", ";", "\t", "|")
CELL_LENGTH_MAX = 2**20  # room for a list of a thousand long texts; an unclosed quote swallows no more than this
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_QUOTED = re.compile(r'"[^"]*"')

Record: TypeAlias = tuple[int, list[str]]  # the line it begins on, its cells


def read_csv(source: Source, plan: Plan) -> ReadableFile:
    """Read header and sample. Raises InvalidInput for an unusable header, mapping or type."""
    csv.field_size_limit(max(csv.field_size_limit(), CELL_LENGTH_MAX))  # the process's, for csv has no other
    first, lines = _decoded(source.stream, plan.encoding)
    delimiter = plan.delimiter or _delimiter(first)
    if delimiter == BLANKS:
        delimiter, lines = " ", (f"{' '.join(line.split())}\n" for line in lines)
    records = _records(lines, delimiter)
    header = _header(records)
    targets = lay_out(header, plan.mapping)
    plan.row_type.require(targets)
    refuse_unknown_types(header, plan.types)
    sample = list(islice(records, ROWS_SAMPLED))
    complete = [record for record in sample if not isinstance(record, BadRow) and len(record[1]) == len(header)]
    whole = [cells for _, cells in complete]
    columns = tuple(
        _column(column, target, [cells[place] for cells in whole], plan)
        for place, (column, target) in enumerate(zip(header, targets, strict=True))
    )
    _refuse_foreign_ids(columns, whole)
    notes = () if delimiter == "," else (f"Cells are separated by {delimiter!r}.",)
    rows = _Cells(columns, plan).rows(chain(sample, records))
    return ReadableFile(columns, rows, notes, tuple(_remarks(columns, complete)))


def _decoded(stream: io.BufferedReader, encoding: str | None) -> tuple[str, Iterator[str]]:
    """The first line, and all lines with their endings.

    Bytes that are not UTF-8 become escapes (`_ESCAPED_BYTE`).
    """
    try:
        if encoding is None:
            encoding = "utf-16" if stream.peek(2)[:2] in _UTF_16 else "utf-8-sig"
        text = io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="")
        first = text.readline()
    except LookupError:
        raise InvalidInput(f"There is no encoding {encoding!r}.", hint="For example: --encoding cp1252") from None
    except UnicodeError as error:
        raise InvalidInput(f"The file is not {encoding}: {error}.", hint="Say which it is with --encoding.") from None
    except DAMAGE as damage:
        raise InvalidInput(f"The file cannot be unpacked: {damage}.") from None
    return first, chain((first,) if first else (), text)


def _delimiter(header: str) -> str:
    """The most frequent delimiter of the header outside quotes; a comma without any."""
    bare = _QUOTED.sub("", header)
    return max(DELIMITERS, key=bare.count)


def _records(lines: Iterator[str], delimiter: str) -> Iterator[Record | BadRow]:
    """Records with the line each begins on. Blank lines are not records."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield bad(line, _unreadable(str(error), line, reader.line_num))
        except UnicodeError as error:
            yield bad(
                line, f"the text cannot be decoded from here on: {error}", hint="Say the encoding with --encoding."
            )
            return
        except DAMAGE as damage:
            yield cut_short(line, damage)
            return
        else:
            if cells:
                yield line, cells


def _unreadable(error: str, first: int, last: int) -> str:
    if "field limit" in error or "unexpected end" in error:
        until = "the end of the file" if "unexpected end" in error else f"line {last}"
        return (
            f"a quoted cell begins here and was still open at {until}; a closing quote is missing. "
            "Lines up to there were not read"
        )
    return f"is not CSV: {error}" + (f" (line {last})" if last > first else "")


def _header(records: Iterator[Record | BadRow]) -> list[str]:
    match next(records, None):
        case None:
            raise InvalidInput("The file is empty.", hint="Its first line must name the columns.")
        case BadRow(line, problems):
            raise InvalidInput(f"The header (line {line}) {problems[0].reason}.")
        case (_, cells):
            if any(_ESCAPED_BYTE.search(cell) for cell in cells):
                raise InvalidInput(
                    "The header is not UTF-8.", hint="Say the file's encoding, such as --encoding cp1252."
                )
            return cells


def _column(column: str, target: Target, cells: Sequence[str], plan: Plan) -> ColumnRead:
    """The kind of a column.

    What the workspace has declared, then what the caller says, then what the workspace has seen,
    then what the sample looks like.
    """
    if target.use is not Use.PROPERTY:
        return ColumnRead(column, target, None, "")
    settled = plan.settled(target.name)
    forced = plan.types.get(column)
    if forced is not None:
        if settled is not None and settled[1] == "declared" and settled[0] is not forced:
            raise InvalidInput(
                f"--type {column}={forced.value}: property {target.name!r} is declared as {settled[0].value}.",
                hint="Leave the --type out, or change the declaration first.",
            )
        return ColumnRead(column, target, forced, "--type")
    if settled is not None:
        return ColumnRead(column, target, *settled)
    seen = infer(cells)
    if seen is None:
        return ColumnRead(column, target, Kind.TEXT, f"empty in the first {ROWS_SAMPLED:,} rows")
    return ColumnRead(column, target, seen, f"from the first {len(cells):,} rows", guessed=True)


def _remarks(columns: Sequence[ColumnRead], sample: Sequence[Record]) -> Iterator[str]:
    """A sentence for every column that a few cells have made text."""
    for place, read in enumerate(columns):
        if not (read.guessed and read.kind is Kind.TEXT):
            continue
        miss = near_miss([cells[place] for _, cells in sample])
        if miss is None:
            continue
        line, cells = sample[miss.first]
        only = "does not" if miss.filled - miss.fitting == 1 else "is the first that does not"
        option = f"--type {shlex.quote(f'{read.column}={miss.kind}')}"
        # A number such as 1e5 is not guessed to be one, but read as one when asked for.
        advice = "To read it so" if reads_as(cells[place], miss.kind) else "To refuse such rows instead"
        yield (
            f"{read.column}: {miss.fitting:,} of {miss.filled:,} values look like {miss.kind}s; "
            f"line {line} ({quoted(cells[place])}) {only}, so the column is text. {advice}: {option}"
        )


def _refuse_foreign_ids(columns: Sequence[ColumnRead], sample: Sequence[Sequence[str]]) -> None:
    """A remark for a column `id` without Coterie's ids: it is probably an external id."""
    for place, column in enumerate(columns):
        if column.target.use is Use.ID:
            ids = [cells[place] for cells in sample if cells[place]]
            if ids and not any(map(is_id, ids)):
                raise InvalidInput(
                    f"Column {column.column!r} does not hold ids made by Coterie ({ids[0]!r} is not one).",
                    hint=f"If it is your own identifier: --map '{column.column}=external_id'. "
                    f"If it is a property: --map '{column.column}=customer_number', or another name.",
                )


@dataclass(frozen=True, slots=True)
class _Cells:
    """Records into profiles."""

    columns: tuple[ColumnRead, ...]
    plan: Plan

    def rows(self, records: Iterator[Record | BadRow]) -> Iterator[Numbered]:
        for record in records:
            yield record if isinstance(record, BadRow) else self._row(*record)

    def _row(self, line: int, cells: list[str]) -> Numbered:
        if len(cells) != len(self.columns):
            return bad(line, f"has {len(cells)} cells, the header has {len(self.columns)}")
        identifiers: dict[str, object] = {}
        properties: dict[str, object] = {}
        problems: list[RowProblem] = []
        for read, cell in zip(self.columns, cells, strict=True):
            use = read.target.use
            if use is Use.LEFT_OUT:
                continue
            if not cell.isascii() and (escaped := _ESCAPED_BYTE.search(cell)):
                problems.append(_not_text(read.column, escaped.group()))
            elif use is Use.PROPERTY:
                self._property(read, cell, properties, problems)
            elif cell:
                identifiers[use.value] = cell
            elif use is Use.EMAIL and self.plan.empty_removes:
                identifiers["email"] = None
        return self.plan.row_type.row(line, identifiers, properties, problems, cells)

    def _property(self, read: ColumnRead, cell: str, properties: dict[str, object], problems: list[RowProblem]) -> None:
        if not cell:
            if self.plan.empty_removes:
                properties[read.target.name] = None
            return
        try:
            properties[read.target.name] = read_cell(cell, read.kind or Kind.TEXT, self.plan.list_separator)
        except Misfit as misfit:
            problems.append(
                RowProblem(read.column, f"{misfit} (the column is read as {read.kind}: {read.because})", _advice(read))
            )


def _not_text(column: str, escaped: str) -> RowProblem:
    byte = ord(escaped) - 0xDC00
    return RowProblem(
        column,
        f"holds the byte 0x{byte:02X}, which is not UTF-8",
        "Say the file's encoding, such as --encoding cp1252.",
    )


def _advice(read: ColumnRead) -> str | None:
    return None if read.because == "declared" else f"To read it as text: --type '{read.column}=text'."
