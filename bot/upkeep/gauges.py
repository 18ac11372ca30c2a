"""What operators measure of a running service, beside its requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.channels.web.serving import Crowd
from bot.conversation import Conversation
from bot.upkeep.readiness import room


class _Service(Collector):
    """Asked for its numbers whenever the metrics are read, so that nothing has to be counted twice."""

    def __init__(self, talks: Conversation, crowd: Crowd, folder: Path) -> None:
        self._talks, self._crowd, self._folder = talks, crowd, folder

    def collect(self) -> Iterator[Metric]:
        turns = CounterMetricFamily("xueshi_turns", "Turns stored.", labels=["channel"])
        for channel, count in sorted(self._talks.turns.items()):
            turns.add_metric([channel], count)
        yield turns
        cut = CounterMetricFamily("xueshi_connections_cut", "Connections cut off.", labels=["reason"])
        for reason, count in sorted(self._crowd.closed.items()):
            cut.add_metric([reason], count)
        yield cut
        yield GaugeMetricFamily("xueshi_connections", "Connections open now.", value=len(self._crowd))
        believed = self._talks.store.clock_believed
        yield GaugeMetricFamily("xueshi_clock_believed", "1 unless the clock has jumped.", value=int(believed))
        try:
            yield GaugeMetricFamily("xueshi_disk_free_bytes", "Room where the data are.", value=room(self._folder))
        except OSError:
            return


def watch_service(registry: CollectorRegistry, talks: Conversation, crowd: Crowd, folder: Path) -> None:
    """Puts the service's own numbers among the metrics."""
    registry.register(_Service(talks, crowd, folder))
