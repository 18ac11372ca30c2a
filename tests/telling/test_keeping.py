"""What is kept of a result: the picture and the days in the calendar."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from PIL import Image

from bot.telling import calendar, picture, sheet
from tests.telling.test_result import FULL, told

SHORT = {"2023": FULL, "2024": {"general": 30, "professional": 20}, "2025": {"general": 20, "professional": 50}}


def test_the_same_result_is_the_same_picture() -> None:
    result = told(SHORT)
    drawn = picture.png(result, "https://example.org/")
    assert picture.png(result, "https://example.org/") == drawn
    with Image.open(BytesIO(drawn)) as image:
        assert image.size[0] == picture.WIDTH
        assert image.size[1] < 2600
    assert picture.pdf(result).startswith(b"%PDF")


def test_without_a_font_the_same_words_are_kept_as_text() -> None:
    kept = sheet.plain(told(SHORT), "https://example.org/").decode()
    assert kept.splitlines()[2] == "还差 20 学时可以现在学，另 40 学时要先问单位"
    assert "2024年专业 ██░░░░ 20/60 差40，公需满了" in kept
    assert "扫码自己查：example.org/" in kept


def test_no_line_of_a_picture_begins_with_a_sign_and_no_number_is_cut() -> None:
    text = "打印审验卡，请打(0471)6928486、(0471)6923739；网址www.nmgrck.cn。" * 3
    for room in range(200, 800, 37):
        lines = picture.wrapped(text, 24, room)
        assert "".join(lines) == text
        assert not any(line[0] in "，。；、" for line in lines)
        assert not any(line.endswith("(0471)692") for line in lines)


def test_one_is_reminded_thirty_and_seven_days_before_the_end_and_never_of_what_is_past() -> None:
    assert calendar.days(told(SHORT)) == (date(2025, 12, 1), date(2025, 12, 24), date(2025, 12, 31))
    assert calendar.days(told(SHORT, date(2025, 12, 10))) == (date(2025, 12, 24), date(2025, 12, 31))
    file = calendar.ics(told(SHORT, date(2025, 12, 28))).decode()
    assert file.count("BEGIN:VEVENT") == 1
    assert "2025年公需10、专业10" in file.replace("\r\n ", "")
    assert all(len(line.encode()) <= 75 for line in file.split("\r\n"))
    assert calendar.ics(told(SHORT, date(2026, 2, 1))) == b""


def test_who_has_nothing_to_learn_is_reminded_of_nothing() -> None:
    assert calendar.ics(told({"2023": FULL, "2024": FULL, "2025": FULL})) == b""
