"""The pending prompt: its buttons, and what it shows."""

from __future__ import annotations

from typing import Any

from bot.asking import changes, colleagues, remarks, stepwise
from bot.asking.casefile import (
    AGES,
    CIRCUMSTANCES,
    Case,
    Entry,
    Values,
    circumstances_of,
    fold,
    notice_of,
    root_of,
    screened,
    with_entry,
    year_open,
    years_offered,
)  # fmt: skip
from bot.asking.open_questions import QUESTIONS, WHERE
from bot.asking.progress import Left, questions_left
from bot.asking.questionnaire import wording
from bot.asking.session import Offer
from bot.asking.speech import Answered
from bot.asking.states import IDLE, RESULT, REVIEW, WELCOME
from bot.asking.steps import steps
from bot.asking.talk import Talk, is_about
from rules import ELSEWHERE
from rules.registry import FACTS, YES_NO

_ASIDES = (
    "answer",
    "why",
    "human",
    "help",
    "thanks",
    "understanding",
    "data",
    "recap",
    "step",
)  # after these the same prompt returns
_EDITABLE = tuple(name for name in QUESTIONS if name != "birth_day")


def edits(talk: Talk) -> tuple[tuple[str, str], ...]:
    """A button 改 for each line of the check page."""
    told = {root_of(line["path"]) for line in talk.lines()} | {root_of(name) for name in talk.case.skipped}
    if talk.case.screened or told.intersection(CIRCUMSTANCES) or talk.view().claims:
        told.add("circumstances")
    return tuple((f"edit:{name}", f"改{wording().questions[name].name}") for name in _EDITABLE if name in told)


def codes(talk: Talk) -> tuple[tuple[str, str], ...]:
    """The buttons of the pending prompt, in order."""
    if talk.s.offer is not None:
        if talk.s.offer.do == "change":
            return (("offer:yes", "改"), ("offer:no", "不改"))
        no = "remark_no" if talk.s.offer.do == "remark" else "sure_no"
        return (("offer:yes", wording().labels[f"sure_{talk.s.offer.do}"]), ("offer:no", wording().labels[no]))
    state = talk.s.state
    if state == WELCOME:
        return (*_which_year(talk), ("go:begin", ""), ("go:ask", ""))
    if state == IDLE:
        return (("go:begin", ""),) if not talk.case.log else (("go:continue", ""), ("go:restart", ""))
    if state == REVIEW:
        undo = (("go:undo", ""),) if talk.s.undo else ()
        return (("go:result", ""), *edits(talk), *undo, ("go:back", ""))
    if state == RESULT:
        names = [*steps(talk.view().assessment, talk.notice(), talk.today)]
        names += ["edit", *(["undo"] if talk.s.undo else []), "explain", "remind", "keep", "other", "delete"]
        if talk.s.current != "self":
            names[names.index("other") : names.index("other")] = ["mine"]
        return (*colleagues.buttons(talk), *((f"go:{name}", "") for name in names))
    asked = str(talk.s.asking)
    question = wording().questions[asked.split(".")[0]]
    answers = [(f"{asked}={value}", label) for value, label in answers_of(talk, asked) if not talk.s.step]
    around = [("go:back", ""), ("go:why", "")] + ([("go:unknown", "")] if question.unknown else [])
    return (*answers, *around)


def _which_year(talk: Talk) -> tuple[tuple[str, str], ...]:
    """The years as buttons of the welcome, where the day leaves it open."""
    if not year_open(talk.library, talk.values(), talk.today):
        return ()
    return tuple((f"review_year={year}", label) for year, label in places(talk, "review_year"))


def _aside(talk: Talk) -> bool:
    """Whether the message was answered and moved nothing: the same prompt returns, in the same words."""
    return bool(talk.says) and talk.says[-1].template in _ASIDES


def takes_numbers(talk: Talk) -> bool:
    """Whether a bare number is an answer rather than the number of a button."""
    if talk.s.offer is not None:
        return False
    if "." in talk.s.step:
        return True  # of one year and category
    asked = talk.asked() or ""
    kind = FACTS[asked].kind if asked in FACTS and asked not in WHERE else ""
    return kind in ("birth", "part", "whole", "month", "years") or asked.startswith("history.")


def answers_of(talk: Talk, asked: str) -> list[tuple[str, str]]:
    root = asked.split(".")[0]
    choices = list(wording().questions[root].choices)
    if root in WHERE:
        return places(talk, root)
    if root == "circumstances":
        offered = screened(talk.notice(), _when_screened(talk)) | set(circumstances_of(talk.case, talk.notice()))
        choices = [(value, label) for value, label in choices if value in ("none", *offered)]
    if root == "circumstances" and talk.s.redo != root:
        values = talk.values()
        taken = {str(values.get("route")), *talk.view().claims, *(name for name in YES_NO if values.get(name))}
        return [(value, label) for value, label in choices if value not in taken]
    if asked.count(".") == 2:
        return []
    return choices


def _when_screened(talk: Talk) -> Values:
    """What was known when the screening question was answered, so that going back to it shows the same buttons."""
    log = talk.case.log
    at = next((n for n, entry in enumerate(log) if entry.asked == "circumstances"), len(log))
    return fold(Case(log[:at]))


def places(talk: Talk, root: str) -> list[tuple[str, str]]:
    """What a case may be about: the years between which one is asked, the regions, the areas with notices of their own."""
    library, values = talk.library, talk.values()
    if root == "review_year":
        years = sorted(
            {
                *years_offered(library, values, talk.today),
                *((talk.today.year, talk.notice().review_year) if talk.which_year else ()),
            }
        )
        return [(str(year), f"{year}年度") for year in years]
    if root == "region":
        return [(region, library.name_of(region)) for region in library.regions]
    region = notice_of(library, values, talk.today).region
    return [(area, library.name_of(area)) for area in (*library.areas(region), ELSEWHERE)]


def unnoticed(talk: Talk) -> list[int]:
    """The years among those offered that have no notice yet: they are estimated."""
    known = talk.library.years(talk.notice().region)
    return [int(year) for year, _ in places(talk, "review_year") if int(year) not in known]


def place_of(talk: Talk, root: str, value: str) -> Values:
    """What a button of such a question sets; nothing for a button that no prompt ever had."""
    if root == "review_year":
        known = value.isdecimal() and len(value) == 4 and talk.may_ask_about(int(value))
        return {root: int(value)} if known else {}
    library = talk.library
    every = (
        library.regions if root == "region" else [ELSEWHERE, *(a for r in library.regions for a in library.areas(r))]
    )
    return {root: value} if value in every else {}


def put_prompt(talk: Talk) -> None:
    """Put the pending prompt under what has been said, with a new serial where it is another one."""
    offer = talk.s.offer
    shown = repr((talk.s.state, talk.s.asking, talk.s.redo, offer, talk.s.current, len(talk.case.log)))
    if shown != talk.s.shown or talk.s.step:
        talk.s.repeats = 0  # each step narrows the answer down: another prompt
    elif not _aside(talk):
        talk.s.repeats += 1
    if shown != talk.s.shown:
        talk.s.serial += 1
        talk.s.shown = shown
    buttons = codes(talk)
    talk.s.above = tuple(code for say in talk.says for code, _ in say.choices)  # numbers run on through what is shown
    if offer is not None:
        prompt_offer(talk, offer, buttons)
    elif talk.s.state == WELCOME:
        template = "welcome" if not (talk.again and talk.says) else "welcome_again"
        talk.say(template, buttons, years=[label for _, label in _which_year(talk)], unnoticed=unnoticed(talk))
    elif talk.s.state == IDLE:
        talk.say("idle", buttons, known=bool(talk.case.log))
    elif talk.s.state == REVIEW:
        talk.say(
            "review", buttons, lines=talk.lines(), skipped=talk.case.skipped, other=talk.s.current != "self",
            claims=sorted(talk.view().claims - {root_of(line["path"]) for line in talk.lines()}),
            nothing=talk.case.screened and not circumstances_of(talk.case, talk.notice()),
        )  # fmt: skip
    elif talk.s.state == RESULT:
        if talk.s.names:
            ended = {key: talk.view(talk.s.cases[key]) for key in talk.s.names}
            rows = [(talk.s.names[key], None if view.questions else view.assessment) for key, view in ended.items()]
            talk.say("people_so_far", rows=rows)
        talk.say(
            "result",
            buttons,
            assessment=talk.view().assessment,
            facts=talk.view().facts,
            left_open=left_open(talk),
            other=talk.s.current != "self",
            again=talk.again,
        )
    else:
        prompt_question(talk, buttons)


def left_open(talk: Talk) -> list[str]:
    """What was left open though it might still help; what the rules need is named by the result itself."""
    if talk.view().assessment["status"] not in ("short", "uncertain", "needs"):
        return []
    left: list[str] = []
    for entry in talk.case.log:  # steps back take nothing out of it
        told = {root_of(path) for path in entry.set}
        if entry.screened or entry.claims or told.intersection(CIRCUMSTANCES):
            told.add("circumstances")
        left = [name for name in left if name not in told]
        left += [name for name in entry.skip if name not in left]
    return [name for name in left if name in ("circumstances", *CIRCUMSTANCES)]


def prompt_question(talk: Talk, buttons: tuple[tuple[str, str], ...]) -> None:
    asked, view = str(talk.s.asking), talk.view()
    parts = (
        ["history", *talk.s.step.split(".")[:2]] if asked.startswith("history") and talk.s.step else asked.split(".")
    )
    redo = talk.s.redo == asked
    known = [line for line in talk.lines() if is_about(talk, asked, line["path"])] if redo else []
    claims = (
        sorted(view.claims - {root_of(line["path"]) for line in known}) if redo and asked == "circumstances" else []
    )
    # Off the check page it is this question alone, and the offer says what it opens.
    if (
        asked == "review_year" and asked not in view.questions
    ):  # the year has turned since: it stands before all the others
        rest = questions_left(view)
        left = Left(rest.fewest + 1, rest.most + 1, rest.more)
    else:
        left = Left(1, 1, False) if talk.s.editing else questions_left(view, asked if redo else "")
    talk.say(
        "ask", buttons, steps=stepwise.buttons(talk), takes_numbers=takes_numbers(talk),
        answered=answered(talk, parts[0]),
        asked=parts[0], year=parts[1] if len(parts) > 1 else "", category=parts[2] if len(parts) > 2 else "",
        years=view.years if asked == "history" else [], unnoticed=unnoticed(talk) if asked == "review_year" else [],
        again=asked_again(talk, parts[0]), known=known, claims=claims, times=1 + talk.s.repeats * (not _aside(talk)),
        nothing=redo and asked == "circumstances" and not known and not claims and _said_none(talk), left=left,
    )  # fmt: skip


def answered(talk: Talk, asked: str) -> int:
    """How many questions lie behind: told in whatever way, or left open."""
    told = {root_of(path) for path in talk.values()} | {root_of(name) for name in talk.case.skipped}
    if talk.case.screened or told.intersection(CIRCUMSTANCES):
        told.add("circumstances")
    return len(told.intersection(QUESTIONS) - {root_of(asked)})


def _said_none(talk: Talk) -> bool:
    """Whether 都没有 was the last word on special circumstances, rather than 记不清."""
    for entry in reversed(talk.case.log):
        if entry.screened or "circumstances" in entry.skip:
            return bool(entry.screened)
    return False


def asked_again(talk: Talk, root: str) -> bool:
    """Whether a question is put once more to complete what was told."""
    values = talk.values()
    if root == "birth":
        return "birth_year" in values or "said_age" in values or bool(talk.s.hint) or len(talk.s.step) == 4
    if root != "circumstances" or talk.s.redo == root:
        return False
    return bool(circumstances_of(talk.case, talk.notice()))


def prompt_offer(talk: Talk, offer: Offer, buttons: tuple[tuple[str, str], ...]) -> None:
    if offer.do == "remark":
        rows = [
            (one.said, tuple(dict.fromkeys(one.words + one.unknown)), talk.lines(set(one.paths)))
            for one in remarks.standing(talk)
        ]
        talk.say("offer_remark", buttons, remarks=rows)
        return
    if offer.do != "change":
        talk.say(f"offer_{offer.do}", buttons)
        return
    entry = offer.entry
    before, after = talk.view(), talk.view(with_entry(talk.case, entry))
    talk.say(
        "offer_change", buttons, changes=_rows(talk, before.values, entry), gone=_gone(before.values, entry),
        claims=entry.claims, before=before.assessment, after=after.assessment,
        more=questions_left(after), fewer=changes.no_longer(talk.case, after.case, talk),
    )  # fmt: skip


def _rows(talk: Talk, values: Values, entry: Entry) -> list[dict[str, Any]]:
    rows = []
    for path, value in entry.set.items():
        if values.get(path, ()) == value:
            continue  # stands already
        old = next((name for name in AGES if name in values), path) if path in AGES else path
        was, now = talk.named(path, values.get(old)), talk.named(path, value)
        rows.append({"path": path, "old_path": old, "old": was, "known": old in values, "new": now})
    return rows


def _gone(values: Values, entry: Entry) -> list[dict[str, Any]]:
    """What a change takes back, each with all that stood of it."""
    rows = []
    told = {root_of(path) for path in entry.set}
    for name in dict.fromkeys([*entry.unset, *entry.skip]):
        stood = {path: value for path, value in values.items() if path == name or path.startswith(f"{name}.")}
        if root_of(name) not in told and (stood or name not in entry.skip):
            rows.append({"name": name, "stood": stood, "left_open": root_of(name) in entry.skip})
    return rows


def topics(answer: Answered) -> tuple[tuple[str, str], ...]:
    return tuple((f"topic:{topic}", label) for topic, label in answer.near)
