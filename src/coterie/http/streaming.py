"""Streams of what happens in a workspace, open for as long as their readers like: who waits for news, and how many may.

One thread a workspace waits for news, however many streams it has, and none when it has none; a stream that waits costs a task of the loop and no
thread. Each reads for itself from where it is, a page at a time and the next only when the last was taken off its hands: a slow reader falls behind in
the log, which is on disk, and nothing piles up for it here.
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
"""Seconds of one wait for news, after which the thread looks whether anybody still wants them."""

READERS_MAX = 8
"""Streams that read in the core at once, so that a thousand of them, told the same news, leave room for requests."""


class NewsFeed:
    """The news of one workspace. Used by the loop alone, but for its thread."""

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
        """Set at the next news. Take it before reading, so that what comes meanwhile is not slept through."""
        return self._news

    def tell(self) -> None:
        before, self._news = self._news, asyncio.Event()
        before.set()

    def end(self) -> None:
        """Every stream says goodbye."""
        self.ended = True
        self.tell()

    def _listen(self, loop: asyncio.AbstractEventLoop, stop: threading.Event) -> None:
        seen = self._workspace.transitions.wait(0, 0.0)
        while not stop.is_set():
            last = self._workspace.transitions.wait(seen, LISTENS_FOR)
            if last > seen:
                seen = last
                try:
                    loop.call_soon_threadsafe(self.tell)
                except RuntimeError:  # the loop is closed, and so is all that we could tell
                    return
            elif self.ended or stop.wait(0.01):  # a workspace that is closed does not wait: this must not spin
                return


class Streams:
    """All open streams of the application. To be used from its loop."""

    def __init__(self, streams_max: int) -> None:
        self._streams_max = streams_max
        self._feeds: dict[Workspace, NewsFeed] = {}
        self._ended = False
        self.readers = CapacityLimiter(READERS_MAX)

    def enter(self, workspace: Workspace) -> NewsFeed:
        """A place among the streams. Give it back with `leave`. Raises TooManyStreams."""
        if self._ended or sum(feed.streams for feed in self._feeds.values()) >= self._streams_max:
            raise TooManyStreams(
                f"{self._streams_max:,} streams are open, and no more may be (streams_max).",
                hint="Close one, come again later, or poll /v1/transitions.",
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
        """The server stops: every stream ends, and none begins."""
        self._ended = True
        for feed in self._feeds.values():
            feed.end()


class Streaming(StreamingResponse):
    """An answer that gives its place back when it is over, however it ends."""

    def __init__(self, content: AsyncIterator[bytes], streams: Streams, workspace: Workspace) -> None:
        headers = {
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
        super().__init__(content, headers=headers)
        self._place = (streams, workspace)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        streams, workspace = self._place
        try:
            await super().__call__(scope, receive, send)
        finally:
            streams.leave(workspace)
