"""Texts that can be matched: Arrow arrays of the folded texts, and of the originals where folding changed them.

Leaves that ignore case look at the folded text; leaves that mind it, and regular expressions, look at the original. Keeping
originals only where they differ makes the usual case one array. Folding is exactly `rules.values.fold`: Arrow lowers the
ASCII texts, Python the few others.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from coterie.index.bits import Bools
from coterie.index.finding import containing
from coterie.index.required import required
from coterie.index.resolve import Asked
from coterie.rules.kernel import IsSet, TextIn, TextMatch
from coterie.rules.text import regex
from coterie.rules.values import fold

Places: TypeAlias = npt.NDArray[np.int64]

FEW: Final = 1 / 16
"""The share of texts that may match at which they are matched, rather than looked for more literals in."""
SAMPLED: Final = 128
"""One text of so many tells how common a literal is."""
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

    __slots__ = ("beyond", "folded", "originals", "places")

    def __init__(self, folded: pa.Array, places: Places, originals: pa.Array, beyond: Places) -> None:
        self.folded = folded
        self.places = places
        self.originals = originals
        self.beyond = beyond

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
        folded = self.folded.slice(start, stop - start)
        if isinstance(leaf, IsSet):
            return booleans(folded.is_valid())
        if not isinstance(leaf, TextIn | TextMatch):
            return np.zeros(stop - start, dtype=np.bool_)
        if isinstance(leaf, TextMatch) and leaf.how == "regex":
            candidates = self._candidates(leaf.pattern, folded, start, stop)
            if candidates is not None:
                return self._judge_some(leaf, folded, candidates, start, stop)
        verdicts = judged(leaf, folded)
        if leaf.cased or (isinstance(leaf, TextMatch) and leaf.how == "regex"):
            self._judge_originals(leaf, verdicts, start, stop)
        return verdicts

    def _candidates(self, pattern: str, folded: pa.Array, start: int, stop: int) -> Places | None:
        """The texts in which the regular expression may be found; None when most may."""
        sample = folded.slice(0, len(folded) // SAMPLED)
        shares = sorted(
            ((int(np.count_nonzero(_any_of(sample, one))), one) for one in required(pattern)), key=itemgetter(0)
        )
        may = np.ones(stop - start, dtype=np.bool_)
        for share, literals in shares:
            if share * 2 > len(sample) or np.count_nonzero(may) < len(may) * FEW:
                break
            may &= _any_of(folded, literals)
        first, last = np.searchsorted(self.beyond, (start, stop))
        may[self.beyond[first:last] - start] = True
        found = np.flatnonzero(may)
        return found if len(found) * 2 < len(may) else None

    def _judge_some(self, leaf: TextMatch, folded: pa.Array, some: Places, start: int, stop: int) -> Bools:
        verdicts = np.zeros(stop - start, dtype=np.bool_)
        verdicts[some] = judged(leaf, folded.take(pa.array(some)))
        self._judge_originals(leaf, verdicts, start, stop)
        return verdicts

    def _judge_originals(self, leaf: TextIn | TextMatch, verdicts: Bools, start: int, stop: int) -> None:
        """Put right the verdicts of the texts whose original differs."""
        first, last = np.searchsorted(self.places, (start, stop))
        if first < last:
            theirs = judged(leaf, self.originals.slice(first, last - first))
            verdicts[self.places[first:last] - start] = theirs

    def bytes(self) -> int:
        size: int = self.folded.nbytes + self.originals.nbytes + self.places.nbytes + self.beyond.nbytes
        return size


def judged(leaf: TextIn | TextMatch, texts: pa.Array) -> Bools:
    """Whether `leaf` holds of each text. `texts` are folded or original, as the leaf wants them."""
    if isinstance(leaf, TextMatch) and leaf.how == "contains":
        return containing(texts, leaf.pattern)
    return booleans(_by_arrow(leaf, texts))


def _any_of(texts: pa.Array, literals: frozenset[str]) -> Bools:
    found = np.zeros(len(texts), dtype=np.bool_)
    for literal in literals:
        found |= containing(texts, literal)
    return found


def _by_arrow(leaf: TextIn | TextMatch, texts: pa.Array) -> pa.Array:
    match leaf:
        case TextIn(values=values):
            if len(values) == 1:
                return pc.equal(texts, pa.scalar(next(iter(values)), type=texts.type))
            return pc.is_in(texts, value_set=pa.array(sorted(values), type=texts.type))
        case TextMatch(how="starts", pattern=pattern):
            return pc.starts_with(texts, pattern)
        case TextMatch(how="ends", pattern=pattern):
            return pc.ends_with(texts, pattern)
        case TextMatch(how="regex", pattern=pattern, cased=cased):
            return _matched(texts, pattern, cased)
        case _:
            raise AssertionError(leaf)


def _matched(texts: pa.Array, pattern: str, cased: bool) -> pa.Array:
    """With Arrow's RE2; should it refuse a pattern that the law's RE2 took, with the law's own."""
    try:
        return pc.match_substring_regex(texts, pattern, ignore_case=not cased)
    except pa.ArrowInvalid:
        search = regex(pattern, cased).search
        return pa.array(
            [None if text is None else search(text) is not None for text in texts.to_pylist()], type=pa.bool_()
        )
