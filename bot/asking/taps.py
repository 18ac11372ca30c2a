"""Buttons: a tap belongs to the prompt whose serial it carries and never lands on another question."""

from __future__ import annotations

from bot.asking import changes, colleagues, commands, halves, intake, prompts, report, stepwise
from bot.asking.casefile import Values, root_of, with_entry
from bot.asking.open_questions import WHERE
from bot.asking.questionnaire import wording
from bot.asking.states import ASKING, IDLE, RESULT, REVIEW, WELCOME
from bot.asking.talk import Talk
from rules.registry import FACTS, YES_NO

# What these did was for the prompt they stood under; the others mean the same at any time.
_OF_THEIR_PROMPT = frozenset(("back", "unknown", "result", "begin", "ask", "undo", "why"))
_AFRESH = frozenset(("begin", "ask"))  # the welcome, also shown to people of whom nothing is kept yet


def take_tap(talk: Talk, choice: str) -> None:
    serial, _, code = choice.partition(".")
    live = serial == str(talk.s.serial)
    kind, _, name = code.partition(":")
    if kind == "offer":
        if talk.s.offer is not None and live:
            commands.resolve(talk, name == "yes")
        else:
            stale(talk)
    elif kind in ("topic", "platform"):
        answer = talk.ask(code, talk.view().facts, None)
        if answer is None:
            stale(talk)
        else:
            talk.say("answer", text=answer.text, links=answer.links, topic=answer.topic)
            report.answered(talk, answer.topic, "")
            talk.again = True
    elif kind == "sure":
        said = wording().labels.get(name, "")
        if not (live and halves.confirms(talk, "yes" if name == halves.YES else "", said)):
            stale(talk)
    elif kind == "type" and known(talk, stepwise.typed(talk, name)[1], []):
        talk.toast, talk.again = "taken", True
        talk.say("same", lines=talk.lines(set(stepwise.typed(talk, name)[1])), claims=[])
    elif kind == "step":
        if not live or talk.s.offer is not None or not stepwise.take(talk, name):
            stale(talk)
    elif kind == "wrong" and name.isascii() and name.replace("-", "").isalnum():
        report.wrong(talk, name)
    elif kind == "person" and name in talk.s.names and talk.s.offer is None:
        colleagues.go(talk, name)
    elif kind == "edit":
        edit_one(talk, name)
    elif kind == "go":
        command(talk, name, live or (talk.fresh and name in _AFRESH))
    elif "=" in code:
        tap_answer(talk, code, live)
    else:
        stale(talk)


def stepped(talk: Talk, choice: str) -> str:
    """The last of several steps, where what it stands for is to be taken as if typed; "" for every other button."""
    serial, _, code = choice.partition(".")
    last = code.partition(":")[2] if code.startswith("type:") else ""
    words, sets = stepwise.typed(talk, last)
    alone = serial == str(talk.s.serial) and talk.s.offer is None  # else only what tells by itself what it is about
    return last if words and (alone or sets) and not known(talk, sets, []) else ""


def command(talk: Talk, name: str, live: bool) -> None:
    """A button that is no answer."""
    over = not live and (name in _OF_THEIR_PROMPT or (name == "other" and talk.s.current != "self"))
    if over or name not in wording().labels:
        stale(talk)
    elif talk.s.offer is not None and commands.with_offer(talk, name):
        return
    elif not commands.do(talk, name):
        stale(talk)


def stale(talk: Talk) -> None:
    """A button of a prompt that is over: the pending one is put again."""
    talk.toast = "stale"
    if not talk.says:
        talk.say("stale")
    talk.again = True


def edit_one(talk: Talk, fact: str) -> None:
    """改 of one line on the check page: that question again."""
    if fact not in wording().questions or not wording().questions[fact].ask:
        stale(talk)
    elif talk.s.offer is not None and talk.s.offer.do != "change":
        commands.with_offer(talk, "edit")
    else:
        if talk.s.offer is not None:
            talk.s.offer = None
            talk.say("kept", what="change")
        checked = talk.s.state in (REVIEW, RESULT) or talk.s.editing
        event = "edit" if talk.s.state in (REVIEW, RESULT) else "answer" if talk.s.state == ASKING else "begin"
        talk.ask_again(event, fact, editing=checked)


def tap_answer(talk: Talk, code: str, live: bool) -> None:
    """One of the answers under a question; of a question that is not pending it is an offer, or what is known already."""
    asked, _, value = code.partition("=")
    new, claims = tapped(talk, asked, value)
    nothing = asked == "circumstances" and value == "none"
    if not new and not claims and not nothing:
        stale(talk)
        return
    if not nothing and in_offer(talk, new, claims):
        talk.toast, talk.again = "taken", True
        return
    label = answer_label(asked, value)
    pending = talk.asked() == asked and (live or talk.s.offer is None)
    first = asked == "review_year" and talk.s.state in (WELCOME, IDLE) and talk.s.offer is None
    if known(talk, new, claims) and not nothing and not (pending and talk.s.redo == asked):
        talk.toast = "taken"
        talk.say("same", lines=talk.lines(set(new)), claims=claims)
        talk.again = True
    elif (pending or first) and (talk.s.redo == asked or not opposed(talk, new)):
        answer(talk, asked, label, new, claims)
    elif new or claims:
        changes.offer(talk, talk.entry(new, label, claims=claims, unset=beside(talk, asked, new, claims)))
    else:
        stale(talk)


def answer(talk: Talk, asked: str, label: str, new: Values, claims: list[str]) -> None:
    """The pending question is answered by its button."""
    unset = [*changes.replaced(talk, asked, new, claims), *beside(talk, asked, new, claims)]
    entry = talk.entry(new, label, asked=asked, claims=claims, unset=unset, screened=asked == "circumstances")
    if talk.s.editing:
        intake.edit(talk, entry)
        return
    if talk.refused(with_entry(talk.case, entry)):
        return
    talk.record(entry)
    talk.settled(asked)
    if asked == "circumstances" and (new or claims):
        talk.more_circumstances()
    talk.say("taken", lines=talk.lines(set(new)), claims=claims)
    talk.advance("answer" if talk.s.state == ASKING else "begin")


def beside(talk: Talk, asked: str, new: Values, claims: list[str]) -> list[str]:
    """What an answer takes back of other questions, and of its own where it has several parts."""
    if "transfer" in claims and talk.values().get("sector") == "government":
        return ["sector"]  # it is that of the post moved to
    return ["postdoc"] if asked == "postdoc" and new else []


def opposed(talk: Talk, new: Values) -> bool:
    """Whether it would replace what stands: 考核认定 after 破格, of which only one can be."""
    return any(path in talk.values() and talk.values()[path] != value for path, value in new.items())


def in_offer(talk: Talk, new: Values, claims: list[str]) -> bool:
    """Whether it is just what is being offered."""
    if talk.s.offer is None or talk.s.offer.do != "change":
        return False
    entry = talk.s.offer.entry
    return new.items() <= entry.set.items() and set(claims) <= set(entry.claims)


def known(talk: Talk, new: Values, claims: list[str]) -> bool:
    """Whether all of it stands already."""
    values = talk.values()
    held = talk.view().claims | {root_of(path) for path in values}
    return (
        (bool(new) or bool(claims))
        and held.issuperset(claims)
        and all(path in values and values[path] == value for path, value in new.items())
    )


def answer_label(asked: str, value: str) -> str:
    if asked == "review_year":
        return f"{value}年度"
    question = wording().questions.get(root_of(asked))
    return question.label(value) if question is not None else value


def tapped(talk: Talk, asked: str, value: str) -> tuple[Values, list[str]]:
    """What a button of a question sets, and the circumstance it claims; nothing for a button that no prompt ever had."""
    root = asked.partition(".")[0]
    question = wording().questions.get(root)
    if root in WHERE:
        return prompts.place_of(talk, root, value), []
    if question is None or not any(value == choice for choice, _ in question.choices):
        return {}, []
    if root == "history":
        _, *parts = asked.split(".")
        years = {str(each) for each in range(talk.notice().review_year - 20, talk.notice().review_year + 1)}
        if parts and (parts[0] not in years or len(parts) > 1):
            return {}, []
        return talk.hours(asked, "full" if value == "full" else 0), []
    if asked != root:
        return {}, []
    if root == "circumstances":
        if value in ("exceptional", "recognition"):
            return {"route": value}, []
        return ({value: True}, []) if value in YES_NO else ({}, [value] if value != "none" else [])
    if root == "postdoc":
        return {f"postdoc.{name}": flag for name, flag in _POSTDOC[value].items()}, []
    if FACTS[root].kind == "years":
        return {root: [int(value)] if value.isdigit() else []}, []
    if root == "recognition_years":
        return {root: int(value)}, []
    return {root: value == "true" if value in ("true", "false") else value}, []


_HERE = {"left_station": True, "stayed_in_region": True}
_POSTDOC: dict[str, dict[str, bool]] = {
    "grant": {"grant": True, "project": False, **_HERE},
    "project": {"grant": False, "project": True, **_HERE},
    "neither": {"grant": False, "project": False},
    "in_station": {"left_station": False},
    "left_region": {"left_station": True, "stayed_in_region": False},
}
