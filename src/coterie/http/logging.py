"""Structured logs: one JSON object a line, one line a request, and no personal data.

A request is logged with its method, route template (never the address, which may contain an email),
status, duration, workspace, key id and request id; a failure with the classes of its errors and the
places in the code that raised them, never with messages, which may quote values.
"""

from __future__ import annotations

import logging
import sys
import traceback

import structlog

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(level: str) -> None:
    """Log to standard error from now on: readable lines on a terminal, JSON elsewhere."""
    renderer: structlog.typing.Processor
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS.get(level.lower(), logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def log() -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger("coterie.http")
    return logger


def frames(error: BaseException) -> list[str]:
    """The classes of `error` and of its causes, the first cause last, each with its stack."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        stack = traceback.extract_tb(current.__traceback__)
        lines.extend(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in stack)
        current = current.__cause__ or current.__context__
    return lines
