"""CSV as people really send it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coterie.errors import InvalidInput
from coterie.importing.plan import Plan
from coterie.model import UNSET
from coterie.rules.values import Kind
from tests.unit.importing.reading import csv, mapped, problems, properties, reading


def test_identifiers_are_taken_from_their_columns_and_the_rest_are_properties(tmp_path: Path) -> None:
    rows, bad = csv(tmp_path, "external_id,email,plan\nc-1,ada@example.com,pro\n")
    assert not bad
    assert rows[0].profile.external_id == "c-1"
    assert rows[0].profile.email == "ada@example.com"
    assert rows[0].profile.properties == {"plan": "pro"}


def test_kinds_are_taken_from_the_cells(tmp_path: Path) -> None:
    rows, _ = csv(
        tmp_path,
        "external_id,n,d,b,t,day,l,zip,phone,long,european,mixed\n"
        'a,42,-0.5,TRUE,2026-03-01 09:30:00,2026-03-01,"[""x"",""y""]",01234,+49301234,9007199254740993,"1,5",1\n'
        "b,7,3,false,2026-03-01T09:30:00Z,2026-03-02,[],99999,1,1,2,x\n",
    )
    assert properties(rows)[0] == {
        "n": 42,
        "d": -0.5,
        "b": True,
        "t": {"time": "2026-03-01T09:30:00"},
        "day": {"time": "2026-03-01"},
        "l": ["x", "y"],
        "zip": "01234",
        "phone": "+49301234",
        "long": "9007199254740993",
        "european": "1,5",
        "mixed": "1",
    }
    assert type(properties(rows)[0]["n"]) is int
    assert properties(rows)[1]["l"] == []


def test_dates_that_two_countries_read_differently_stay_text(tmp_path: Path) -> None:
    rows, _ = csv(tmp_path, "email,signed_up\na@example.com,03/04/2026\n")
    assert properties(rows) == [{"signed_up": "03/04/2026"}]


def test_a_kind_that_the_caller_says_or_the_workspace_knows_is_not_guessed(tmp_path: Path) -> None:
    settled = {"code": (Kind.TEXT, "declared"), "score": (Kind.NUMBER, "as in the workspace")}
    plan = Plan(types={"year": Kind.TEXT}, settled=settled.get)
    path = tmp_path / "people.csv"
    path.write_text("email,code,score,year\na@example.com,12,007,2026\n")
    read = reading(path, plan)
    assert [(column.kind, column.because) for column in read.columns[1:]] == [
        (Kind.TEXT, "declared"),
        (Kind.NUMBER, "as in the workspace"),
        (Kind.TEXT, "--type"),
    ]
    assert [row.profile.properties for row in read.rows] == [{"code": "12", "score": 7, "year": "2026"}]  # type: ignore[union-attr]  # all good


def test_a_type_against_the_declared_one_is_refused(tmp_path: Path) -> None:
    plan = Plan(types={"code": Kind.NUMBER}, settled={"code": (Kind.TEXT, "declared")}.get)
    with pytest.raises(InvalidInput, match="declared as text"):
        csv(tmp_path, "email,code\na@example.com,12\n", plan)


def test_a_cell_after_the_sample_that_does_not_fit_makes_its_row_bad(tmp_path: Path) -> None:
    body = "".join(f"c-{n},{n}\n" for n in range(1_000))
    rows, bad = csv(tmp_path, f"external_id,mrr\n{body}c-x,n/a\nc-y,5\n")
    assert len(rows) == 1_001
    assert problems(bad) == [
        (1_002, "mrr", "'n/a' is not a number (the column is read as number: from the first 1,000 rows)")
    ]
    assert bad[0].problems[0].hint == "To read it as text: --type 'mrr=text'."


def test_every_fault_of_a_row_is_told(tmp_path: Path) -> None:
    plan = mapped(types=("a=number", "b=boolean", "c=time"))
    _, bad = csv(tmp_path, "email,a,b,c\nx@example.com,one,maybe,soon\n", plan)
    assert [column for _, column, _ in problems(bad)] == ["a", "b", "c"]


def test_an_empty_cell_leaves_the_property_alone_unless_asked_to_remove(tmp_path: Path) -> None:
    content = "external_id,email,plan\nc-1,,\n"
    rows, _ = csv(tmp_path, content)
    assert rows[0].profile.email is UNSET
    assert rows[0].profile.properties == {}
    rows, _ = csv(tmp_path, content, Plan(empty_removes=True))
    assert rows[0].profile.email is None
    assert rows[0].profile.properties == {"plan": None}


def test_lines_are_the_physical_ones_of_the_file(tmp_path: Path) -> None:
    rows, bad = csv(
        tmp_path,
        b'external_id,note,age\r\na,"first\r\nsecond",1\r\n\r\nb,"x\ny\nz",2\r\nc,plain\r\nd,"one\ntwo",3\r\n',
    )
    assert [(row.line, row.profile.external_id) for row in rows] == [(2, "a"), (5, "b"), (9, "d")]
    assert rows[0].profile.properties["note"] == "first\r\nsecond"
    assert problems(bad) == [(8, None, "has 2 cells, the header has 3")]


def test_a_row_that_csv_cannot_read_is_bad_and_the_next_is_read(tmp_path: Path) -> None:
    rows, bad = csv(tmp_path, 'external_id,a\nx,"quoted" and more\ny,2\n')
    assert [row.profile.external_id for row in rows] == ["y"]
    assert bad[0].line == 2
    assert "is not CSV" in bad[0].problems[0].reason


def test_a_quote_that_is_never_closed_is_told_where_it_opened(tmp_path: Path) -> None:
    rows, bad = csv(tmp_path, 'external_id,a\nx,1\ny,"open\nz,3\n')
    assert [row.profile.external_id for row in rows] == ["x"]
    assert bad[0].line == 3
    assert "closing quote is missing" in bad[0].problems[0].reason


def test_a_cell_may_hold_a_list_of_many_long_texts(tmp_path: Path) -> None:
    items = ["x" * 500] * 1_000
    cell = json.dumps(items).replace('"', '""')
    rows, bad = csv(tmp_path, f'external_id,tags\na,"{cell}"\n')
    assert not bad
    assert properties(rows) == [{"tags": items}]


def test_a_quote_that_is_never_closed_in_a_long_file_does_not_eat_all_of_it(tmp_path: Path) -> None:
    tail = "".join(f"c-{n},{n}\n" for n in range(120_000))
    rows, bad = csv(tmp_path, f'external_id,a\ny,"open\n{tail}')
    assert len(bad) == 1
    assert bad[0].line == 2
    assert rows
    assert rows[-1].profile.external_id == "c-119999"
    assert rows[0].line == int(rows[0].profile.external_id[2:]) + 3  # type: ignore[index]  # a text


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_a_byte_order_mark_is_not_part_of_the_first_column(tmp_path: Path, mark: bytes) -> None:
    rows, _ = csv(tmp_path, mark + "email,città\na@example.com,Roma\n".encode())
    assert properties(rows) == [{"città": "Roma"}]


def test_utf_16_is_told_by_its_byte_order_mark(tmp_path: Path) -> None:
    rows, bad = csv(tmp_path, "email,city\na@example.com,Zürich\n".encode("utf-16"))
    assert not bad
    assert properties(rows) == [{"city": "Zürich"}]


def test_bytes_that_are_not_utf_8_make_their_row_bad_only(tmp_path: Path) -> None:
    rows, bad = csv(tmp_path, b"email,city\na@example.com,Bonn\nb@example.com,M\xfcnchen\nc@example.com,Ulm\n")
    assert [row.profile.email for row in rows] == ["a@example.com", "c@example.com"]
    assert problems(bad) == [(3, "city", "holds the byte 0xFC, which is not UTF-8")]
    rows, bad = csv(tmp_path, b"email,city\nb@example.com,M\xfcnchen\n", Plan(encoding="cp1252"))
    assert not bad
    assert properties(rows) == [{"city": "München"}]


def test_an_encoding_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no encoding"):
        csv(tmp_path, "email\na@example.com\n", Plan(encoding="klingon"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_the_header_has_most_of(tmp_path: Path, delimiter: str) -> None:
    rows, bad = csv(tmp_path, f'email{delimiter}"a;b,c|d"{delimiter}n\nx@example.com{delimiter}1{delimiter}2\n')
    assert not bad
    assert properties(rows) == [{"a;b,c|d": 1, "n": 2}]


def test_a_list_cell_is_a_json_array_or_split_at_the_separator(tmp_path: Path) -> None:
    plan = Plan(types={"tags": Kind.LIST}, list_separator="|")
    rows, bad = csv(tmp_path, 'email,tags\na@example.com,"[""x""]"\nb@example.com,p| q |\nc@example.com,"[1,"\n', plan)
    assert properties(rows) == [{"tags": ["x"]}, {"tags": ["p", "q"]}]
    assert problems(bad)[0][:2] == (4, "tags")


def test_a_row_that_says_of_nobody_is_bad(tmp_path: Path) -> None:
    rows, bad = csv(tmp_path, "external_id,email,a\n,,1\nc,,1\n")
    assert problems(bad) == [(2, None, "has neither an external id nor an email")]
    assert len(rows) == 1


def test_columns_are_renamed_and_left_out_as_asked(tmp_path: Path) -> None:
    plan = mapped("Customer ID=external_id", "E-mail=email", "id=crm_id", "=note", skip=("Secret",))
    rows, _ = csv(tmp_path, "Customer ID,E-mail,id,Secret,,property:email\n7,a@example.com,x,s,n,e\n", plan)
    assert rows[0].profile.external_id == "7"
    assert rows[0].profile.properties == {"crm_id": "x", "note": "n", "email": "e"}


@pytest.mark.parametrize(
    ("content", "plan", "says"),
    [
        ("", None, "is empty"),
        ("name,plan\nAda,pro\n", None, "external id or the email"),
        ("email,plan,plan\n", None, r"'plan' more than once \(columns 2 and 3\)"),
        ("email,\n", None, "Column 2 of the header has no name"),
        ("email,mail\n", mapped("mail=email"), "'email' and 'mail' would both be email"),
        ("email,a\n", mapped("b=c"), "no column 'b'"),
        ("email,a\n", mapped(skip=("b",)), "no column 'b'"),
        ("email,a\n", mapped(types=("b=text",)), "no column 'b'"),
        ("id,name\n17,Ada\n18,Grace\n", None, "does not hold ids made by Coterie"),
        (b"email,stra\xdfe\n", None, "header is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_before_it_starts(
    tmp_path: Path, content: str | bytes, plan: Plan | None, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says):
        csv(tmp_path, content, plan)


@pytest.mark.parametrize(
    ("maps", "types"), [(["a"], []), (["a="], []), (["a=created_at"], []), ([], ["a"]), ([], ["a=int"])]
)
def test_a_mapping_that_says_nothing_is_refused(maps: list[str], types: list[str]) -> None:
    with pytest.raises(InvalidInput, match=r"--map|--type"):
        mapped(*maps, types=tuple(types))


def test_a_few_cells_that_make_a_column_text_are_remarked_on(tmp_path: Path) -> None:
    def remarks(*odd: str, like: str, times: int, plan: Plan | None = None) -> list[str]:
        path = tmp_path / "people.csv"
        path.write_text(
            "".join(f"{line}\n" for line in ["email,my column", *(f"x,{cell}" for cell in [*odd, *[like] * times])])
        )
        return list(reading(path, plan).remarks)

    (remark,) = remarks("", "n/a", like="7", times=9)
    assert remark.startswith("my column: 9 of 10 values look like numbers; line 3 ('n/a') does not, so")
    assert remark.endswith("To refuse such rows instead: --type 'my column=number'")
    (two,) = remarks("03/04/2026", "?", like="2026-03-04", times=18)
    assert "18 of 20 values look like times; line 2 ('03/04/2026') is the first that does not" in two
    (yes,) = remarks("yes", like="true", times=9)
    assert "look like booleans" in yes
    (power,) = remarks("1e5", like="7", times=9)
    assert power.endswith("To read it so: --type 'my column=number'")

    assert remarks("n/a", like="7", times=8) == []  # 8 of 9 is less than nine in ten
    for code in ("01234", "+49301234", "9007199254740993"):
        assert remarks(code, "n/a", like="12345", times=99) == []
    assert remarks("free", like="pro", times=99) == []
    assert remarks("n/a", like="7", times=9, plan=Plan(types={"my column": Kind.TEXT})) == []
    assert remarks("n/a", like="7", times=9, plan=Plan(settled={"my column": (Kind.TEXT, "declared")}.get)) == []
