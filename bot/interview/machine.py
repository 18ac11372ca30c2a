"""One delivery through the interview: what changed meanwhile, the message itself, the prompt after it."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.casefile import KNOWN, Case, asked_years, facts_of, fold, pack_of, with_entry
from bot.interview import changes, commands, prompts, taps, told
from bot.interview.prompts import takes_numbers
from bot.interview.said import Ask, Session, Step, storable
from bot.interview.talk import Talk
from bot.language import Reading, read
from bot.messages import Message
from bot.open_questions import RANK
from bot.states import ASKING, IDLE, RESULT, REVIEW, WELCOME
from bot.wording import wording
from rules import Packs, assess


def take(
    packs: Packs, session: Session | None, message: Message, today: date, ask: Ask, expired: date | None = None
) -> Step:
    """What one delivery leads to. `expired`: the day on which facts told earlier were deleted for their age."""
    return step(Talk(packs, session, storable(message), today, ask), expired)


def codes(packs: Packs, session: Session, today: date) -> list[tuple[str, str]]:
    """The buttons of the pending prompt: (code, label)."""
    talk = Talk(packs, session, Message("", "", "", ""), today, lambda *_: None)
    return [(code, label or wording().labels[code.partition(":")[2]]) for code, label in prompts.codes(talk)]


def step(talk: Talk, expired: date | None) -> Step:
    if talk.message.group:
        return in_group(talk)
    if expired is not None:
        talk.say("expired", day=expired)
    catch_up(talk)
    if talk.message.kind == "choice":
        taps.take_tap(talk, talk.message.choice)
    elif talk.message.kind == "edit":
        take_edit(talk)
    elif talk.message.text.strip():
        take_text(talk, talk.message.text)
    else:
        take_wordless(talk)
    talk.s["day"] = talk.today.isoformat()
    if talk.forget:
        changes.forgotten(talk)
    prompts.put_prompt(talk)
    result = talk.s["state"] == RESULT
    facts, assessment = talk.view().facts, talk.view().assessment if result else None
    state, session, forget = talk.state_name(), talk.s, talk.forget
    if result and talk.s.get("forgetful"):
        changes.forgotten(talk)
        session, forget = talk.s, True
    return Step(session, tuple(talk.says), state, facts, assessment, talk.noted, talk.toast, forget)


def in_group(talk: Talk) -> Step:
    """Where others read along no personal facts are taken or shown, and nothing is kept."""
    said = talk.message.choice.partition(".")[2] if talk.message.kind == "choice" else talk.message.text
    general = talk.message.kind != "choice" or said.startswith(("topic:", "platform:"))
    answer = talk.ask(said, {}, None) if general and said.strip() else None
    if answer is not None and not answer.near:
        talk.say("answer", text=answer.text, links=answer.links)
    talk.say("group")
    return Step(talk.s, tuple(talk.says), IDLE, {}, None, None)


# ---------------------------------------------------------------- what has changed since the last message


def catch_up(talk: Talk) -> None:
    """The pack, the questions, the year."""
    before = date.fromisoformat(talk.s["day"])
    if talk.s["pack"] != talk.packs.newest.sha256 or any(strange(case) for case in talk.s["cases"].values()):
        updated(talk)
    elif talk.s["asking"] is not None and not _asked_here(talk.s["asking"]):
        talk.advance("begin")
    if before.year != talk.today.year and talk.case["log"] and "review_year" not in talk.values():
        talk.s["which_year"] = True


def strange(case: Case) -> bool:
    """Whether a case holds what this release does not know: facts or questions of another."""
    facts = (path for entry in case["log"] for path in (*entry["set"], *entry.get("claims", ())))
    return any(path.partition(".")[0] not in KNOWN for path in facts) or not all(
        _asked_here(name) for name in (*case["path"], *case["skipped"])
    )


def _asked_here(question: str) -> bool:
    root = question.partition(".")[0]
    return root in RANK or root == "review_year"


def updated(talk: Talk) -> None:
    """Keep what still holds of every case under the new pack and questions."""
    talk.s["pack"] = talk.packs.newest.sha256
    kept = dropped = 0
    for name, case in talk.s["cases"].items():
        after, gone = _still_holding(talk, case)
        talk.s["cases"] = {**talk.s["cases"], name: after}
        kept, dropped = kept + len(fold(after)), dropped + gone
    place: dict[str, Any] = {"offer": None, "undo": []}
    talk.s.update(place)
    if "before_other" in talk.s:
        talk.s["before_other"] = {**talk.s["before_other"], **place}
    if kept or dropped:
        new = talk.view().questions if talk.s["state"] in (REVIEW, RESULT) else ()
        talk.say("updated", kept=kept, dropped=dropped, new=len(new))
    if talk.s["state"] in (REVIEW, RESULT, ASKING):
        talk.s["redo"] = None
        talk.advance("begin")


def _still_holding(talk: Talk, case: Case) -> tuple[Case, int]:
    """The case without what is not known any more or not accepted any more; how many values that were."""
    told = {path: value for entry in case["log"] for path, value in entry["set"].items()}
    gone = {path for path in told if path.partition(".")[0] not in KNOWN}
    values = fold(case)
    pack = pack_of(talk.packs, values)
    for path in values:
        if assess(talk.packs, facts_of({path: values[path]}, pack, talk.today), talk.today)["status"] == "refused":
            gone.add(path)
    log = [_without(entry, gone) for entry in case["log"]]
    lists = {name: [each for each in case[name] if _asked_here(each)] for name in ("path", "skipped")}
    return {**case, "log": log, **lists}, len(gone)


def _without(entry: dict[str, Any], gone: set[str]) -> dict[str, Any]:
    kept = {path: value for path, value in entry["set"].items() if path not in gone}
    claims = [name for name in entry.get("claims", ()) if name in KNOWN]
    return {**entry, "set": kept} | ({"claims": claims} if "claims" in entry else {})


# ---------------------------------------------------------------- the message


def take_wordless(talk: Talk) -> None:
    """A sticker, a voice without words, a picture, a place, something deleted: never silence."""
    talk.say("wordless", kind=talk.message.kind)
    talk.again = True


def take_edit(talk: Talk) -> None:
    """An edited message corrects the answer it gave, in whichever case it was."""
    offer, edited = talk.s["offer"], talk.message.replaces
    if offer is not None and offer["do"] == "change" and offer["entry"]["message"] == edited:
        talk.s["offer"] = None  # what was offered was what that message said
    name = next((name for name, case in talk.s["cases"].items() if _entries(case, edited)), None)
    if name is None:
        talk.say("edit_unknown")
        take_text(talk, talk.message.text)
        return
    case = talk.s["cases"][name]
    entry = corrected(talk, case, _entries(case, edited))
    if entry is None:
        talk.say("edit_unread", values=talk.lines())
        talk.again = True
        return
    after = with_entry(case, entry)
    if talk.refused(after):
        return
    here = name == talk.s["current"]
    if here:
        changes.remember_undo(talk)
    talk.s["cases"] = {**talk.s["cases"], name: after}
    talk.noted = {"asked": entry["asked"], "set": entry["set"], "said": entry["said"]}
    talk.say("edit_taken", lines=talk.lines(set(entry["set"])) if here else [], claims=entry.get("claims", []))
    if here:
        talk.advance("answer")


def _entries(case: Case, message: str) -> list[dict[str, Any]]:
    return [entry for entry in case["log"] if message and entry["message"] == message]


def corrected(talk: Talk, case: Case, before: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The entry that makes an edited message say what it says now; None where that cannot be read."""
    text, asked, values = talk.message.text, before[0]["asked"], fold(case)
    reading = read(text, talk.today, asking=asked or None, review_year=pack_of(talk.packs, values).review_year)
    new, _ = told.wanted(talk, reading, values)
    claims = told.claimed(reading)
    old = {path: value for entry in before for path, value in entry["set"].items()}
    stood = [path for path, value in old.items() if values.get(path) == value]
    if not new and not claims:
        entry = told.simple_answer(talk, str(reading.command), asked, text) if asked else None
        if entry is None:
            return None
        new, skip = entry["set"], entry.get("skip", [])
    else:
        skip = []
    # What the message says as before, and what has been corrected since, stays as it stands.
    told_now = {path: value for path, value in new.items() if old.get(path, ()) != value or path in stood}
    unset = [path for path in stood if path not in new]
    unset += [name for entry in before for name in entry.get("claims", ()) if name not in claims]
    fresh = talk.entry(told_now, text, reading, asked=asked, claims=claims, unset=unset, skip=skip)
    return {**fresh, "message": talk.message.replaces}


def take_text(talk: Talk, text: str) -> None:
    bare = text.strip()
    if takes_button(talk, bare):
        return
    asking = "review" if talk.s["state"] in (REVIEW, RESULT) else talk.asked()
    years = asked_years(talk.values(), talk.pack())
    if asking == "history" and len(years) == 1:
        asking = f"history.{years[0]}"  # a bare pair is that year's
    reading = read(with_hint(talk, bare), talk.today, asking=asking, review_year=talk.pack().review_year)
    command = reading.command or ""
    if talk.s["offer"] is not None and not reading.facts and commands.with_offer(talk, command):
        return
    if reading.about == "other" and (reading.facts or reading.doubts) and talk.s["current"] == "self":
        commands.open_other(talk)
    if answered(talk, reading, bare) or recap_first(talk, reading) or told.take_facts(talk, reading, bare):
        return
    if command.startswith("edit:") and command != "edit:":
        taps.edit_one(talk, command.partition(":")[2])
    elif commands.do(talk, command):
        pass
    elif reading.asks_result:
        commands.do_begin(talk)
    elif talk.asked() == "circumstances" and command == "yes":
        talk.say("which_one")
        talk.again = True
    else:
        misunderstood(talk)


def takes_button(talk: Talk, bare: str) -> bool:
    """The words on a pending button, or its number, do what the button does."""
    pending = prompts.codes(talk)
    for code, label in pending:
        if bare == (label or wording().labels[code.partition(":")[2]]):
            taps.take_tap(talk, f"{talk.s['serial']}.{code}")
            return True
    if len(bare) > 2 or not (bare.isascii() and bare.isdigit()) or takes_numbers(talk):
        return False
    if not 0 < int(bare) <= len(pending):
        return False
    taps.take_tap(talk, f"{talk.s['serial']}.{pending[int(bare) - 1][0]}")
    return True


def answered(talk: Talk, reading: Reading, bare: str) -> bool:
    """Whether the message was a question, answered as such; one that tells facts too goes on to be taken."""
    if reading.command or (reading.facts and (not reading.question or reading.asks_result)):
        return False
    answer = talk.ask(bare, talk.view().facts, None)
    if answer is None:
        return False
    if answer.near and _asks_about_prompt(talk, bare):
        commands.do_why(talk)
        return True
    if reading.facts and answer.near:
        return False
    talk.say("answer", text=answer.text, links=answer.links, choices=prompts.topics(answer))
    talk.again = not reading.facts
    return not reading.facts


def with_hint(talk: Talk, text: str) -> str:
    """A bare month after a year was told: the year is put in front."""
    year = talk.s["hint"] or talk.values().get("birth_year")
    if talk.asked() != "birth" or not year or not text or len(text) > 4 or "月" not in text:
        return text
    return f"{year}年{text}"


def recap_first(talk: Talk, reading: Reading) -> bool:
    """Somebody back after a day or more is told where they were, unless they go straight on."""
    before = date.fromisoformat(talk.s["day"])
    which_year = talk.s.get("which_year") and talk.s["state"] in (ASKING, REVIEW, RESULT) and talk.s["offer"] is None
    if before == talk.today or reading.facts or not (which_year or talk.s["state"] in (ASKING, REVIEW)):
        return False
    if reading.command not in (None, "greeting", "help", "thanks"):
        return False
    if which_year:
        talk.say("recap", day=before, lines=talk.lines())
        talk.advance("begin")
        return True
    choices = tuple((f"go:{name}", "") for name in ("continue", "edit", "restart"))
    talk.say("recap", day=before, lines=talk.lines(), choices=choices)
    talk.again = True
    return True


def misunderstood(talk: Talk) -> None:
    if talk.s["state"] == WELCOME and talk.fresh:
        return
    times = talk.failed(talk.asked() or talk.s["state"])
    talk.say("misunderstood", asked=talk.asked(), state=talk.s["state"], times=times)
    talk.again = True


def _asks_about_prompt(talk: Talk, text: str) -> bool:
    """Whether a question names what is being asked: 特殊情况是个啥."""
    return talk.s["state"] == ASKING and wording().questions[talk.s["asking"].split(".")[0]].name in text
