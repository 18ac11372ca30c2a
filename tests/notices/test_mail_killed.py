"""Senders of letters that are killed, over a real SMTP server that fails in every way."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.post.setup import LETTERS_A_SECOND
from tests.notices.mail_ordeal import ordeal

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_kill_9_of_two_senders_three_times_writes_to_nobody_twice_and_misses_nobody(
    url: str, tmp_path: Path
) -> None:
    found = await ordeal(url, tmp_path, 300)
    assert found.wrong() == []
    in_doubt = {int(row.label) for row in found.rows if row.state == "in_doubt"}
    assert found.status["reasons"] == {"bad_address": len(set(range(50, 301, 50)) - in_doubt)}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_however_often_senders_die_no_second_holds_more_letters_than_are_allowed(
    url: str, tmp_path: Path
) -> None:
    found = await ordeal(url, tmp_path, 160, limited=True)
    assert found.wrong(LETTERS_A_SECOND) == []
