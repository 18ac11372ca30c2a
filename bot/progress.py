"""How many questions are left, truthfully: the fewest and the most that the answers still open could lead to."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.casefile import Case, fold, pack_of, questions
from rules import Packs

_MEMO_LIMIT = 20_000
_memo: dict[Any, tuple[int, int]] = {}


def questions_left(packs: Packs, case: Case, today: date) -> tuple[int, int]:
    """(fewest, most) questions until the check page, the pending one included."""
    ahead = questions(packs, case, today)
    hours = [name for name in ahead if name.startswith("history.")]
    if hours and hours[0] == ahead[0]:
        values = fold(case)
        years = {path.split(".")[1] for path in values if path.startswith("history.")}
        return 1, max(1, 1 + len(_years_open(packs, case, today)) - len(years))
    fewest, most = _explore(packs, _without_hours(case), today)
    return fewest, most


def _years_open(packs: Packs, case: Case, today: date) -> list[int]:
    from bot.casefile import asked_years

    values = fold(case)
    return asked_years(values, pack_of(packs, values))


def _without_hours(case: Case) -> Case:
    log = [
        {**entry, "set": {path: value for path, value in entry["set"].items() if not path.startswith("history.")}}
        for entry in case["log"]
    ]
    return {**case, "log": [entry for entry in log if entry["set"] or entry.get("claims") or entry.get("unset")]}


def _explore(packs: Packs, case: Case, today: date) -> tuple[int, int]:
    values = fold(case)
    claims = tuple(sorted({name for entry in case["log"] for name in entry.get("claims", ())}))
    key = (id(packs), today, repr(sorted(values.items())), claims, case["screened"], tuple(sorted(case["skipped"])))
    known = _memo.get(key)
    if known is not None:
        return known
    ahead = questions(packs, case, today)
    if not ahead:
        found = (0, 0)
    elif ahead[0].startswith("history"):
        found = (1, 1)
    else:
        ends = [_explore(packs, one, today) for one in _answered(packs, case, ahead[0], today)]
        found = (1 + min(low for low, _ in ends), 1 + max(high for _, high in ends))
    if len(_memo) >= _MEMO_LIMIT:
        _memo.clear()
    _memo[key] = found
    return found


def _answered(packs: Packs, case: Case, question: str, today: date) -> list[Case]:
    """The case after each kind of answer to one question."""
    pack = pack_of(packs, fold(case))
    on = pack.application_day(today)
    ages = (30, *(threshold + 1 for threshold in pack.thresholds))
    answers: dict[str, list[dict[str, Any]]] = {
        "sector": [{"sector": "public_institution"}, {"sector": "non_public"}],
        "circumstances": [{}, {"grassroots": True}],
        "birth": [{"birth": f"{on.year - age:04}-01-05"} for age in ages],
        "birth_day": [{"birth": f"{on.year - 30:04}-01-05"}],
        "sex": [{"sex": "male"}, {"sex": "female"}],
        "title_level": [{"title_level": "junior"}, {"title_level": "middle"}],
        "grassroots_graduate": [{"grassroots_graduate": True}, {"grassroots_graduate": False}],
        "recognition_years": [{"recognition_years": 1}],
        "tenure_start": [{"tenure_start": f"{pack.review_year - 1:04}-01"}],
        "transfer": [{"transfer": f"{pack.review_year - 1:04}-01"}, {"transfer": f"{on.year:04}-01"}],
        "postdoc": [
            dict.fromkeys(("postdoc.grant", "postdoc.left_station", "postdoc.stayed_in_region"), True),
            {"postdoc.left_station": False},
        ],
        "epidemic_years": [{"epidemic_years": []}],
    }
    cases = []
    for answer in answers[question]:
        after = {**case, "log": [*case["log"], {"set": answer, "asked": question}]}
        if question == "circumstances":
            after["screened"] = True
        elif question == "birth" and case["log"]:
            pass
        if not answer and question != "circumstances":
            after["skipped"] = [*case["skipped"], question]
        cases.append(after)
    return cases
