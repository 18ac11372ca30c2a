"""The empty roster: the columns of the contract, drop-downs, an example row, and a sheet that explains them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.roster.columns import document
from bot.roster.result import short_years, words

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from bot.roster.sheets import Styles
    from rules import Packs

_ROWS = 5_000  # rows that get the drop-downs


def fill(out: Path, packs: Packs) -> None:
    """Write the template for the newest pack's year."""
    from xlsxwriter import Workbook

    from bot.roster.sheets import Styles, one_page_wide

    pack, columns, hours = packs.newest, document()["column"], document()["hours"]
    with Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        styles = Styles(book)
        sheet = book.add_worksheet(words()["sheets"]["template"])
        text = book.add_format({"num_format": "@"})
        plain = [line for line in columns if line.get("fill", True)]
        for place, line in enumerate(plain):
            sheet.set_column(place, place, line["width"], text)
            sheet.write_string(0, place, line["name"], styles.head)
            sheet.write_string(1, place, line["example"], text)
            if "choices" in line:
                sheet.data_validation(
                    1, place, _ROWS, place,
                    {"validate": "list", "source": line["choices"], "error_title": line["name"],
                     "error_message": "、".join(line["choices"])},
                )  # fmt: skip
        place = len(plain)
        low, high = pack.limits["hours"]
        for year in short_years(pack):
            for label in words()["category"].values():
                sheet.set_column(place, place, hours["width"])
                sheet.write_string(0, place, f"{year}{label}", styles.head)
                sheet.write_number(1, place, pack.requirement["general" if label == "公需" else "professional"])
                sheet.data_validation(
                    1, place, _ROWS, place,
                    {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high,
                     "error_title": f"{year}{label}", "error_message": f"{low} 到 {high} 的数字；不知道就空着"},
                )  # fmt: skip
                place += 1
        sheet.freeze_panes(1, 2)
        more = book.add_worksheet(words()["sheets"]["columns"])
        for each in (sheet, more):
            one_page_wide(each)
        _explained(more, styles, pack.review_year)


def _explained(sheet: Worksheet, styles: Styles, year: int) -> None:
    said, hours = words()["explain"], document()["hours"]
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, said["column"], styles.head)
    sheet.write_string(0, 1, said["says"], styles.head)
    lines = [(line["name"], line["says"]) for line in document()["column"]]
    lines += [(f"{year}公需", hours["says_general"]), (f"{year}专业", hours["says_professional"])]
    lines.append((words()["template"]["example"], words()["template"]["example_says"]))
    for row, (name, text) in enumerate(lines, 1):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text, styles.wrapped)
