"""What is counted while a roster is read: people by status, unit and level, missing hours, and the cells not read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bot.roster.people import Fault

_FAULTS_KEPT = 50_000


@dataclass
class Tally:
    """Counts of one stretch of a roster; two add up."""

    people: int = 0
    nobody: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    by_unit: Counter[tuple[str, str]] = field(default_factory=Counter)  # (unit, status)
    by_level: Counter[tuple[str, str]] = field(default_factory=Counter)  # (level, status)
    short_total: float = 0
    faults: list[Fault] = field(default_factory=list)
    more_faults: int = 0

    def add(self, unit: str, level: str, assessment: dict[str, Any]) -> None:
        """Count one person."""
        status = assessment["status"]
        self.people += 1
        self.by_status[status] += 1
        self.by_unit[unit, status] += 1
        self.by_level[level, status] += 1
        if status == "short":
            self.short_total += assessment["short_total"]

    def note(self, faults: list[Fault]) -> None:
        """Keep the cells that were not read."""
        room = _FAULTS_KEPT - len(self.faults)
        self.faults += faults[:room]
        self.more_faults += max(0, len(faults) - room)

    def __iadd__(self, other: Tally) -> Tally:
        self.people += other.people
        self.nobody += other.nobody
        self.by_status += other.by_status
        self.by_unit += other.by_unit
        self.by_level += other.by_level
        self.short_total += other.short_total
        self.more_faults += other.more_faults
        self.note(other.faults)
        return self
