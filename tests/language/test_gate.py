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
OPEN = ("没下来", "没批", "被驳回了", "还在申请，没批下来", "没拿到", " 没批", " 还在等", " 还没办手续")


@pytest.mark.parametrize(("fact", "ending"), [*product(GRANTED, OPEN)])
def test_what_was_not_granted_opens_nothing(fact: str, ending: str) -> None:
    assert fact not in read(GRANTED[fact] + ending, DAY).facts


@pytest.mark.parametrize(
    "said",
    [
        "我不是高技能人才", "我没有高技能证书", "高技能人才还没评上", "准备评高技能人才", "以前是高技能人才", "单位有高技能人才", "我爱人是高技能人才",
        "非高技能人才", "如果算高技能人才", "准备评 高技能人才", "打算考高技能人才报副高", "以前 高技能人才", "高技能人才 申请没批",
    ],
)  # fmt: skip
def test_nobody_is_highly_skilled_who_does_not_say_so_of_themselves(said: str) -> None:
    assert not read(said, DAY).facts.get("highly_skilled")


@pytest.mark.parametrize(
    "said", ["我是高技能人才", "我是高技能人才 打算报工程师", "申请评中级 我是高技能人才", "我对象没有 我是高技能人才"]
)
def test_who_says_so_of_themselves_is_whatever_they_apply_for(said: str) -> None:
    assert read(said, DAY).facts["highly_skilled"] is True


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("打算报副高 2021年抗疫一线有书面认定", "epidemic_years"), ("申请副高 2024年5月从旗委转任到旗水利局", "transfer"),
        ("2020年9月聘的中级 申请评副高", "tenure_start"), ("同事报副高 我2020年9月聘的中级", "tenure_start"),
    ],
)  # fmt: skip
def test_what_is_applied_for_leaves_nothing_else_open(said: str, fact: str) -> None:
    assert fact in read(said, DAY).facts


@pytest.mark.parametrize(
    "said", ["三年学满了两年", "近三年学满两年", "三年学满了一年", "三年学满两年，一年没学", "近四年学满了三年"]
)
def test_of_which_years_is_asked_where_only_some_were_full(said: str) -> None:
    found = read(said, DAY)
    assert not [claim for claim in found.claims if claim.kind == "full"]
    assert [doubt.reason for doubt in found.doubts if doubt.fact == "history"]


@pytest.mark.parametrize("said", ["我是镇上的 旗水利局设在镇里的站", "我在镇上，县农牧局的"])
def test_an_office_of_the_banner_in_a_town_is_asked(said: str) -> None:
    assert "grassroots" not in read(said, DAY).facts


def test_an_age_beside_a_lunar_birthday_waits_for_the_day() -> None:
    found = read("女 副高 农历七五年八月十五生 五十了", DAY)
    assert "age" not in found.facts
    assert [doubt.reason for doubt in found.doubts if doubt.fact == "birth"] == ["lunar_date"]


@pytest.mark.parametrize("said", ["够不上破格 正常报副高", "不走破格，报副高", "不符合破格"])
def test_a_way_that_is_not_gone_is_not_gone(said: str) -> None:
    assert read(said, DAY).facts.get("route") != "exceptional"


def test_a_move_out_of_an_office_leaves_the_place_of_today() -> None:
    assert (
        read("高校毕业生在苏木乡镇从事本专业工作；2025-07从党政机关转任到专业技术岗位", DAY).facts["grassroots"] is True
    )
    assert "grassroots" not in read("在苏木卫生院，去年调旗医院", DAY).facts


@pytest.mark.parametrize(
    "said",
    [
        "2024年一级造价工程师", "一级造价工程师，2024年", "24年一级建造师", "执业药师，2024年的", "一级建造师证2024年下来的", "我有注册会计师证，2024年的",
        "注册消防工程师 2024年", "报副高，2024年一级建造师",
    ],
)  # fmt: skip
def test_a_certificate_beside_its_year_is_an_exam_that_is_asked_about(said: str) -> None:
    found = read(said, DAY)
    assert [(doubt.fact, dict(doubt.hint or {})) for doubt in found.doubts] == [("exam_years", {"years": [2024]})]
    assert "exam_years" not in found.facts


@pytest.mark.parametrize(
    "said", ["一级造价工程师2024年没过", "2026年考一级建造师", "报名一级建造师，2024年", "一级建造师还差一门，2024年"]
)
def test_a_certificate_that_is_still_to_come_is_none(said: str) -> None:
    assert read(said, DAY).doubts == ()


@pytest.mark.parametrize(
    ("said", "own", "theirs"),
    [
        ("我48，我老婆46，都报副高", {"age": 48, "title_level": "deputy_senior"}, {"age": 46, "title_level": "deputy_senior", "sex": "female"}),
        ("我女46，同事女48，都是事业单位的", {"age": 46, "sex": "female", "sector": "public_institution"}, {"age": 48, "sex": "female", "sector": "public_institution"}),
        ("我男50，我爱人48，都报中级", {"age": 50, "sex": "male", "title_level": "middle"}, {"age": 48, "title_level": "middle"}),
    ],
)  # fmt: skip
def test_what_is_said_of_all_is_everybodys(said: str, own: dict[str, object], theirs: dict[str, object]) -> None:
    found = read(said, DAY)
    assert found.facts == own
    assert [one.facts for one in found.others] == [theirs]


@pytest.mark.parametrize(
    "said",
    [
        "24年学满了，23没有",
        "25年30/60，24没有，23没有",
        "24、25公需满，23没有",
        "24、25公需满，23没有；专业反过来，23满，24、25没有",
    ],
)
def test_a_year_in_two_digits_without_hours_is_told_and_not_asked(said: str) -> None:
    claims = [claim for claim in read(said, DAY).claims if claim.years == (2023,)]
    assert claims[0].kind == "none"
