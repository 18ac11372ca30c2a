"""What opens a relief is taken only from what is and was granted: everything refused, wished for, former or another's is asked."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from bot.reading import read

DAY = date(2025, 10, 1)
GRANTED = {
    "epidemic_years": "2023年疫情防控认定",
    "transfer": "2025年3月从党政机关转任",
    "exam_years": "2024年取得注册安全工程师证书",
}
OPEN = ("没下来", "没批", "被驳回了", "还在申请，没批下来", "没拿到")


@pytest.mark.parametrize(("fact", "ending"), [*product(GRANTED, OPEN)])
def test_what_was_not_granted_opens_nothing(fact: str, ending: str) -> None:
    assert fact not in read(GRANTED[fact] + ending, DAY).facts


@pytest.mark.parametrize(
    "said",
    [
        "我不是高技能人才", "我没有高技能证书", "高技能人才还没评上", "准备评高技能人才", "以前是高技能人才", "单位有高技能人才", "我爱人是高技能人才",
        "非高技能人才", "如果算高技能人才",
    ],
)  # fmt: skip
def test_nobody_is_highly_skilled_who_does_not_say_so_of_themselves(said: str) -> None:
    assert not read(said, DAY).facts.get("highly_skilled")


def test_who_says_so_of_themselves_is() -> None:
    assert read("我是高技能人才", DAY).facts["highly_skilled"] is True


@pytest.mark.parametrize(
    "said", ["三年学满了两年", "近三年学满两年", "三年学满了一年", "三年学满两年，一年没学", "近四年学满了三年"]
)
def test_of_which_years_is_asked_where_only_some_were_full(said: str) -> None:
    found = read(said, DAY)
    assert not [claim for claim in found.claims if claim.kind == "full"]
    assert [doubt.reason for doubt in found.doubts if doubt.fact == "history"]
