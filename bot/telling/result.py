"""The result in words: an assessment turned into a verdict, bars, reasons and what to do; the same for every channel and for HR."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.telling.facts_in_words import CATEGORY_NAMES, number_words, short_words
from bot.wording import wording
from rules import PolicyPack

BAR_CELLS = 10


def gap_words(assessment: Mapping[str, Any]) -> str:
    """The gap in a few signs: 0, 20, 12-72, 不限制, 未定."""
    status = assessment["status"]
    if status == "uncertain":
        bounds = assessment["bounds"]
        return f"{number_words(bounds['at_least'])}-{number_words(bounds['at_most'])}"
    if status in ("met", "short"):
        return number_words(assessment["short_total"])
    return {"waived": "不限制", "not_covered": "通知未规定"}.get(status, "未定")


def verdict(assessment: Mapping[str, Any], pack: PolicyPack, annual: bool = False, year: int | None = None) -> str:
    """The one large line; `year` is the one that forgotten hours hang on most."""
    status = assessment["status"]
    head = f"{pack.review_year}年度考核、聘任：" if annual else ""
    if status == "met":
        return f"{head}学时够了，按您填的符合{pack.review_year}年度{'要求' if annual else '申报要求'}"
    if status == "waived":
        return f"学时不限制您{pack.review_year}年度的评审"
    if status == "short":
        return f"{head}还差 {gap_words(assessment)} 学时（{short_words(assessment['short'])}）"
    if status == "uncertain":
        return f"{head}还差 {gap_words(assessment)} 学时，取决于{f'{year}年' if year else '记不清的学时'}"
    if status == "not_covered":
        return "这种情况，通知未规定学时要求"
    if status == "refused":
        return "填的内容有误，没法算"
    return "还缺几项，暂时算不准"


def bars(assessment: Mapping[str, Any], facts: Mapping[str, Any], pack: PolicyPack) -> list[str]:
    """A bar of block characters for each year and category: had against needed."""
    history = facts.get("history")
    requirement = assessment.get("requirement")
    if not requirement or not isinstance(history, Mapping):
        return []
    dropped = dropped_years(assessment, facts)
    lines = []
    years = sorted({*requirement["years"], *(year for year in dropped if str(year) in history or year in dropped)})
    for year in years:
        row = history.get(str(year)) or {}
        for category, name in CATEGORY_NAMES.items():
            need = pack.requirement[category]
            had = row.get(category)
            if year in dropped:
                lines.append(f"{year} {name} 这一年不要求")
            elif category not in row:
                lines.append(f"{year} {name} 没问到")
            elif had is None:
                lines.append(f"{year} {name} {'?' * BAR_CELLS} 记不清/{need}")
            else:
                full = min(BAR_CELLS, int(had * BAR_CELLS // need))
                lines.append(f"{year} {name} {'█' * full}{'░' * (BAR_CELLS - full)} {number_words(had)}/{need}")
    return lines


def dropped_years(assessment: Mapping[str, Any], facts: Mapping[str, Any]) -> set[int]:
    """The years that a relief takes out of what is asked."""
    if not any(relief["effect"] == "drop_years" for relief in assessment.get("reliefs", ())):
        return set()
    if assessment.get("requirement", {}).get("mode") != "every_year":
        return set()
    return {int(year) for year in facts.get("epidemic_years", ())} - set(assessment["requirement"]["years"])


def requirement_words(assessment: Mapping[str, Any], pack: PolicyPack) -> str:
    """What is asked, in a sentence."""
    requirement = assessment.get("requirement")
    if not requirement:
        return ""
    years = "、".join(str(year) for year in requirement["years"])
    each = f"公需{pack.requirement['general']}、专业{pack.requirement['professional']}"
    if requirement["mode"] == "every_year":
        return f"{years}年{'每年' if len(requirement['years']) > 1 else ''}{each}"
    return f"{years}年中任一年度{each}都完成"


def next_steps(assessment: Mapping[str, Any], facts: Mapping[str, Any], pack: PolicyPack, today: date) -> list[str]:
    """What to do now and by which day."""
    status = assessment["status"]
    if status not in ("short", "uncertain"):
        if status == "not_covered":
            return []
        return (
            [f"登录 {_bare(pack.contact('card').url)} 打印审验卡，交给单位审核。"]
            if status in ("met", "waived")
            else []
        )
    steps = []
    years = {int(year) for year in assessment.get("short", ())} or _to_do(assessment, facts, pack)
    closes = pack.window[1]
    current = pack.review_year in years
    if current and today <= closes:
        steps.append(f"{pack.review_year}年的学时请在{closes.month}月{closes.day}日前学完。")
    elif current:
        steps.append(
            f"{pack.review_year}年的培训期已在{closes.year}年{closes.month}月{closes.day}日结束，能不能补学请问单位或当地人社部门。"
        )
    past = sorted(years - {pack.review_year})
    if past:
        steps.append(f"{'、'.join(map(str, past))}年的要看当地、单位或基地有没有组织补学，请先问单位人事部门。")
    steps.append("学完请单位、基地或人社部门核定，再打印审验卡。")
    steps.append("在哪学、打哪个电话：在对话里说“换平台”，按网址选您用的平台。")
    return steps


def _to_do(assessment: Mapping[str, Any], facts: Mapping[str, Any], pack: PolicyPack) -> set[int]:
    """The years that hours may be missing of, forgotten ones taken for none; where one year will do, the cheapest, the latest of equals."""
    history, requirement = facts.get("history"), assessment["requirement"]
    if not isinstance(history, Mapping):
        return set(requirement["years"])
    missing = {}
    for year in requirement["years"]:
        row = history.get(str(year)) or {}
        missing[year] = sum(max(0, need - (row.get(name) or 0)) for name, need in pack.requirement.items())
    if requirement["mode"] == "any_one_year":
        return {min(missing, key=lambda year: (missing[year], -year))}
    return {year for year, hours in missing.items() if hours > 0}


def reading_words(assessment: Mapping[str, Any]) -> list[str]:
    """Contested readings that would change the verdict, as sentences."""
    words = {"met": "就够了", "waived": "学时就不限制", "needs": "还要再问几项才知道", "not_covered": "通知就没有规定"}
    lines = []
    for reading in assessment.get("readings", ()):
        if reading["status"] == "short":
            outcome = f"就还差{short_words(reading['short'])}"
        elif reading["status"] == "uncertain":
            outcome = "就要看记不清的学时"
        else:
            outcome = words[reading["status"]]
        lines.append(f"通知有一处没写明，如果{reading['reading']}，{outcome}。")
    return lines


def duty_words(assessment: Mapping[str, Any]) -> str:
    """The year's duty that a relief of the review leaves in place."""
    duty = assessment.get("annual_duty")
    if duty is None:
        return ""
    head = "减免只管这次评审，年度考核、聘任的学时照常要求"
    if duty["status"] == "short":
        return f"{head}：{duty['years'][-1]}年还差{short_words(duty['short']).removeprefix(str(duty['years'][-1]) + '年')}。"
    if duty["status"] == "met":
        return f"{head}；按您填的，{duty['years'][-1]}年已学够。"
    return f"{head}（一年公需和专业都要学满）。"


def relief_words(relief: Mapping[str, str]) -> str:
    """A relief with its clause."""
    return f"{relief['says']}（{relief['clause']}）"


def result_context(
    assessment: Mapping[str, Any], facts: Mapping[str, Any], pack: PolicyPack, today: date
) -> dict[str, Any]:
    """Everything the result template shows."""
    annual = facts.get("purpose") == "annual_duty"
    names = {"birth_day": "出生的日子", "history": "学时"}
    needs = [names.get(name) or wording().questions[name].name for name in assessment.get("needs", ())]
    open_year = _worth_looking_up(assessment, facts)
    return {
        "verdict": verdict(assessment, pack, annual, open_year),
        "status": assessment["status"],
        "bars": bars(assessment, facts, pack),
        "needs": needs,
        "left_open": [],  # what the interview was told to leave open; nobody else knows
        "requirement": requirement_words(assessment, pack),
        "reliefs": [relief_words(relief) for relief in assessment.get("reliefs", ())],
        "rejected": [f"{row['says']}（{row['clause']}）" for row in assessment.get("rejected", ())],
        "uncertain_year": open_year,
        "readings": reading_words(assessment),
        "policy": pack.contact("policy"),
        "duty": duty_words(assessment),
        "changes": [
            change["says"]
            for change in assessment.get("changes", ())
            if change["id"] != "window_closes" or today <= pack.window[1]
        ],
        "next": next_steps(assessment, facts, pack, today),
        "message": assessment.get("message", ""),
        "clauses": [clause["clause"] for clause in assessment.get("clauses", ())],
        "pack": pack,
        "late": today.year if today > pack.applications[1] else None,
    }  # fmt: skip


def _worth_looking_up(assessment: Mapping[str, Any], facts: Mapping[str, Any]) -> int | None:
    """The year whose forgotten hours move the result most; the latest of equals."""
    history = facts.get("history")
    if assessment["status"] != "uncertain" or not isinstance(history, Mapping):
        return None
    forgotten = {
        int(year): sum(row.get(category) is None and category in row for category in CATEGORY_NAMES)
        for year, row in history.items()
        if int(year) in assessment["requirement"]["years"]
    }
    open_years = [year for year, count in forgotten.items() if count]
    return max(open_years, key=lambda year: (forgotten[year], year)) if open_years else None


def _bare(url: str) -> str:
    return url.removeprefix("https://").removeprefix("http://")
