"""Signatures never rule out a text that contains the pattern."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.index.columns import signature
from coterie.index.columns.matching import Matchable
from coterie.index.columns.signature import mask_of, may_contain, signatures
from coterie.index.columns.substring_search import buffers
from coterie.rules.kernel import TextMatch
from coterie.rules.text import is_found
from coterie.rules.values import fold

TEXTS = st.lists(st.none() | st.text(alphabet="abcXé😀.@", max_size=9), max_size=40)


@settings(deadline=None)
@given(TEXTS, st.text(alphabet="abcxé@", max_size=4), st.integers(0, 3), st.sampled_from((1, 8, 2**20)))
def test_a_text_with_the_pattern_has_its_bits(texts: list[str | None], pattern: str, start: int, step: int) -> None:
    array = pa.array(texts, type=pa.string()).slice(start)
    with mock.patch.object(signature, "STEP", step):
        signed = signatures(*buffers(array))
    may = may_contain(signed, mask_of(pattern.encode()))
    assert len(may) == len(texts[start:])
    for text, one in zip(texts[start:], may.tolist(), strict=True):
        assert one or text is None or pattern not in text


def test_a_signature_holds_the_text_s_own_pairs_only() -> None:
    texts = ["ab", "", "bc", None, "c", "abc", "zz"]
    signed = signatures(*buffers(pa.array(texts, type=pa.string())))
    expected = [0 if text is None or len(text) < 2 else int(mask_of(text.encode())) for text in texts]
    assert signed.tolist() == expected


@settings(max_examples=200, deadline=None)
@given(
    TEXTS,
    st.sampled_from(("ab", "(ab|bc)x", "c.b@", "a[bc]+@é", "Xab|b\\.a", "é", "(?:ca){2}", "b")),
    st.booleans(),
    st.sampled_from(("contains", "regex")),
)
def test_signed_texts_are_matched_as_others_are(texts: list[str | None], pattern: str, cased: bool, how: str) -> None:
    texts = [*texts, *["filler"] * 30]  # so that few are left to look at
    signed = Matchable.of(texts)
    signed.sign()
    verdicts = signed.judge(
        TextMatch("p", how, pattern if cased or how == "regex" else fold(pattern), cased), 0, len(texts)
    )
    if how == "regex":
        assert verdicts.tolist() == [one is not None and is_found(pattern, one, cased) for one in texts]
    elif cased:
        assert verdicts.tolist() == [one is not None and pattern in one for one in texts]
    else:
        assert verdicts.tolist() == [one is not None and fold(pattern) in fold(one) for one in texts]
    assert verdicts.dtype == np.bool_
