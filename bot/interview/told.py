"""What a message tells is taken: several facts at once, corrections, 没有 and 记不清."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.casefile import Values, flatten, pack_of
from bot.interview import changes
from bot.interview.talk import Talk, is_about
from bot.language import Reading
from bot.language.ordinary import nothing_special
from bot.states import ASKING, RESULT, REVIEW
from bot.wording import wording


def wanted(talk: Talk, reading: Reading) -> tuple[Values, list[tuple[str, dict[str, Any]]]]:
    """The values a reading would set, and notes on what cannot be taken."""
    values = talk.values()
    new = flatten(reading.facts)
    notes: list[tuple[str, dict[str, Any]]] = []
    if "age" in new:
        new["said_age"] = [new.pop("age"), talk.today.isoformat()]
    if "birth_day" in new:
        day = new.pop("birth_day")
        birth = str(values.get("birth", ""))
        if len(birth) >= 7:
            new["birth"] = f"{birth[:7]}-{int(day):02}"
    year = new.get("review_year")
    if year is not None and year not in talk.packs.by_year:
        del new["review_year"]
        notes.append(("no_pack", {"year": year, "newest": talk.packs.newest.review_year}))
    pack = pack_of(talk.packs, {**values, **new})
    last = int(str(new.get("review_date", values.get("review_date", pack.application_day(talk.today).isoformat())))[:4])
    for path in [path for path in new if path.startswith("history.") and int(path.split(".")[1]) > last]:
        notes.append(("later_year", {"year": path.split(".")[1], "review_year": pack.review_year}))
        del new[path]
    if reading.adding:
        for path in new:
            old = values.get(path)
            if path.startswith("history.") and isinstance(old, (int, float)) and isinstance(new[path], (int, float)):
                new[path] += old
    for doubt in reading.doubts:
        if doubt.reason == "birth_year_only" and isinstance(doubt.hint, dict) and "birth" not in values:
            new["birth_year"] = doubt.hint.get("birth_year")
    return new, notes


def take_facts(talk: Talk, reading: Reading, said: str) -> bool:
    """Take what a message tells; False where it tells nothing."""
    asked = talk.s["asking"] if talk.s["state"] == ASKING else None
    new, notes = wanted(talk, reading)
    claims = claimed(reading)
    simple = reading.command in ("none", "no", "unknown", "yes") and asked is not None
    if not new and not notes and not claims and not reading.denied and not reading.doubts and not simple:
        return False
    ordinary = not talk.case["screened"] and nothing_special(said)
    for template, context in {repr(note): note for note in notes}.values():
        talk.say(template, **context)
    values = talk.values()
    for denied in reading.denied:
        path, _, value = denied.partition("=")
        if str(values.get(path)) == value and path not in new:
            talk.record({}, said, reading, asked="", unset=[path])
            values.pop(path)
    if simple and not new and asked is not None and take_simple(talk, str(reading.command), asked, said):
        return True
    if new and talk.refused({**values, **new}):
        return True
    for doubt in reading.doubts:
        talk.say("doubt", reason=doubt.reason, words=doubt.words, fact=doubt.fact, hint=doubt.hint or {})
    changed = {path: value for path, value in new.items() if path in values and values[path] != value}
    changed |= age_against_birth(values, new, talk.today)
    if talk.s["state"] in (REVIEW, RESULT) or talk.s.get("editing"):
        edit(talk, new, said, reading, claims)
        return True
    settled = asked is not None and settles(talk, asked, new, claims)
    opposed = (
        {} if reading.correction else {path: value for path, value in changed.items() if not is_about(asked, path)}
    )
    taken = {path: value for path, value in new.items() if path not in opposed}
    if taken or claims:
        talk.record(taken, said, reading, asked=asked if settled else "", claims=claims)
        if settled and asked is not None:
            talk.settled(asked)
        if ordinary:
            talk.case["screened"] = True
        talk.say(
            "taken",
            lines=talk.lines(set(taken)),
            claims=[wording().questions[name].name for name in claims],
            corrected=bool(changed) and reading.correction,
        )
    elif asked is not None and not reading.denied:
        talk.s["fails"][asked] = talk.s["fails"].get(asked, 0) + 1
    if opposed:
        changes.offer(talk, opposed, said, reading, [])
        return True
    talk.advance("answer")
    return True


def edit(talk: Talk, new: Values, said: str, reading: Reading | None, claims: list[str]) -> None:
    """Offer a change of what has been checked already; back on the check page when it came from a button there."""
    values = talk.values()
    if talk.s["state"] == ASKING and (new or claims):
        talk.s["redo"] = None
        talk.move("answer", REVIEW)
    if not new and not claims:
        talk.again = True  # only doubts, said already
        return
    talk.s["editing"] = False
    if not claims and all(path not in values for path in new) and changes.changes_nothing(talk, new):
        talk.record(new, said, reading, asked="")
        talk.say("taken", lines=talk.lines(set(new)), claims=[], corrected=False)
    elif claims or any(path not in values or values[path] != value for path, value in new.items()):
        changes.offer(talk, new, said, reading, claims)
    else:
        talk.say("same", lines=talk.lines(set(new)))
        talk.again = True


def claimed(reading: Reading) -> list[str]:
    """Circumstances that were named without their details."""
    return [
        doubt.fact
        for doubt in reading.doubts
        if doubt.fact in ("postdoc", "transfer", "tenure_start", "epidemic_years")
    ]


def take_simple(talk: Talk, command: str, asked: str, said: str) -> bool:
    """都没有, 没有, 记不清: answers to whatever is asked."""
    root = asked.split(".")[0]
    if command == "unknown":
        take_unknown(talk, asked, said)
        return True
    if root == "circumstances" and command in ("none", "no", "unknown"):
        talk.record({}, said, None, asked=asked)
        talk.case["screened"] = True
    elif root in ("transfer", "tenure_start", "postdoc") and command in ("none", "no"):
        talk.case["skipped"].append(root)
        talk.record({}, said, None, asked=asked)
    elif root == "epidemic_years" and command in ("none", "no"):
        talk.record({"epidemic_years": []}, said, None, asked=asked)
    elif root == "grassroots_graduate" and command in ("none", "no", "yes"):
        talk.record({"grassroots_graduate": command == "yes"}, said, None, asked=asked)
    elif root == "history" and command in ("none", "no"):
        talk.record(talk.hours(asked, 0), said, None, asked=asked)
    else:
        return False
    talk.settled(asked)
    talk.say("taken", lines=[], claims=[], corrected=False)
    talk.advance("answer")
    return True


def take_unknown(talk: Talk, asked: str, said: str) -> None:
    """记不清: hours become a range; another fact is left open and not asked again."""
    if asked.startswith("history"):
        talk.record(talk.hours(asked, None), said, None, asked=asked)
    elif asked == "circumstances":
        talk.record({}, said, None, asked=asked)
        talk.case["screened"] = True
    else:
        talk.record({}, said, None, asked=asked)
        talk.case["skipped"].append(asked.split(".")[0])
    talk.settled(asked)
    talk.say("unknown_taken", asked=asked)
    talk.advance("answer")


def settles(talk: Talk, asked: str, new: Values, claims: list[str]) -> bool:
    open_claims = {name for entry in talk.case["log"] for name in entry.get("claims", ())}
    if asked == "circumstances" and open_claims and {path.split(".")[0] for path in new} <= open_claims:
        return False  # the details of what was tapped, not yet whether there is more
    return any(is_about(asked, path) and path != "birth_year" for path in new) or (
        asked == "circumstances" and bool(claims)
    )


def age_against_birth(values: Values, new: Values, today: date) -> Values:
    """An age that contradicts the birth told before, or the other way round."""
    if "said_age" in new and "birth" in values:
        return {"said_age": new["said_age"]}
    return {}
