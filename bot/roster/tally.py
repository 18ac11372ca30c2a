"""What is counted while a roster is read: people by status, unit and level, missing hours, and the cells not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.roster.people import CellFault
from bot.roster.verdicts import words

_FAULTS_KEPT = 50_000


@dataclass
class Tally:
    """Counts of a roster."""

    nobody: int = 0
    estimate: bool = False  # by the notice of another year
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (unit, level, status)
    short_total: float = 0
    # missing hours, by unit, level, year and category
    hours: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    policies: set[str] = field(default_factory=set)  # the notices by which somebody was judged
    needs: Counter[str] = field(default_factory=Counter)  # people of whom a fact is asked
    faults: list[CellFault] = field(default_factory=list)
    more_faults: int = 0

    def add(self, unit: str, level: str, assessment: Mapping[str, Any], faults: Sequence[CellFault]) -> None:
        """Count one person, and keep the cells of theirs that were not read."""
        status = assessment["status"]
        self.counts[unit, level, status] += 1
        if "policy" in assessment:
            self.policies.add(assessment["policy"]["id"])
        if status == "short":
            self.short_total += assessment["short_total"]
            for year, hours in assessment["short"].items():
                for category, amount in hours.items():
                    self.hours[unit, level, year, category] += amount
        elif status == "needs":
            self.needs.update(assessment["needs"])
        self.note(faults)

    def named(self, status: str) -> str:
        """What a status is called."""
        settled = self.estimate and status in ("met", "short", "waived", "uncertain")
        return words()["status"][status] + (words()["next"]["estimate"] if settled else "")

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

    def note(self, faults: Sequence[CellFault]) -> None:
        """Keep the cells that were not read."""
        room = _FAULTS_KEPT - len(self.faults)
        self.faults += faults[:room]
        self.more_faults += max(0, len(faults) - room)
