"""How people answer each question: by a button, in plain words, in part, or not at all."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.interview.somebody import Somebody

# For 1 September 2025: ages in the open, and months in which a threshold is reached.
ANSWERS: dict[str, tuple[str, ...]] = {
    "sector": ("事业单位", "国有企业", "非公有制", "党政机关", "我在公立医院", "记不清"),
    "circumstances": ("都没有", "都没有", "在苏木乡镇或嘎查村工作", "破格申报", "申请考核认定", "出站博士后",
        "从党政机关转到技术岗", "有疫情防控书面认定"),
    "birth": ("1990年6月", "1978年3月", "1973年5月", "1968年1月", "1980年9月", "1975年9月", "1970年9月", "46岁", 
        "1975年9月1日", "记不清"),
    "birth_day": ("1号", "2号", "28号", "记不清"),
    "sex": ("男", "女", "我是女的", "记不清"),
    "title_level": ("初级", "中级", "副高", "正高", "报中级", "记不清"),
    "tenure_start": ("2025年3月", "2024年3月", "2023年6月", "2019年1月", "记不清"),
    "grassroots_graduate": ("是", "不是", "记不清"),
    "recognition_years": ("1年", "2年", "3年", "10年", "记不清"),
    "transfer": ("2025年2月", "2024年6月", "2023年1月", "2019年5月", "没有", "记不清"),
    "postdoc": ("拿过基金，已出站留区", "主持过项目，已出站留区", "基金、项目都没有", "还没出站",
        "出站后去了区外", "在站拿过博士后基金，已经出站，留在内蒙古", "记不清"),
    "epidemic_years": ("2023年", "2022年", "没有书面认定", "2022年、2023年", "记不清"),
    "history": ("都学满了", "都没学", "记不清", "2025年公需30专业41", "2024年公需20专业60",
        "2023年公需30专业60，2024年没学，2025年公需30专业60.5"),
    "history.year": ("都学满了", "都没学", "记不清", "公需30，专业12"),
    "history.category": ("12", "30学时", "记不清", "没学"),
}  # fmt: skip
PARTLY = {
    "birth": ("1980年", "1975年"),
    "history": ("2025年公需30", "2024年专业60"),
    "history.year": ("公需20", "专业60"),
}


def answers_to(asked: str, partly: bool = False) -> tuple[str, ...]:
    """Everything somebody may answer to a pending question."""
    kind = asked
    if asked.startswith("history."):
        kind = "history.year" if asked.count(".") == 1 else "history.category"
    return ANSWERS[kind] + (PARTLY.get(kind, ()) if partly else ())


def answer(one: Somebody, words: str) -> None:
    """Answer by the button of that name where there is one, else in words."""
    if words in one.labels:
        one.tap(words)
    else:
        one.say(words)


def walk(one: Somebody, data: st.DataObject, partly: bool = False, most: int = 30) -> list[tuple[str, str]]:
    """Answer whatever is asked until nothing is; what was asked and answered."""
    taken: list[tuple[str, str]] = []
    while one.asked:
        assert len(taken) < most, f"it does not end: {taken}"
        words = data.draw(
            st.sampled_from([each for each in answers_to(one.asked, partly) if offered(one, each)]), one.asked
        )
        taken.append((one.asked, words))
        answer(one, words)
    return taken


def offered(one: Somebody, words: str) -> bool:
    """A circumstance that was told is not offered again."""
    return not one.asked.startswith("circumstances") or words in one.labels
