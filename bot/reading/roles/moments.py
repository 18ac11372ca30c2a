"""What the dates and years of a message say when: a birth, an appointment, a move, a review, a filing, or the hours of a year."""

from __future__ import annotations

from bot.reading.lexing.lexicon import kinds, limits
from bot.reading.lexing.tokens import Token
from bot.reading.notes import Notes
from bot.reading.roles.features import around, kind_of
from bot.reading.roles.scorer import LIKELY, score

ROLES = ("birth", "tenure_start", "transfer", "review_year", "review_date")
_KINDS = kinds()["moments"]
_NEAR = 12  # spans that are looked at on either side
_BORN = (17, 75)


def _kinds(token: Token) -> list[str]:
    return ["number"] if token.kind == "number" else [kind for kind in _KINDS["around"] if kind in token.senses]


def evidence(notes: Notes, i: int) -> list[str]:
    """What speaks for the role of a date or a year: how it is said, how long ago it is, what stands near it on either side."""
    token, out = notes.tokens[i], around(notes, i)
    year = token.value[0] if token.kind == "years" else token.value.year
    parts = ("year",) if token.kind == "years" else [p for p in ("year", "month", "day") if getattr(token.value, p)]
    yearly = token.unit != "relative" and token.text.endswith(limits()["of_a_year"])
    form = f"{token.kind} {token.unit}{' yearly' * yearly} {'+'.join(parts)}"
    since = -99 if year is None else notes.today.year - year
    ago = [name for least, name in _KINDS["ago"] if since >= least][-1] if year is not None else "none"
    out += [f"f {form}", f"ago {ago}", f"fa {form} {ago}", f"q {(notes.asking or '-').partition('.')[0]} {ago}"]
    for step in (-1, 1):
        seen: set[str] = set()
        for k in range(1, _NEAR):
            j = i + step * k
            if not 0 <= j < len(notes.tokens):
                break
            other = notes.tokens[j]
            apart = min(2, abs(other.clause - token.clause))
            for kind in _kinds(other):
                if kind not in seen:
                    seen.add(kind)
                    out += [
                        f"n {kind} {step} {apart}",
                        f"na {kind} {step} {apart} {ago}",
                        f"nf {kind} {apart} {len(parts)} {ago}",
                    ]
                    if kind in ("held", "apply", "event", "move") and apart == 0:
                        out.append(f"w {other.text} {step}")
    return out


def candidates(notes: Notes) -> list[int]:
    """Where dates and single years stand that may be anything else than of hours."""
    if not (
        notes.asking in ROLES
        or notes.asking in ("age", "review")
        or notes.has(*_KINDS["calling"])
        or any(t.text.endswith(limits()["of_a_year"]) for t in notes.words_of("years"))
    ):
        old = [
            i
            for i in notes.years
            if len(notes.tokens[i].value) == 1 and notes.today.year - notes.tokens[i].value[0] > 15
        ]
        return old if old else []
    return [
        i for i, t in notes.indexed("date", "years")
        if not (t.off or t.used or t.negated or (t.kind == "years" and (len(t.value) != 1 or t.unit == "window")))
    ]  # fmt: skip


def _born(notes: Notes, token: Token) -> bool:
    """Whether people at work may have been born then."""
    year = token.value[0] if token.kind == "years" else token.value.year
    return year is None or _BORN[0] <= notes.today.year - year <= _BORN[1]


def moments(notes: Notes) -> dict[int, str]:
    """The likeliest role of each date and year that has one."""
    found: dict[int, str] = {}
    places = candidates(notes)
    content = [t for t in notes.tokens if t.kind != "sep" and kind_of(t) != "fill"]
    if notes.asking in ROLES and len(places) == len(content) == 1 and content[0].unit != "relative":
        return {places[0]: str(notes.asking)} if notes.asking != "birth" or _born(notes, content[0]) else {}
    for i in places:
        seen = evidence(notes, i)
        points = {role: score(role, seen) for role in ROLES}
        best = max(points, key=points.__getitem__)
        token = notes.tokens[i]
        if points[best] > LIKELY:
            found[i] = best
        elif token.kind == "date" and token.value.year and token.value.month and _born(notes, token):
            near = {kind for t in notes.clause(token) for kind in t.senses}
            if notes.has("papers") or near.isdisjoint(_KINDS["otherwise"]):
                found[i] = "birth"  # 女 中级 1986年5月; 身份证1975年11月，档案1975年8月: two of them, which is asked
    return found
