"""Texts that can be matched: Arrow arrays of the folded texts, and of the originals where folding changed them.

Leaves that ignore case look at the folded text; leaves that mind it, and regular expressions, look at the original. Keeping
originals only where they differ makes the usual case one array. Folding is exactly `rules.values.fold`: Arrow lowers the
ASCII texts, Python the few others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias, assert_never

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from coterie.index.bits import Bools, Words
from coterie.index.columns.prefilter import required
from coterie.index.columns.signature import mask_of, may_contain, signatures
from coterie.index.columns.substring_search import buffers, containing
from coterie.index.resolve import Asked, TextLeaf, wrong_kind
from coterie.rules.kernel import IsSet, TextIn, TextMatch
from coterie.rules.text import regex
from coterie.rules.values import Kind, fold

Places: TypeAlias = npt.NDArray[np.int64]

MANY: Final = 0.4
"""The share of texts left from which it is quicker to look at all of them than to pick them out."""
SMALL_OFFSETS_MAX: Final = 2**30
"""Bytes of text in one array up to which 32-bit offsets serve."""


def text_array(texts: Sequence[object]) -> pa.Array:
    """The texts as Arrow, None as null; with offsets of 64 bits where there may be more than 2 GB of them."""
    array = pa.array(texts, type=pa.large_string())
    return array if array.nbytes > SMALL_OFFSETS_MAX else array.cast(pa.string())


def folded_array(originals: pa.Array) -> pa.Array:
    """`fold` of every text."""
    lowered = pc.ascii_lower(originals)
    beyond = pc.invert(pc.string_is_ascii(originals)).fill_null(False)
    if not pc.any(beyond).as_py():
        return lowered
    others = [fold(text) for text in originals.filter(beyond).to_pylist()]
    return pc.replace_with_mask(lowered, beyond, pa.array(others, type=lowered.type))


def booleans(result: pa.Array) -> Bools:
    """An Arrow verdict as NumPy: null is false."""
    if result.null_count:
        result = result.fill_null(False)
    verdicts: Bools = result.to_numpy(zero_copy_only=False)
    return verdicts if verdicts.flags.writeable else verdicts.copy()


class Matchable:
    """A run of texts. `places` are the positions whose original differs from its folded text; `originals` are those.

    `beyond` are the positions of the texts that are not all ASCII.
    """

    __slots__ = ("_signed", "beyond", "folded", "originals", "places", "worth_signing")

    def __init__(self, folded: pa.Array, places: Places, originals: pa.Array, beyond: Places) -> None:
        self.folded = folded
        self.places = places
        self.originals = originals
        self.beyond = beyond
        self.worth_signing = False  # set where the texts are many and stay
        self._signed: Words | None = None

    @classmethod
    def of(cls, texts: Sequence[object]) -> Matchable:
        return cls.of_array(text_array(texts))

    @classmethod
    def of_array(cls, originals: pa.Array) -> Matchable:
        folded = folded_array(originals)
        places = np.flatnonzero(booleans(pc.not_equal(originals, folded)))
        beyond = np.flatnonzero(booleans(pc.invert(pc.string_is_ascii(originals))))
        return cls(folded, places, originals.take(pa.array(places)), beyond)

    def __len__(self) -> int:
        return len(self.folded)

    def present(self) -> Bools:
        return booleans(self.folded.is_valid())

    def text(self, place: int) -> str | None:
        at = int(np.searchsorted(self.places, place))
        if at < len(self.places) and self.places[at] == place:
            original: str = self.originals[at].as_py()
            return original
        text: str | None = self.folded[place].as_py()
        return text

    def original_array(self) -> pa.Array:
        if not len(self.places):
            return self.folded
        differs = np.zeros(len(self.folded), dtype=np.bool_)
        differs[self.places] = True
        return pc.replace_with_mask(self.folded, pa.array(differs), self.originals)

    def judge(self, leaf: Asked, start: int, stop: int) -> Bools:
        """Whether `leaf` holds of each text from `start` to before `stop`."""
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
        """Make the signatures now, rather than when they are first of use."""
        self._signed = signatures(*buffers(self.folded))

    def _may(self, literal: str, start: int, stop: int) -> Bools:
        """The texts whose signature does not rule out that they contain `literal`."""
        mask = mask_of(literal.encode())
        if self._signed is None and self.worth_signing and mask:
            self.sign()
        if self._signed is None or not mask:
            return np.ones(stop - start, dtype=np.bool_)
        return may_contain(self._signed[start:stop], mask)

    def _judge_contains(self, leaf: TextMatch, folded: pa.Array, start: int, stop: int) -> Bools:
        some = np.flatnonzero(self._may(leaf.pattern, start, stop))
        if len(some) > len(folded) * MANY:
            return containing(folded, leaf.pattern)
        return _picked(leaf, folded, some)

    def _judge_regex(self, leaf: TextMatch, folded: pa.Array, start: int, stop: int) -> Bools:
        """Only texts that may have what the pattern requires are matched, and those that are not all ASCII."""
        may = np.ones(stop - start, dtype=np.bool_)
        for literals in required(leaf.pattern):
            may &= np.logical_or.reduce([self._may(literal, start, stop) for literal in literals])
        first, last = np.searchsorted(self.beyond, (start, stop))
        may[self.beyond[first:last] - start] = True
        some = np.flatnonzero(may)
        return judged(leaf, folded) if len(some) > len(may) * MANY else _picked(leaf, folded, some)

    def _judge_originals(self, leaf: TextIn | TextMatch, verdicts: Bools, start: int, stop: int) -> None:
        """Put right the verdicts of the texts whose original differs."""
        first, last = np.searchsorted(self.places, (start, stop))
        if first < last:
            theirs = judged(leaf, self.originals.slice(first, last - first))
            verdicts[self.places[first:last] - start] = theirs

    def bytes(self) -> int:
        size: int = self.folded.nbytes + self.originals.nbytes + self.places.nbytes + self.beyond.nbytes
        return size + (0 if self._signed is None else self._signed.nbytes)


def judged(leaf: TextIn | TextMatch, texts: pa.Array) -> Bools:
    """Whether `leaf` holds of each text. `texts` are folded or original, as the leaf wants them."""
    return booleans(_by_arrow(leaf, texts))


def _picked(leaf: TextMatch, texts: pa.Array, some: Places) -> Bools:
    """Whether `leaf` holds, asked of the texts at `some` places only."""
    verdicts = np.zeros(len(texts), dtype=np.bool_)
    verdicts[some] = judged(leaf, texts.take(pa.array(some)))
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
    """With Arrow's RE2; should it refuse a pattern that the law's RE2 took, with the law's own."""
    try:
        return pc.match_substring_regex(texts, pattern, ignore_case=not cased)
    except pa.ArrowInvalid:
        search = regex(pattern, cased).search
        return pa.array(
            [None if text is None else search(text) is not None for text in texts.to_pylist()], type=pa.bool_()
        )
