"""One delivery through the interview: what changed meanwhile, the message itself, the prompt after it."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.asking import changes, colleagues, commands, halves, intake, phrases, prompts, remarks, report, stepwise, taps
from bot.asking.casefile import asked_years, choice_of, year_open
from bot.asking.claims import read
from bot.asking.corrections import take_edit
from bot.asking.meanwhile import catch_up, recap_first
from bot.asking.open_questions import WHERE
from bot.asking.prompts import takes_numbers
from bot.asking.questionnaire import wording
from bot.asking.session import Session
from bot.asking.speech import Ask, Step, storable
from bot.asking.states import ASKING, IDLE, RESULT, REVIEW, WELCOME
from bot.asking.talk import Talk
from bot.messages import Message
from bot.reading import Reading
from bot.reading.lexing.normalise import plain
from rules import Library, assess

_A_STATEMENT = 3  # facts that one message tells


def take(
    library: Library, session: Session | None, message: Message, today: date, ask: Ask, expired: date | None = None
) -> Step:
    """What one delivery leads to. `expired`: the day on which facts told earlier were deleted for their age."""
    return step(Talk(library, session, storable(message), today, ask), expired)


def untouched(library: Library, session: Session, message: Message, today: date) -> Step:
    """Where the interview stands, when a message was none of its own: what is pending there is put once more."""
    talk = Talk(library, session, message, today, lambda *_: None)
    if not talk.lost and (talk.s.state != WELCOME or talk.s.offer is not None):
        talk.again = True
        prompts.put_prompt(talk)
    if talk.s.serial != session.serial:
        talk.says.clear()  # another release would put it otherwise; the next message brings that up
    assessment = talk.view().assessment if talk.s.state == RESULT else None
    return Step(talk.as_it_was(), tuple(talk.says), talk.state_name(), talk.view().facts, assessment, None)


def codes(library: Library, session: Session, today: date) -> list[tuple[str, str]]:
    """The buttons of the pending prompt: (code, label)."""
    talk = Talk(library, session, Message("", "", "", ""), today, lambda *_: None)
    return [(code, label or wording().labels[code.partition(":")[2]]) for code, label in prompts.codes(talk)]


def step(talk: Talk, expired: date | None) -> Step:
    if talk.message.group:
        return in_group(talk)
    if expired is not None:
        talk.say("expired", day=expired)
    catch_up(talk)
    answers_before = len(talk.case.log)
    if talk.message.kind == "choice":
        news = talk.moved or bool(talk.says)
        last = taps.stepped(talk, talk.message.choice)
        if last:
            type_for(talk, last)
        else:
            taps.take_tap(talk, talk.message.choice)
        if news:
            talk.toast = ""  # what is on the screen is over, so that a word for the tap would not be enough
    elif talk.message.kind == "edit":
        if not take_edit(talk):
            take_text(talk, talk.message.text)
    elif talk.message.text.strip():
        take_text(talk, talk.message.text)
    else:
        take_wordless(talk)
    talk.s.day = talk.today.isoformat()
    halves.hold(talk, answers_before)
    if talk.forget:
        changes.forgotten(talk)
    remarks.hold(talk)
    changes.passed_over(talk, answers_before)
    prompts.put_prompt(talk)
    result = talk.s.state == RESULT
    facts, assessment = talk.view().facts, talk.view().assessment if result else None
    state, session, forget = talk.state_name(), talk.s, talk.forget
    if result and talk.s.forgetful:
        changes.forgotten(talk)
        session, forget = talk.s, True
    return Step(session, tuple(talk.says), state, facts, assessment, talk.noted, talk.toast, forget, talk.report)


def in_group(talk: Talk) -> Step:
    """Where others read along no personal facts are taken or shown, and nothing is kept."""
    said = talk.message.choice.partition(".")[2] if talk.message.kind == "choice" else talk.message.text
    general = talk.message.kind != "choice" or said.startswith(("topic:", "platform:"))
    answer = talk.ask(said, {}, None) if general and said.strip() else None
    if answer is not None and answer.sure:
        talk.say("answer", text=answer.text, links=answer.links)
    talk.say("group")
    return Step(talk.as_it_was(), tuple(talk.says), IDLE, {}, None, None)


def take_wordless(talk: Talk) -> None:
    """A sticker, a voice without words, a picture, a place, something deleted: never silence."""
    talk.say("wordless", kind=talk.message.kind)
    talk.again = True


def take_text(talk: Talk, text: str) -> None:
    bare = text.strip()
    if talk.moved and answers_what_is_over(talk, bare):
        talk.again = True
        return
    if (not talk.moved and takes_button(talk, bare)) or report.told(talk, bare):
        return
    asking = "review" if talk.s.state in (REVIEW, RESULT) else talk.asked()
    if talk.moved:
        asking = None
    if talk.s.step and str(asking).startswith("history"):
        asking = ".".join(["history", *talk.s.step.split(".")[:2]])
    years = asked_years(talk.values(), talk.notice())
    if asking == "history" and len(years) == 1:
        asking = f"history.{years[0]}"  # a bare pair is that year's
    reading = read(with_hint(talk, bare), talk.today, talk.notice(), asking=asking)
    if reading.about == "self" or not (reading.facts or reading.doubts):
        remarks.spoilt(talk, bare, reading)
    welcome = talk.s.state in (WELCOME, IDLE) and year_open(talk.library, talk.values(), talk.today)
    if welcome and not (talk.moved or reading.facts or reading.command or reading.doubts):
        reading = read(bare, talk.today, talk.notice(), asking="review_year")  # the welcome asks for it
    reading, bare = halves.completed(talk, halves.dated(talk, reading, asking, bare), bare)
    command = phrases.phrase(talk, bare, reading) or reading.command or ""
    if talk.s.offer is None and (key := colleagues.named(talk, bare)) is not None:
        colleagues.go(talk, key)
        return
    if talk.s.offer is None and not reading.facts and halves.confirms(talk, command, bare):
        return
    if talk.s.offer is not None and not reading.facts and commands.with_offer(talk, command, bare):
        return
    if reading.about == "other" and (reading.facts or reading.doubts) and talk.s.current == "self":
        commands.open_other(talk)
        talk.s.other_named = True
        if len(reading.others) > 1:
            colleagues.queue(talk, reading)
            reading = reading.others[0]
    elif phrases.of_myself(talk, bare, reading):
        commands.do_mine(talk)
    elif talk.s.current == "self" and reading.facts and any("title_level" in one.facts for one in reading.others):
        colleagues.queue(talk, reading)
    if command != (reading.command or "") and commands.do(talk, command):
        return
    placed = talk.asked() in ("region", "area") and bool(intake.place_told(talk, reading, str(talk.asked())))
    if (
        (not placed and answered(talk, reading, bare))
        or recap_first(talk, reading)
        or intake.take_facts(talk, reading, bare)
    ):
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
        misunderstood(talk, bare, knows=bool(command))
        remarks.missed(talk, bare, reading.unheeded, said=not command)


def type_for(talk: Talk, code: str) -> None:
    """The last of several steps: what it stands for is taken as if it were typed."""
    words, sets = stepwise.typed(talk, code)
    take_text(talk, words)
    stepwise.on(talk, sets)


def answers_what_is_over(talk: Talk, text: str) -> bool:
    """Whether a text can only be meant for the question that a new release has taken away."""
    reading = read(text, talk.today, talk.notice())
    command = reading.command or ""
    if reading.facts or (command and command not in intake.SIMPLE and not command.startswith("option:")):
        return False
    return talk.ask(text, talk.view().facts, None) is None


def takes_button(talk: Talk, bare: str) -> bool:
    """The words on a pending button, or its number, do what the button does."""
    pending = prompts.codes(talk)
    for code, label in pending:
        if bare == (label or wording().labels[code.partition(":")[2]]):
            taps.take_tap(talk, f"{talk.s.serial}.{code}")
            return True
    for code, label in () if talk.s.held else stepwise.buttons(talk):
        if bare == label:
            kind, _, step = code.partition(":")
            if kind == "step":
                return stepwise.take(talk, step)
            if stepwise.typed(talk, step)[0] != bare:
                type_for(talk, step)
                return True
    if bare in (wording().labels["learn"], wording().labels["platform"]):
        return commands.do(talk, "learn")  # at any time
    if len(bare) > 2 or not (bare.isascii() and bare.isdigit()) or takes_numbers(talk):
        return False
    shown = [*talk.s.above, *(code for code, _ in pending)]
    if not 0 < int(bare) <= len(shown):
        return False
    taps.take_tap(talk, f"{talk.s.serial}.{shown[int(bare) - 1]}")
    return True


def answered(talk: Talk, reading: Reading, bare: str) -> bool:
    """Whether the message was a question, answered as such; one that tells facts too goes on to be taken.

    Whether it asks is the index's to say: a statement finds nothing surely, 卡不卡 and 要学时不 do.
    """
    if len(reading.facts) >= _A_STATEMENT and not (reading.question or reading.asks_result):
        return False  # whoever tells that much and asks nothing is told what was taken
    answer = (
        None
        if reading.command
        else talk.ask(bare, asker(talk, reading), None, told=bool(reading.facts or reading.doubts))
    )
    if answer is None:
        return False
    if answer.near and _asks_about_prompt(talk, bare):
        commands.do_why(talk)
        return True
    if not answer.sure and (reading.facts or reading.asks_result):
        return False
    if answer.rests and "region" in choice_of(talk.library, talk.values(), talk.today).open:
        talk.say("region_first")  # each has a notice of its own: which one would answer?
        if talk.s.offer is None and talk.asked() != "region" and not reading.facts:
            talk.ask_again("begin", "region")
        return not reading.facts
    if answer.rests and len(talk.library.open_on(talk.today)) > 1 and "review_year" not in talk.values():
        talk.say("by_notice", year=talk.notice().review_year)  # another may be meant
    talk.say("answer", text=answer.text, links=answer.links, choices=prompts.topics(answer), topic=answer.topic)
    if answer.topic:
        report.answered(talk, answer.topic, bare)
    if not reading.question and not reading.facts:
        remarks.missed(talk, bare, reading.unheeded, said=bool(reading.unheeded))  # 现在不在民企了: no question
    words = [plain(word) for word in reading.words.values()]
    aside = not reading.facts or all(any(word in piece for piece in answer.general) for word in words)
    talk.again = talk.again or aside
    return aside


def asker(talk: Talk, reading: Reading) -> dict[str, Any]:
    """Whom an answer is for: what the question itself tells goes before what was told earlier; nobody, where some of it was not heeded
    or the year is open, so that nothing is promised."""
    if reading.unheeded or year_open(talk.library, {**talk.values(), **reading.facts}, talk.today):
        return {}
    own = {name: value for name, value in reading.facts.items() if name not in ("history", "birth_day")}
    if not own:
        return talk.view().facts
    stands = {} if reading.about == "other" else dict(talk.view().facts)
    for name in ("birth", "age") if {"birth", "age"} & own.keys() else ():
        stands.pop(name, None)
    both = {**stands, **own}
    return own if assess(talk.library, both, talk.today)["status"] == "refused" else both


def with_hint(talk: Talk, text: str) -> str:
    """A bare month after a year was told: the year is put in front."""
    year = talk.s.hint or talk.values().get("birth_year")
    if talk.asked() != "birth" or not year or not text or len(text) > 4 or "月" not in text:
        return text
    return f"{year}年{text}"


def misunderstood(talk: Talk, text: str, knows: bool) -> None:
    """Nothing was read and no question found: outside the interview what comes nearest is offered. `knows`: it is 对, 没有."""
    if talk.s.state == WELCOME and talk.fresh and not text:
        return
    times = talk.failed(talk.asked() or talk.s.state)
    nearest = None
    if talk.s.state in (WELCOME, IDLE) and not knows:  # elsewhere something is asked, which stands below
        nearest = talk.ask(f"nearest:{text}", {}, None)
    choices = prompts.topics(nearest) if nearest is not None else ()
    if knows and talk.asked() in WHERE:
        talk.say("unknown_here")  # 没有, asked for the year: no year at all is none of the answers
    else:
        talk.say("misunderstood", asked=talk.asked(), state=talk.s.state, times=times, choices=choices)
    talk.again = True


def _asks_about_prompt(talk: Talk, text: str) -> bool:
    """Whether a question names what is being asked: 特殊情况是个啥."""
    return talk.s.state == ASKING and wording().questions[str(talk.s.asking).split(".")[0]].name in text
