"""Everything special about a person: route, purpose, epidemic years, examinations, postdoctoral work."""

from __future__ import annotations

import itertools
import re

from bot.reading.lexing.clauses import significant
from bot.reading.lexing.lexicon import limits, own_words
from bot.reading.lexing.tokens import NOWHERE, Token, spelt
from bot.reading.notes import Notes
from bot.reading.roles.dates import read_dates

_EPIDEMIC_YEARS = range(2020, 2024)


def read_circumstances(notes: Notes) -> None:
    """Fill in every circumstance that was said."""
    asked = notes.asking
    for token in notes.words_of("fact"):
        if not (token.off or token.past or token.soft):
            notes.put(token.senses["fact"], not token.negated, token.text)
    if notes.has("route"):
        _route(notes)
    for token in notes.standing("unlisted") if not notes.has("ask") else ():
        notes.doubt("history", token.text, "unlisted")
    if notes.has("purpose") or asked == "purpose":
        _purpose(notes)
    if notes.has("graduate", "duration", "years"):
        _graduate(notes)
    if notes.has("postdoc"):
        _postdoc(notes)
    if notes.has("epidemic") or asked == "epidemic_years":
        _epidemic(notes)
    if notes.has("years", "date"):
        if notes.has("exam") and asked != "exam_years":
            _exam(notes)
        read_dates(notes)


def _route(notes: Notes) -> None:
    for token in [t for t in notes.standing("route") if t.is_("route", "unwritten")]:
        token.off = True
        notes.doubt("route", token.text, "unwritten")
    said = [t for t in notes.standing("route") if t.senses["route"] == "review" or not (t.soft or _refused(notes, t))]
    found = [(t, t.senses["route"]) for t in said]
    for token in [t for t in notes.standing("route") if not found]:
        notes.doubt("route", token.text, "other")  # heard, not said, or 破格没批
    for token in notes.words_of("route"):
        if token.negated and not token.off:
            notes.deny("route", token.senses["route"])
    found = [(t, v) for t, v in found if f"route={v}" not in notes.denied]
    found = found[-1:] if found and found[-1][1] == "review" else found  # 想破格，不够条件，那就正常报
    strong = [(t, v) for t, v in found if v != "review"]
    notes.one_of("route", strong if strong and len({v for _, v in strong}) == 1 else found)


def _refused(notes: Notes, token: Token) -> bool:
    """破格没批, 破格没过."""
    ahead = significant(notes.tokens, notes.tokens.index(token), 1, seps=True)
    if any(t.is_("person") for t in notes.clause(token)):
        return True  # 破格是同事
    return (
        ahead.is_("neg") or ahead.is_("state", "zero") or (ahead.is_("ask") and len(token.text) == 2)  # 破格行不行
    )


def _purpose(notes: Notes) -> None:
    duty = notes.standing("purpose")
    refused = any(a.is_("neg") and b.is_("apply") and b.text[0] == "评" for a, b in itertools.pairwise(notes.tokens))
    counted = any(
        t.is_(kind) for d in duty for t in notes.clause(d) for kind in ("unit", "cat", "require")
    ) and not notes.has("apply", "level", "title")
    if duty and (refused or counted or notes.asking == "purpose"):
        notes.put("purpose", "annual_duty", duty[0].text)
    elif notes.asking == "purpose" and any(not t.negated for t in notes.words_of("apply")):
        notes.put("purpose", "title_review", notes.text)


def _graduate(notes: Notes) -> None:
    recognised = notes.facts.get("route") == "recognition" or notes.asking == "recognition_years"
    who = [t for t in notes.standing("graduate") if t.is_("graduate", "who")]
    field = [t for t in notes.standing("graduate") if t.is_("graduate", "field")]
    if who and field and notes.facts.get("grassroots") is True:
        notes.put("grassroots_graduate", True, who[0].text + field[0].text)
    for token in notes.words_of("duration") if recognised else ():
        counted = token.unit == "年" and isinstance(token.value, int) and 1 <= token.value <= 10
        if counted and not token.off and _required(notes, token):
            notes.put("recognition_years", token.value, token.text)


def _required(notes: Notes, token: Token) -> bool:
    before = [t for t in notes.clause(token) if t.start < token.start]
    return notes.asking == "recognition_years" or any(t.is_("require") for t in before)


def _postdoc(notes: Notes) -> None:
    said = {t.senses["postdoc"]: t for t in notes.words_of("postdoc") if not t.off}
    known = not said.keys().isdisjoint(("who", "grant", "in")) or ("out" in said and len(said) > 1)
    if said.get("who", NOWHERE).negated:
        notes.deny("postdoc", "true")
        return
    if not known and notes.asking != "postdoc":
        return
    found: dict[str, tuple[bool, Token]] = {}
    for name in ("grant", "project"):
        if name in said and _not_had(notes, said[name]):
            notes.doubt(f"postdoc.{name}", said.pop(name).text, "which_grant")
        if (vague := said.get(f"vague_{name}", NOWHERE)).negated:
            said.setdefault(name, vague)  # 没拿过基金: none of any kind
    if "grant" in said:
        found["grant"] = (not said["grant"].negated, said["grant"])
    elif "vague_grant" in said:
        notes.doubt("postdoc.grant", said["vague_grant"].text, "which_grant")
    if "project" in said and ("host" in said or said["project"].negated):
        held = not (said["project"].negated or said.get("host", NOWHERE).negated)
        found["project"] = (held, said["project"])
    if "in" in said or "out" in said:
        station = said.get("in") or said["out"]
        found["left_station"] = ("in" not in said and not station.negated, station)
    if found.get("left_station", (True,))[0]:
        if "away" in said and not said["away"].negated:
            found["stayed_in_region"] = (False, said["away"])
        elif "stay" in said and not _not_had(notes, said["stay"]):
            found["stayed_in_region"] = (not said["stay"].negated, said["stay"])
    if found:
        notes.facts["postdoc"] = {name: value for name, (value, _) in found.items()}
        notes.words |= {f"postdoc.{name}": token.text for name, (_, token) in found.items()}


def _not_had(notes: Notes, token: Token) -> bool:
    """想申请博士后基金, 导师有博士后基金: wished for, or another's."""
    return re.search(own_words()["not_had"], spelt(notes.clause(token))) is not None


def _epidemic(notes: Notes) -> None:
    about = notes.standing("epidemic")
    papers = [t for t in about if t.is_("epidemic", "paper")]
    front = any(t.text == "一线" for t in notes.tokens) and any(t.text.startswith(("正式", "确认")) for t in papers)
    work = front or any(t.is_("epidemic", "word") for t in about) or notes.asking == "epidemic_years"
    if not work:
        return
    if any(t.is_("epidemic", "paper") and t.negated for t in notes.words_of("epidemic")):
        notes.deny("epidemic_years", "true")
        return
    clauses = {t.clause for t in about}
    near = {c + step for c in clauses for step in (-1, 0, 1)}
    years = [
        t
        for t in notes.words_of("years")
        if not t.off
        and not t.negated
        and t.unit != "window"
        and (notes.asking == "epidemic_years" or t.clause in near)
        and not any(c.of("cat", "level") for c in notes.clause(t))
    ]
    confirmed = [t for t in years if any(p.clause == t.clause for p in papers)]
    years = confirmed or years  # 2020、2021、2022都在一线，文件确认的是2021
    named = sorted({y for t in years for y in t.value if y in _EPIDEMIC_YEARS})
    if not named:
        return
    words = "、".join(t.text for t in years)
    if papers or notes.asking == "epidemic_years":  # the question is about confirmed years
        notes.put("epidemic_years", named, words)
        for t in years:
            t.used = True
    else:
        notes.doubt("epidemic_years", words, "no_confirmation", {"years": named})


def _years_of(tokens: list[Token]) -> tuple[list[Token], list[int]]:
    """The years and dates among these that hold, and the years that they name."""
    told = [t for t in tokens if t.kind in ("years", "date") and t.unit != "window" and not (t.off or t.negated)]
    return told, sorted({y for t in told for y in (t.value if t.kind == "years" else (t.value.year,)) if y})


def _exam(notes: Notes) -> None:
    """2024年取得注册安全工程师证书: passed where, and in full? Asked; 没过 and 差一科 tell of no certificate."""
    for exam in notes.standing("exam"):
        around = notes.clause(exam)
        behind = [t for t in notes.tokens if t.clause == exam.clause + 1]
        around = around + (behind if _dated_only(behind, exam) else [])
        got = (
            any(t.of("held", "got") for t in around if not t.negated)
            or _dated_only(around, exam)
            or re.search(limits()["exam"]["passed"], spelt(around)) is not None
        )
        failed = any(t.is_("neg") or t.negated or t.of("short", "plan") or t.is_("apply", "none") for t in around)
        years, named = _years_of(around)
        if got and not failed and named and max(named) <= notes.today.year:
            for token in years:
                token.used = True
            notes.doubt("exam_years", exam.text, "exam_where", {"years": named})


def _dated_only(tokens: list[Token], exam: Token) -> bool:
    """一级造价工程师，2024年: a certificate and its year, and not a word more."""
    return all(
        t is exam or t.kind in ("years", "date", "sep") or t.of("fill", "self", "done", "exam_mark", "papers")
        for t in tokens
    )
