"""The pending prompt: its buttons, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.casefile import CIRCUMSTANCES, Values, asked_years, fold, questions
from bot.interview import changes
from bot.interview.said import Answered
from bot.interview.talk import Talk, is_about
from bot.progress import questions_left
from bot.states import ASKING, IDLE, RESULT, REVIEW, WELCOME
from bot.wording import wording


def edits(talk: Talk) -> tuple[tuple[str, str], ...]:
    """A button 改 for each line of the check page."""
    values = talk.values()
    names = []
    for fact in (
        "sector",
        "birth",
        "sex",
        "title_level",
        "circumstances",
        "tenure_start",
        "recognition_years",
        "history",
    ):
        known = {
            "birth": any(name in values for name in ("birth", "said_age", "birth_year")),
            "circumstances": talk.case["screened"] or any(path.split(".")[0] in CIRCUMSTANCES for path in values),
            "history": any(path.startswith("history.") for path in values),
        }
        if known.get(fact, fact in values) or fact in talk.case["skipped"]:
            names.append(fact)
    return tuple((f"edit:{name}", f"改{wording().questions[name].name}") for name in names)


def codes(talk: Talk) -> tuple[tuple[str, str], ...]:
    """The buttons of the pending prompt, in order."""
    if talk.s["offer"] is not None:
        if talk.s["offer"]["do"] == "change":
            return (("offer:yes", "改"), ("offer:no", "不改"))
        word = "sure_delete" if talk.s["offer"]["do"] == "delete" else "sure_restart"
        return (("offer:yes", wording().labels[word]), ("offer:no", wording().labels["sure_no"]))
    state = talk.s["state"]
    if state == WELCOME:
        return (("go:begin", ""), ("go:ask", ""))
    if state == IDLE:
        return (("go:begin", ""),) if not talk.case["log"] else (("go:continue", ""), ("go:restart", ""))
    if state == REVIEW:
        undo = (("go:undo", ""),) if talk.s["undo"] else ()
        return (("go:result", ""), *edits(talk), *undo, ("go:back", ""))
    if state == RESULT:
        names = ["edit", "explain", "platform", "remind", "keep", "other", "delete"]
        if talk.s["undo"]:
            names.insert(1, "undo")
        if talk.s["current"] == "other":
            names[names.index("other") : names.index("other")] = ["mine"]
        return tuple((f"go:{name}", "") for name in names)
    asked = str(talk.s["asking"])
    question = wording().questions[asked.split(".")[0]]
    answers = [(f"{asked}={value}", label) for value, label in answers_of(talk, asked)]
    around = [("go:back", ""), ("go:why", "")] + ([("go:unknown", "")] if question.unknown else [])
    return (*answers, *around)


def takes_numbers(talk: Talk) -> bool:
    """Whether a bare number is an answer rather than the number of a button."""
    if talk.s["offer"] is not None:
        return False
    asking = str(talk.s["asking"]).split(".")[0] if talk.s["state"] == ASKING else ""
    return asking in ("birth", "birth_day", "recognition_years", "tenure_start", "transfer", "epidemic_years") or (
        str(talk.s["asking"]).startswith("history.") and talk.s["state"] == ASKING
    )


def answers_of(talk: Talk, asked: str) -> list[tuple[str, str]]:
    root = asked.split(".")[0]
    choices = list(wording().questions[root].choices)
    if root == "review_year":
        years = sorted({*talk.packs.by_year, talk.today.year})
        return [(str(year), f"{year}年度") for year in years]
    if root == "circumstances":
        values = talk.values()
        claimed = {name for entry in talk.case["log"] for name in entry.get("claims", ())}
        taken = {name for name in ("grassroots",) if values.get(name)} | {str(values.get("route"))} | claimed
        return [(value, label) for value, label in choices if value not in taken]
    if asked.count(".") == 2:
        return []
    return choices


def put_prompt(talk: Talk) -> None:
    """Put the pending prompt under what has been said, with a new serial where it is another one."""
    offer = talk.s["offer"]
    shown = repr((talk.s["state"], talk.s["asking"], offer, talk.s["current"], len(talk.case["log"])))
    if shown != talk.s["shown"]:
        talk.s["serial"] += 1
        talk.s["shown"] = shown
    buttons = codes(talk)
    if offer is not None:
        prompt_offer(talk, offer, buttons)
    elif talk.s["state"] == WELCOME:
        talk.say("welcome" if not (talk.again and talk.says) else "welcome_again", buttons)
    elif talk.s["state"] == IDLE:
        talk.say("idle", buttons, known=bool(talk.case["log"]))
    elif talk.s["state"] == REVIEW:
        talk.say(
            "review", buttons, lines=talk.lines(), skipped=talk.case["skipped"], other=talk.s["current"] == "other"
        )
    elif talk.s["state"] == RESULT:
        talk.say(
            "result",
            buttons,
            assessment=talk.assessment(),
            facts=talk.facts(),
            other=talk.s["current"] == "other",
            again=talk.again and bool(talk.says),
        )
    else:
        prompt_question(talk, buttons)


def prompt_question(talk: Talk, buttons: tuple[tuple[str, str], ...]) -> None:
    asked = str(talk.s["asking"])
    values, pack = talk.values(), talk.pack()
    parts = asked.split(".")
    known = [line for line in talk.lines() if is_about(asked, line["path"])] if talk.s["redo"] == asked else []
    nothing = talk.s["redo"] == asked == "circumstances" and not known
    left = questions_left(talk.packs, talk.case, talk.today) if asked != "review_year" else (1, 1)
    talk.say(
        "ask", buttons, takes_numbers=takes_numbers(talk),
        asked=parts[0], year=parts[1] if len(parts) > 1 else "", category=parts[2] if len(parts) > 2 else "",
        years=asked_years(values, pack), again=asked_again(talk, parts[0], values),
        hint=values.get("birth_year") or (values.get("said_age") or [None])[0], known=known, nothing=nothing, left=left,
    )  # fmt: skip


def asked_again(talk: Talk, root: str, values: Values) -> bool:
    if root == "birth":
        return "birth_year" in values or "said_age" in values
    if root != "circumstances" or talk.s["redo"] == root:
        return False
    return any(entry["asked"] == root and (entry["set"] or entry.get("claims")) for entry in talk.case["log"])


def prompt_offer(talk: Talk, offer: Mapping[str, Any], buttons: tuple[tuple[str, str], ...]) -> None:
    if offer["do"] != "change":
        talk.say(f"offer_{offer['do']}", buttons)
        return
    entry = offer["entry"]
    after = changes.changed(talk, entry["set"], entry.get("claims", []))
    values = talk.values()
    rows = [
        {"path": path, "old": values.get(path), "known": path in values, "new": value}
        for path, value in entry["set"].items()
    ]
    talk.say(
        "offer_change", buttons, changes=rows, claims=entry.get("claims", []), before=talk.assessment(), after=talk.assessment(after),
        more=len(questions(talk.packs, after, talk.today)),
        fewer=changes.no_longer(values, fold(after)),
    )  # fmt: skip


def topics(answer: Answered) -> tuple[tuple[str, str], ...]:
    return tuple((f"topic:{topic}", label) for topic, label in answer.near)
