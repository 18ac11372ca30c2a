"""Messages put together by machine from facts said in many forms, in any order, with any separator; seeded."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from tests.language.sentences import Sentence

_DIGITS = "零一二三四五六七八九"
_LEVELS = {
    "junior": "初级 助理工程师 二级教师 助理馆员 助教 助理经济师",
    "middle": "中级 工程师 主治医师 一级教师 讲师 经济师 馆员 农艺师 主管护师",
    "deputy_senior": "副高 高级工程师 副主任医师 副教授 高级教师 高级经济师 副研究馆员 高工",
    "full_senior": "正高 正高级工程师 主任医师 教授 正高级教师 研究馆员",
}
_SECTORS = {
    "public_institution": "事业单位 公立医院 公办学校 事业编 公办中学",
    "state_enterprise": "国企 国有企业 央企",
    "non_public": "私企 民营企业 个体诊所 民办学校 私立医院",
    "government": "机关公务员 党政机关",
}
_YEARS = {
    2025: "今年 2025年 25年 二五年 二〇二五年 本年度",
    2024: "去年 2024年 24年 二四年 上年",
    2023: "前年 2023年 23年 二三年",
    2022: "大前年 2022年 22年 二二年",
}
_FULL = {"general": 30, "professional": 60}
_NAMES = {"general": "公需", "professional": "专业"}
Said = tuple[str, dict[str, Any]]


def chinese(value: float) -> str:
    """58.5 → 五十八点五."""
    whole = int(value)
    tens, ones = divmod(whole, 10)
    text = (
        ("" if tens in (0, 1) else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")
    )
    return text if whole == value else f"{text}点{_DIGITS[round(value * 10) % 10]}"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says facts in a form drawn by `rng`."""

    rng: random.Random

    def _number(self, value: float) -> str:
        return self.rng.choice([f"{value:g}", f"{value:g}", chinese(value)])

    def sex(self) -> Said:
        word, value = self.rng.choice([("男", "male"), ("女", "female")])
        forms = ["{}", "{}的", "我是{}的", "性别{}", "俺{}的", "{}同志", "我{}"]
        return self.rng.choice(forms).format(word), {"sex": value}

    def age(self) -> Said:
        years = self.rng.randint(24, 59)
        forms = ["{}岁", "今年{}岁", "{}周岁", "年龄{}", "我今年{}了", "今年{}周岁了", "我{}岁"]
        return self.rng.choice(forms).format(self._number(years)), {"age": years}

    def level(self) -> Said:
        levels = list(_LEVELS)
        level = self.rng.choice(levels)
        title = self.rng.choice(_LEVELS[level].split())
        if level != "junior" and self.rng.random() < 0.25:
            held = self.rng.choice(_LEVELS[levels[levels.index(level) - 1]].split())
            forms = ["{}报{}", "现在是{}，想报{}", "{}升{}", "我是{}，准备报{}", "现任{}，申报{}"]
            return self.rng.choice(forms).format(held, title), {"title_level": level}
        forms = ["报{}", "申报{}", "想评{}", "今年报{}", "准备评{}", "打算申报{}", "我要报{}", "评{}", "要评{}职称"]
        return self.rng.choice(forms).format(title), {"title_level": level}

    def sector(self) -> Said:
        sector = self.rng.choice(list(_SECTORS))
        forms = ["{}", "{}的", "我在{}", "在{}上班", "单位是{}", "{}上班", "{}工作"]
        return self.rng.choice(forms).format(self.rng.choice(_SECTORS[sector].split())), {"sector": sector}

    def aside(self) -> Said:
        return self.rng.choice([
            ("破格", {"route": "exceptional"}), ("在苏木卫生院", {"grassroots": True}), ("嘎查工作", {"grassroots": True}),
            ("工龄20年", {}), ("还差多少学时", {}), ("谢谢老师", {}), ("教龄15年了", {}), ("我们单位200人", {}),
        ])  # fmt: skip

    def history(self) -> Said:
        years = self.rng.sample(sorted(_YEARS), self.rng.randint(1, 3))
        parts, told = [], {}
        for year in years:
            words, row = self._row()
            parts.append(self.rng.choice(_YEARS[year].split()) + words)
            told.update({f"history.{year}.{category}": hours for category, hours in row.items()})
        return self.rng.choice(["，", "；", " ", "。", "\n"]).join(parts), told

    def _row(self) -> tuple[str, dict[str, float | None]]:
        general = self.rng.choice([30, 30, 0, 12, 25, 28, 18, 29.5, 35])
        professional = self.rng.choice([60, 60, 0, 12, 45, 52, 20, 58.5, 70, 90])
        row: dict[str, float | None] = {"general": general, "professional": professional}
        roll = self.rng.random()
        if roll < 0.08:
            return self.rng.choice(["没学", "一个没学", "啥也没学"]), {"general": 0, "professional": 0}
        if roll < 0.16:
            return self.rng.choice(["学满了", "都学完了", "够了", "达标了"]), dict(_FULL)
        if roll < 0.22:
            return self.rng.choice(["忘了", "记不清了"]), {"general": None, "professional": None}
        if roll < 0.32 and general <= 30 and professional > general:
            return self.rng.choice(["", "：", " "]) + f"{general:g}/{professional:g}", row
        if roll < 0.4:
            return f"{self._number(general)}个公需{self._number(professional)}个专业", row
        order = list(row)
        if self.rng.random() < 0.2:
            order.reverse()
        cells = [self._cell(category, float(row[category] or 0), last=category == order[-1]) for category in order]
        return self.rng.choice(["", " ", "，"]) + self.rng.choice(["", " ", "，", "、"]).join(cells), row

    def _cell(self, category: str, hours: float, *, last: bool) -> str:
        name, full = _NAMES[category], _FULL[category]
        if hours == 0 and self.rng.random() < 0.7:
            return name + self.rng.choice(["没学", "一个没学", "还没学"])
        if hours == full and self.rng.random() < 0.25:
            return name + self.rng.choice(["满了", "学完了", "够了", "完成了"])
        if hours < full and last and self.rng.random() < 0.3:  # 公需差5专业20 would be two ways to read
            owed = self.rng.choice(["差", "还差", "还缺", "还欠"]) + self._number(full - hours)
            return name + owed + self.rng.choice(["", "个", "学时"])
        link = self.rng.choice(["", "", "课", "科目", "学了", "才学了", "："])
        return name + link + self._number(hours) + self.rng.choice(["", "", "个", "学时", "个学时", "课时"])


def composed(seed: int, count: int) -> list[Sentence]:
    """`count` messages, the same for the same seed."""
    out = []
    for n in range(count):
        speaker = Speaker(random.Random(f"{seed}/{n}"))
        parts = [speaker.sex(), speaker.age(), speaker.level(), speaker.sector(), speaker.history()]
        if speaker.rng.random() < 0.4:
            parts.append(speaker.aside())
        parts = speaker.rng.sample(parts, speaker.rng.randint(2, len(parts)))
        told: dict[str, Any] = {}
        for _, more in parts:
            told.update(more)
        text = speaker.rng.choice(["，", "，", " ", "。", "；", "\n", "、"]).join(words for words, _ in parts)
        out.append(Sentence(text, told, topic="composed"))
    return out
