"""Names and identifiers: what is taken, what is refused, and in which words."""

from __future__ import annotations

import pytest

from coterie.errors import InvalidInput, InvalidValue, LimitExceeded
from coterie.rules.names import (
    canonical_uuid,
    check_encodable,
    check_event_name,
    check_length,
    check_property_name,
    check_segment_name,
    check_text,
    is_email,
    is_encodable,
    unfit_text,
)

PATH = ("name",)


@pytest.mark.parametrize("name", ["plan", "a b", "é", "😀", "𐏿", "x" * 9, " "])
def test_names_that_are_taken(name: str) -> None:
    assert check_property_name(name, 9, PATH) == check_event_name(name, 9, PATH) == name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is a text that is not empty"),
        (None, "is a text that is not empty"),
        (5, "is a text that is not empty"),
        ("a\0", r"U\+0000"),
        ("\ud800", "half a surrogate pair"),
        ("a\udfff", "half a surrogate pair"),
    ],
)
def test_names_that_are_refused(name: object, words: str) -> None:
    for check in (check_property_name, check_event_name):
        with pytest.raises(InvalidInput, match=words) as caught:
            check(name, 9, PATH)
        assert caught.value.path == PATH
    with pytest.raises(InvalidValue, match=words):
        check_property_name(name, 9, PATH, error=InvalidValue)


def test_a_segments_name_may_not_be_blank() -> None:
    assert check_segment_name(" a ", 9, PATH) == " a "
    for name in ("", " ", "\n"):
        with pytest.raises(InvalidInput, match="The name of a segment is a text that is not empty"):
            check_segment_name(name, 9, PATH)


def test_a_limit_is_named_with_its_setting() -> None:
    check_length("x" * 1_000, 1_000, "The text", PATH, "text_length_max")
    with pytest.raises(LimitExceeded) as caught:
        check_length("x" * 1_001, 1_000, "The text", PATH, "text_length_max")
    assert caught.value.message == "The text has 1,001 characters; the limit is 1,000 (text_length_max)."
    with pytest.raises(LimitExceeded) as caught:
        check_text("xxx", 2, "role", PATH)
    assert caught.value.message == "role has 3 characters; the limit is 2."


def test_text_that_utf8_cannot_encode() -> None:
    assert is_encodable("aé😀\0")
    assert not is_encodable("a\udc00")
    assert unfit_text("aé😀") is None
    check_encodable("a\0", "The description", PATH)
    with pytest.raises(InvalidInput, match="The description has half a surrogate pair in it"):
        check_encodable("\ud83d", "The description", PATH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@b", True),
        ("ä@b.de", True),
        ("a", False),
        ("a@b@c", False),
        ("a b@c", False),
        ("a@b\x7f", False),
        ("\ud800@b", False),
    ],
)
def test_the_form_of_an_email(text: str, expected: bool) -> None:
    assert is_email(text) is expected


def test_a_uuid_is_canonical_in_lower_case() -> None:
    uuid = "0198a000-0000-7000-8000-0000000000FF"
    assert canonical_uuid(uuid) == uuid.lower()
    for other in (f"{uuid}0", uuid.replace("-", ""), f"{{{uuid}}}", "", None, 5):
        assert canonical_uuid(other) is None
