"""Buttons: a tap belongs to the prompt whose serial it carries and never lands on another question."""

from __future__ import annotations

from bot.casefile import Values, fold
from bot.interview import changes, commands, told
from bot.interview.talk import Talk
from bot.states import ASKING, RESULT, REVIEW
from bot.wording import wording


def take_tap(talk: Talk, choice: str) -> None:
    serial, _, code = choice.partition(".")
    live = serial == str(talk.s["serial"])
    kind, _, name = code.partition(":")
    if kind == "offer":
        if talk.s["offer"] is not None and live:
            changes.resolve(talk, name == "yes")
        else:
            stale(talk)
    elif kind in ("topic", "platform"):
        answer = talk.ask(code, talk.facts(), None)
        if answer is None:
            stale(talk)
        else:
            talk.say("answer", text=answer.text, links=answer.links)
            talk.again = True
    elif kind == "edit":
        edit_one(talk, name)
    elif kind == "go":
        over = not live and name in ("back", "unknown", "result", "begin", "undo", "why")
        if over or not commands.do(talk, name):
            stale(talk)
    elif "=" in code:
        tap_answer(talk, code, live)
    else:
        stale(talk)


def stale(talk: Talk) -> None:
    """A button of a prompt that is over: the pending one is put again."""
    talk.toast = "stale"
    if not talk.says:
        talk.say("stale")
    talk.again = True


def edit_one(talk: Talk, fact: str) -> None:
    """改 of one line on the check page: that question again."""
    if fact.split(".")[0] not in wording().questions:
        stale(talk)
        return
    if talk.s["state"] == ASKING:
        talk.case["path"].append(talk.s["asking"])
    talk.s["redo"] = fact
    talk.s["editing"] = talk.s["state"] in (REVIEW, RESULT) and fact != "circumstances"
    if fact == "circumstances":
        talk.case["screened"] = False
    event = "edit" if talk.s["state"] in (REVIEW, RESULT) else "answer" if talk.s["state"] == ASKING else "begin"
    talk.move(event, ASKING, fact)


def tap_answer(talk: Talk, code: str, live: bool) -> None:
    asked, _, value = code.partition("=")
    root = asked.split(".")[0]
    mine = live or (talk.s["state"] == ASKING and talk.s["asking"] == asked)
    label = wording().questions[root].label(value) if root in wording().questions else value
    if not mine or talk.s["state"] != ASKING or talk.s["asking"] != asked:
        new = tapped(talk, asked, value)
        values = talk.values()
        if new and all(path in values and values[path] == each for path, each in new.items()):
            talk.toast = "taken"
            talk.say("same", lines=talk.lines(set(new)))
            talk.again = True
        elif new:
            changes.offer(talk, new, label, None, [])
        else:
            stale(talk)
        return
    if root == "circumstances":
        tap_circumstance(talk, value, label)
        return
    new = tapped(talk, asked, value)
    if not new:
        stale(talk)
        return
    if talk.s.get("editing"):
        told.edit(talk, new, label, None, [])
        return
    if root == "review_year":
        talk.s.pop("which_year", None)
        if int(value) not in talk.packs.by_year:
            talk.say("no_pack", year=int(value), newest=talk.packs.newest.review_year)
            new = {}
    if new and talk.refused({**talk.values(), **new}):
        return
    talk.record(new, label, None, asked=asked)
    talk.settled(asked)
    talk.say("taken", lines=talk.lines(set(new)), claims=[], corrected=False)
    talk.advance("answer")


def tap_circumstance(talk: Talk, value: str, label: str) -> None:
    """One circumstance tapped: its details follow, then whether there is another."""
    asked = "circumstances"
    claimed = [label] if value != "none" else []
    if value == "none":
        talk.record({}, label, None, asked=asked)
        talk.settled(asked)
    else:
        new: Values = {}
        claims: list[str] = []
        if value == "grassroots":
            new, claimed = {"grassroots": True}, []
        elif value in ("exceptional", "recognition"):
            new = {"route": value}
        else:
            claims = [value]
        unset = ["sector"] if value == "transfer" and talk.values().get("sector") == "government" else None
        talk.record(new, label, None, asked=asked, claims=claims, unset=unset)
        talk.case["path"].append(asked)
        talk.s["redo"] = None
    talk.say("taken", lines=talk.lines(set(fold({"log": talk.case["log"][-1:]}))), claims=claimed, corrected=False)
    talk.advance("answer")


def tapped(talk: Talk, asked: str, value: str) -> Values:
    """What a button of a question sets."""
    root = asked.split(".")[0]
    if root == "history":
        return talk.hours(asked, "full" if value == "full" else 0)
    if root == "circumstances":
        found: dict[str, Values] = {
            "grassroots": {"grassroots": True}, "exceptional": {"route": value}, "recognition": {"route": value},
        }  # fmt: skip
        return found.get(value, {})
    if root == "postdoc":
        done = value in ("grant", "project")
        flags = {
            "grant": value == "grant",
            "project": value == "project",
            "left_station": True,
            "stayed_in_region": True,
        }
        if value == "in_station":
            flags = {"left_station": False}
        elif value == "left_region":
            flags = {"left_station": True, "stayed_in_region": False}
        elif not done:
            flags = {"grant": False, "project": False}
        return {f"postdoc.{name}": flag for name, flag in flags.items()}
    if root == "epidemic_years":
        return {root: [int(value)] if value.isdigit() else []}
    if root in ("recognition_years", "review_year"):
        return {root: int(value)} if value.isdigit() else {}
    if value in ("true", "false"):
        return {root: value == "true"}
    allowed = {choice for choice, _ in wording().questions[root].choices} if root in wording().questions else set()
    return {root: value} if value in allowed else {}
