"""JSON as it is read: exactly, or refused with a place."""

from __future__ import annotations

import pytest

from coterie.errors import CoterieError
from coterie.http.bodies import DEPTH_MAX, encoding_of, parse_json, require_media_type
from coterie.http.errors import MalformedJson, UnsupportedEncoding, UnsupportedMediaType


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"null", None),
        (b'{"a": [1, 2.5, true, "\\u00e9\\u0000"]}', {"a": [1, 2.5, True, "é\0"]}),
        (b"9007199254740993", 9007199254740993),
        (b"18446744073709551617", 18446744073709551617),
        (b"-9223372036854775809", -9223372036854775809),
        (b'{"t": "18446744073709551617", "f": 1.5}', {"t": "18446744073709551617", "f": 1.5}),
        (b"1e25", 1e25),
        (b"0.1234567890123456789012", 0.1234567890123456789012),
        (b'{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_json_is_read_exactly(text: bytes, value: object) -> None:
    parsed = parse_json(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[1,]",
        b"NaN",
        b'{"a": Infinity}',
        b"1e999",
        b'"\\ud800"',
        b'"\xff"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"1" * 5_000,
        b"// comment\n1",
        b"'single'",
        b"1 2",
        b"\xef\xbb\xbf1",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_not_json_is_refused(text: bytes) -> None:
    with pytest.raises(MalformedJson) as caught:
        parse_json(text, path=("line",))
    assert caught.value.path == ("line",)
    assert len(caught.value.message) < 200, "the body itself must not be quoted"


@pytest.mark.parametrize("text", [b"[" * 10_000, b"[" * 1_025 + b"]" * 1_025, b'{"a":' * 5_000])
def test_json_nested_too_deep_is_refused_with_the_limit_and_a_hint(text: bytes) -> None:
    with pytest.raises(MalformedJson, match="at most 1,024 levels are allowed") as caught:
        parse_json(text)
    assert caught.value.hint == "Nest the values less deep."


def test_json_that_is_never_closed_is_refused() -> None:
    with pytest.raises(MalformedJson, match="more brackets are opened than closed"):
        parse_json(b"[" * 1_000)


def test_json_as_deep_as_the_limit_is_read() -> None:
    assert parse_json(b"[" * DEPTH_MAX + b"]" * DEPTH_MAX)


def test_beside_a_long_number_the_limit_of_depth_is_another_and_named() -> None:
    with pytest.raises(MalformedJson, match="fewer than 1,000 beside a number of 19 digits") as caught:
        parse_json(b"[" * 1_000 + b"1" * 19 + b"]" * 1_000, line=7)
    assert "line 7" in caught.value.message
    assert caught.value.hint == "Nest the values less deep, or send long numbers as text."


def test_the_place_of_an_error_is_counted_from_the_line_where_the_text_begins() -> None:
    with pytest.raises(MalformedJson, match=r"\(line 1, column 6\)"):
        parse_json(b'{"a":}')
    with pytest.raises(MalformedJson, match=r"\(line 12, column 5\)"):
        parse_json(b'{\n"a":}', line=11)


def test_json_with_a_long_number_inside_deep_nesting_is_read_or_refused_never_broken() -> None:
    for depth in (10, 500, 900, 1_000, 1_020):
        text = b"[" * depth + b"18446744073709551617" + b"]" * depth
        try:
            parsed = parse_json(text)
        except MalformedJson:
            continue
        for _ in range(depth):
            assert isinstance(parsed, list)
            parsed = parsed[0]
        assert parsed == 18446744073709551617


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("application/vnd.api+json", "application/json"),
    ],
)
def test_json_by_any_of_its_names(sent: str, understood: str) -> None:
    assert require_media_type({"content-type": sent}, ("application/json",)) == understood


@pytest.mark.parametrize(
    "sent", ["", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "json"]
)
def test_other_media_types_are_refused_naming_what_is_read(sent: str) -> None:
    with pytest.raises(UnsupportedMediaType) as caught:
        require_media_type({"content-type": sent}, ("application/json",))
    assert "application/json" in (caught.value.hint or "")


@pytest.mark.parametrize(("sent", "encoding"), [("", None), ("identity", None), ("GZIP", "gzip"), (" zstd ", "zstd")])
def test_encodings(sent: str, encoding: str | None) -> None:
    assert encoding_of({"content-encoding": sent}) == encoding


@pytest.mark.parametrize("sent", ["br", "gzip, gzip", "gzip;q=1", "compress"])
def test_other_encodings_are_refused_naming_those_that_are_read(sent: str) -> None:
    with pytest.raises(CoterieError) as caught:
        encoding_of({"content-encoding": sent})
    assert isinstance(caught.value, UnsupportedEncoding)
    assert "zstd" in (caught.value.hint or "")
