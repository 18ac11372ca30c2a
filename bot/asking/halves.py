"""What was told half is held until the other half comes: 专业60, asked of which year, and then 2024年."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.asking import intake, remarks
from bot.asking.casefile import claims_of
from bot.asking.claims import read
from bot.asking.questionnaire import wording
from bot.asking.session import Half
from bot.asking.talk import Talk
from bot.reading import Reading
from bot.reading.lexing.lexicon import limits
from rules import Notice

YES, NO, HOURS = "likely_yes", "likely_no", "likely_hours"  # the two buttons under what is likely
_LONGEST = 20  # characters of a message that does no more than complete another
_MONTH = ("month_missing", "birth_year_only")


def hold(talk: Talk, answers_before: int) -> None:
    """Keep what this message left half told; once something else is answered it is over."""
    halves = tuple(Half(**say.context) for say in talk.says if say.template == "doubt")
    answered = len(talk.case.log) != answers_before
    if not (halves or answered or talk.s.offer is not None):
        return
    told = talk.case.log[-1].set if answered and talk.case.log else {}
    for one in talk.s.held:
        root = one.fact.partition(".")[0]
        if one not in halves and not any(path.startswith(root) for path in told):
            remarks.left_half(talk, one.fact, one.words, one.hint or {})
    talk.s.held = halves


def likely(talk: Talk) -> Half | None:
    """What was read as likely, and is asked with two buttons."""
    return next((one for one in talk.s.held if (one.hint or {}).get("likely") is not None), None)


def confirms(talk: Talk, command: str, said: str) -> bool:
    """Whether a message is the yes, or under its buttons the no, to what was likely; it is done then."""
    one = likely(talk)
    if (
        one is None
        or re.search(limits()["half_hearted"], said)
        or not (command in ("yes", "confirm") or _denies(talk, command, said))
    ):
        return False
    talk.s.held = ()
    if command in ("yes", "confirm", YES):
        found = Reading(facts={one.fact: (one.hint or {})["likely"]}, words={one.fact: one.words})
        intake.take_facts(talk, found, one.words)
    else:
        talk.say("not_so")
        talk.again = True
    return True


def _denies(talk: Talk, command: str, said: str) -> bool:
    buttons = {code.partition(":")[2] for code in talk.s.above} & {NO, HOURS}
    return bool(buttons) and (command == "no" or said in {wording().labels[name] for name in buttons})


def dated(talk: Talk, reading: Reading, asking: str | None, text: str) -> Reading:
    """A month alone, said to the next question, as that of the circumstance told just before; else as it was read."""
    if asking != "circumstances" or reading.facts or reading.command or reading.question:
        return reading
    for name in sorted(claims_of(talk.case)):
        found = read(text, talk.today, talk.notice(), asking=name)
        if name in found.facts:
            return found
    return reading


def completed(talk: Talk, reading: Reading, text: str) -> tuple[Reading, str]:
    """The message read together with what it completes, and as it would have been said at once; else as it stands."""
    held = talk.s.held
    command = reading.command or ""
    if not held or reading.facts or reading.question or len(text) > _LONGEST:
        return reading, text
    if command and not command.startswith("option:"):  # a number that is on no button
        return reading, text
    roots = {one.fact.partition(".")[0] for one in held}
    for whole, asking in _wholes(held, text, talk.notice()):
        found = read(whole, talk.today, talk.notice(), asking=asking)
        if found.facts and found.facts.keys() <= roots and not found.doubts and found.about == reading.about:
            return found, whole
    return reading, text


def _wholes(held: Iterable[Half], answer: str, notice: Notice) -> Iterator[tuple[str, str | None]]:
    """What may have been meant, each with the question that it answers."""
    short = {category.id: category.short for category in notice.categories}
    undated = [one.words for one in held if one.reason == "no_year" and "hours" in (one.hint or {})]
    if undated:
        yield f"{answer}{'，'.join(undated)}", None
        if answer.isdecimal():
            yield f"{answer}年{'，'.join(undated)}", None
    for one in held:
        hint = one.hint or {}
        year = hint.get("year") or hint.get("birth_year")
        if one.reason in _MONTH:
            month = f"{answer}月" if answer.isdecimal() else answer
            yield f"{year}年{month}", one.fact
            yield month, one.fact
        elif one.reason == "bare_total" and year:
            yield f"{year}年{hint.get('total')}，其中{answer}", None
            yield f"{year}年{answer}", None
        elif one.fact.startswith("history") and year:
            yield f"{year}年{short.get(str(hint.get('category')), '')}{answer}", None
            amount = hint.get("hours", hint.get("total"))
            if amount is not None:
                yield f"{year}年{answer}{amount}", None
