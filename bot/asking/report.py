"""答错了 and 反馈: what somebody has to say of an answer, for HR's manager to read; never who it was, nor their facts."""

from __future__ import annotations

import re

from bot.asking.claims import read
from bot.asking.speech import visible
from bot.asking.talk import Talk
from bot.reading.lexing.normalise import plain

LONGEST = 120
FEEDBACK = "feedback"
"""Stands for the topic of what is said of no answer."""
_SAID = re.compile(r"(?:我要|意见)?反馈(?:一下)?(?:[:：，,、\s]+(.*))?", re.DOTALL)
_WRONG = re.compile(r"(?:[你您这]|机器人)?(?:回?答)(?:得|的)?(?:错了?|不对)了?|答非所问|我?问的不是这个|不是我问的")
_NUMBERED = re.compile(r"[\w@#.:/-]*[@\d][\w@#.:/-]*", re.ASCII)


def told(talk: Talk, text: str) -> bool:
    """Whether the message is of this kind, and taken."""
    if _WRONG.fullmatch(re.sub(r"[\s。，！!~～]+$", "", plain(text))):
        wrong(talk)
        return True
    said = _SAID.fullmatch(text)
    if said is None:
        return False
    talk.again = True
    words = without_facts(talk, said[1] or "")
    if words:
        talk.report = (FEEDBACK, words)
        talk.say("reported", topic=FEEDBACK)
    else:
        talk.say("report_how")
    return True


def wrong(talk: Talk, topic: str = "") -> None:
    """The answer of a topic is wrong; of the last one where none is given."""
    last, words = talk.s.answered
    topic, talk.again = topic or last, True
    if not topic:
        talk.say("nothing_answered")
    else:
        talk.report = (topic, words if topic == last else "")
        talk.say("reported", topic=topic)


def answered(talk: Talk, topic: str, asked: str) -> None:
    """An answer was given: the question is at hand should it be wrong, unless nothing is to be remembered."""
    talk.s.answered = (topic, "" if talk.s.forgetful else without_facts(talk, asked))


def without_facts(talk: Talk, text: str) -> str:
    """What was asked, without what was told of anybody: each thing that was read, and every number, is a gap."""
    reading = read(text, talk.today, talk.notice())
    every = (reading, *reading.others)
    told = {words for one in every for words in (*one.words.values(), *(doubt.words for doubt in one.doubts))}
    for words in sorted(filter(None, told), key=len, reverse=True):
        text = text.replace(words, "…")
    return visible(re.sub(r"[…\s]*…[…\s]*", "…", _NUMBERED.sub("…", text)).strip(), LONGEST)
