"""HR's door under attack: codes guessed from everywhere, pages that cannot be."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx
import pytest

from tests.hr.conftest import URL, House, finished, uploaded


async def test_wrong_codes_from_everywhere_keep_nobody_out_who_has_a_right_one(house: House) -> None:
    async def attempt(host: str, code: str) -> int:
        transport = httpx.ASGITransport(house.app, client=(host, 1))
        async with httpx.AsyncClient(transport=transport, base_url=URL, headers={"origin": URL}) as client:
            return (await client.post("/hr/sign-in", data={"code": code})).status_code

    for place in range(8):
        wrong = [await attempt(f"203.0.113.{place}", f"AAAA-AAAA-{place:02}{number:02}") for number in range(14)]
        assert wrong[0] == 403
        assert wrong[-1] == 429
    right = await house.accounts.invite("小王", "staff")
    assert await attempt("203.0.113.1", right) == 303  # also from where it was tried
    assert await attempt("203.0.113.99", await house.accounts.invite("小张", "staff")) == 303


async def test_no_line_of_the_log_is_a_formula_to_whatever_opens_it(house: House) -> None:
    async with house.signed_in("=cmd|calc", "manager") as client:
        for search in ("=1+1", "＝1+1", "＋1", "－1", "＠x", "-1", "@x"):
            await client.get("/hr/log", params={"search": search})
        table = list(csv.reader(io.StringIO((await client.get("/hr/log.csv")).text.lstrip("\ufeff"))))
    assert len(table) > 8
    assert [cell for row in table for cell in row if cell.lstrip()[:1] in tuple("=+-@＝＋－＠")] == []


@pytest.mark.parametrize("page", ["00000000100000000000", "9" * 30, "-1", "٣", "²", "1e3", "0"])
async def test_a_page_number_that_cannot_be_is_no_fault_of_ours(house: House, roster: Path, page: str) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        await finished(client, address)
        assert (await client.get(address, params={"page": page})).status_code in (200, 404)
        assert (await client.get("/hr", params={"page": page})).status_code == 200
