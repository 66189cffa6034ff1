"""A real server on a real port, in a thread of this process, for journeys over the network."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coterie.http.app import create_app
from coterie.http.serve import serve
from coterie.model import Scope
from coterie.server import Server
from coterie.settings import Settings

STARTS_WITHIN = 20


class Serving:
    """`url` is where it listens, `key` a full key of its workspace `default`."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.key = server.control.create_key("default", "journey", Scope.ADMIN, 0)[1]
        self.url = ""
        self._listening = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        await serve(create_app(self.server), "127.0.0.1", 0, self._stop, self._heard)

    def _heard(self, url: str) -> None:
        self.url = url
        self._listening.set()

    def start(self) -> None:
        self._thread.start()
        assert self._listening.wait(STARTS_WITHIN), "it does not listen"

    def ask_to_stop(self) -> None:
        """As SIGTERM does to a process of its own."""
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)

    def finish(self) -> None:
        if self._thread.is_alive():
            self.ask_to_stop()
        self.stopped()

    def stopped(self) -> None:
        self._thread.join(STARTS_WITHIN)
        assert not self._thread.is_alive(), "it does not stop"


@contextmanager
def serving(directory: Path, **settings: Any) -> Iterator[Serving]:
    with Server.open(Settings(data=directory, **settings)) as server:
        server.open_all()
        running = Serving(server)
        running.start()
        try:
            yield running
        finally:
            running.finish()
