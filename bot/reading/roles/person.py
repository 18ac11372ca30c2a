"""Sex and birth of the person: never of a ward, a child or a rule, and no date of anything else."""

from __future__ import annotations

from bot.reading.lexing.spans import when
from bot.reading.lexing.tokens import Token, at
from bot.reading.notes import Notes
from bot.reading.roles.age import OLDEST, YOUNGEST


def read_sex(notes: Notes) -> None:
    """男/女 of the person; never of a ward (男科), a child or a rule."""
    found = []
    for i, token in notes.indexed("sex"):
        value = token.senses.get("sex")
        if value not in ("male", "female"):
            continue
        if token.off or _headcount(notes, i):
            continue
        if token.negated:
            notes.deny("sex", value)
        else:
            found.append((token, value))
    notes.one_of("sex", found)


def read_kin(notes: Notes) -> None:
    """我姐报副高: her sex, where anything is told of her."""
    kin = [(t, t.senses["kin"]) for t in notes.words_of("kin") if t.other and not t.off]
    if "sex" not in notes.facts and (notes.facts or notes.claims):
        notes.one_of("sex", kin[-1:])


def _headcount(notes: Notes, i: int) -> bool:
    """女生30个, 8个女的: so many people, nobody's own sex."""
    before = at(notes.tokens, i - 1)
    ahead = at(notes.tokens, i + 1 + (at(notes.tokens, i + 1).text == "占"))
    counted = [t for t in (before, ahead) if t.kind == "number" and t.unit in ("hours", "things")]
    return any(t.value != 1 and t.text[-1] in "个名位人" and not t.used for t in counted)


def read_birth(notes: Notes) -> None:
    """A date that is a birth: said to be one, or of a year in which people at work were born and no event beside it."""
    found: list[tuple[Token, str]] = []
    years: list[Token] = []
    months: list[Token] = []
    for token in notes.of_role("birth"):
        token.used = True
        if token.kind == "years":
            years.append(token)
        elif token.value.year is None and token.value.possible and token.value.month:
            months.append(token)
        else:
            _note_birth(notes, token, found)
    if len(years) == len(months) == 1:  # 79年的，四月份生日
        day = months[0].value
        whole = Token(
            "date", years[0].text + months[0].text, years[0].start, value=when(years[0].value[0], day.month, day.day)
        )
        _note_birth(notes, whole, found)
    else:
        for token in months:
            _note_birth(notes, token, found)
        for token in years:
            notes.doubt("birth", token.text, "birth_year_only", {"birth_year": token.value[0]})
    notes.one_of("birth", found)


def _note_birth(notes: Notes, token: Token, found: list[tuple[Token, str]]) -> None:
    said = token.value
    if any(t.is_("lunar") for t in notes.clause(token)):
        notes.doubt("birth", token.text, "lunar_date")
    elif not said.possible:
        notes.doubt("birth", token.text, "impossible_date", {"year": said.year, "month": said.month, "day": said.day})
    elif said.year is None:
        notes.doubt("birth", token.text, "no_year", {"month": said.month, "day": said.day})
    elif not YOUNGEST <= notes.today.year - said.year <= OLDEST:
        notes.doubt("birth", token.text, "impossible_date", {"year": said.year, "month": said.month})
    else:
        day = f"-{said.day:02}" if said.day else ""
        found.append((token, f"{said.year:04}-{said.month:02}{day}"))
