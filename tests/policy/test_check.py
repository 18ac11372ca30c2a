"""What `policy check` finds: a clause without a case, a quotation that is not in the text, a number in words that is not in the notice."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

import rules
from bot.policy.checking import faults
from rules.loading import read_notice
from tests.casebook import CASES, cases
from tests.processes import run as xueshi
from tests.rules.texts import ORIGINAL, changed, relief, written

pytestmark = pytest.mark.slow

BOOK = cases(CASES / "neimenggu" / "2025.toml")


def found(old: str, new: str, text: str | None = None) -> list[str]:
    return list(faults(read_notice(changed(ORIGINAL, (old, new)).encode(), "made-up.toml"), BOOK, text))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("general = 30\nprofessional = 60\ntotal = 90", "general = 20\nprofessional = 60\ntotal = 80", "says 30, which is no hours"),
        ("满55、女满50周岁参加评审", "满57、女满50周岁参加评审", "says 57, which is no hours and no age"),
        ("列出的七个网络平台", "列出的八个网络平台", "says 八个网络平台; there are 7"),
        ("申报高级、中级职称评审，近三年的", "申报高级、中级职称评审，近四年的", "says 近四年, which is no look-back"),
        ("参加{Y}年度职称评审，学时不作为限制性条件", "参加2025年度职称评审，学时不作为限制性条件", "says 2025: write {Y}"),
        ('kind = "any_k_of", k = 1', 'kind = "any_k_of", k = 2', "relief.age_partial: says 一个年度; 2 suffice"),
        ("at_least = 50, below = 55", "at_least = 50, below = 54", "relief.age_partial: of 男 it ends at 54, and relief.age_full begins at 55"),
        ('asks = "{Y}年度评审', 'asks = "2025年度评审', "reading.A27: says 2025"),
    ],
)  # fmt: skip
def test_a_number_in_words_that_is_not_the_notices(old: str, new: str, says: str) -> None:
    assert any(says in fault for fault in found(old, new))


def test_the_notice_that_comes_with_the_product_has_no_fault() -> None:
    done = xueshi("policy", "check", "--cases", str(CASES))
    assert (done.returncode, done.stdout.decode().splitlines()[-1]) == (
        0,
        f"{len(rules.load().notices)} notices, 0 faults",
    )


def test_a_relief_and_a_clause_without_a_case() -> None:
    pair = relief("new_one", 'kind = "waive"', '{ fact = "highly_skilled", is = true }')
    pair = pair[0], pair[1].replace("一(五)1", "五")
    said = found(*pair)
    assert "neimenggu/2025: relief.new_one: no case reaches it" in said
    assert "neimenggu/2025: clauses.五: no case rests on it" in said


def test_a_quotation_that_is_not_in_the_text(tmp_path: Path) -> None:
    quotes = [
        quote
        for clause in tomllib.loads(ORIGINAL)["clauses"].values()
        for quote in (clause["quote"], *clause.get("also", ()))
    ]
    text = tmp_path / "notice.txt"
    text.write_text("\n".join(quotes[1:]), encoding="utf-8")
    digest = hashlib.sha256(text.read_bytes()).hexdigest()
    old = tomllib.loads(ORIGINAL)["source"]["sha256"]
    folder = written(tmp_path / "packs", notice=ORIGINAL.replace(old, digest))
    done = xueshi("policy", "check", str(folder), "--cases", str(CASES), "--notice", str(text))
    assert done.returncode == 1
    first = next(iter(tomllib.loads(ORIGINAL)["clauses"]))
    assert f"neimenggu/2025: clauses.{first}: a quotation stands 0 times in the notice" in done.stdout.decode()
    assert done.stdout.decode().count("a quotation stands") == 1


def test_a_case_that_does_not_hold_is_named(tmp_path: Path) -> None:
    book = (CASES / "neimenggu" / "2025.toml").read_text(encoding="utf-8")
    path = tmp_path / "neimenggu" / "2025.toml"
    path.parent.mkdir()
    path.write_text(
        book.replace("short = { 2024 = { general = 10 } }", "short = { 2024 = { general = 11 } }", 1), encoding="utf-8"
    )
    local = tmp_path / "neimenggu" / "alxa"
    local.mkdir()
    (local / "2025.toml").write_text(
        (CASES / "neimenggu" / "alxa" / "2025.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    done = xueshi("policy", "check", "--cases", str(tmp_path))
    assert done.returncode == 1
    assert done.stdout.decode().startswith("case general-floor-alone: short: ")


def test_cases_that_are_not_written_as_the_guide_says_end_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "neimenggu").mkdir()
    (tmp_path / "neimenggu" / "2025.toml").write_text('[[case]]\nid = "x"\n', encoding="utf-8")
    done = xueshi("policy", "check", "--cases", str(tmp_path))
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert "2025.toml" in done.stderr.decode()
