"""People of many kinds, by seed, who answer honestly whatever is asked, and say things near a relief on the way."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.interview.somebody import Somebody

REMARKS: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("remarks.toml").read_text("utf-8"))
LABELS = {
    "male": "男", "female": "女", "junior": "初级", "middle": "中级", "deputy_senior": "副高", "full_senior": "正高",
    "public_institution": "事业单位", "state_enterprise": "国有企业", "general": "公需", "professional": "专业",
}  # fmt: skip
NEEDED = {"general": 30, "professional": 60}
YEARS = (2023, 2024, 2025)
_NEVER = ("transfer", "postdoc", "epidemic_years", "exam_years", "tenure_start")
_LIMITED = [
    "三年都学满了，除了{y}年{c}", "除了{y}年的{c}，三年都够了", "{c}{y}年没学满，别的都满了", "三年都满，{y}年{c}没核定", "近三年都完成了，就是{y}年{c}没审核", "每年都学满了，{y}年{c}差一点", "都满了，{y}年{c}好像没满",
    "三年差不多都满了", "应该都学满了吧", "三年都报了名", "三年都学了一些", "三年都要学满", "单位说都够了", "{y}年以外都满了", "三年都够，{y}年不算", "都学满了？{y}年{c}不知道", "{y}年{c}不够{n}，其他年份都满", "三年都没学满",
    "前两年都学满了", "近两年学满了", "2021、2022两年都学满了", "2022到2024都学满了", "2022、2023、2024三年都学满了", "三年公需都学满了", "三年专业都满了", "同事三年都学满了", "每年90", "三年一共270", "都学完了，{y}年{c}没考试", "三年都学完了但{y}年没到账",
    "学满了，{y}年忘了", "三年都满了，{y}年{c}记不清", "有一年没学，其他都满", "疫情那年没学，其他都学满了", "今年年底前能都学满", "只要再学一点就都满了", "三年都学满了才能报吗", "打算三年都学满", "如果三年都学满了呢", "{y}年{c}退回来了，其余都满", "三年都满了，{y}年{c}扣了十个",
    "三年都学满了，不过{y}年{c}没通过", "三年都学够了 {y}年{c}没录上", "除{y}年外三年都满", "公需专业都满了，{y}年例外", "三年没学满", "三年都学满了是假的", "没有三年都学满", "三年都满了就是没打卡", "都快满了", "三年都参加了", "三年里有两年满", "除今年都满", "都在审核", "单位要求三年都学满", "三年都会学满的", "三年都能学满", "三年必须学满", "三年都得学满", "三年肯定会学满", "保证三年都学满", "不是三年都学满了", "三年哪能都学满",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Honest:
    """What is true of somebody, and the odd thing that they say: (where, words)."""

    facts: dict[str, Any]
    remark: tuple[str, str]
    first: bool  # the remark comes with the first message


def somebody(kind: str, seed: int) -> Honest:
    """The same person for the same kind and seed: somebody to whom no relief applies, and whose hours are short."""
    rng = random.Random(f"{kind}/{seed}")
    hours: dict[str, dict[str, float]] = {str(y): dict(NEEDED) for y in YEARS}
    year, category = str(rng.choice(YEARS)), rng.choice(list(NEEDED))
    hours[year][category] = rng.choice([0, 10, NEEDED[category] - 5])
    if kind == "history":
        words = rng.choice(_LIMITED)
        hours |= {y: dict.fromkeys(NEEDED, 0) for y in hours if "{" not in words}
        words = words.format(y=year, c=LABELS[category], n=NEEDED[category])
    else:
        words = _filled(rng, rng.choice(REMARKS[kind]))
    facts = {
        "sex": rng.choice(["male", "female"]), "birth": "1971-12" if kind == "birth" else rng.choice(["1984-03", "1988-11"]),
        "title_level": rng.choice(["middle", "deputy_senior", "full_senior"]),
        "sector": rng.choice(["public_institution", "state_enterprise"]), "history": hours,
    }  # fmt: skip
    if kind == "birth":
        facts |= {"sex": "male"}
        # born in December 1971, he is 53: no full waiver, but one year done is enough
        facts["history"] = {y: dict(row, professional=20) for y, row in hours.items()}
    return Honest(facts, (kind, words), rng.random() < 0.3)


def _filled(rng: random.Random, frame: str) -> str:
    said = {"p": rng.choice(REMARKS["private"]), "t": rng.choice(REMARKS["town"]), "k": rng.choice(REMARKS["kin"])}
    return frame.format(**said, n=rng.choice(["55", "五十五"]), m="50", b=rng.choice(["70", "1970"]), z="狗")


def told(person: Honest, *, without: str = "") -> str:
    """The plain facts in one message, but for what the remark stands for."""
    facts = person.facts
    named = [name for name in ("sex", "title_level", "sector") if name != without]
    out = [("报" if name == "title_level" else "") + LABELS[facts[name]] for name in named]
    year, month = facts["birth"].split("-")
    return "，".join(out + ([] if without == "birth" else [f"{year}年{int(month)}月生"]))


def answer(person: Honest, asked: str) -> str:
    """What is true, in plain words."""
    root, _, rest = asked.partition(".")
    if root in ("sex", "title_level", "sector"):
        return LABELS[person.facts[root]]
    if root == "birth":
        year, month = person.facts["birth"].split("-")
        return f"{year}年{int(month)}月"
    if root == "birth_day":
        return "15号"
    if root == "circumstances":
        return "都没有"
    if root in _NEVER:
        return "没有"
    if root == "history":
        year, _, category = rest.partition(".")
        rows = [year] if year else [str(y) for y in YEARS]
        names = [category] if category else list(NEEDED)
        return "；".join(
            f"{y}年" + "".join(f"{LABELS[c]}{person.facts['history'][y][c]:g}" for c in names) for y in rows
        )
    return "不是"


def true_of(person: Honest, offered: Mapping[str, Any]) -> bool:
    """Whether every value of an offer is what the person knows to be true."""
    for path, value in offered.items():
        root, *parts = path.split(".")
        known: Any = person.facts.get(root)
        for part in parts:
            known = (known or {}).get(part)
        if known != value:
            return False
    return True


def talk(person: Honest, one: Somebody, most: int = 25) -> str:
    """The status that the talk ends with, the remark made where it comes up; the state where it does not end."""
    where, remark = person.remark
    made = person.first
    one.say(f"{told(person, without=where)}，{remark}" if made else told(person, without=where))
    for _ in range(most):
        if one.state == "result":
            assert one.last is not None
            assert one.last.assessment is not None
            return str(one.last.assessment["status"])
        assert one.session is not None
        if one.session.current == "other":
            one.say("回到我自己的")
        elif one.labels[:2] == ["改", "不改"]:
            assert one.session.offer is not None
            one.tap("改" if true_of(person, one.session.offer.entry.set) else "不改")
        elif one.asked.partition(".")[0] == where and not made:
            made = True
            one.say(remark)
        elif one.asked:
            words = answer(person, one.asked)
            one.tap(words) if words in one.labels else one.say(words)
        elif "先不" in one.labels:
            one.tap("先不")
        else:
            one.say("看结果")
    return one.state
