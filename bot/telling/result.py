"""A result computed once: verdict, what can still be learned and by when, what only an office can settle, what is enough, the
bars, the steps. Chat, page, picture, printed sheet, roster and notice draw it; none of them works anything out again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from bot.asking.questionnaire import wording
from bot.asking.steps import steps
from bot.telling.bars import Year, bar_lines, brief_lines, duty_of, told_hours, years_of
from bot.telling.facts_in_words import number_words, premise_lines, short_words, year_words, years_words
from bot.telling.sentences import said, words
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
        texts = [self._with(*each) for each in shorter]
        return next((text for text in texts if len(text) <= MOST), self._with([], []))

    def _with(self, bars: list[str], steps: list[str]) -> str:
        drawn = ["", *bars, ""] if bars else []
        lines = [self.verdict, *self.detail, *drawn, *self.told]
        lines += [_said("steps", steps="；".join(steps))] if steps else []
        return "\n".join([*lines, _said("ends", number=self.number)])


def result_of(
    assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice, today: date, left_open: Iterable[str] = ()
) -> Result:
    """The result of an assessment of these facts under its notice, as of a day. `left_open`: names of facts that somebody left out
    although they might help."""
    years = years_of(assessment, facts, notice)
    duty, estimate = duty_of(assessment, facts, notice), estimate_year(assessment, notice)
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
        detail=(
            *([_said("new_notice", year=rules_year(notice))] if estimate else ()),
            *_local_days(facts, notice, today, closes if learnable else None),
            *_duty_words(assessment, notice, drawn=bool(duty) and not years),
        ),
        learnable=learnable, to_learn=short_words(learnable, notice), office=office, closes=closes, years=years, duty=duty,
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


def _said(name: str, /, **values: Any) -> str:
    return said("result", name, **values)


_TONES: dict[str, Tone] = {"met": "fine", "waived": "fine", "short": "short"}


def _reliefs(assessment: Mapping[str, Any]) -> list[str]:
    """What each relief does and its clause, the one that tells most first."""
    reliefs = sorted(assessment.get("reliefs", ()), key=lambda line: line["effect"] != "waive")
    return [_said("relief", **line) for line in reliefs]


def _folded(bare: Result, assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice) -> Result:
    """The result with what else there is room for; the rest stands behind 依据."""
    helps = _reliefs(assessment)
    changes = [str(change["says"]) for change in assessment.get("changes", ()) if change["id"] != "window_closes"]
    brief = brief_lines(bare.years or bare.duty)[1]
    more = [*changes, *helps, *_enough(bare, assessment, notice), *_beside(facts, assessment, notice, bare.years)]
    refused = not_counted(assessment, facts, notice)
    count = _said("rejected", count=len(assessment.get("rejected", ())))
    named = [one for line in bare.told for one in (refused if line == count else [line])]
    told = named if len(replace(bare, told=tuple(named))._with(brief, [])) <= MOST else list(bare.told)
    for line in more:
        waived_already = assessment["status"] == "waived" and line in helps  # no other does more
        now = replace(bare, told=tuple(told))  # for what time brings the steps give way, which are buttons too
        room = MOST - len(now._with(brief, []) if line in changes else now.words)
        if len(line) < room and not waived_already and line not in told:
            told.append(line)
    order = [*helps, *more]
    told.sort(key=lambda line: order.index(line) if line in order else len(order))
    full = replace(bare, told=tuple(told))
    rest = [line for line in (*bare.bars, *more) if line not in told and line not in full.words]
    rest += [line for line in refused if line not in told]
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
    return words()["result"].get(f"gap_{status}") or _said("gap_open")


def estimate_year(assessment: Mapping[str, Any], notice: Notice) -> int | None:
    """The year that is only estimated, by the rules of the last notice."""
    year = (assessment.get("policy") or {}).get("estimate_for") or notice.estimate_for
    return None if year is None else int(year)


def verdict(assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice, today: date) -> str:
    """The one large line, as one teacher would say it to another."""
    estimate = estimate_year(assessment, notice)
    plain = _verdict(assessment, facts, notice, today, bool(estimate))
    return _said("estimate", year=estimate, rules=rules_year(notice), said=plain) if estimate else plain


def _verdict(
    assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice, today: date, estimate: bool
) -> str:
    status, year = assessment["status"], notice.review_year
    counted = status in ("met", "short", "uncertain")
    head = _said("annual", year=year) if counted and facts.get("purpose") == ANNUAL else ""
    if status == "short":
        return head + _short_verdict(assessment, notice, today)
    if status == "uncertain":
        bounds, open_year = assessment["bounds"], worth_looking_up(assessment, facts, notice)
        low, high = number_words(bounds["at_least"]), number_words(bounds["at_most"])
        when = years_words([open_year]) if open_year else _said("some_years")
        return head + _said("uncertain", low=low, high=high, when=when)
    return head + _said(f"{status}_estimate" if estimate and status in SETTLED else status, year=year)


def _short_verdict(assessment: Mapping[str, Any], notice: Notice, today: date) -> str:
    learnable, office, closes = parted(assessment, notice, today)
    until = _said("in_time", day=_until_words(assessment, closes, today)) if closes and not office else ""
    name = "both" if learnable and office else "ask" if office else "learn"
    return _said(name, now=number_words(total(learnable)), then=number_words(total(office)), until=until)


def total(short: Mapping[str, Mapping[str, Any]]) -> Any:
    """All the hours of it."""
    return sum(hours for row in short.values() for hours in row.values())


def day_words(day: date, today: date | None = None) -> str:
    """12月31日; with its year where that is not this year's."""
    return f"{'' if today is not None and day.year == today.year else f'{day.year}年'}{day.month}月{day.day}日"


def _duty_words(assessment: Mapping[str, Any], notice: Notice, *, drawn: bool) -> Iterable[str]:
    """The yearly duty that stays beside what the review asks; where its bars follow, its hours are left to them."""
    duty, asked = assessment.get("annual_duty"), assessment.get("requirement") or {}
    every = asked.get("mode") == "every_year" and "hours" not in asked
    if duty is None or (every and {*duty["years"]} <= {*asked["years"]}):
        return
    year, status = duty["years"][-1], duty["status"]
    same = status == "short" and duty["short"] == assessment.get("short")
    name = "duty_same" if same else "duty_met" if status == "met" else "duty_drawn" if drawn else "duty"
    missing = short_words(duty["short"], notice) if status == "short" else f"{year}年{each_words(notice)}"
    yield _said(name, year=year, missing=missing)


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
    enough = "" if estimate else _said("enough")  # an estimate promises nothing
    every = "every_year" if len(asked["years"]) > 1 else "one_year"
    return _said(
        every if asked["mode"] == "every_year" else "any_year", years=years_words(asked["years"]),
        each=each_words(notice, asked.get("hours")), count=asked.get("count", 1), enough=enough,
    )  # fmt: skip


def _open_until(assessment: Mapping[str, Any], notice: Notice, today: date) -> date | None:
    window = assessment.get("window")
    closes = date.fromisoformat(window["closes"]) if window else None
    return closes if closes is not None and today <= closes else None


def _until_words(assessment: Mapping[str, Any], closes: date, today: date) -> str:
    """The last day to learn; before the first one, from which day it counts too."""
    opens = date.fromisoformat(assessment["window"]["opens"])
    return (_said("opens", day=day_words(opens, today)) if today < opens else "") + day_words(closes, today)


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
    rest = sorted(told.keys() - shown)
    return [_said("beside", year=year, hours=year_words(told[year], notice)) for year in rest]


# ---------------------------------------------------------------- what else is to be known


def _local_days(facts: Mapping[str, Any], notice: Notice, today: date, closes: date | None) -> Iterable[str]:
    """Where training closes on another day than is promised, for whoever did not say where they are."""
    if closes is not None and facts.get("area") is None:
        for area, day in notice.local_closes.items():
            yield _said("local_day", area=area, day=day_words(day, today))


def _notes(assessment: Mapping[str, Any], notice: Notice, today: date, left_open: Iterable[str]) -> Iterable[str]:
    """What is never folded, since without it the verdict would say too much."""
    questions = wording().questions
    needs = [words()["result"].get(name) or questions[name].name for name in assessment.get("needs", ())]
    if needs:
        yield _said("missing", names="、".join(needs))
    left = [questions[name].name for name in left_open]
    if left:
        yield _said("left_open", names="、".join(left))
    if assessment.get("message"):
        yield str(assessment["message"])
    if rejected := assessment.get("rejected"):
        yield _said("rejected", count=len(rejected))
    if doubt := reading_words(assessment, notice)[0]:
        yield doubt
    if today > notice.applications[1] and not estimate_year(assessment, notice):
        yield _said("closed", year=notice.review_year, today=today.year)


def not_counted(assessment: Mapping[str, Any], facts: Mapping[str, Any], notice: Notice) -> list[str]:
    """The training that was not counted, a sentence for each reason: which hours of which year, why, and by which clause."""
    records: Any = facts.get("history") or ()
    found: dict[str, tuple[Mapping[str, Any], list[Mapping[str, Any]]]] = {}
    for line in assessment.get("rejected", ()):
        own = [one for at, one in enumerate(records) if line["record"] in (at, one.get("record"))]
        found.setdefault(line["says"], (line, []))[1].extend(own[-1:])  # of one that stands twice the second
    sentences = []
    for line, own in found.values():
        what = dict.fromkeys(_record_words(record, notice) for record in own)
        capped = any(notice.sources[one["source"]].at_most for one in own if one["source"] in notice.sources)
        name = "part_counted" if capped else "not_counted"
        sentences.append(_said(name, what="、".join(what), says=line["says"], clause=line["clause"]))
    return sentences


def _record_words(record: Mapping[str, Any], notice: Notice) -> str:
    """2025年公需30学时, as far as it was told."""
    kind = notice.short_names.get(record.get("category") or "", "")
    for unit in ("hours", "minutes"):
        if record.get(unit) is not None:
            return _said(f"record_{unit}", year=record["year"], category=kind, amount=number_words(record[unit]))
    return _said("record", year=record["year"], category=kind)


def reading_words(assessment: Mapping[str, Any], notice: Notice) -> tuple[str, tuple[str, ...]]:
    """Contested readings that would change the verdict: one line that says so and whom to ask; and where they are several, each of
    them as a sentence."""
    outcomes = [_outcome(reading, assessment, notice) for reading in assessment.get("readings", ())]
    if not outcomes:
        return "", ()
    each = zip(assessment["readings"], outcomes, strict=True)
    lines = tuple(_said("reading", reading=reading["reading"], outcome=outcome) for reading, outcome in each)
    office = notice.contact("policy")
    whom = _said("whom", office=office.what_for, phones="、".join(office.phones))
    if len(lines) == 1:
        return f"{lines[0]}{whom}", ()
    change = outcomes[0] if len({*outcomes}) == 1 else _said("reading_differs")
    return _said("readings", count=len(lines), outcome=change) + whom, lines


def _outcome(reading: Mapping[str, Any], assessment: Mapping[str, Any], notice: Notice) -> str:
    status, short = reading["status"], reading.get("short", {})
    if status == "short":
        one = len(short) == 1
        return _said(
            "reading_short" if one else "reading_total",
            short=short_words(short, notice),
            total=number_words(total(short)),
        )
    estimate = status == "met" and estimate_year(assessment, notice)
    return _said(f"reading_{status}{'_estimate' if estimate else ''}")


def notice_words(notice: Notice) -> str:
    """The notice by year and number."""
    return _said("notice", year=rules_year(notice), number=notice.source.number)


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
        "card": _said("card_now" if assessment["status"] in SETTLED else "card_later"),
    }
    found = []
    at_once = assessment["status"] == "short" and not office  # the verdict has what and until when
    for id in steps(assessment, notice, today):
        places = notice.platforms if id == "learn" else (notice.contact(id),)
        told = at_once and id == "learn"
        found.append(NextStep(id, named[id], says.get(id, ""), tuple(map(place_of, places)), told))
    if office:
        which = _said("office_one" if len(office) == 1 else "office_all", years=years_words(map(int, office)))
        says_so = assessment["status"] == "short" and office.keys() == assessment["short"].keys()
        line = NextStep("office", _said("office"), which, told=says_so)
        found.insert(1 if found and found[0].id == "learn" else 0, line)
    return tuple(found)


def _learn_words(assessment: Mapping[str, Any], notice: Notice, years: tuple[Year, ...], today: date) -> str:
    """Until when this year's hours can be learned; nothing where no day is known."""
    closes = _open_until(assessment, notice, today)
    if closes is None:
        return ""
    day = _until_words(assessment, closes, today)
    this = next((year for year in years if year.year == notice.review_year), None)
    if this is None and years:
        return ""  # nothing learned now is looked at
    if this is not None and assessment["status"] == "short" and str(this.year) not in assessment["short"]:
        if assessment["requirement"]["mode"] == "every_year":
            return ""  # full already
        if assessment.get("annual_duty"):
            return _said("also_year", day=day, year=this.year)  # how many hours that is stands in the duty
        rest = {str(this.year): {bar.id: bar.needed - (bar.had or 0) for bar in this.bars if bar.share < 1}}
        return _said("also_hours", day=day, hours=short_words(rest, notice))
    return _said("until" if closes.year == notice.review_year else "until_of", day=day, year=notice.review_year)


def place_of(place: Contact) -> ContactLine:
    """A platform or office of the notice as it is shown."""
    return ContactLine(place.name, place.what_for, place.url, tuple(place.phones))
