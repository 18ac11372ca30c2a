"""One delivery through the interview: what changed meanwhile, the message itself, the prompt after it."""

from __future__ import annotations

import copy
from datetime import date

from bot.casefile import ORDER, asked_years, facts_of, fold, pack_of, questions
from bot.interview import changes, commands, prompts, taps, told
from bot.interview.prompts import takes_numbers
from bot.interview.said import Ask, Session, Step
from bot.interview.talk import Talk, new_session
from bot.language import Reading, read
from bot.language.asking import asked_in_general
from bot.language.plain import plain
from bot.messages import Message
from bot.states import ASKING, RESULT, REVIEW, WELCOME
from bot.wording import wording
from rules import Packs, assess


def take(
    packs: Packs, session: Session | None, message: Message, today: date, ask: Ask, expired: date | None = None
) -> Step:
    """What one delivery leads to. `expired`: the day on which facts told earlier were deleted for their age."""
    return step(Talk(packs, session, message, today, ask), expired)


def untouched(packs: Packs, session: Session, message: Message, today: date) -> Step:
    """Where the interview stands, when a message was none of its own."""
    talk = Talk(packs, session, message, today, lambda *_: None)
    assessment = talk.assessment() if talk.s["state"] == RESULT else None
    return Step(talk.s, (), talk.state_name(), talk.facts(), assessment, None)


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
        talk.s = new_session(talk.packs, talk.today)
    prompts.put_prompt(talk)
    facts = talk.facts()
    assessment = talk.assessment() if talk.s["state"] == RESULT else None
    state, session, forget = talk.state_name(), talk.s, talk.forget
    if talk.s["state"] == RESULT and talk.s.get("forgetful"):
        session, forget = {**new_session(talk.packs, talk.today), "serial": talk.s["serial"]}, True
    return Step(session, tuple(talk.says), state, facts, assessment, talk.noted, talk.toast, forget)


def in_group(talk: Talk) -> Step:
    """Where others read along no personal facts are taken and nothing is kept."""
    answer = talk.ask(talk.message.text, {}, None) if talk.message.text.strip() else None
    if answer is not None and answer.sure:
        talk.say("answer", text=answer.text, links=answer.links)
    talk.say("group")
    return Step(talk.s, tuple(talk.says), talk.state_name(), {}, None, None)


def catch_up(talk: Talk) -> None:
    """What has changed since the last message: the pack, the questions, the year."""
    before = date.fromisoformat(talk.s["day"])
    if talk.s["pack"] != talk.packs.newest.sha256:
        updated(talk)
    if before.year != talk.today.year and talk.case["log"] and "review_year" not in talk.values():
        talk.s["which_year"] = True
    if talk.s["asking"] is not None and talk.s["asking"].split(".")[0] not in wording().questions:
        talk.advance("begin")


def updated(talk: Talk) -> None:
    """Keep what still holds of every case under the new pack and questions."""
    talk.s["pack"] = talk.packs.newest.sha256
    kept = dropped = 0
    for case in talk.s["cases"].values():
        known = fold(case)
        gone = {path for path in known if path.split(".")[0] not in (*ORDER, "said_age", "birth_year")}
        values = {path: value for path, value in known.items() if path not in gone}
        pack = pack_of(talk.packs, values)
        for path in list(values):
            if assess(talk.packs, facts_of({path: values[path]}, pack, talk.today), talk.today)["status"] == "refused":
                gone.add(path)
        for entry in case["log"]:
            entry["set"] = {path: value for path, value in entry["set"].items() if path not in gone}
        kept, dropped = kept + len(known) - len(gone), dropped + len(gone)
    if kept or dropped:
        ahead = questions(talk.packs, talk.case, talk.today)
        talk.say("updated", kept=kept, dropped=dropped, new=len(ahead) if talk.s["state"] in (REVIEW, RESULT) else 0)
    if talk.s["state"] in (REVIEW, RESULT, ASKING):
        talk.advance("begin")


def take_wordless(talk: Talk) -> None:
    """A sticker, a voice without words, a picture, a place, something deleted: never silence."""
    talk.say("wordless", kind=talk.message.kind)
    talk.again = True


def take_edit(talk: Talk) -> None:
    """An edited message corrects the answer it gave."""
    entries = [entry for entry in talk.case["log"] if entry.get("message") == talk.message.replaces]
    asked = entries[0]["asked"] if entries else (talk.s["asking"] or "")
    reading = read(talk.message.text, talk.today, asking=asked or None, review_year=talk.pack().review_year)
    new, _ = told.wanted(talk, reading)
    if not entries:
        talk.say("edit_unknown")
        take_text(talk, talk.message.text)
        return
    if not new:
        talk.say("edit_unread", values=talk.lines())
        talk.again = True
        return
    after = copy.deepcopy(talk.case)
    for entry in after["log"]:
        if entry.get("message") == talk.message.replaces:
            entry["set"] = {}
    target = next(entry for entry in after["log"] if entry.get("message") == talk.message.replaces)
    target |= {"set": new, "said": talk.message.text, "words": dict(reading.words)}
    if talk.refused(fold(after)):
        return
    changes.remember_undo(talk)
    talk.s["cases"][talk.s["current"]] = after
    talk.say("edit_taken", lines=talk.lines(set(new)))
    talk.advance("answer")


def take_text(talk: Talk, text: str) -> None:
    bare = text.strip()
    pending = prompts.codes(talk)
    for code, label in pending:
        if bare == (label or wording().labels[code.partition(":")[2]]):
            taps.take_tap(talk, f"{talk.s['serial']}.{code}")  # the words on a button do what the button does
            return
    if bare.isascii() and bare.isdigit() and 0 < int(bare) <= len(pending) and not takes_numbers(talk):
        taps.take_tap(talk, f"{talk.s['serial']}.{pending[int(bare) - 1][0]}")
        return
    asking = "review" if talk.s["state"] in (REVIEW, RESULT) else talk.s["asking"]
    years = asked_years(talk.values(), talk.pack())
    if asking == "history" and len(years) == 1:
        asking = f"history.{years[0]}"  # a bare pair is that year's
    reading = read(with_hint(talk, bare), talk.today, asking=asking, review_year=talk.pack().review_year)
    if talk.s["offer"] is not None and not reading.facts:
        if reading.command in ("yes", "no", "confirm", "undo"):
            changes.resolve(talk, reading.command in ("yes", "confirm"))
            return
        if reading.command == "result":
            talk.say("offer_first")
            talk.again = True
            return
    if reading.about == "other" and (reading.facts or reading.doubts) and talk.s["current"] == "self":
        commands.open_other(talk)
    # Whether it asks is the index's to say: a statement finds nothing surely, 卡不卡 and 要学时不 do.
    answer = None if reading.command else talk.ask(bare, talk.facts(), None)
    if answer is not None and answer.near and _asks_about_prompt(talk, bare):
        commands.do_why(talk)
        return
    if answer is not None and (answer.sure or not (reading.facts or reading.asks_result)):
        talk.say("answer", text=answer.text, links=answer.links, choices=prompts.topics(answer))
        if not reading.facts or asked_in_general(plain(bare), map(plain, reading.words.values())):
            talk.again = True
            return
    if recap_first(talk, reading):
        return
    if told.take_facts(talk, reading, bare):
        return
    if reading.command is not None and commands.do(talk, reading.command.partition(":")[0]):
        return
    if reading.asks_result or (reading.command == "start"):
        commands.do_begin(talk)
        return
    misunderstood(talk, reading)


def with_hint(talk: Talk, text: str) -> str:
    """A bare month after a year or an age was told: the year is put in front."""
    values = talk.values()
    if talk.s["asking"] != "birth" or not text or len(text) > 4 or "月" not in text:
        return text
    if "birth_year" in values:
        return f"{values['birth_year']}年{text}"
    return text


def recap_first(talk: Talk, reading: Reading) -> bool:
    """Somebody back after a day or more is told where they were, unless they go straight on."""
    before = date.fromisoformat(talk.s["day"])
    if before == talk.today or talk.s["state"] not in (ASKING, REVIEW) or reading.facts:
        return False
    if reading.command not in (None, "greeting", "help", "thanks"):
        return False
    choices = tuple((f"go:{name}", "") for name in ("continue", "edit", "restart"))
    talk.say("recap", day=before, lines=talk.lines(), choices=choices)
    talk.again = True
    return True


def misunderstood(talk: Talk, reading: Reading) -> None:
    if talk.s["state"] == WELCOME and talk.fresh:
        return
    place = talk.s["asking"] or talk.s["state"]
    fails = talk.s["fails"][place] = talk.s["fails"].get(place, 0) + 1
    talk.say("misunderstood", asked=talk.s["asking"], state=talk.s["state"], times=fails)
    talk.again = True


def _asks_about_prompt(talk: Talk, text: str) -> bool:
    """Whether a question names what is being asked: 特殊情况是个啥."""
    return talk.s["state"] == ASKING and wording().questions[talk.s["asking"].split(".")[0]].name in text
