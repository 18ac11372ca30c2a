"""What people say of answers, for HR's manager: the topic, the question without facts, the day; nothing leads to anybody."""

from __future__ import annotations

from storage import Store, hr


class Reports:
    """The reports of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, topic: str, words: str) -> None:
        """One report; the same on the same day is the same. Raises: storage.Unavailable."""
        day = self._store.clock().replace(hour=0, minute=0, second=0, microsecond=0)
        await self._store.database.write(hr.report, day=day, topic=topic, words=words.replace("\0", ""))

    async def last(self, limit: int) -> list[hr.Reported]:
        """The last reports, the newest first. Raises: storage.Unavailable."""
        return await self._store.database.read(hr.reported, limit=limit)
