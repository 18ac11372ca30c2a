"""A lane takes single jobs from many callers and runs whatever has gathered as one batch: group commit, group read."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from copy import copy
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class Lane(Generic[Job, Result]):
    """Jobs of one event loop, run batch after batch in the order of arrival.

    `run` answers a batch with one result a job; a result that is an exception is raised to that job's caller alone, and
    an exception out of `run` to all callers of the batch. `alone` names what at most one job of a batch may hold.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Job]], Awaitable[Sequence[Result | Exception]]],
        *,
        most: int,
        alone: Callable[[Job], Hashable] | None = None,
    ) -> None:
        self._run = run
        self._most = most
        self._alone = alone
        self._waiting: deque[tuple[Job, asyncio.Future[Result]]] = deque()
        self._driver: asyncio.Task[None] | None = None

    def put(self, job: Job) -> asyncio.Future[Result]:
        """The job's result, when the batch it travels in has been run. Cancelling the future withdraws a job that is
        still waiting; one that is already running is finished all the same."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((job, future))
        if self._driver is None:
            # A task of its own starts in the loop's next round, when everybody who is ready now has joined.
            self._driver = loop.create_task(self._drive())
        return future

    async def settle(self) -> None:
        """Returns when nothing is queued or running."""
        while self._driver is not None:
            await asyncio.wait({self._driver})

    async def _drive(self) -> None:
        batch: list[tuple[Job, asyncio.Future[Result]]] = []
        try:
            while batch := self._gather():
                try:
                    results = await self._run([job for job, _ in batch])
                except Exception as failure:
                    # Each caller gets one of their own: a shared exception would gather everybody's traceback.
                    results = [copy(failure).with_traceback(failure.__traceback__) for _ in batch]
                for (_, future), result in zip(batch, results, strict=True):
                    if not future.done():
                        if isinstance(result, Exception):
                            future.set_exception(result)
                        else:
                            future.set_result(result)
        finally:
            self._driver = None
            for _, future in [*batch, *self._waiting]:  # only when the driver itself was stopped: nobody waits for ever
                future.cancel()
            self._waiting.clear()

    def _gather(self) -> list[tuple[Job, asyncio.Future[Result]]]:
        batch: list[tuple[Job, asyncio.Future[Result]]] = []
        later: list[tuple[Job, asyncio.Future[Result]]] = []
        held: set[Hashable] = set()
        while self._waiting and len(batch) < self._most:
            job, future = self._waiting.popleft()
            if future.done():
                continue
            if self._alone is not None:
                key = self._alone(job)
                if key in held:
                    later.append((job, future))
                    continue
                held.add(key)
            batch.append((job, future))
        self._waiting.extendleft(reversed(later))
        return batch
