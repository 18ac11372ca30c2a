"""An edited message corrects the answer it gave."""

from __future__ import annotations

from dataclasses import replace

from bot.asking import changes, intake
from bot.asking.casefile import Case, Entry, fold, notice_of, with_entry
from bot.asking.claims import read
from bot.asking.talk import Talk


def take_edit(talk: Talk) -> bool:
    """Correct what the message said, in whichever case it was; False where it told nothing before."""
    offer, edited = talk.s.offer, talk.message.replaces
    if offer is not None and offer.do == "change" and offer.entry.message == edited:
        talk.s.offer = None  # what was offered was what that message said
    name = next((name for name, case in talk.s.cases.items() if _entries(case, edited)), None)
    if name is None:
        talk.say("edit_unknown")
        return False
    case = talk.s.cases[name]
    entry = corrected(talk, case, _entries(case, edited))
    if entry is None:
        talk.say("edit_unread", values=talk.lines())
        talk.again = True
        return True
    after = with_entry(case, entry)
    if talk.refused(after):
        return True
    here = name == talk.s.current
    if here:
        changes.remember_undo(talk)
    talk.s.cases = {**talk.s.cases, name: after}
    talk.noted = {"asked": entry.asked, "set": entry.set, "said": entry.said}
    talk.say("edit_taken", lines=talk.lines(set(entry.set)) if here else [], claims=entry.claims)
    if here:
        talk.advance("answer")
    return True


def _entries(case: Case, message: str) -> list[Entry]:
    return [entry for entry in case.log if message and entry.message == message]


def corrected(talk: Talk, case: Case, before: list[Entry]) -> Entry | None:
    """The entry that makes an edited message say what it says now; None where that cannot be read."""
    text, asked, values = talk.message.text, before[0].asked, fold(case)
    reading = read(text, talk.today, notice_of(talk.library, values, talk.today), asking=asked or None)
    new, _ = intake.wanted(talk, reading, values)
    claims = intake.claimed(reading, text)
    old = {path: value for entry in before for path, value in entry.set.items()}
    stood = [path for path, value in old.items() if values.get(path) == value]
    if not new and not claims:
        entry = intake.simple_answer(talk, str(reading.command), asked, text) if asked else None
        if entry is None:
            return None
        new, skip = entry.set, entry.skip
    else:
        skip = ()
    # What the message says as before, and what has been corrected since, stays as it stands.
    told_now = {path: value for path, value in new.items() if old.get(path, ()) != value or path in stood}
    unset = [path for path in stood if path not in new]
    unset += [name for entry in before for name in entry.claims if name not in claims]
    fresh = talk.entry(told_now, text, reading, asked=asked, claims=claims, unset=unset, skip=skip)
    return replace(fresh, message=talk.message.replaces)
