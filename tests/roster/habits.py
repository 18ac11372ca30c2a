"""Files as offices write them, out of people whose facts are known: a seed picks the people and one habit of each kind."""

from __future__ import annotations

import html
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

YEARS = (2023, 2024, 2025)
SHORTS = {"general": "公需", "professional": "专业"}
ASKED = {"general": 30, "professional": 60}
Row = list[Any]
Table = list[Row]


@dataclass
class Somebody:
    """A person as they are, whatever a file makes of them."""

    name: str
    id: str
    card: str
    unit: str
    facts: dict[str, Any]
    hours: dict[tuple[int, str], int]
    either: dict[str, tuple[Any, ...]] = field(
        default_factory=dict
    )  # facts that the file leaves open, with what they may be
    hidden: set[tuple[int, str]] = field(default_factory=set)  # hours that the file leaves open
    exams: list[int] = field(default_factory=list)

    @property
    def truths(self) -> list[dict[str, Any]]:
        """The facts with all hours; several where the file leaves a fact open."""
        table = {
            str(year): {name: None if (year, name) in self.hidden else self.hours[year, name] for name in SHORTS}
            for year in YEARS
        }
        cases = [{**self.facts, "history": table} | ({"exam_years": self.exams} if self.exams else {})]
        for key, values in self.either.items():
            cases = [{**case, key: value} for case in cases for value in values]
        return cases


@dataclass
class Layout:
    """A file: its sheets, the areas merged in each, who stands in it, and what must not be read as sure."""

    sheets: dict[str, Table]
    merged: dict[str, list[tuple[int, int, int, int]]] = field(default_factory=dict)
    people: list[Somebody] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # the habits, for a failure's message


class Hand:
    """Dice and the choices made with them."""

    def __init__(self, seed: int) -> None:
        self.dice, self.told = random.Random(seed), list[str]()

    def pick(self, what: str, options: dict[str, Any]) -> Any:
        """One habit of a kind."""
        name = self.dice.choice(list(options))
        self.told.append(f"{what}={name}")
        return options[name]

    def chance(self, share: float) -> bool:
        return self.dice.random() < share


# ---------------------------------------------------------------- people


def _card(dice: random.Random, born: date, sex: str) -> str:
    body = f"{dice.choice(['150102', '150204', '152921', '150402'])}{born:%Y%m%d}{dice.randint(0, 49) * 2 + (sex == 'male'):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def crowd(dice: random.Random, most: int = 9) -> list[Somebody]:
    """People of one file: different names, several units."""
    units = dice.sample(
        ["第一中学", "蒙医医院", "水务局水利队", "巴彦苏木中心小学", "电力公司", "农牧技术推广中心"], dice.randint(1, 3)
    )
    names = dice.sample(
        [f"{a}{b}" for a in "王李张刘陈乌包白" for b in ("伟", "芳", "娜仁", "志强", "其其格", "敏", "建国")],
        dice.randint(3, most),
    )
    names[0] = dice.choice(["巴特尔", "乌日娜", "斯琴高娃", "额尔敦", "欧阳文", names[0]])
    found = []
    for number, name in enumerate(names):
        sex = dice.choice(["male", "female"])
        born = date(dice.randint(1964, 1998), dice.randint(1, 12), dice.randint(1, 28))
        hours = {
            (y, c): dice.choice([0, ASKED[c] // 2, ASKED[c], ASKED[c], ASKED[c], ASKED[c] + 12])
            for y in YEARS
            for c in SHORTS
        }
        level = dice.choice(["junior", "middle", "middle", "deputy_senior", "full_senior"])
        sector = dice.choice(["public_institution"] * 3 + ["state_enterprise", "non_public"])
        facts = {"sex": sex, "birth": born.isoformat(), "title_level": level, "sector": sector}
        found.append(
            Somebody(
                name,
                f"{dice.choice(['', 'A', '0'])}{1001 + number * 7}",
                _card(dice, born, sex),
                dice.choice(units),
                facts,
                hours,
            )
        )
    return found


# ---------------------------------------------------------------- columns of a person

Cell = Callable[[Somebody], Any]
Column = tuple[str, Cell]
_SEX = {"male": "男", "female": "女"}
_LEVEL = {
    "label": {"junior": "初级", "middle": "中级", "deputy_senior": "副高", "full_senior": "正高"},
    "grade": {"junior": "初级职称", "middle": "中级职称", "deputy_senior": "副高级", "full_senior": "正高级"},
    "teacher": {"junior": "二级教师", "middle": "一级教师", "deputy_senior": "高级教师", "full_senior": "正高级教师"},
    "engineer": {
        "junior": "助理工程师",
        "middle": "工程师",
        "deputy_senior": "高级工程师",
        "full_senior": "正高级工程师",
    },
    "doctor": {"junior": "医师", "middle": "主治医师", "deputy_senior": "副主任医师", "full_senior": "主任医师"},
}
_SECTOR = {
    "label": {"public_institution": "事业单位", "state_enterprise": "国有企业", "non_public": "非公有制"},
    "finance": {"public_institution": "全额拨款事业单位", "state_enterprise": "国企", "non_public": "民营企业"},
    "class": {"public_institution": "公益一类", "state_enterprise": "国有控股企业", "non_public": "私营企业"},
}


def _born(person: Somebody) -> date:
    return date.fromisoformat(person.facts["birth"])


def _who(hand: Hand) -> list[Column]:
    name: Column = (
        hand.pick("name", {"plain": "姓名", "spaced": "姓  名", "long": "职工姓名", "broken": "姓\n名"}),
        lambda p: p.name,
    )
    spaced: Column = (name[0], lambda p: p.name if len(p.name) != 2 else f"{p.name[0]}  {p.name[1]}")
    card: Column = hand.pick("card", {
        "plain": ("身份证号", lambda p: p.card), "quoted": ("身份证号码", lambda p: "'" + p.card),
        "spaced": ("公民身份号码", lambda p: f"{p.card[:6]} {p.card[6:14]} {p.card[14:]}"), "small": ("身份证", lambda p: p.card.lower()),
    })  # fmt: skip
    id: Column = hand.pick("id", {"plain": ("工号", lambda p: p.id), "long": ("教职工编号", lambda p: p.id)})
    unit: Column = hand.pick(
        "unit", {"plain": ("单位", lambda p: p.unit), "long": ("工作单位（全称）", lambda p: p.unit)}
    )
    running: Column = ("序号", lambda p: None)
    return hand.pick("who", {
        "all": [running, id, name, card, unit], "name": [running, spaced, unit], "card": [running, name, card, unit], "id": [id, name, unit],
        "card alone": [name, card],
    })  # fmt: skip


def _what(hand: Hand, with_card: bool) -> list[Column]:
    births: dict[str, Column] = {
        "iso month": ("出生年月", lambda p: f"{_born(p):%Y-%m}"), "dotted": ("出生年月", lambda p: f"{_born(p):%Y.%m}"),
        "solid": ("出生年月", lambda p: f"{_born(p):%Y%m}"), "words": ("出生日期", lambda p: f"{_born(p).year}年{_born(p).month}月{_born(p).day}日"),
        "cell": ("出生日期", _born), "serial": ("出生日期", lambda p: (_born(p) - date(1899, 12, 30)).days),
        "slash": ("出生年月日", lambda p: f"{_born(p).year}/{_born(p).month}/{_born(p).day}"),
        "eight": ("出生年月", lambda p: f"{_born(p):%Y%m%d}"), "browser": ("生日", lambda p: f"{datetime.combine(_born(p), datetime.min.time()) - timedelta(seconds=43):%Y-%m-%d %H:%M:%S}"),
        "month words": ("出生年月", lambda p: f"{_born(p).year}年{_born(p).month}月"),
    }  # fmt: skip
    sexes: dict[str, Column] = {
        "plain": ("性别", lambda p: _SEX[p.facts["sex"]]), "numbered": ("性别（1男2女）", lambda p: 1 if p.facts["sex"] == "male" else 2),
        "spaced": ("性 别", lambda p: f"{_SEX[p.facts['sex']]} "),
    }  # fmt: skip
    found = [hand.pick("sex", sexes), hand.pick("birth", births)]
    if with_card and hand.chance(0.5):
        hand.told.append("card tells birth and sex")
        found = []
    level = hand.pick("level", _LEVEL)
    head = hand.pick(
        "level head",
        {"plain": "申报级别", "planned": "拟申报职称", "long": "申报职称级别（初/中/副高/正高）", "title": "拟评职称"},
    )
    found.append((head, lambda p: level[p.facts["title_level"]]))
    sector = hand.pick("sector", _SECTOR)
    head = hand.pick("sector head", {"plain": "单位性质", "own": "所有制性质"})
    found.append((head, lambda p: sector[p.facts["sector"]]))
    return found


def _noise(hand: Hand) -> list[Column]:
    """Columns that say nothing of what is asked."""
    every: dict[str, Column] = {
        "phone": ("联系电话", lambda p: "13947100000"), "remark": ("备注", lambda p: hand.dice.choice(["", "", "在基层锻炼", "博士后", "2024年调入", "二孩产假"])),
        "held": ("现任专业技术职务", lambda p: hand.dice.choice(["助理工程师", "中级", "无"])), "schooling": ("学历", lambda p: "本科"),
        "major": ("所学专业", lambda p: "汉语言文学"), "nation": ("民族", lambda p: hand.dice.choice(["蒙古族", "汉"])), "none": ("", lambda p: None),
        "phd": ("是否博士后", lambda p: "否"), "assessed": ("2024年度考核结果", lambda p: "合格"), "post": ("岗位类别", lambda p: "专业技术岗"),
        "joined": ("参加工作时间", lambda p: "2001.07"), "since": ("来院时间", lambda p: date(2008, 9, 1)),
        "near": ("是否基层", lambda p: _either(p, "grassroots", hand.dice.choice(["是", "否", "√", "基层"]))),
        "town": ("基层一线", lambda p: _fact(p, "grassroots", hand.chance(0.2), ("是", "否"))),
        "area": (hand.dice.choice(["盟市", "所在盟市"]), lambda p: _area(p, hand.dice.choice(["阿拉善盟", "包头市", "呼伦贝尔市", "阿拉善左旗"]))),
        "exam": ("取得职业资格证书年度", lambda p: _exam(p, hand.dice.choice(["", "", "2024", "2023年", "无"]))),
        "asked": ("应完成学时", lambda p: 90), "three": ("近三年累计学时", lambda p: sum(p.hours.values())),
        "earlier": ("2022年公需", lambda p: 30), "average": ("年均学时", lambda p: sum(p.hours.values()) / 3), "rate": ("2025年完成率", lambda p: "50%"),
        "way": ("申报方式", lambda p: "评审"), "first": ("首次取得职称时间", lambda p: "2010-12"), "met": ("三年是否达标", lambda p: "是"),
        "due": ("2025年应学公需", lambda p: 30), "left": ("2025年还差学时", lambda p: 0), "address": ("家庭住址", lambda p: "巴彦淖尔市临河区乡镇路1号"),
    }  # fmt: skip
    names = hand.dice.sample(list(every), hand.dice.randint(0, 3))
    hand.told.append(f"beside={names}")
    return [every[name] for name in names]


def _either(person: Somebody, fact: str, said: str) -> str:
    if said != "否":
        person.either[fact] = (True, False)
    return said


def _fact(person: Somebody, fact: str, value: bool, words: tuple[str, str]) -> str:
    person.facts[fact] = value
    return words[not value]


def _area(person: Somebody, said: str) -> str:
    person.facts["area"] = "neimenggu/alxa" if said.startswith("阿拉善") else "other"
    return said


def _exam(person: Somebody, said: str) -> str:
    person.exams = [int(said[:4])] if said[:1] == "2" else []
    return said


# ---------------------------------------------------------------- hours


MARKS = ("已完成", "√", "达标", "合格")


def _flat(hand: Hand, head: str, cell: Callable[[int, str], Any]) -> list[Column]:
    def column(year: int, name: str) -> Column:
        def told(person: Somebody) -> Any:
            said = cell(person.hours[year, name], name)
            if said in MARKS and "要求" not in head:  # no number, and the header asks for nothing else
                person.hidden.add((year, name))
            return said

        return (head.format(y=year, c=SHORTS[name], yy=year % 100), told)

    return [column(year, name) for year in YEARS for name in SHORTS]


def _with_doubt(hand: Hand) -> list[Column]:
    """Now and then a word that says no number: those hours are not known."""

    def column(year: int, name: str) -> Column:
        def cell(person: Somebody) -> Any:
            if hand.chance(0.85):
                return person.hours[year, name]
            person.hidden.add((year, name))
            return hand.dice.choice(
                [
                    "免",
                    "缺",
                    "见证书",
                    "待审核",
                    "约30",
                    "30/60",
                    "20-30",
                    "#N/A",
                    "不合格",
                    "未完成",
                    "补",
                    "差10",
                    "优秀",
                ]
            )

        return (f"{year}年{SHORTS[name]}", cell)

    return [column(year, name) for year in YEARS for name in SHORTS]


def _hours(hand: Hand) -> list[Column]:
    """Six columns, or three, or nine: whatever tells all hours in one row of header."""
    heads = {
        "short": "{y}{c}",
        "year": "{y}年{c}",
        "long": "{y}年度{c}科目学时",
        "bracket": "{c}（{y}年）",
        "two": "{yy}年{c}课学时",
        "full": "{y}年度{c}科目（≥要求）",
    }
    cells: dict[str, Callable[[int, str], Any]] = {
        "number": lambda h, c: h, "text": lambda h, c: str(h), "unit": lambda h, c: f"{h}学时", "float": lambda h, c: float(h),
        "zero as none": lambda h, c: h or "无", "done": lambda h, c: "已完成" if h == ASKED[c] else h,
        "unlearnt": lambda h, c: h or hand.dice.choice(["未修", "没学", "0", "未学习"]), "where": lambda h, c: f"{h}（线上）" if h else 0,
        "tick": lambda h, c: "√" if h == ASKED[c] else h, "met": lambda h, c: "达标" if h == ASKED[c] else h, "pass": lambda h, c: "合格" if h == ASKED[c] else h,
        "point": lambda h, c: f"{h}.0", "blank": lambda h, c: f" {h} ",
        "wide": lambda h, c: str(h).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    }  # fmt: skip

    def both(head: str, text: str) -> list[Column]:
        def column(year: int) -> Column:
            return (
                head.format(y=year),
                lambda p: text.format(g=p.hours[year, "general"], p=p.hours[year, "professional"]),
            )

        return [column(year) for year in YEARS]

    def with_totals() -> list[Column]:
        found = []
        for year in YEARS:
            found += [(f"{year}年度{SHORTS[name]}", lambda p, at=(year, name): p.hours[at]) for name in SHORTS]
            found.append((f"{year}年度合计", lambda p, y=year: p.hours[y, "general"] + p.hours[y, "professional"]))
        return found

    def less_one() -> list[Column]:
        found: list[Column] = []
        for year in YEARS:
            found.append((f"{year}年总学时", lambda p, y=year: p.hours[y, "general"] + p.hours[y, "professional"]))
            found.append((f"其中：{year}年公需", lambda p, y=year: p.hours[y, "general"]))
        return found

    how = hand.pick("hours", {
        "flat": lambda: _flat(hand, hand.pick("hours head", heads), hand.pick("hours cell", cells)),
        "flat again": lambda: _flat(hand, hand.pick("hours head", heads), hand.pick("hours cell", cells)),
        "slash": lambda: both("{y}年公需/专业学时", "{g}/{p}"), "plus": lambda: both("{y}年学时（公需+专业）", "{g}+{p}"),
        "words": lambda: both("{y}年度继续教育学时", "公需{g}，专业{p}"), "lines": lambda: both("{y}年学时", "公需：{g}学时\n专业：{p}学时"),
        "doubt": lambda: _with_doubt(hand), "doubt again": lambda: _with_doubt(hand), "totals": with_totals, "less one": less_one,
    })  # fmt: skip
    return how()


# ---------------------------------------------------------------- tables


def _rows(people: list[Somebody], columns: list[Column]) -> Table:
    rows = []
    for number, person in enumerate(people, 1):
        rows.append([number if head == "序号" else cell(person) for head, cell in columns])
    return rows


def _around(hand: Hand, layout: Layout, name: str, width: int, unit: str) -> None:
    """Titles above and lines below a table, as people print them."""
    rows = layout.sheets[name]
    above = hand.pick("above", {
        "nothing": [], "title": [["2025年度专业技术人员继续教育学时统计表"]],
        "two": [["职称申报人员花名册"], [f"填报单位（盖章）：{unit}", None, "填报时间：2025年11月20日"]],
        "blank": [["附件3"], [None], ["专业技术人员花名册"]], "contact": [["申报人员名单"], ["填报人：王主任  联系电话：0471-6944094"]],
    })  # fmt: skip
    below = hand.pick("below", {
        "nothing": [], "signed": [["单位负责人：李建国", None, "审核人：张敏", "填表人：王芳"]], "note": [["注：学时以审验卡为准，公需不少于30学时、专业不少于60学时。"]],
        "blank": [[None], ["审核单位（盖章）："], ["2025年11月20日"]], "cells": [["制表人", "李四", None, "审核人", "王五"]], "day": [["报送日期", "2025-11-20"]],
        "leader": [[None, "领导签字"]], "sure": [["以上人员情况属实。"], [None, None, None, "经办人", "王五"]], "share": [["达标人数", None, None, None, 2], ["达标率", None, None, "50%"]], "sum": [["合计", f"共{len(layout.people)}人"]],
        "numbered": [["说明：1.本表一式两份；"], ["2.请于11月底前报送。"]], "average": [["平均", None, None]],
    })  # fmt: skip
    layout.sheets[name] = [*map(list, above), *rows, *map(list, below)]
    if above and hand.chance(0.6):
        layout.merged.setdefault(name, []).append((0, 0, 0, max(width - 1, 1)))
    layout.merged[name] = [area if area[0] == 0 and area[1] == 0 and area[3] == max(width - 1, 1) and above else (area[0] + len(above), area[1], area[2] + len(above), area[3]) for area in layout.merged.get(name, [])]  # fmt: skip


def _one_table(hand: Hand, people: list[Somebody]) -> Layout:
    who = _who(hand)
    columns = [*who, *_what(hand, any("身份" in head for head, _ in who)), *_noise(hand)]
    middle = hand.dice.randint(len(who), len(columns))
    columns = [*columns[:middle], *_hours(hand), *columns[middle:]]
    layout = Layout({"花名册": [[head for head, _ in columns], *_rows(people, columns)]}, people=people)
    if hand.chance(0.2) and len(people) > 4:  # the header again, as a page break leaves it
        hand.told.append("header again")
        layout.sheets["花名册"].insert(4, [head for head, _ in columns])
    if hand.chance(0.2):
        hand.told.append("blank row")
        layout.sheets["花名册"].insert(3, [None] * len(columns))
    under = hand.pick("under the header", {
        "nothing": None, "nothing again": None, "numbers": [*range(1, len(columns) + 1)], "brackets": [f"({n})" for n in range(1, len(columns) + 1)],
        "example": ["示例" if head in ("工号", "姓名", "姓  名", "教职工编号", "职工姓名", "姓\n名") else "例" for head, _ in columns],
    })  # fmt: skip
    if under:
        layout.sheets["花名册"].insert(1, under)
    if hand.chance(0.2):
        hand.told.append("sums on another sheet")
        layout.sheets["各单位汇总"] = [
            ["单位", "人数", "2025年公需学时", "2025年专业学时"],
            *([p.unit, 3, 90, 180] for p in people[:2]),
        ]
    if hand.chance(0.1):
        hand.told.append("a list of choices on another sheet")
        layout.sheets["填表说明"] = [
            ["性别", "单位性质", "申报级别"],
            ["男", "事业单位", "初级"],
            ["女", "国有企业", "中级"],
            [None, "非公有制", "副高"],
        ]
    _around(hand, layout, "花名册", len(columns), people[0].unit)
    return layout


def _two_rows(hand: Hand, people: list[Somebody]) -> Layout:
    """Years merged over their categories; the rest merged downwards, or left empty below."""
    columns = [*_who(hand), *_what(hand, False)]
    top: Row = [head for head, _ in columns]
    low: Row = [None] * len(columns)
    merged = []
    downwards, across = hand.chance(0.7), hand.chance(0.7)
    year_head = hand.pick(
        "year head",
        {"plain": "{y}年", "long": "{y}年度学时完成情况", "bare": "{y}", "credit": "{y}年度继续教育（学时）"},
    )
    low_heads = hand.pick(
        "low heads",
        {
            "short": ["公需", "专业"],
            "long": ["公需科目", "专业科目"],
            "hours": ["公需学时", "专业学时"],
            "sum": ["公需", "专业", "合计"],
        },
    )
    hours: list[Column] = []
    for year in YEARS:
        first = len(top)
        for at, head in enumerate(low_heads):
            top.append(year_head.format(y=year) if at == 0 else None)
            low.append(head)
            cell: Cell = (
                (lambda p, y=year: p.hours[y, "general"] + p.hours[y, "professional"])
                if head == "合计"
                else (lambda p, at=(year, list(SHORTS)[at]): p.hours[at])
            )
            hours.append((head, cell))
        if across:
            merged.append((0, first, 0, len(top) - 1))
    if downwards:
        merged += [(0, at, 1, at) for at in range(len(columns))]
    hand.told.append(f"merged down={downwards} across={across}")
    layout = Layout({"Sheet1": [top, low, *_rows(people, [*columns, *hours])]}, {"Sheet1": merged}, people)
    _around(hand, layout, "Sheet1", len(top), people[0].unit)
    return layout


def _sheet_a_year(hand: Hand, people: list[Somebody]) -> Layout:
    who = _who(hand)
    what = _what(hand, False)
    name = hand.pick("sheet", {"year": "{y}年", "bare": "{y}", "long": "{y}年度学时", "short": "{y}年继续教育统计"})
    heads = hand.pick(
        "heads", {"short": ["公需", "专业"], "long": ["公需科目学时", "专业科目学时"], "course": ["公需课", "专业课"]}
    )
    layout = Layout({}, people=people)
    if apart := hand.chance(0.5):
        hand.told.append("what stands apart")
        layout.sheets["基本情况"] = [[head for head, _ in [*who, *what]], *_rows(people, [*who, *what])]
    for year in hand.dice.sample(YEARS, 3):
        columns = [
            *who,
            *([] if apart else what),
            *((head, lambda p, at=(year, c): p.hours[at]) for head, c in zip(heads, SHORTS, strict=True)),
        ]
        order = hand.dice.sample(people, len(people))
        layout.sheets[name.format(y=year)] = [[head for head, _ in columns], *_rows(order, columns)]
    return layout


def _row_a_year(hand: Hand, people: list[Somebody]) -> Layout:
    who = [column for column in _who(hand) if column[0] != "序号"]
    columns = [*who, *_what(hand, False)]
    year_head = hand.pick("year column", {"plain": "年度", "learning": "学习年度", "credit": "学时年度"})
    word = hand.pick("year cell", {"number": "{y}", "words": "{y}年", "long": "{y}年度"})
    table: Table = [[*(head for head, _ in columns), year_head, "公需学时", "专业学时"]]
    merged = []
    once = hand.pick("name", {"each": False, "merged": True})
    for person in people:
        first = len(table)
        for at, year in enumerate(YEARS):
            cells = [cell(person) if not (once and at) else None for _, cell in columns]
            table.append(
                [*cells, word.format(y=year), person.hours[year, "general"], person.hours[year, "professional"]]
            )
        if once:
            merged += [(first, at, first + 2, at) for at in range(len(columns))]
    layout = Layout({"学时": table}, {"学时": merged}, people)
    _around(hand, layout, "学时", len(table[0]), people[0].unit)
    return layout


def _row_a_course(hand: Hand, people: list[Somebody]) -> Layout:
    who = [column for column in _who(hand) if column[0] != "序号"]
    columns = [*who, *_what(hand, False)]
    when = hand.pick(
        "when",
        {
            "year": ("学时年度", "{y}"),
            "date": ("培训时间", "{y}-06-1{n}"),
            "span": ("培训起止时间", "{y}.6.1-{y}.6.1{n}"),
            "end": ("结业日期", "{y}年6月1{n}日"),
        },
    )
    table: Table = [[*(head for head, _ in columns), "课程名称", "科目类别", when[0], "学时"]]
    for person in people:
        for year in YEARS:
            for name, short in SHORTS.items():
                left, n = person.hours[year, name], 0
                while left or not n:
                    part = min(left, hand.dice.choice([10, 15, 30]))
                    left, n = left - part, n + 1
                    table.append(
                        [
                            *(cell(person) for _, cell in columns),
                            f"{short}课{year}-{n}",
                            f"{short}科目",
                            when[1].format(y=year, n=n),
                            part,
                        ]
                    )
    head, rows = table[0], table[1:]
    if hand.chance(0.5):
        hand.told.append("shuffled")
        hand.dice.shuffle(rows)
    if hand.chance(0.4):
        hand.told.append("a course twice")
        rows.insert(2, list(rows[0]))
    return Layout({"课程": [head, *rows]}, people=people)


def _by_unit(hand: Hand, people: list[Somebody]) -> Layout:
    """The units one below the other, each with its line, its header or its sum."""
    columns = [
        column
        for column in [*_who(hand), *_what(hand, False), *_hours(hand)]
        if "单位" not in column[0] or "性质" in column[0]
    ]
    table: Table = []
    style = hand.pick("blocks", {"lines": "line", "headers": "header", "sums": "sum"})
    if style != "header":
        table.append([head for head, _ in columns])
    for number, unit in enumerate(dict.fromkeys(p.unit for p in people), 1):
        own = [p for p in people if p.unit == unit]
        if style == "header":
            table += [[f"单位：{unit}"], [head for head, _ in columns]]
        else:
            table.append([f"{'一二三四五六'[number - 1]}、{unit}" if hand.chance(0.5) else unit])
        table += _rows(own, columns)
        if style == "sum":
            table.append(["小计", f"{len(own)}人"])
        if style == "header":
            table.append([None])
    return Layout({"汇总": table}, people=people)


def _beside(hand: Hand, people: list[Somebody]) -> Layout:
    columns = [
        column
        for column in [*_who(hand), *_what(hand, False), *_flat(hand, "{y}{c}", lambda h, c: h)]
        if column[0] != "序号"
    ]
    half = -(-len(people) // 2)
    left, right = _rows(people[:half], columns), _rows(people[half:], columns)
    gap = hand.pick("gap", {"none": [], "one": [None]})
    heads = [head for head, _ in columns]
    table: Table = [[*heads, *gap, *heads]]
    table += [[*one, *gap, *(right[at] if at < len(right) else [])] for at, one in enumerate(left)]
    return Layout({"名册": table}, people=people)


def _on_its_side(hand: Hand, people: list[Somebody]) -> Layout:
    columns = [
        column
        for column in [*_who(hand), *_what(hand, False), *_flat(hand, "{y}年{c}", lambda h, c: h)]
        if column[0] not in ("序号", "")
    ]
    return Layout({"对照": [[head, *(cell(p) for p in people)] for head, cell in columns]}, people=people)


def _far_below(hand: Hand, people: list[Somebody]) -> Layout:
    """The table under a long text, as where the notice itself is pasted above."""
    layout = _one_table(hand, people)
    text = [
        [f"{n}. 各单位要高度重视继续教育工作，认真组织学习，按时报送学时。"]
        for n in range(1, hand.dice.choice([40, 90, 160]))
    ]
    layout.sheets["花名册"] = [*text, [None], *layout.sheets["花名册"]]
    layout.merged = {}
    return layout


def _sheet_a_unit(hand: Hand, people: list[Somebody]) -> Layout:
    columns = [
        column
        for column in [*_who(hand), *_what(hand, False), *_hours(hand), *_noise(hand)]
        if "单位" not in column[0] or "性质" in column[0]
    ]
    layout = Layout({}, people=people)
    for unit in dict.fromkeys(p.unit for p in people):
        layout.sheets[unit] = [
            ["继续教育学时登记表"],
            [head for head, _ in columns],
            *_rows([p for p in people if p.unit == unit], columns),
        ]
    return layout


def _one_year(hand: Hand, people: list[Somebody]) -> Layout:
    """A register of one year, which its title alone tells: the other years are not known."""
    columns = [*_who(hand), *_what(hand, False)]
    heads = hand.pick(
        "heads",
        {
            "short": ["公需", "专业"],
            "long": ["公需科目学时", "专业科目学时"],
            "sum": ["公需课学时", "专业课学时", "合计学时"],
        },
    )
    cells = [
        lambda p: p.hours[2025, "general"],
        lambda p: p.hours[2025, "professional"],
        lambda p: p.hours[2025, "general"] + p.hours[2025, "professional"],
    ]
    columns += list(zip(heads, cells, strict=False))
    for person in people:
        person.hidden |= {(year, name) for year in (2023, 2024) for name in SHORTS}
    title = hand.pick(
        "title",
        {
            "learning": "2025年度专业技术人员继续教育学时登记表",
            "bracket": "专业技术人员继续教育情况登记表（2025年度）",
            "training": "2025年继续教育培训统计",
        },
    )
    return Layout(
        {"Sheet1": [[title], [head for head, _ in columns], *_rows(people, columns)]},
        {"Sheet1": [(0, 0, 0, len(columns) - 1)]},
        people,
    )


def _done_or_not(hand: Hand, people: list[Somebody]) -> Layout:
    """A word a year: done, or not, of which nobody knows how much is missing."""
    columns = [*_who(hand), *_what(hand, False)]
    head = hand.pick(
        "head", {"done": "{y}年继续教育是否完成", "met": "{y}年度学时达标情况", "state": "{y}年继续教育完成情况"}
    )
    words = hand.pick(
        "words",
        {
            "yes": ("是", "否"),
            "done": ("已完成", "未完成"),
            "met": ("达标", "未达标"),
            "tick": ("√", "×"),
            "pass": ("合格", "不合格"),
        },
    )

    def column(year: int) -> Column:
        def cell(person: Somebody) -> str:
            done = all(person.hours[year, name] >= ASKED[name] for name in SHORTS)
            if not done:
                person.hidden |= {(year, name) for name in SHORTS}
            return words[not done]

        return (head.format(y=year), cell)

    columns += [column(year) for year in YEARS]
    return Layout({"Sheet1": [[head for head, _ in columns], *_rows(people, columns)]}, people=people)


def _namesakes(hand: Hand, people: list[Somebody]) -> Layout:
    """Two of one name, told apart by number or unit, over two sheets."""
    first, second = people[:2]
    second.name, first.unit, second.unit = first.name, "第一中学", "蒙医医院"
    who = hand.pick(
        "who",
        {
            "id": [("工号", lambda p: p.id), ("姓名", lambda p: p.name), ("单位", lambda p: p.unit)],
            "unit": [("姓名", lambda p: p.name), ("单位", lambda p: p.unit)],
        },
    )
    what, hours = _what(hand, False), _flat(hand, "{y}{c}", lambda h, c: h)
    return Layout(
        {
            "基本情况": [[head for head, _ in [*who, *what]], *_rows(people, [*who, *what])],
            "学时": [[head for head, _ in [*who, *hours]], *_rows(people[::-1], [*who, *hours])],
        },
        people=people,
    )


def _platform(hand: Hand, people: list[Somebody]) -> Layout:
    """What a platform exports: a row a course with its state; what is not passed does not count."""
    columns = [
        ("姓名", lambda p: p.name),
        ("身份证号", lambda p: "\t" + p.card),
        ("工作单位", lambda p: p.unit),
        *_what(hand, False)[-2:],
    ]
    state = hand.pick(
        "state",
        {
            "passed": ("考核结果", "合格", "不合格"),
            "learnt": ("学习状态", "已学完", "学习中"),
            "verified": ("审核状态", "审核通过", "待审核"),
            "rate": ("学习进度", "100%", "35%"),
        },
    )
    rows = []
    for person in people:
        for year in YEARS:
            for name, short in SHORTS.items():
                base = [cell(person) for _, cell in columns]
                rows.append(
                    [
                        *base,
                        f"{short}科目",
                        f"{year}年{short}课程",
                        person.hours[year, name],
                        f"{year}-05-0{hand.dice.randint(1, 9)} 10:22:31",
                        state[1],
                    ]
                )
                if hand.chance(0.3):
                    rows.append(
                        [*base, f"{short}科目", f"{year}年{short}课程乙", 20, f"{year}-08-11 09:00:00", state[2]]
                    )
    return Layout(
        {"导出": [[*(head for head, _ in columns), "课程类型", "课程名称", "学时", "完成时间", state[0]], *rows]},
        people=people,
    )


_LAYOUTS: dict[str, Callable[[Hand, list[Somebody]], Layout]] = {
    "one table": _one_table, "one table again": _one_table, "two rows": _two_rows, "a sheet a year": _sheet_a_year, "a row a year": _row_a_year,
    "a row a course": _row_a_course, "units below each other": _by_unit, "side by side": _beside, "on its side": _on_its_side, "far below": _far_below,
    "a sheet a unit": _sheet_a_unit, "one year": _one_year, "done or not": _done_or_not, "namesakes": _namesakes, "platform": _platform,
}  # fmt: skip


# ---------------------------------------------------------------- files


def _xlsxwriter(path: Path, layout: Layout) -> Path:
    with xlsxwriter.Workbook(path.with_suffix(".xlsx"), {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in layout.sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
            for area in layout.merged.get(name, ()):
                top, left, *_ = area
                if area[:2] != area[2:]:
                    cell = rows[top][left] if left < len(rows[top]) else None
                    sheet.merge_range(*area, "" if cell is None else cell)
    return path.with_suffix(".xlsx")


def _openpyxl(path: Path, layout: Layout) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in layout.sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
        for top, left, bottom, right in layout.merged.get(name, ()):
            sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    book.save(path.with_suffix(".xlsx"))
    return path.with_suffix(".xlsx")


def _text(cell: Any) -> str:
    return (
        ""
        if cell is None
        else cell.isoformat()
        if isinstance(cell, date)
        else f"{cell:g}"
        if isinstance(cell, float)
        else str(cell)
    )


def _csv(encoding: str, mark: str) -> Callable[[Path, Layout], Path]:
    def write(path: Path, layout: Layout) -> Path:
        rows = [row for rows in layout.sheets.values() for row in [*rows, []]]
        lines = [
            mark.join(
                '"' + _text(cell).replace('"', '""') + '"' if {mark, "\n", '"'} & {*_text(cell)} else _text(cell)
                for cell in row
            )
            for row in rows
        ]
        path.with_suffix(".csv").write_bytes("\r\n".join(lines).encode(encoding))
        return path.with_suffix(".csv")

    return write


def _as_html(path: Path, layout: Layout) -> Path:
    parts = [
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="utf-8"><style>td{mso-number-format:"\\@"}</style></head><body>'
    ]
    for name, rows in layout.sheets.items():
        covered = {
            (row, at)
            for top, left, bottom, right in layout.merged.get(name, ())
            for row in range(top, bottom + 1)
            for at in range(left, right + 1)
        }
        spans = {
            (top, left): (bottom - top + 1, right - left + 1)
            for top, left, bottom, right in layout.merged.get(name, ())
        }
        parts.append("<table border=1>")
        for at, row in enumerate(rows):
            cells = []
            for column, cell in enumerate(row):
                if (at, column) in spans:
                    down, across = spans[at, column]
                    cells.append(f"<td rowspan={down} colspan={across}>{html.escape(_text(cell))}</td>")
                elif (at, column) not in covered:
                    cells.append(f"<td>{html.escape(_text(cell))}".replace("\n", "<br>") + "</td>")
            parts.append(f"<tr>{''.join(cells)}</tr>")
        parts.append("</table>")
    path.with_suffix(".xls").write_text("".join(parts) + "</body></html>", "utf-8")
    return path.with_suffix(".xls")


def _as_xml(path: Path, layout: Layout) -> Path:
    parts = [
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    ]
    for name, rows in layout.sheets.items():
        spans = {(top, left): (bottom - top, right - left) for top, left, bottom, right in layout.merged.get(name, ())}
        covered = {
            (row, at)
            for top, left, bottom, right in layout.merged.get(name, ())
            for row in range(top, bottom + 1)
            for at in range(left, right + 1)
        }
        parts.append(f'<Worksheet ss:Name="{html.escape(name)}"><Table>')
        for at, row in enumerate(rows):
            cells = []
            for column, cell in enumerate(row):
                if cell is None or ((at, column) in covered and (at, column) not in spans):
                    continue
                down, across = spans.get((at, column), (0, 0))
                kind = (
                    "Number" if isinstance(cell, (int, float)) else "DateTime" if isinstance(cell, date) else "String"
                )
                text = f"{cell.isoformat()}T00:00:00.000" if kind == "DateTime" else html.escape(_text(cell))
                merge = f' ss:MergeDown="{down}" ss:MergeAcross="{across}"' if down or across else ""
                cells.append(f'<Cell ss:Index="{column + 1}"{merge}><Data ss:Type="{kind}">{text}</Data></Cell>')
            parts.append(f'<Row ss:Index="{at + 1}">{"".join(cells)}</Row>')
        parts.append("</Table></Worksheet>")
    path.with_suffix(".xls").write_text("".join(parts) + "</Workbook>", "utf-8")
    return path.with_suffix(".xls")


_FORMS: dict[str, Callable[[Path, Layout], Path]] = {
    "xlsxwriter": _xlsxwriter, "openpyxl": _openpyxl, "gbk": _csv("gb18030", ","), "utf8": _csv("utf-8-sig", ","), "tabs": _csv("utf-16", "\t"),
    "html": _as_html, "xml": _as_xml,
}  # fmt: skip


def make(seed: int, path: Path) -> tuple[Path, Layout]:
    """The file of a seed, and what stands in it."""
    hand = Hand(seed)
    people = crowd(hand.dice)
    layout: Layout = hand.pick("layout", _LAYOUTS)(hand, people)
    forms = (
        _FORMS
        if len(layout.sheets) == 1
        else {name: form for name, form in _FORMS.items() if name in ("xlsxwriter", "openpyxl", "xml")}
    )
    form = hand.pick("form", forms)
    layout.told = hand.told
    return form(path / f"{seed}", layout), layout
