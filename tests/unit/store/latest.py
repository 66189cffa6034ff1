"""Short reads for assertions: `latest(store).profiles([0])` asks the last commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import isgeneratorfunction
from typing import Any, cast

from coterie.store.store import Reads, Store


class _Latest:
    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            with self._store.read() as reads:
                return getattr(reads, name)(*args, **named)

        def stream(*args: Any, **named: Any) -> Iterator[Any]:
            with self._store.read() as reads:
                yield from getattr(reads, name)(*args, **named)

        return stream if isgeneratorfunction(getattr(Reads, name)) else call


def latest(store: Store) -> Reads:
    """The reads of a store, each call on a snapshot of its own that ends with its result."""
    return cast(Reads, _Latest(store))


def all_pids(store: Store) -> list[int]:
    """The pids of every profile, in order."""
    return [profile.pid for batch in latest(store).all_profiles() for profile in batch]
