"""What a provider's answer means for a letter: one table for talk and notices, and one ladder of waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.messages import LIMITED, Delivery
from storage import DOUBT, NOTICE, TALK, Letter, Settled

LADDER: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
"""Seconds between tries of what is not taken now, the last again and again: mail servers put off what they do not know for minutes,
and a full mailbox for hours."""
LONGEST: Final = {TALK: 30.0, NOTICE: 3600.0}  # of them; nobody who talks waits for more
TRIES: Final = {TALK: 200, NOTICE: 36}  # after which a letter is given up: a day of waiting, a few hours of talk
DOUBTS: Final = {TALK: 4, NOTICE: 1}  # calls whose answers were lost; each more may repeat it, as no notice is unasked
PUT_OFF: Final = "put_off"  # the reason of a wait that concerns this address alone
TO_MEND: Final = frozenset({"account", "wrong_template", "no_credit"})
"""Reasons for which nothing more can go out before somebody has mended a setting."""


def outcome(letter: Letter, rank: int, delivery: Delivery, now: datetime) -> Settled:
    """What is noted of a letter."""
    match delivery.outcome:
        case "sent":
            return Settled(letter, "sent", delivery.platform_id, delivery.reason)
        case "refused":
            return Settled(letter, "refused", reason=delivery.reason)
        case "doubt" if letter.tries + 1 >= DOUBTS[rank]:
            return Settled(letter, "doubt", reason=delivery.reason)
    reason = "unreachable" if delivery.outcome == "unreachable" else delivery.reason
    counts = rank == TALK or not (reason in ("unreachable", LIMITED) or reason in TO_MEND)
    if counts and letter.tries + 1 >= TRIES[rank]:
        return Settled(letter, "refused", reason=reason)
    after = gap(letter.tries, rank, delivery.after) if counts else delivery.after
    kept = DOUBT if letter.doubt or delivery.outcome == "doubt" else reason
    return Settled(letter, "waiting", reason=kept, not_before=now + timedelta(seconds=after), counts=counts)


def gap(tries: int, rank: int, asked: float = 0.0) -> float:
    """Seconds to wait after so many tries in vain: those that the provider asks for, and for notices no fewer than the ladder has."""
    step = min(LONGEST[rank], LADDER[min(tries, len(LADDER) - 1)])
    return max(asked, step) if rank == NOTICE else asked or step
