"""Prometheus metrics: requests by route template, and the counts of open workspaces.

Like the health checks they need no key, and contain no personal data. To add a number about
workspaces, add it to `Workspace.counts()`.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from coterie.http.server import Server

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The metrics of one application, in a registry of its own, so that two applications in one
    process do not collide."""

    def __init__(self, server: Server) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Workspaces(server))
        self._requests = Counter(
            "coterie_http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "coterie_http_request_seconds",
            "From the first byte of the request to the last of the answer.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._tracked = Counter(
            "coterie_tracking_messages",
            "Messages of tracking calls: stored, duplicate or dropped.",
            ("type", "fate"),
            registry=self._registry,
        )

    def record(self, method: str, route: str, status: int, seconds: float) -> None:
        method = method if method in METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def count_tracked(self, kind: str, fate: str, count: int) -> None:
        self._tracked.labels(kind, fate).inc(count)

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _Workspaces(Collector):
    """Reads `Workspace.counts()` of every open workspace at each scrape."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Describe nothing: registering must not read the workspaces."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for name, workspace in sorted(self._server.workspaces().items()):
            for count, value in workspace.counts().items():
                family = families.get(count)
                if family is None:
                    family = families[count] = GaugeMetricFamily(
                        f"coterie_{count}", f"`{count}` of the workspace.", labels=["workspace"]
                    )
                family.add_metric([name], value)
        yield from families.values()
