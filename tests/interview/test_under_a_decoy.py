"""Under a notice that nobody issued nothing of the real one is said in a talk, typed or tapped, and both come to the same."""

from datetime import date
from pathlib import Path

import pytest

import rules
from tests.faq.test_decoy import real_ones
from tests.interview.somebody import Somebody

LIBRARY = rules.load(Path(__file__).parent.parent / "decoy", shipped=False)
TODAY = date(LIBRARY.notices[0].review_year, 6, 1)
TALKS = {
    "tapped": ("你好", "[开始查询]", "[为什么问]", "[事业单位]", "[为什么问]", "[都没有]", "[中级]", "[为什么问]", "1990年3月", "[为什么问]", "[都学满了]", "[看结果]"),
    "typed": ("事业单位，报中级，1990年3月生的", "都没有", "两年都学满了", "看结果", "为什么", "换平台", "提醒我"),
    "short": ("女 副高 国企 1986年5月", "都没有", "今年公需20专业40，去年学满了", "看结果", "依据", "提醒我", "打印审验卡", "问政策"),
    "range": ("男 正高 国企 1990年5月", "没有特殊情况", "记不清", "看结果", "为什么", "帮助", "人工", "修改"),
    "not understood": ("你好", "开始查询", "嗯嗯", "啊啊啊啊", "哦哦哦", "事业单位", "啊啊", "都没有", "啊啊", "中级", "啊啊", "啊啊啊"),
    "exceptional": ("破格报副高 男 1988年2月 国企", "2030年6月", "都没有", "没学", "看结果"),
    "waived": ("民营企业的工程师 报中级 女 1990年3月", "都没有", "看结果", "看结果"),
}  # fmt: skip


def talk(*words: str) -> Somebody:
    one = Somebody(TODAY, LIBRARY)
    for each in words:
        one.tap(each[1:-1]) if each.startswith("[") else one.say(each)
        found = real_ones((one.text + " ".join(one.labels)).replace("提前30天", ""))  # of the calendar, no policy
        assert not found, (each, found, one.text)
    return one


@pytest.mark.parametrize("name", TALKS)
def test_nothing_of_the_real_notice_is_said(name: str) -> None:
    talk(*TALKS[name])


def test_typed_and_tapped_come_to_the_same_result() -> None:
    tapped, typed = talk(*TALKS["tapped"]), talk(*TALKS["typed"][:4])
    assert tapped.last is not None
    assert typed.last is not None
    assert tapped.last.assessment is not None
    assert tapped.last.assessment == typed.last.assessment
    assert tapped.last.assessment["status"] == "met"
