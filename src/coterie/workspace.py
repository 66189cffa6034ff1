"""The facade that every face calls: the library, the command line, and each HTTP dialect. One-screen methods that delegate.

A workspace is one set of profiles and the segments over them, in one SQLite file, indexed in memory. It is synchronous and may be called
from any thread; writes from many threads are grouped into one commit. A write that has returned is on disk and every segment reflects it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType

from coterie.model import (
    UNSET, Action, Cause, CheckReport, Explanation, Origin, Page, Preview, Profile, ProfileInput, ProfileWrite, Property,
    PropertyChange, PropertySummary, Receipt, Refused, Segment, SegmentKind, Transition, Unset,
)  # fmt: skip
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant, Kind


class Workspace:
    """One workspace, open. Made by `coterie.open` or by the server; close it, or use it in a `with`."""

    def close(self) -> None: ...
    def __enter__(self) -> Workspace: ...
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    # --- profiles
    def put_profile(self, profile: ProfileInput, *, match: str = "external_id", receipt: Receipt | None = None) -> ProfileWrite:
        """Upsert one. `match` is the identifier looked up first: "external_id" (falling back to email) or "email".
        Raises InvalidInput, IdentityConflict, AnsweredBefore."""
    def put_profiles(self, profiles: Sequence[ProfileInput], *, receipt: Receipt | None = None) -> list[ProfileWrite | Refused]:
        """Upsert many in one commit, in order; bad ones are refused one by one and the others stored."""
    def update_profile(self, profile_id: str, profile: ProfileInput, *, receipt: Receipt | None = None) -> ProfileWrite: ...
    def delete_profile(self, profile_id: str) -> None:
        """Raises NotFound. It leaves every segment, with cause `profile_deleted`."""
    def get_profile(self, profile_id: str | None = None, *, external_id: str | None = None, email: str | None = None) -> Profile: ...
    def profiles(self, *, offset: int = 0, limit: int = 100, with_email: bool = False) -> Page[Profile]:
        """Oldest first; `total` is exact; `next` is None (page by offset)."""
    def profile_segments(self, profile_id: str) -> list[Segment]: ...

    # --- properties
    def properties(self) -> list[Property]:
        """Every property declared or seen, by name."""
    def describe_property(self, name: str) -> PropertySummary: ...
    def get_property(self, property_id: str) -> Property: ...
    def declare_property(self, name: str, type: Kind | None | Unset = UNSET, *, fallback: str | None | Unset = UNSET, receipt: Receipt | None = None) -> PropertyChange:
        """Declare, or change a declaration. Stored values are converted; those that do not convert become missing."""
    def delete_property(self, property_id: str) -> None:
        """Forget the property and every value of it. Raises PropertyInUse when a segment's rule looks at it."""

    # --- segments
    def create_segment(
        self, name: str, rule: Rule | None = None, *, kind: SegmentKind = SegmentKind.DYNAMIC, description: str | None = None,
        origin: Origin | None = None, receipt: Receipt | None = None,
    ) -> Segment: ...  # fmt: skip
    def update_segment(
        self, segment_id: str, *, name: str | Unset = UNSET, rule: Rule | Unset = UNSET, description: str | None | Unset = UNSET,
        origin: Origin | None | Unset = UNSET, receipt: Receipt | None = None,
    ) -> Segment:  # fmt: skip
        """Fields left UNSET stay. A new rule without a new origin drops the old origin."""
    def delete_segment(self, segment_id: str) -> None:
        """Raises NotFound, SegmentInUse."""
    def get_segment(self, segment_id: str) -> Segment: ...
    def segments(self, *, offset: int = 0, limit: int | None = None, kind: SegmentKind | None = None) -> Page[Segment]:
        """Oldest first; `total` is exact; `next` is None (page by offset)."""
    def add_members(self, segment_id: str, profile_ids: Sequence[str], *, receipt: Receipt | None = None) -> int:
        """Add profiles to a static segment; returns how many were not in it before."""
    def remove_members(self, segment_id: str, profile_ids: Sequence[str], *, receipt: Receipt | None = None) -> int: ...

    # --- questions
    def parse_rule(self, document: object) -> Rule:
        """Read a rule from JSON values, with this workspace's limits and segments. Raises InvalidRule naming every fault."""
    def preview(self, rule: Rule, *, compare_to: str | None = None, sample: int = 10) -> Preview: ...
    def sentence(self, rule: Rule) -> str: ...
    def members(self, segment_id: str, *, cursor: str | None = None, limit: int = 100) -> Page[Profile]: ...
    def members_at(self, segment_id: str, *, offset: int, limit: int, with_email: bool = False) -> Page[Profile]: ...
    def export_members(self, segment_id: str, *, chunk: int = 10_000) -> Iterator[list[Profile]]:
        """The members as of the call, in batches, oldest profile first."""
    def explain(self, profile_id: str, segment_id: str) -> Explanation: ...
    def transitions(
        self, *, after: int = 0, limit: int = 100, segment_id: str | None = None, profile_id: str | None = None,
        action: Action | None = None, cause: Cause | None = None,
    ) -> Page[Transition]:  # fmt: skip
        """In order of sequence. `next` is the sequence to give as `after`, as text; present even on the last page while there are items."""
    def check(self) -> CheckReport: ...
    def now(self) -> Instant: ...
    def counts(self) -> Mapping[str, int]:
        """For metrics: profiles, segments, transitions, index_bytes, ..."""
