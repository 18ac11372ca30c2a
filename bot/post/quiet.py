"""The hours in which nobody is written to, and the moment that a rehearsed day takes for now; both in Inner Mongolia."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
KEPT_FOR = 30  # days a campaign is good for where nobody says otherwise


def is_quiet(span: tuple[time, time], now: datetime) -> bool:
    """Whether `now` lies in the quiet span, which may run over midnight; an empty span is never quiet."""
    first, last = span
    at = now.astimezone(ZONE).time()
    return first <= at < last if first <= last else at >= first or at < last


def rehearsed(today: Callable[[], date]) -> Callable[[], datetime]:
    """The clock whose day is the one that is taken for today and whose time of day is the real one."""

    def now() -> datetime:
        real = datetime.now(ZONE)
        return datetime.combine(today(), real.time(), ZONE).astimezone(UTC)

    return now


def end_of(day: date) -> datetime:
    """The last moment of a day."""
    return datetime.combine(day + timedelta(days=1), time(), ZONE).astimezone(UTC)


def default_end(today: date, closes: date | None) -> date:
    """The last day on which a notice written today still helps."""
    last = today + timedelta(days=KEPT_FOR)
    return min(last, closes) if closes is not None and today <= closes else last
