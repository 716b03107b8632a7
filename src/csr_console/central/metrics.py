"""Prometheus metrics: how many, how fast, how far; never who."""

import os
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from csr_console.contracts.outcome import Outcome
from csr_console.contracts.registry import REGISTRY

MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

OfficeHead = tuple[str, int, int]
"""An office with the heads of its change feed and of its audit chain."""


class Metrics:
    """The metrics of one application; `heads` is asked at every scrape."""

    def __init__(self, heads: Callable[[], Iterable[OfficeHead]]) -> None:
        registry = CollectorRegistry()
        self._heads = _Heads(heads)
        self._registry = registry
        self._commands = Counter(
            "csr_commands", "Commands by kind and outcome.", ["kind", "state"], registry=registry
        )
        self._replays = Counter("csr_command_replays", "Commands answered again.", registry=registry)
        self._gaps = Counter(
            "csr_counter_gaps", "Commands whose station counter skipped numbers.", registry=registry
        )
        self._requests = Counter(
            "csr_requests", "Requests by route and status.", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "csr_request_seconds",
            "Time to answer, streams left out.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._sign_in_failures = Counter(
            "csr_sign_in_failures", "Sign-ins that failed.", ["code"], registry=registry
        )
        self._listeners = Gauge(
            "csr_stream_listeners",
            "Open outage streams.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        registry.register(self._heads)

    def command(self, outcome: Outcome) -> None:
        """Count one new outcome; a kind that does not exist is counted as `unknown`."""
        kind = outcome.kind if outcome.kind in REGISTRY.commands else "unknown"
        self._commands.labels(kind, outcome.state).inc()
        if outcome.result.get("counter_gap"):
            self._gaps.inc()

    def replayed(self) -> None:
        self._replays.inc()

    def request(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count one request; `seconds` is None for a stream."""
        self._requests.labels(method, route, str(status)).inc()
        if seconds is not None:
            self._seconds.labels(method, route).observe(seconds)

    def sign_in_failed(self, code: str) -> None:
        self._sign_in_failures.labels(code).inc()

    def listening(self, more: int) -> None:
        """One stream more, or with -1 one less."""
        self._listeners.inc(more)

    def page(self) -> bytes:
        """The text exposition; over all workers where there are several."""
        if MULTIPROCESS_FOLDER not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        registry.register(self._heads)
        return generate_latest(registry)


class _Heads(Collector):
    """Feed and chain heads of each office, read when asked, so that every worker tells the same."""

    def __init__(self, heads: Callable[[], Iterable[OfficeHead]]) -> None:
        self._heads = heads

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        feed = GaugeMetricFamily("csr_feed_head", "Newest row of the change feed.", labels=["office"])
        chain = GaugeMetricFamily("csr_chain_seq", "Newest row of the audit chain.", labels=["office"])
        for office, feed_seq, chain_seq in self._heads():
            feed.add_metric([office], feed_seq)
            chain.add_metric([office], chain_seq)
        return [feed, chain]
