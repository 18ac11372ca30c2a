"""What is counted while a roster is read: people by status, unit and level, missing hours, and the cells not read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bot.roster.people import CellFault

_FAULTS_KEPT = 50_000


class Counted(NamedTuple):
    """What is counted of somebody."""

    unit: str
    level: str
    status: str
    missing: float
    short: dict[str, dict[str, float]]
    needs: Sequence[str]


@dataclass
class Tally:
    """Counts of a roster."""

    nobody: int = 0
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (unit, level, status)
    short_total: float = 0
    # missing hours, by unit, level, year and category
    hours: defaultdict[tuple[str, str, str, str], float] = field(default_factory=lambda: defaultdict(float))
    needs: Counter[str] = field(default_factory=Counter)  # people of whom a fact is asked
    faults: list[CellFault] = field(default_factory=list)
    more_faults: int = 0

    def add(self, one: Counted) -> None:
        """Count one person."""
        self.counts[one.unit, one.level, one.status] += 1
        self.short_total += one.missing
        for year, hours in one.short.items():
            for category, amount in hours.items():
                self.hours[one.unit, one.level, year, category] += amount
        self.needs.update(one.needs)

    @property
    def people(self) -> int:
        """How many people."""
        return self.counts.total()

    def by(self, *parts: int) -> Counter[Any]:
        """People by some of (unit, level, status)."""
        found: Counter[Any] = Counter()
        for key, people in self.counts.items():
            found[tuple(key[part] for part in parts)] += people
        return found

    @property
    def by_status(self) -> Counter[str]:
        """People by status."""
        return Counter({status: people for (status,), people in self.by(2).items()})

    def note(self, faults: list[CellFault]) -> None:
        """Keep the cells that were not read."""
        room = _FAULTS_KEPT - len(self.faults)
        self.faults += faults[:room]
        self.more_faults += max(0, len(faults) - room)
