"""Level, sector and place of work: the level applied for, not the one held; today's employer, no former one."""

from __future__ import annotations

import re

from bot.reading.lexing.clauses import significant
from bot.reading.lexing.lexicon import limits
from bot.reading.lexing.tokens import Token, at, spelt
from bot.reading.notes import Notes
from bot.reading.roles.features import levels, of_level
from bot.reading.roles.own import plainly_own
from bot.reading.roles.scorer import ASKED_FOR, LIKELY, SURE, UNLIKELY, score


def read_level(notes: Notes) -> None:
    """`title_level`: what is applied for. A title that is only held sets nothing; 高级 alone is asked."""
    for token in notes.words_of("level", "title"):
        value = _level_of(token)
        if token.negated and not token.off and value != "senior":
            notes.deny("title_level", value)
    scored = [
        (SURE + 1 if _instead(notes, notes.tokens[i]) else score("level", of_level(notes, i)), notes.tokens[i])
        for i in levels(notes)
        if not _to_rise_from(notes, notes.tokens[i])
    ]
    least = ASKED_FOR if notes.asking == "title_level" else LIKELY
    applied = [(points, token) for points, token in scored if points > least]
    if not applied:
        if scored:
            points, token = max(scored, key=lambda each: each[0])
            reason = "held_or_applied" if points > UNLIKELY else "held"
            notes.doubt("title_level", token.text, reason, _likely(token))
        return
    if notes.asking == "title_level" and len(scored) == 1 and _said_to_be(notes, applied[0][1]):
        notes.doubt("title_level", applied[0][1].text, "held_or_applied", _likely(applied[0][1]))
        return
    certain = [(points, token) for points, token in applied if _level_of(token) != "senior"]
    if not certain:
        notes.doubt("title_level", applied[-1][1].text, "which_senior", {"levels": ["deputy_senior", "full_senior"]})
        return
    points, token = certain[-1] if notes.has("fix") else max(certain, key=lambda each: (each[0], each[1].start))
    rivals = [(p, t) for p, t in certain if _level_of(t) != _level_of(token) and p + SURE > points]
    if rivals and not notes.has("fix"):
        said = " / ".join(t.text for _, t in certain)
        notes.doubt("title_level", said, "conflict", {"values": sorted({_level_of(t) for _, t in certain})})
    elif least == LIKELY and (points <= SURE or _bare_junior(notes, token)):
        notes.doubt("title_level", token.text, "held_or_applied", _likely(token))
    else:
        notes.put("title_level", _level_of(token), token.text)


def _bare_junior(notes: Notes, token: Token) -> bool:
    """护师, 助理工程师, and no word of applying: most who name one hold it, and of the lowest level least is asked."""
    return not token.is_("level") and _level_of(token) == "junior" and not notes.has("apply")


def _instead(notes: Notes, token: Token) -> bool:
    """不是中级是副高: the other one was denied."""
    return notes.text.endswith(("是", "报"), 0, token.start) and any(
        t.negated and t.start < token.start for t in notes.words_of("level", "title")
    )


def _to_rise_from(notes: Notes, token: Token) -> bool:
    """副主任医师往上评, 助理工程师想再升一级: what is held."""
    return re.match(limits()["next_rung"], notes.text[token.end :]) is not None


def _said_to_be(notes: Notes, token: Token) -> bool:
    """我是副高, 已经正高了: asked what is applied for, somebody may tell what they hold."""
    lead = [t for t in notes.clause(token) if t.start < token.start]
    return any(t.is_("self") or t.is_("time", "now") or t.text in limits()["already"] for t in lead) and not any(
        t.is_("apply") for t in lead
    )


def _likely(token: Token) -> dict[str, str] | None:
    level = _level_of(token)
    return {"likely": level} if level != "senior" else None


def _level_of(token: Token) -> str:
    return token.senses.get("level") or token.senses.get("title") or ""


def read_sector(notes: Notes) -> None:
    """`sector`: today's employer. Kinds that the notice does not settle (参公, 混合所有制) are asked."""
    found: list[tuple[Token, str]] = []
    asks: list[Token] = []
    for i, token in notes.indexed("sector"):
        value = token.senses.get("sector")
        if value is None or value == "none" or token.off:
            continue
        if value == "ask":
            asks.append(token)
        elif token.negated:
            notes.deny("sector", value)
        elif token.past or _name_of_place(notes, i) or _not_theirs(notes, token):
            continue
        else:
            found.append((token, value))
    hard_words = limits()["never_settled"]
    hard = [
        t
        for t in asks
        if t.text in hard_words
        and not (t.negated or (t.past and t.text not in limits()["lasting"]) or notes.of_the_past(t))
    ]
    foreign = [t for t, v in found if v == "non_public" and not plainly_own(notes, t)]
    found = [(t, v) for t, v in found if t not in foreign]
    moved_on = bool(found and asks and notes.has("fix")) and asks[-1].start > found[-1][0].start
    if moved_on:  # 在事业单位，哦不对，改制了，现在算企业
        notes.doubt("sector", asks[-1].text, "unclear_sector", {"said": asks[-1].text})
    elif foreign and not found and not hard:
        notes.doubt("sector", foreign[0].text, "whose_employer", {"likely": "non_public"})
    elif hard:
        notes.doubt("sector", hard[0].text, "unclear_sector", {"said": hard[0].text})
    elif found:
        lasting = [(t, v) for t, v in found if v != "government"] if notes.standing("move") else found
        notes.one_of("sector", lasting or found)
    elif asks and not asks[-1].past and not asks[-1].negated:
        notes.doubt("sector", asks[-1].text, "unclear_sector", {"said": asks[-1].text})


def _not_theirs(notes: Notes, token: Token) -> bool:
    """考事业编没考上, 和民企合作: an employer that was missed, or worked with."""
    around = notes.text[max(0, token.start - 10) : token.start] + "|" + notes.text[token.end : token.end + 6]
    missed = re.compile(limits()["missed"]).match(notes.text, token.end)
    return missed is not None or re.search(limits()["company"], around) is not None


def _name_of_place(notes: Notes, i: int) -> bool:
    """机关 and 政府 inside a longer name (机关幼儿园) say nothing of the person's own employer."""
    token = notes.tokens[i]
    if token.senses.get("sector") != "government" or "公务员" in token.text:
        return False
    ahead = at(notes.tokens, i + 1)
    return ahead.kind == "other" or ahead.of("sector", "place")


def read_place(notes: Notes) -> None:
    """`grassroots` (苏木乡镇、嘎查村), `unit_scope`, `school_teacher`."""
    said = [t for t in notes.standing("place") if t.is_("place", "grassroots")]
    yes = [t for t in said if plainly_own(notes, t)]
    denied = [t for t in notes.words_of("place") if t.negated and not t.off and not t.is_("place", "none")]
    asked = [t for t in notes.standing("place") if t.is_("place", "ask")] + [t for t in said if t not in yes]
    left = [t for t in notes.words_of("place") if t.past and t.is_("place", "grassroots")]
    if yes and not denied:
        notes.put("grassroots", True, yes[0].text)
    elif denied and not yes:
        notes.put("grassroots", False, denied[0].text)
    elif asked:
        notes.doubt("grassroots", asked[0].text, "unclear_place", {"likely": True})
    elif left:
        notes.deny("grassroots", "true")
    for kind, fact, word, value in (
        ("scope", "unit_scope", "region", "region"),
        ("scope", "unit_scope", "league", "league"),
        ("teacher", "school_teacher", "school", True),
    ):
        there = [t for t in notes.standing(kind) if t.is_(kind, word)]
        if there and fact not in notes.facts:
            notes.put(fact, value, there[0].text)
        elif value is True and any(t.negated and t.is_(kind, word) and not t.off for t in notes.words_of(kind)):
            notes.put(fact, False, word)
    _read_teacher(notes)


def _read_teacher(notes: Notes) -> None:
    """旗一中的物理老师, where no word says it at once."""
    found = re.search(limits()["school_teacher"], spelt(t for t in notes.tokens if not (t.off or t.negated or t.past)))
    if found is not None and "school_teacher" not in notes.facts:
        notes.put("school_teacher", True, found[0])


def _leaving(notes: Notes, i: int) -> bool:
    """原来在旗委宣传部: where the person was, with nothing but a name between."""
    lead = [t for t in notes.clause(notes.tokens[i]) if t.start < notes.tokens[i].start]
    return any(t.is_("time", "past") or t.is_("from") for t in lead[-4:])


def employer_before(notes: Notes) -> bool:
    """True where a party or government office is named as where the person came from."""
    for i, token in notes.indexed("sector", "office"):
        if token.is_("office") and i and (notes.tokens[i - 1].is_("from") or _leaving(notes, i)):
            return True
        if token.is_("sector", "government") and not token.soft and not token.off and not token.negated:
            ahead = significant(notes.tokens, i, 1)
            if token.past or ahead.is_("move", "verb"):
                return True
    return False
