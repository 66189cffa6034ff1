"""The application behind Granian, in this process: one loop, one process, the core in threads.

One process on purpose: the index is in memory and the store has one writer. After SIGINT or
SIGTERM, requests that are in progress may finish (for up to `STOP_WITHIN` seconds); then `run`
returns and the caller closes the server.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable

from fastapi import FastAPI
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server as Granian

from coterie.http.app import create_app
from coterie.http.logging import configure
from coterie.http.server import Server

STOP_WITHIN = 10
HEADERS_WITHIN_MS = 15_000
CONNECTIONS_MAX = 1_024
"""Connections at once, beyond those of streams. One more waits until another ends; streams, which
do not end, are therefore not counted."""

Listening = Callable[[str], None]


def run(server: Server, host: str, port: int, *, on_listening: Listening | None = None) -> None:
    """Serve until SIGINT or SIGTERM. `on_listening` is called with the base URL; port 0 takes a
    free port. Raises OSError when the address is not available."""
    configure(server.settings.log_level)
    asyncio.run(serve(create_app(server), host, port, asyncio.Event(), on_listening))


async def serve(app: FastAPI, host: str, port: int, stop: asyncio.Event, on_listening: Listening | None = None) -> None:
    """Serve `app` until `stop` is set or, in the main thread, a signal arrives."""
    port = free_port(host, port)
    granian_server = Granian(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        backlog=CONNECTIONS_MAX,
        backpressure=CONNECTIONS_MAX + app.state.server.settings.streams_max,
        websockets=False,
        log_enabled=False,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN_MS),
    )
    granian_server.workers_kill_timeout = STOP_WITHIN
    if threading.current_thread() is threading.main_thread():
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    serving = asyncio.create_task(granian_server.serve())
    stopping = asyncio.create_task(stop.wait())
    await _until_accepting(host, port, serving)
    if on_listening is not None:
        on_listening(base_url(host, port))
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    app.state.streams.end()  # they are requests that would never finish
    granian_server.interrupt_signal = True
    granian_server.main_loop_interrupt.set()
    await serving
    stopping.cancel()


def free_port(host: str, port: int) -> int:
    """`port`, or a free one for 0. Raises OSError when another process listens there: Granian
    shares ports (SO_REUSEPORT), so two servers would each silently get half of the requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        bound: int = probe.getsockname()[1]
        return bound


def base_url(host: str, port: int) -> str:
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"


async def _until_accepting(host: str, port: int, serving: asyncio.Task[None]) -> None:
    """Wait for the first connection: Granian does not announce when its socket accepts."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(reachable, port)
        except OSError:
            await asyncio.sleep(0.01)
            continue
        writer.close()
        return
    serving.result()
