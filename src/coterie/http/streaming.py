"""Streams of the transitions of a workspace: how they wait for news, and how many may be open.

One thread a workspace waits for news, however many streams it has, and none without streams; a
stream that waits costs a task of the loop and no thread. Each stream reads a page at a time, from
its own position, and the next page only after the last was sent: a slow reader falls behind in the
log, which is on disk, and nothing accumulates in memory.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

from anyio import CapacityLimiter
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from coterie.http.errors import TooManyStreams
from coterie.workspace import Workspace

LISTENS_FOR = 1.0
"""Seconds of one wait for news, after which the thread checks whether any stream is left."""

READERS_MAX = 8
"""Streams that read in the core at once, so that a thousand of them with the same news leave
threads for requests."""


class NewsFeed:
    """The news of one workspace. Only the loop uses it, apart from its own thread."""

    def __init__(self, workspace: Workspace) -> None:
        self.streams = 0
        self.ended = False
        self._workspace = workspace
        self._news = asyncio.Event()
        self._stop: threading.Event | None = None

    def join(self) -> None:
        self.streams += 1
        if self._stop is None:
            self._stop = threading.Event()
            where = (asyncio.get_running_loop(), self._stop)
            threading.Thread(target=self._listen, args=where, name="coterie-streams", daemon=True).start()

    def leave(self) -> None:
        self.streams -= 1
        if self.streams == 0 and self._stop is not None:
            self._stop.set()
            self._stop = None

    def news(self) -> asyncio.Event:
        """The event that the next news sets. Get it before reading, so that no news is missed
        meanwhile."""
        return self._news

    def announce(self) -> None:
        """Wake every stream that waits."""
        current, self._news = self._news, asyncio.Event()
        current.set()

    def end(self) -> None:
        """End every stream."""
        self.ended = True
        self.announce()

    def _listen(self, loop: asyncio.AbstractEventLoop, stop: threading.Event) -> None:
        seen = self._workspace.transitions.wait(0, 0.0)
        while not stop.is_set():
            latest = self._workspace.transitions.wait(seen, LISTENS_FOR)
            if latest > seen:
                seen = latest
                try:
                    loop.call_soon_threadsafe(self.announce)
                except RuntimeError:  # the loop is closed, and with it every stream
                    return
            elif self.ended or stop.wait(0.01):  # a closed workspace does not wait; do not spin
                return


class Streams:
    """All open streams of the application. Use it from its loop only."""

    def __init__(self, streams_max: int) -> None:
        self._streams_max = streams_max
        self._feeds: dict[Workspace, NewsFeed] = {}
        self._ended = False
        self.readers = CapacityLimiter(READERS_MAX)

    def enter(self, workspace: Workspace) -> NewsFeed:
        """Count one more stream; `leave` ends it. Raises TooManyStreams."""
        if self._ended or sum(feed.streams for feed in self._feeds.values()) >= self._streams_max:
            raise TooManyStreams(
                f"{self._streams_max:,} streams are open, which is the limit (streams_max).",
                hint="Close one, try again later, or poll /v1/transitions.",
            )
        feed = self._feeds.setdefault(workspace, NewsFeed(workspace))
        feed.join()
        return feed

    def leave(self, workspace: Workspace) -> None:
        feed = self._feeds[workspace]
        feed.leave()
        if feed.streams == 0:
            del self._feeds[workspace]

    def end(self) -> None:
        """End every stream, and let no other begin: the server stops."""
        self._ended = True
        for feed in self._feeds.values():
            feed.end()


class Streaming(StreamingResponse):
    """An answer that leaves `streams` when it ends, however it ends."""

    def __init__(self, content: AsyncIterator[bytes], streams: Streams, workspace: Workspace) -> None:
        headers = {
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
        super().__init__(content, headers=headers)
        self._entered = (streams, workspace)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        streams, workspace = self._entered
        try:
            await super().__call__(scope, receive, send)
        finally:
            streams.leave(workspace)
