"""The sessions this process wrote last, in memory, so that a conversation going on costs no reading."""

from __future__ import annotations

from collections import OrderedDict

import orjson

from .entry import TurnEntry
from .values import Earlier, Stored


class Recent:
    """At most `most` sessions, the least recently used dropped first.

    Only what this process committed itself is kept. Another process may have moved a session on since: then a commit
    from here is refused by its revision, and the entry is dropped. Kept as bytes, so that no caller can change it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[str, TurnEntry] = OrderedDict()

    def __contains__(self, person: str) -> bool:
        return person in self._entries

    def find(self, person: str, message_id: str | None, horizon: int) -> Stored | None:
        entry = self._entries.get(person)
        if entry is None:
            return None
        self._entries.move_to_end(person)
        earlier = None
        if message_id == entry.message_id and entry.at >= horizon:
            earlier = Earlier(entry.digest, entry.reply)
        return Stored(entry.revision, orjson.loads(entry.session), earlier)

    def keep(self, entry: TurnEntry) -> None:
        self._entries[entry.person] = entry
        self._entries.move_to_end(entry.person)
        while len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def drop(self, person: str) -> None:
        self._entries.pop(person, None)

    def drop_before(self, at: int) -> None:
        for person in [person for person, entry in self._entries.items() if entry.at < at]:
            del self._entries[person]
