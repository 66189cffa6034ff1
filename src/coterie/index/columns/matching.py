"""Texts that can be matched: Arrow arrays of the folded texts, and of the originals that differ.

Case-insensitive leaves judge the folded texts; case-sensitive leaves and regular expressions judge
the originals. Storing originals only where they differ makes the usual case one array. Folding is
exactly `rules.values.fold`: Arrow lowers the ASCII texts, Python the few others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias, assert_never

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from coterie.index.bits import Bools, Words
from coterie.index.columns.prefilter import prefilter
from coterie.index.columns.signature import mask_of, may_contain, signatures
from coterie.index.columns.substring_search import buffers, containing
from coterie.index.resolve import ResolvedLeaf, TextLeaf, wrong_kind
from coterie.rules.kernel import IsSet, TextIn, TextMatch
from coterie.rules.text import regex
from coterie.rules.values import Kind, fold

Places: TypeAlias = npt.NDArray[np.int64]

MANY: Final = 0.4
"""From this share of candidates on, matching all texts is faster than picking them out."""
SMALL_OFFSETS_MAX: Final = 2**30
"""Up to this many bytes of text in one array, 32-bit offsets suffice."""


def text_array(texts: Sequence[object]) -> pa.Array:
    """Return the texts as an Arrow array, None as null.

    Offsets have 64 bits where there may be more than 2 GB of text.
    """
    array = pa.array(texts, type=pa.large_string())
    return array if array.nbytes > SMALL_OFFSETS_MAX else array.cast(pa.string())


def folded_array(originals: pa.Array) -> pa.Array:
    """Return `fold` of every text."""
    lowered = pc.ascii_lower(originals)
    non_ascii = pc.invert(pc.string_is_ascii(originals)).fill_null(False)
    if not pc.any(non_ascii).as_py():
        return lowered
    folded = [fold(text) for text in originals.filter(non_ascii).to_pylist()]
    return pc.replace_with_mask(lowered, non_ascii, pa.array(folded, type=lowered.type))


def booleans(result: pa.Array) -> Bools:
    """Convert an Arrow verdict to NumPy; null becomes false."""
    if result.null_count:
        result = result.fill_null(False)
    verdicts: Bools = result.to_numpy(zero_copy_only=False)
    return verdicts if verdicts.flags.writeable else verdicts.copy()


class Matchable:
    """A run of texts.

    `places` are the positions whose original differs from its folded text, `originals` those
    originals. `non_ascii` are the positions of the texts that are not all ASCII.
    """

    __slots__ = ("_signed", "folded", "non_ascii", "originals", "places", "worth_signing")

    def __init__(self, folded: pa.Array, places: Places, originals: pa.Array, non_ascii: Places) -> None:
        self.folded = folded
        self.places = places
        self.originals = originals
        self.non_ascii = non_ascii
        self.worth_signing = False  # set for large runs that stay
        self._signed: Words | None = None

    @classmethod
    def of(cls, texts: Sequence[object]) -> Matchable:
        return cls.of_array(text_array(texts))

    @classmethod
    def of_array(cls, originals: pa.Array) -> Matchable:
        folded = folded_array(originals)
        places = np.flatnonzero(booleans(pc.not_equal(originals, folded)))
        non_ascii = np.flatnonzero(booleans(pc.invert(pc.string_is_ascii(originals))))
        return cls(folded, places, originals.take(pa.array(places)), non_ascii)

    def __len__(self) -> int:
        return len(self.folded)

    def present(self) -> Bools:
        return booleans(self.folded.is_valid())

    def text(self, place: int) -> str | None:
        index = int(np.searchsorted(self.places, place))
        if index < len(self.places) and self.places[index] == place:
            original: str = self.originals[index].as_py()
            return original
        text: str | None = self.folded[place].as_py()
        return text

    def original_array(self) -> pa.Array:
        if not len(self.places):
            return self.folded
        differs = np.zeros(len(self.folded), dtype=np.bool_)
        differs[self.places] = True
        return pc.replace_with_mask(self.folded, pa.array(differs), self.originals)

    def judge(self, leaf: ResolvedLeaf, start: int, stop: int) -> Bools:
        """Return whether each text from `start` to before `stop` matches `leaf`."""
        if not isinstance(leaf, TextLeaf):
            raise wrong_kind(leaf, Kind.TEXT)
        folded = self.folded.slice(start, stop - start)
        match leaf:
            case IsSet():
                return booleans(folded.is_valid())
            case TextMatch(how="regex"):
                verdicts = self._judge_regex(leaf, folded, start, stop)
            case TextMatch(how="contains"):
                verdicts = self._judge_contains(leaf, folded, start, stop)
            case TextIn() | TextMatch():
                verdicts = judged(leaf, folded)
            case _:
                assert_never(leaf)
        if leaf.cased or (isinstance(leaf, TextMatch) and leaf.how == "regex"):
            self._judge_originals(leaf, verdicts, start, stop)
        return verdicts

    def sign(self) -> None:
        """Compute the signatures now, rather than at the first use."""
        self._signed = signatures(*buffers(self.folded))

    def _may_contain(self, literal: str, start: int, stop: int) -> Bools:
        """Return which texts may contain `literal`, by their signatures."""
        mask = mask_of(literal.encode())
        if self._signed is None and self.worth_signing and mask:
            self.sign()
        if self._signed is None or not mask:
            return np.ones(stop - start, dtype=np.bool_)
        return may_contain(self._signed[start:stop], mask)

    def _judge_contains(self, leaf: TextMatch, folded: pa.Array, start: int, stop: int) -> Bools:
        candidates = np.flatnonzero(self._may_contain(leaf.pattern, start, stop))
        if len(candidates) > len(folded) * MANY:
            return containing(folded, leaf.pattern)
        return _picked(leaf, folded, candidates)

    def _judge_regex(self, leaf: TextMatch, folded: pa.Array, start: int, stop: int) -> Bools:
        """Match only the texts that may have what the pattern requires, and those not all ASCII."""
        may_match = np.ones(stop - start, dtype=np.bool_)
        for literals in prefilter(leaf.pattern):
            may_match &= np.logical_or.reduce([self._may_contain(literal, start, stop) for literal in literals])
        first, last = np.searchsorted(self.non_ascii, (start, stop))
        may_match[self.non_ascii[first:last] - start] = True
        candidates = np.flatnonzero(may_match)
        return judged(leaf, folded) if len(candidates) > len(may_match) * MANY else _picked(leaf, folded, candidates)

    def _judge_originals(self, leaf: TextIn | TextMatch, verdicts: Bools, start: int, stop: int) -> None:
        """Correct the verdicts of the texts whose original differs."""
        first, last = np.searchsorted(self.places, (start, stop))
        if first < last:
            corrected = judged(leaf, self.originals.slice(first, last - first))
            verdicts[self.places[first:last] - start] = corrected

    def bytes(self) -> int:
        size: int = self.folded.nbytes + self.originals.nbytes + self.places.nbytes + self.non_ascii.nbytes
        return size + (0 if self._signed is None else self._signed.nbytes)


def judged(leaf: TextIn | TextMatch, texts: pa.Array) -> Bools:
    """Return which texts match `leaf`. `texts` are folded or original, as the leaf needs."""
    return booleans(_by_arrow(leaf, texts))


def _picked(leaf: TextMatch, texts: pa.Array, places: Places) -> Bools:
    """Return which texts match `leaf`, judging only those at `places`."""
    verdicts = np.zeros(len(texts), dtype=np.bool_)
    verdicts[places] = judged(leaf, texts.take(pa.array(places)))
    return verdicts


def _by_arrow(leaf: TextIn | TextMatch, texts: pa.Array) -> pa.Array:
    match leaf:
        case TextIn(values=values):
            if len(values) == 1:
                return pc.equal(texts, pa.scalar(next(iter(values)), type=texts.type))
            return pc.is_in(texts, value_set=pa.array(sorted(values), type=texts.type))
        case TextMatch(how=how, pattern=pattern, cased=cased):
            match how:
                case "contains":
                    return pc.match_substring(texts, pattern)
                case "starts":
                    return pc.starts_with(texts, pattern)
                case "ends":
                    return pc.ends_with(texts, pattern)
                case "regex":
                    return _matched(texts, pattern, cased)
                case _:
                    assert_never(how)
        case _:
            assert_never(leaf)


def _matched(texts: pa.Array, pattern: str, cased: bool) -> pa.Array:
    """Match with Arrow's RE2, or with the law's if Arrow's rejects a pattern the law's takes."""
    try:
        return pc.match_substring_regex(texts, pattern, ignore_case=not cased)
    except pa.ArrowInvalid:
        search = regex(pattern, cased).search
        return pa.array(
            [None if text is None else search(text) is not None for text in texts.to_pylist()], type=pa.bool_()
        )
