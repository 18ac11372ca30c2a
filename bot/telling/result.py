"""A result computed once: verdict, what can still be learned and by when, what only an office can settle, what is enough, the
bars, the steps. Chat, page, picture, printed sheet, roster and notice draw it; none of them works anything out again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from bot.asking.steps import steps
from bot.asking.wording import wording
from bot.telling.bars import Year, bar_lines, brief_lines, duty_of, told_hours, years_of
from bot.telling.facts_in_words import number_words, premise_lines, short_words, year_words, years_words
from rules import Contact, Notice

Tone = Literal["fine", "short", "open", "estimate"]
MOST = 250
"""Characters that a result has before what is folded."""
ANNUAL = "annual_duty"
SETTLED = ("met", "waived")


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A platform or an office as a step shows it: whose number it is, for what, where it is found."""

    name: str
    what_for: str
    url: str
    phones: tuple[str, ...]

    @property
    def address(self) -> str:
        """The address as it is read aloud."""
        return self.url.removeprefix("https://").removeprefix("http://")


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do: its id, the word on its button, what is to be said of it, whom it leads to."""

    id: str  # learn, office, card, policy
    label: str
    says: str
    places: tuple[ContactLine, ...] = ()
    told: bool = False  # the verdict says it already


@dataclass(frozen=True, slots=True)
class Result:
    """Everything there is to say of one assessment on one day. Hours by year and category are as in an assessment's `short`."""

    status: str
    tone: Tone
    verdict: str
    detail: tuple[str, ...]  # what belongs to the verdict: what still holds beside it
    learnable: Mapping[str, Mapping[str, Any]]  # can still be learned until `closes`
    to_learn: str  # the same in words
    office: Mapping[str, Mapping[str, Any]]  # only an office can settle
    closes: date | None  # of a window still open; a day that is past is no deadline
    years: tuple[Year, ...]
    duty: tuple[Year, ...]
    told: tuple[str, ...]  # what stands under the bars
    folded: tuple[
        str, ...
    ]  # what stands behind 依据 with the clauses: what there was no room for, and why each thing is so
    steps: tuple[NextStep, ...]
    premises: tuple[str, ...]
    clauses: tuple[tuple[str, str], ...]
    not_applied: tuple[tuple[str, str], ...]
    region: str
    notice: str  # by year and number
    number: str
    mark: str  # id and fingerprint of the notice's file
    day: date

    @property
    def bars(self) -> list[str]:
        """The bars as lines of text, for wherever nothing can be drawn: a message, a cell."""
        return bar_lines(self.years or self.duty)[0]

    @property
    def words(self) -> str:
        """All of it before folding, as text: the verdict first, whose word counts last. Where it is too long bars give way, then
        what the buttons of the steps say as well."""
        steps = [f"{step.label}，{step.says}" for step in self.steps if step.says and not step.told]
        full, brief, least = (self.bars, *brief_lines(self.years or self.duty))
        shorter = [(full, steps), (brief, steps), (least, steps), (least, steps[:-1]), (least, [])]
        return next(
            filter(lambda text: len(text) <= MOST, (self._with(*each) for each in shorter)), self._with(least, [])
        )

    def _with(self, bars: list[str], steps: list[str]) -> str:
        drawn = ["", *bars, ""] if bars else []
        lines = [self.verdict, *self.detail, *drawn, *self.told, *([f"下一步：{'；'.join(steps)}。"] if steps else [])]
        return "\n".join([*lines, f"依据{self.number}通知，以审验卡和审核部门认定为准。"])


def result_of(
    assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice, today: date, left_open: Iterable[str] = ()
) -> Result:
    """The result of an assessment of these facts under its notice, as of a day. `left_open`: names of facts that somebody left out
    although they might help."""
    years = years_of(assessment, facts, notice)
    estimate = estimate_year(assessment, notice)
    learnable, office, closes = parted(assessment, notice, today, years)
    # a relief that decides is always told
    decided = (
        assessment["status"] == "waived"
        or (assessment.get("requirement") or {}).get("mode", "every_year") != "every_year"
    )
    bare = Result(
        status=assessment["status"],
        tone="estimate" if estimate else _TONES.get(assessment["status"], "open"),
        verdict=verdict(assessment, facts, notice, today),
        detail=(*_detail(assessment, facts, notice, estimate), *_local_days(facts, notice, today, closes if learnable else None)),
        learnable=learnable, to_learn=short_words(learnable, notice), office=office, closes=closes, years=years,
        duty=duty_of(assessment, facts, notice),
        told=(*(_reliefs(assessment)[:1] if decided else ()), *_notes(assessment, notice, today, left_open)),
        folded=(),
        steps=_steps(assessment, notice, years, office, today),
        premises=tuple(premise_lines(facts, notice)),
        clauses=tuple((line["clause"], line["says"]) for line in assessment.get("clauses", ())),
        not_applied=tuple((line["clause"], line["says"]) for line in assessment.get("not_applied", ())),
        region=notice.region_name,
        notice=notice_words(notice),
        number=notice.source.number,
        mark=f"{notice.id} {notice.sha256[:16]}",
        day=today,
    )  # fmt: skip
    return _folded(bare, assessment, facts, notice)


_TONES: dict[str, Tone] = {"met": "fine", "waived": "fine", "short": "short"}


def _reliefs(assessment: Mapping[str, Any]) -> list[str]:
    """What each relief does and its clause, the one that tells most first."""
    reliefs = sorted(assessment.get("reliefs", ()), key=lambda line: line["effect"] != "waive")
    return [f"减免：{line['says']}（{line['clause']}）。" for line in reliefs]


def _folded(bare: Result, assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice) -> Result:
    """The result with what else there is room for; the rest stands behind 依据."""
    helps = _reliefs(assessment)
    changes = [str(change["says"]) for change in assessment.get("changes", ()) if change["id"] != "window_closes"]
    more = [*changes, *helps, *_enough(bare, assessment, notice), *_beside(facts, assessment, notice, bare.years)]
    told = list(bare.told)
    for line in more:
        waived_already = assessment["status"] == "waived" and line in helps  # no other does more
        now = replace(bare, told=tuple(told))  # for what time brings the steps give way, which are buttons too
        room = MOST - len(now._with(brief_lines(bare.years or bare.duty)[1], []) if line in changes else now.words)
        if len(line) < room and not waived_already and line not in told:
            told.append(line)
    order = [*helps, *more]
    told.sort(key=lambda line: order.index(line) if line in order else len(order))
    full = replace(bare, told=tuple(told))
    rest = [line for line in (*bare.bars, *more) if line not in told and line not in full.words]
    rest += dict.fromkeys(f"没有计入：{line['says']}（{line['clause']}）" for line in assessment.get("rejected", ()))
    return replace(full, folded=(*rest, *reading_words(assessment, notice)[1]))


# ---------------------------------------------------------------- the verdict


def gap_words(assessment: Mapping[str, Any]) -> str:
    """The gap in a few signs: 0, 20, 12-72, 不限制, 未定."""
    status = assessment["status"]
    if status == "uncertain":
        bounds = assessment["bounds"]
        return f"{number_words(bounds['at_least'])}-{number_words(bounds['at_most'])}"
    if status in ("met", "short"):
        return number_words(assessment["short_total"])
    return {"waived": "不限制", "not_covered": "通知未规定"}.get(status, "未定")


def estimate_year(assessment: Mapping[str, Any], notice: Notice) -> int | None:
    """The year that is only estimated, by the rules of the last notice."""
    year = (assessment.get("policy") or {}).get("estimate_for") or notice.estimate_for
    return None if year is None else int(year)


def verdict(assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice, today: date) -> str:
    """The one large line, as one teacher would say it to another."""
    estimate = estimate_year(assessment, notice)
    said = _verdict(assessment, facts, notice, today, bool(estimate))
    if not estimate:
        return said
    return f"估算（{estimate}年度通知还没发，按{rules_year(notice)}年度的规则）：{said}"


def _verdict(
    assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice, today: date, estimate: bool
) -> str:
    status, year = assessment["status"], notice.review_year
    annual = facts.get("purpose") == ANNUAL
    head = f"{year}年考核、聘任：" if annual else ""
    if status == "met":
        return head + ("按填的看不缺学时" if estimate else "学时够了")
    if status == "waived":
        return f"学时不影响您评{year}年度职称" if not estimate else "按填的看，学时不影响评职称"
    if status == "short":
        return head + _short_verdict(assessment, facts, notice, today)
    if status == "uncertain":
        bounds, open_year = assessment["bounds"], worth_looking_up(assessment, facts, notice)
        span = f"{number_words(bounds['at_least'])} 到 {number_words(bounds['at_most'])}"
        return f"{head}还差 {span} 学时，要看{f'{open_year}年' if open_year else '记不清的那几年'}学了多少"
    if status == "not_covered":
        return "这种情况，通知没有规定要多少学时"
    return "填的内容有误，没法算" if status == "refused" else "还缺几项，暂时算不准"


def _short_verdict(assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice, today: date) -> str:
    learnable, office, closes = parted(assessment, notice, today)
    now, then = total(learnable), total(office)
    if not then:
        until = f"，{day_words(closes, today)}前学完来得及" if closes else ""
        return f"还差 {number_words(now)} 学时{until}"
    if not now:
        return f"还差 {number_words(then)} 学时，要先问单位能不能补"
    return f"还差 {number_words(now)} 学时可以现在学，另 {number_words(then)} 学时要先问单位"


def total(short: Mapping[str, Mapping[str, Any]]) -> Any:
    """All the hours of it."""
    return sum(hours for row in short.values() for hours in row.values())


def day_words(day: date, today: date) -> str:
    """12月31日; with its year where that is not this year's."""
    return f"{'' if day.year == today.year else f'{day.year}年'}{day.month}月{day.day}日"


def _detail(
    assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice, estimate: int | None
) -> Iterable[str]:
    duty, asked = assessment.get("annual_duty"), assessment.get("requirement") or {}
    told_already = asked.get("mode") == "every_year" and {*duty["years"]} <= {*asked["years"]} if duty else True
    if duty is not None and not told_already:
        same = duty["status"] == "short" and duty["short"] == assessment.get("short")
        drawn = not asked and facts.get("history") is not None
        yield "年度考核、聘任也要这些学时。" if same else _duty_words(duty, notice, drawn=drawn)
    if estimate:
        yield f"新通知发了以新通知为准；只给{rules_year(notice)}年度的优惠没有算进来。"


def _duty_words(duty: Mapping[str, Any], notice: Notice, *, drawn: bool) -> str:
    """The duty that stays; where its bars are drawn, its hours are left to them."""
    year = duty["years"][-1]
    if duty["status"] == "met":
        return f"年度考核、聘任也要学时：{year}年的已学满。"
    if drawn:
        return f"年度考核、聘任照样要{year}年的学时："
    missing = short_words(duty["short"], notice) if duty["status"] == "short" else f"{year}年{each_words(notice)}"
    return f"年度考核、聘任照样要学时：{missing}。"


# ---------------------------------------------------------------- what is asked, what is missing


def each_words(notice: Notice, hours: Mapping[str, Any] | None = None) -> str:
    """公需30、专业60, as the notice has it, and how many in all where that is more."""
    asked = {**notice.requirement, **(hours or {})}
    floors = [asked[each.id] for each in notice.categories]
    whole = asked.get("total", sum(floors)) if hours else notice.total
    words = [f"{each.short}{number_words(asked[each.id])}" for each in notice.categories]
    return "、".join(words + ([f"合计{number_words(whole)}"] if whole > sum(floors) else []))


def enough_words(assessment: Mapping[str, Any], notice: Notice, estimate: int | None) -> str:
    """What is enough, in a sentence; nothing where hours are no bar."""
    asked = assessment.get("requirement")
    if not asked:
        return ""
    each, years = each_words(notice, asked.get("hours")), years_words(asked["years"])
    end = "" if estimate else "，就够"  # an estimate promises nothing
    if asked["mode"] == "every_year":
        return f"{years}{'每年' if len(asked['years']) > 1 else ''}{each}{end}"
    return f"{years}里有{asked.get('count', 1)}年学满{each}{end}"


def _open_until(assessment: Mapping[str, Any], notice: Notice, today: date) -> date | None:
    window = assessment.get("window")
    closes = date.fromisoformat(window["closes"]) if window else None
    return closes if closes is not None and today <= closes else None


def parted(
    assessment: Mapping[str, Any], notice: Notice, today: date, years: Iterable[Year] = ()
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]], date | None]:
    """What is missing, hours by year and category: what can still be learned, what is past and only an office can settle, and the
    last day to learn while it is to come. The one rule for chat, sheet, roster and letter; where nothing is sure `years` stand in."""
    closes = _open_until(assessment, notice, today)
    short = assessment.get("short")
    if short is None:
        short = {str(year.year): year.missing for year in years if year.missing}
    if closes is None and not assessment.get("window"):  # no window is known: nothing is called past
        now = {year: dict(row) for year, row in short.items() if year.isdecimal() and int(year) >= notice.review_year}
    else:
        now = {year: dict(row) for year, row in short.items() if closes and year == str(notice.review_year)}
    return now, {year: dict(row) for year, row in short.items() if year not in now}, closes


def worth_looking_up(assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice) -> int | None:
    """The year whose forgotten hours move the result most; the latest of equals."""
    if assessment["status"] != "uncertain":
        return None
    weight = {
        year.year: sum(bar.needed for bar in year.bars if bar.state == "open")
        for year in years_of(assessment, facts, notice)
    }
    found = [year for year, hours in weight.items() if hours]
    return max(found, key=lambda year: (weight[year], year)) if found else None


def _enough(bare: Result, assessment: Mapping[str, Any], notice: Notice) -> Iterable[str]:
    """What is enough, where neither bars nor a relief say it."""
    asked = assessment.get("requirement") or {}
    if asked.get("mode") == "every_year" and bare.status != "met" and not bar_lines(bare.years)[1]:
        yield f"{enough_words(assessment, notice, estimate_year(assessment, notice))}。"


def _beside(
    facts: Mapping[str, Any], assessment: Mapping[str, Any], notice: Notice, years: tuple[Year, ...]
) -> Iterable[str]:
    """Years told of that this result does not look at."""
    shown = {year.year for year in years}
    told = told_hours(facts["history"], assessment.get("rejected", ())) if shown else {}
    return [
        f"{year}年{year_words(row, notice)}：这次不看这一年" for year, row in sorted(told.items()) if year not in shown
    ]


# ---------------------------------------------------------------- what else is to be known


def _local_days(facts: Mapping[str, Any], notice: Notice, today: date, closes: date | None) -> Iterable[str]:
    """Where training closes on another day than is promised, for whoever did not say where they are."""
    if closes is not None and facts.get("area") is None:
        for area, day in notice.local_closes.items():
            yield f"{area}{day_words(day, today)}截止。"


def _notes(assessment: Mapping[str, Any], notice: Notice, today: date, left_open: Iterable[str]) -> Iterable[str]:
    """What is never folded, since without it the verdict would say too much."""
    names = {"birth_day": "出生的日子", "history": "学时"}
    questions = wording().questions
    needs = [names.get(name) or questions[name].name for name in assessment.get("needs", ())]
    if needs:
        yield f"还要知道：{'、'.join(needs)}。补上就能算准。"
    left = [questions[name].name for name in left_open]
    if left:
        yield f"没有填：{'、'.join(left)}；补上可能有减免。"
    if assessment.get("message"):
        yield str(assessment["message"])
    if rejected := assessment.get("rejected"):
        yield f"有{len(rejected)}条培训没计入，见“依据”。"
    if doubt := reading_words(assessment, notice)[0]:
        yield doubt
    if today > notice.applications[1] and not estimate_year(assessment, notice):
        yield f"{notice.review_year}年申报期已过；{today.year}年看新通知。"


def reading_words(assessment: Mapping[str, Any], notice: Notice) -> tuple[str, tuple[str, ...]]:
    """Contested readings that would change the verdict: one line that says so and whom to ask, and each of them as a sentence."""
    enough = "不缺学时" if estimate_year(assessment, notice) else "就够了"
    words = {"met": enough, "waived": "学时就不影响评审", "needs": "还要再问几项", "not_covered": "就没有规定"}
    found: list[str] = []
    outcomes: dict[str, None] = {}
    for reading in assessment.get("readings", ()):
        if reading["status"] == "short":
            short = reading["short"]
            outcome = f"就差{short_words(short, notice) if len(short) == 1 else f'{number_words(total(short))}学时'}"
        else:
            outcome = "要看记不清的学时" if reading["status"] == "uncertain" else words[reading["status"]]
        found.append(f"通知没写明：如果{reading['reading']}，{outcome}。")
        outcomes[outcome] = None
    if not found:
        return "", ()
    office = notice.contact("policy")
    change = next(iter(outcomes)) if len(outcomes) == 1 else "结果会变"
    line = f"通知有{len(found)}处没写明，换个读法{change}；可问{office.what_for}{'、'.join(office.phones)}。"
    return line, tuple(found)


def notice_words(notice: Notice) -> str:
    """The notice by year and number."""
    return f"{rules_year(notice)}年度通知（{notice.source.number}）"


def rules_year(notice: Notice) -> int:
    """The year whose notice it is; of an estimate the last one's."""
    return int(notice.id.rpartition("/")[2])


# ---------------------------------------------------------------- what to do


def _steps(
    assessment: Mapping[str, Any], notice: Notice, years: tuple[Year, ...], office: Mapping[str, Any], today: date
) -> tuple[NextStep, ...]:
    """What to do, in the order in which one would do it."""
    named = wording().labels
    says = {
        "learn": _learn_words(assessment, notice, years, today),
        "card": "交单位审核" if assessment["status"] in SETTLED else "等学时核定了再打",
    }
    found = []
    at_once = assessment["status"] == "short" and not office  # the verdict has what and until when
    for id in steps(assessment, notice, today):
        places = notice.platforms if id == "learn" else (notice.contact(id),)
        told = at_once and id == "learn"
        found.append(NextStep(id, named[id], says.get(id, ""), tuple(map(place_of, places)), told))
    if office:
        which = f"{years_words(map(int, office))}的" if len(office) == 1 else "差的这几年"
        says_so = assessment["status"] == "short" and office.keys() == assessment["short"].keys()
        line = NextStep("office", "问单位或人社局", f"{which}能不能补", told=says_so)
        found.insert(1 if found and found[0].id == "learn" else 0, line)
    return tuple(found)


def _learn_words(assessment: Mapping[str, Any], notice: Notice, years: tuple[Year, ...], today: date) -> str:
    """Until when this year's hours can be learned; nothing where no day is known."""
    closes = _open_until(assessment, notice, today)
    if closes is None:
        return ""
    until = f"{day_words(closes, today)}前"
    this = next((year for year in years if year.year == notice.review_year), None)
    if this is None and years:
        return ""  # nothing learned now is looked at
    if this is not None and assessment["status"] == "short" and str(this.year) not in assessment["short"]:
        if assessment["requirement"]["mode"] == "every_year":
            return ""  # full already
        if assessment.get("annual_duty"):
            return f"{until}学满{this.year}年的也行"  # how many hours that is stands in the duty
        rest = {str(this.year): {bar.id: bar.needed - (bar.had or 0) for bar in this.bars if bar.share < 1}}
        return f"{until}学满{short_words(rest, notice)}也行"
    return f"{until}学完" if closes.year == notice.review_year else f"{until}学完{notice.review_year}年的"


def place_of(place: Contact) -> ContactLine:
    """A platform or office of the notice as it is shown."""
    return ContactLine(place.name, place.what_for, place.url, tuple(place.phones))
