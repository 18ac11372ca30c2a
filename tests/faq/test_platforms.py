"""The right number for the right platform, and never one number for a name that fits several."""

from __future__ import annotations

import re
from datetime import date

import pytest

import rules
from bot.answering import Answers
from rules import Contact

PACKS = rules.load()
PACK = PACKS.by_id("neimenggu/2025")
ANSWERS = Answers(PACKS).of(PACK)
TODAY = date(2025, 9, 1)
NUMBERS = {place.id: {re.sub(r"\D", "", phone) for phone in place.phones} for place in PACK.platforms}
ASKING = ("{}电话", "{} 登不上去", "{}打不开了找谁", "我用的{} 客服多少", "{}", "请问{}怎么联系？", "{}课看不了 咋整")
NAMES = {
    "wlxy": ("干部网络学院", "内蒙古干部网络学院", "事业单位分院", "内蒙古人社优培", "wlxy.nmgdj.gov.cn",
             "https://wlxy.nmgdj.gov.cn", "nmgdjj.gov.cn"),
    "chinahrt-com": (
        "nmg.chinahrt.com", "NMG.CHINAHRT.COM", "chinahrt.com", "chianhrt.com", "nmg.chinahrt.con", "chinahrt点com", "chinahrt。com",
        "融学APP", "融学", "容学app",
        "继续教育在线学习网", "内蒙古自治区专业技术人员继续教育在线学习网", "https://nmg.chinahrt.com/index",
    ),
    "nmgrcpx": ("内蒙古人才培训网", "人才培训网", "云知识教育", "云知识教育小程序", "zj.nmgrcpx.com", "nmgrcpx", "人材培训网"),
    "chinahrt-cn": ("nmg.chinahrt.cn", "chinahrt.cn", "内蒙古人事人才服务网", "和协天下", "和谐天下小程序", "ｃｈｉｎａｈｒｔ．ｃｎ"),
    "wldsj": ("nmg.wldsj.cn", "wldsj", "内蒙古专业技术人员继续教育培训平台", "WLDSJ那个网"),
    "xmex": ("兴蒙E学", "兴蒙e学专业技术人员继续教育网", "xmex.nmgmsz.com", "nmgmsz", "星蒙E学"),
    "zgrsw": ("nmg.zgrsw.cn", "zgrsw", "nmg点zgrsw点cn"),
}  # fmt: skip
AMBIGUOUS = (
    "chinahrt", "继续教育平台", "继续教育网", "学习平台", "专业技术人员继续教育平台", "内蒙古专业技术人员继续教育平台", "继续教育培训平台",
    "培训平台", "网站", "学习网", "内蒙古继续教育网", "人才网", "学习的那个平台", "在线学习网站",
)  # fmt: skip


def shown(text: str) -> set[str]:
    """The platforms whose numbers are in the answer."""
    answer = ANSWERS.ask(text, facts={}, today=TODAY)
    if answer is None:
        return set()
    digits = re.sub(r"(?<=\d)[-()（）]+(?=\d)", "", answer.text + " ".join(link.url for link in answer.links))
    return {id for id, numbers in NUMBERS.items() if any(number in digits for number in numbers)}


@pytest.mark.parametrize(("id", "name"), [(id, name) for id, names in NAMES.items() for name in names])
def test_a_platform_named_is_given_its_own_number_and_no_other(id: str, name: str):
    for asking in ASKING:
        text = asking.format(name)
        assert shown(text) == {id}, text


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_name_that_fits_several_never_gets_one_number(name: str):
    for asking in ASKING:
        assert len(shown(asking.format(name))) != 1, asking.format(name)


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_who_names_no_platform_is_asked_for_the_address(name: str):
    answer = ANSWERS.ask(f"{name}的客服电话", facts={}, today=TODAY)
    assert answer is not None
    assert "网址" in answer.text


@pytest.mark.parametrize("place", PACK.platforms, ids=lambda place: place.id)
def test_all_numbers_of_a_platform_can_be_called_from_its_answer(place: Contact):
    answer = ANSWERS.topic(f"platform-{place.id}", facts={}, today=TODAY)
    assert {link.url for link in answer.links if link.url.startswith("tel:")} == {f"tel:{n}" for n in NUMBERS[place.id]}
    assert all(phone in answer.text for phone in place.phones)
    assert place.clause in answer.clauses


@pytest.mark.parametrize("place", PACK.platforms, ids=lambda place: place.id)
def test_who_asks_whose_number_it_is_is_told_the_platform(place: Contact):
    for phone in place.phones:
        assert shown(f"{phone}是哪个平台的电话") == {place.id}
        assert shown(f"{phone.removeprefix('(0471)')}打不通") == {place.id}


def test_two_addresses_in_one_question_get_both_numbers():
    assert shown("chinahrt.com和chinahrt.cn电话分别是多少") == {"chinahrt-com", "chinahrt-cn"}


def test_the_database_of_talents_is_no_learning_platform():
    assert not shown("www.nmgrck.cn登不上去")
    assert not shown("人才信息库电话")


def test_an_address_that_is_not_listed_gets_no_number_of_a_listed_platform():
    answer = ANSWERS.ask("www.example.com学的课算学时吗", facts={}, today=TODAY)
    assert answer is not None
    assert answer.topic == "unlisted-platform"
    money = ANSWERS.ask("人家给我一个网址 www.example.com 让先付款", facts={}, today=TODAY)
    assert money is not None
    assert "www.example.com 不在通知列出的平台里" in money.text


@pytest.mark.parametrize(
    "text",
    [
        "金融学专业的课算公需吗",
        "溶血性疾病的培训算专业吗",
        "优培训机构的课算不算",
        "国家专业技术人员继续教育平台学的认吗",
    ],
)
def test_an_ordinary_word_that_holds_a_short_name_names_no_platform(text: str):
    assert len(shown(text)) != 1


@pytest.mark.parametrize(
    "text", ["去年在融学学了公需30", "我在人才培训网学了60个专业", "兴蒙E学上学完了 公需30", "chinahrt.com学的 专业45"]
)
def test_hours_earned_on_a_platform_are_a_fact_and_no_question(text: str):
    assert ANSWERS.topic_of(text) is None


def test_a_question_about_money_on_a_platform_gets_both_the_rule_and_the_number():
    answer = ANSWERS.ask("融学收费多少钱", facts={}, today=TODAY)
    assert answer is not None
    assert answer.topic == "fees"
    assert shown("融学收费多少钱") == {"chinahrt-com"}
