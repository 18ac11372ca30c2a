"""A Bot API server and a service connected to it, by polling and by webhook."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.botapi import BotApi, Person
from tests.telegram.process import Nursery
from tests.telegram.service import Service, serving


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest.fixture(params=["polling", "webhook"])
async def service(request: pytest.FixtureRequest, api: BotApi, tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(api, tmp_path, webhook=request.param == "webhook") as running:
        yield running


@pytest.fixture
async def person(api: BotApi, service: Service) -> Person:
    """Somebody to whom the service answers."""
    return api.person()


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """What a test leaves running is killed."""
    one = Nursery()
    yield one
    one.kill_all()
