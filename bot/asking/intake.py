"""What a message tells is taken: several facts at once, corrections, 没有 and 记不清."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from bot.asking import changes, remarks
from bot.asking.casefile import (
    AGES,
    DETAILED,
    Entry,
    Values,
    circumstances_of,
    flatten,
    notice_of,
    root_of,
    special_under,
    with_entry,
    year_open,
)
from bot.asking.open_questions import WHERE
from bot.asking.questionnaire import wording
from bot.asking.states import ASKING, RESULT, REVIEW
from bot.asking.talk import Talk, is_about
from bot.reading import Doubt, Reading
from bot.reading.imperatives import nothing_special
from bot.reading.lexing.normalise import plain
from rules import ELSEWHERE
from rules.registry import FACTS

_KIND_OF_PLACE = re.compile("(维吾尔|壮族|回族)?自治区$|省$|市$|盟$|自治州$|州$|区$")
# A place as one's own: 我们学校在包头, 包头的事业单位, 我是包头市的; not 包头医学院, 去包头学的.
_OWN_PLACE = (
    "(我|我们|单位|学校|医院)[^，。,;；]{{0,4}}在{0}|(^|[，,。;；\\s])(我|俺|咱)?们?(单位)?[是在]?{0}(自治区|[市盟省])?的?"
    "(?=人|这边|这里|[，,。;；\\s]|$|事业|国企|国有|公立|民办|私企|私立|机关|学校|中学|小学|医院|老师|教师)"
)
_ELSEWHERE = re.compile("其[他它]盟市|别的盟市|^其[他它](的|地方)?$|^别的(地方)?$|都不[在是]|^不[在是]")
_OTHER = re.compile("其[他它]|别的|另外")
_LESS = ("unrecognised", "partial", "no_category", "unclear", "limited")  # doubts that leave less than was told
SIMPLE = ("none", "no", "unknown", "yes")  # commands that answer whatever is asked


def wanted(
    talk: Talk, reading: Reading, values: Values | None = None
) -> tuple[Values, list[tuple[str, dict[str, Any]]]]:
    """The values a reading would set beside those that stand, and notes on what cannot be taken."""
    values = talk.values() if values is None else values
    new = flatten(reading.facts)
    notes: list[tuple[str, dict[str, Any]]] = []
    if "age" in new and len(str(new.get("birth", ""))) > len("1980"):
        del new["age"]  # the birth tells more, and where they are years apart neither was read
    if "age" in new:
        age = new.pop("age")
        new |= (
            {"birth": values["birth"]}
            if _fits(values.get("birth"), age, talk.today)
            else {
                "said_age": [
                    age,
                    talk.today.replace(month=12, day=31).isoformat() if reading.by_year else talk.today.isoformat(),
                ]
            }
        )
    if "birth_day" in new:
        day = new.pop("birth_day")
        birth = str(values.get("birth", ""))
        if len(birth) >= 7:
            new["birth"] = f"{birth[:7]}-{int(day):02}"
    new |= place_told(talk, reading, asked=talk.asked() or "")
    year = new.get("review_year")
    if year is not None and not talk.may_ask_about(year):
        del new["review_year"]
        notes.append(("no_pack", {"year": year, "years": talk.library.years()}))
    now = {**values, **new}
    notice = notice_of(talk.library, now, talk.today)
    day = date.fromisoformat(now["review_date"]) if "review_date" in now else talk.today
    for path in [path for path in new if path.startswith("history.")]:
        told_year, later = int(path.split(".")[1]), int(path.split(".")[1]) > notice.review_year
        if later and told_year > day.year:
            del new[path]
        elif told_year > talk.today.year and new[path]:
            new[path] = 0
            notes.append(("year_ahead", {"year": told_year}))
        if later and (told_year > day.year or not year_open(talk.library, now, talk.today)):
            notes.append(("later_year", {"year": told_year, "review_year": notice.review_year}))
    if reading.adding:
        for path in new:
            old = values.get(path)
            if path.startswith("history.") and isinstance(old, (int, float)) and isinstance(new[path], (int, float)):
                new[path] += old
    for doubt in reading.doubts:
        if doubt.reason in _LESS:  # what was told of it before cannot stand as it is
            new |= dict.fromkeys(
                path
                for path in values
                if f"{path}.".startswith(f"{doubt.fact}.") and path.startswith("history") and path not in new
            )
        if doubt.reason == "birth_year_only" and isinstance(doubt.hint, dict):
            if not any(name in values for name in ("birth", "age", "said_age")):
                new["birth_year"] = doubt.hint.get("birth_year")
            elif talk.asked() == "birth":
                talk.s.hint = doubt.hint.get("birth_year")  # what stands is kept until the month is told
    return new, notes


def place_told(talk: Talk, reading: Reading, asked: str) -> Values:
    """The region or area that a message names as one's own, of those with a notice of their own; any that it names where that is asked."""
    library, text = talk.library, reading.own
    if reading.about == "other":
        return {}
    for name, places in (("area", [a for r in library.regions for a in library.areas(r)]), ("region", library.regions)):
        if name == "region" and len(places) < 2:
            continue
        for place in places:
            short = _KIND_OF_PLACE.sub("", library.name_of(place))
            asked_for = asked == name and (short in text or text.strip() == short[:2])
            if short and (asked_for or re.search(_OWN_PLACE.format(short), text)):
                return {name: place}
    elsewhere = _ELSEWHERE.search(text) and reading.command != "unknown" and not reading.question
    return {"area": ELSEWHERE} if elsewhere and (asked == "area" or "area" in talk.values()) else {}


def _fits(birth: Any, age: int, today: date) -> bool:
    """Whether somebody born then is of that age today: the birth is kept, which tells more."""
    if not birth:
        return False
    year, month = int(birth[:4]), int(birth[5:7])
    oldest = today.year - year - (today.month < month)
    return bool(oldest - (today.month == month) <= age <= oldest)


def take_facts(talk: Talk, reading: Reading, said: str) -> bool:
    """Take what a message tells; False where it tells nothing."""
    asked = talk.asked()
    new, notes = wanted(talk, reading)
    claims = claimed(reading, said)
    unset = no_more = denied(talk, reading, new)
    special = claims or any(
        path.partition(".")[0] in special_under(talk.notice()) and value not in (False, "review")
        for path, value in new.items()
    )
    denied_whole = nothing_special(said)
    nothing = bool(denied_whole) and not special
    no_other = any(_OTHER.search(part) for part in denied_whole)  # 破格，没有其他特殊情况
    nothing |= asked == "circumstances" and bool(reading.denied) and not (new or claims or reading.doubts)
    for template, context in {repr(note): note for note in notes}.values():
        talk.say(template, **context)
        talk.s.which_year |= template == "no_pack"  # nobody is judged by a year that they did not mean
    simple = asked is not None and not new and not claims and reading.command in SIMPLE
    if simple and (entry := simple_answer(talk, str(reading.command), str(asked), said)) is not None:
        take_simple(talk, entry, str(asked), str(reading.command))
        return True
    nothing |= reading.command == "none" and asked not in WHERE
    if nothing and (talk.case.screened or talk.s.redo == "circumstances" or talk.s.state in (REVIEW, RESULT)):
        unset = [*unset, *circumstances_of(talk.case, talk.notice())]
    if not (new or claims or unset or nothing or notes or reading.doubts):
        return False
    say_doubts(talk, reading, {**talk.values(), **new})
    if "transfer" in (*new, *claims) and {**talk.values(), **new}.get("sector") == "government":
        new.pop("sector", None)  # it is that of the post moved to, which is asked at once
        unset = [*unset, *(["sector"] if "sector" in talk.values() else [])]
        talk.say("moved_where")
    if unwritten := [doubt.words for doubt in reading.doubts if doubt.reason in ("unwritten", "unlisted")]:
        remarks.beyond(talk, said, unwritten)
    birthday = any(doubt.fact == "birth" and doubt.reason == "no_year" for doubt in reading.doubts)
    if birthday and "said_age" in {
        **talk.values(),
        **new,
    }:  # 50, 生日9月20号: from which of two years is seen from the year
        new.pop("said_age", None)
        unset = [*unset, *(["said_age"] if "said_age" in talk.values() else [])]
    settled = asked is not None and settles(talk, asked, new, claims)
    if settled and asked is not None:
        unset = [*unset, *changes.replaced(talk, asked, new, claims)]
    asked_for = asked if settled and asked is not None else ""
    entry = talk.entry(
        new,
        said,
        reading,
        asked=asked_for,
        claims=claims,
        unset=unset,
        screened=nothing or no_other or asked_for == "circumstances",
    )
    weighing = [doubt for doubt in reading.doubts if not doubt.reason.startswith("impossible")]
    for doubt in weighing if talk.s.state in (REVIEW, RESULT) else ():
        remarks.left_half(talk, doubt.fact, doubt.words, doubt.hint or {})  # 24年好像只有20, and nothing more
    if not new and reading.unheeded:
        remarks.missed(talk, said, reading.unheeded, said=True)
    elif not new and any(not {"hours", "total"} & (doubt.hint or {}).keys() for doubt in weighing):
        remarks.aside(talk, said, [doubt.words for doubt in weighing])  # 其实我不确定: no half of an answer
    if new:
        when = [doubt.words for doubt in reading.doubts if (doubt.fact, doubt.reason) == ("birth", "no_year")]
        talk.case = remarks.noted(talk.case, said, (*reading.unheeded, *when), reading.unknown, new)
    if talk.s.state in (REVIEW, RESULT) or talk.s.editing:
        edit(talk, entry)
    elif not talk.refused(with_entry(talk.case, entry)):
        take_answers(talk, entry, nothing, no_more)
    return True


def say_doubts(talk: Talk, reading: Reading, known: Values) -> None:
    """What is not certain is read back; the first that is likely with two buttons, where the pending question has none for it."""
    offered = False
    for doubt in reading.doubts:
        if doubt.reason == "held" and "title_level" in known:
            continue  # 2024年聘的中级: what is applied for is known
        buttons = () if offered or doubt.fact in known else sure_buttons(talk.asked() or "", doubt)
        offered = offered or bool(buttons)
        talk.say("doubt", buttons, reason=doubt.reason, words=doubt.words, fact=doubt.fact, hint=doubt.hint or {})


def sure_buttons(asked: str, doubt: Doubt) -> tuple[tuple[str, str], ...]:
    """[是] [不是] for what is likely; none where the buttons of the pending question answer it."""
    screening = asked == "circumstances" and doubt.fact == "grassroots"
    if (
        screening
        or (doubt.fact == asked and wording().questions[root_of(asked)].choices)
        or (doubt.hint or {}).get("likely") is None
    ):
        return ()
    no = "likely_hours" if doubt.reason == "age_or_hours" else "likely_no"
    return tuple((f"sure:{name}", wording().labels[name]) for name in ("likely_yes", no))


def take_answers(talk: Talk, entry: Entry, nothing: bool, no_more: list[str]) -> None:
    """In mid-interview: what is new is taken, what opposes an earlier answer is offered, then the next question. `no_more` is said
    not to hold."""
    asked, settled, values = talk.asked(), entry.asked, talk.values()
    new, claims, unset = entry.set, entry.claims, entry.unset
    opposed = {path: new[path] for path in new if opposes(path, new[path], values) and not is_about(talk, asked, path)}
    taken = {path: value for path, value in new.items() if path not in opposed}
    # 没有特殊情况, 我不是破格: against what was told before
    later = unset if nothing else [path for path in no_more if not is_about(talk, asked, path)]
    now = [path for path in unset if path not in later]
    if taken or claims or now or (nothing and not later):
        screened = bool(entry.screened) and not later
        talk.record(replace(entry, set=taken, unset=tuple(now), screened=screened))
        if settled:
            talk.settled(settled)
        if set(taken) != {"birth_year"} or claims:
            talk.say("taken", lines=talk.lines(set(taken)), claims=claims)
    elif asked is not None and not (opposed or later):
        talk.failed(asked)
    if opposed or later:
        changes.offer(talk, replace(entry, asked="", set=opposed, claims=(), unset=tuple(later)))
    elif settled or talk.s.redo is None:
        talk.advance("answer")
    else:
        talk.again = True  # the question that was gone back to is still to be answered


def opposes(path: str, value: Any, values: Values) -> bool:
    """Whether a value says something else than what stands."""
    if path == "said_age":
        return "birth" in values or ("said_age" in values and values["said_age"][0] != value[0])
    if path == "birth":
        return path in values and not str(value).startswith(values[path])
    return path in values and bool(values[path] != value)


def denied(talk: Talk, reading: Reading, new: Values) -> list[str]:
    """What stands and is said not to hold: 我不是破格."""
    found = []
    for each in reading.denied:
        path, _, value = each.partition("=")
        held = (
            path in circumstances_of(talk.case, talk.notice())
            if value == "true"
            else str(talk.values().get(path)) == value
        )
        if held and path not in new:
            found.append(path)
    return found


def edit(talk: Talk, entry: Entry) -> None:
    """Offer a change of what has been checked already; back on the check page when it came from a button there."""
    values, new, claims = talk.values(), entry.set, entry.claims
    back = list(entry.unset) + list(entry.skip)
    if not new and not claims and not back:
        if entry.screened and not talk.case.screened:
            talk.record(entry)
        if talk.s.state == ASKING and (entry.screened or entry.asked):
            talk.move("answer", REVIEW)
        if entry.screened or entry.asked:
            talk.say("same", lines=[], claims=[])
        talk.again = True  # only doubts, said already
        return
    if talk.s.state == ASKING:
        talk.move("answer", REVIEW)
    fresh = all(path not in values for path in new)
    opens = any(root_of(path) in (*special_under(talk.notice()), "sector") for path in new)  # 破格呢 may only ask
    if new and fresh and not (claims or back or opens) and changes.changes_nothing(talk, entry):
        talk.record(entry)
        talk.say("taken", lines=talk.lines(set(new)), claims=[])
    elif back or not talk.view().claims.issuperset(claims) or any(values.get(path, ()) != new[path] for path in new):
        changes.offer(talk, entry)
    else:
        talk.say("same", lines=talk.lines(set(new)), claims=claims)
        talk.again = True


def claimed(reading: Reading, said: str) -> list[str]:
    """Circumstances that were named without their details, half told or in the words of their button."""
    half = [doubt.fact for doubt in reading.doubts if doubt.fact in (*DETAILED, "tenure_start")]
    labels = [(name, label) for name in DETAILED for _, label in FACTS[name].screen if name not in reading.facts]
    return list(dict.fromkeys(half + [name for name, label in labels if _named(label, plain(said))]))


def _named(label: str, words: str) -> bool:
    lead, found, _ = words.partition(label)
    return bool(found) and not re.search("[没无不未]有?是?$", lead)


def simple_answer(talk: Talk, command: str, asked: str, said: str) -> Entry | None:
    """都没有, 没有, 记不清 and 是 as the answer to what is asked; None where that is no answer to it."""
    root = asked.partition(".")[0]
    new: Values = {}
    unset: list[str] = []
    skip: list[str] = []
    question = wording().questions[root]
    if command == "unknown" and root == "history":
        new = talk.hours(asked, None)
    elif command == "unknown" and question.unknown:
        skip = [root]
        stands = {path.partition(".")[0] for path in talk.values()} | talk.view().claims
        unset = [name for name in (AGES if root in ("birth", "birth_day") else (root,)) if name in stands]
        unset = [] if root == "birth_day" else unset
    elif root == "circumstances" and command == "unknown":
        skip = [root]  # not the same as none
        unset = circumstances_of(talk.case, talk.notice()) if talk.s.redo == asked else []
    elif root == "circumstances" and command != "yes":
        unset = circumstances_of(talk.case, talk.notice()) if talk.s.redo == asked else []
    elif root in ("transfer", "tenure_start", "postdoc") and command in ("none", "no"):
        skip, unset = [root] if root == "tenure_start" else [], [root]
    elif root in FACTS and FACTS[root].kind == "years" and command in ("none", "no"):
        new = {root: []}
    elif root == "grassroots_graduate" and command != "unknown":
        new = {root: command == "yes"}
    elif root == "history" and command in ("none", "no"):
        new = talk.hours(asked, 0)
    else:
        return None
    return talk.entry(new, said, asked=asked, unset=unset, skip=skip, screened=root == "circumstances" and not skip)


def take_simple(talk: Talk, entry: Entry, asked: str, command: str) -> None:
    if talk.s.editing:
        edit(talk, entry)
        return
    talk.record(entry)
    talk.settled(asked)
    if command == "unknown":
        talk.say("unknown_taken", asked=asked)
    else:
        talk.say("taken", lines=[], claims=[])
    talk.advance("answer")


def take_none(talk: Talk) -> None:
    """看结果 at the question for special circumstances, where nothing else is open: none."""
    if (entry := simple_answer(talk, "none", "circumstances", wording().labels["result"])) is not None:
        take_simple(talk, entry, "circumstances", "none")


def take_unknown(talk: Talk, asked: str, said: str) -> None:
    """记不清: hours become a range; another fact is left open and not asked again."""
    entry = simple_answer(talk, "unknown", asked, said)
    if entry is not None:
        take_simple(talk, entry, asked, "unknown")


def settles(talk: Talk, asked: str, new: Values, claims: Iterable[str]) -> bool:
    """Whether what is told answers the pending question."""
    if asked == "circumstances" and talk.s.redo != asked:
        claims = [name for name in claims if name not in talk.view().claims]
        roots = {path.partition(".")[0] for path in new if path.partition(".")[0] in special_under(talk.notice())}
        if not claims and roots <= talk.view().claims:
            return False  # the details of what was tapped, not yet whether there is more
    if asked == "circumstances" and claims:
        return True
    return any(is_about(talk, asked, path) and path != "birth_year" for path in new)
