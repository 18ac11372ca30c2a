"""The empty roster: the columns of the contract, drop-downs, an example row, and a sheet that explains them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.roster.book import explanations, head_format
from bot.roster.columns import document
from bot.roster.verdicts import short_years, words

if TYPE_CHECKING:
    from rules import Notice

_ROWS = 2_000  # rows that get the drop-downs


def fill(out: Path, notice: Notice) -> None:
    """Write the template for the notice's year."""
    from rustpy_xlsxwriter import Format, write_worksheets

    hours = document()["hours"]
    low, high = notice.limits["hours"]
    example: dict[str, Any] = {}
    widths: dict[str, float] = {}
    rules: dict[str, dict[str, Any]] = {}
    for line in (line for line in document()["column"] if line.get("fill", True)):
        example[line["name"]], widths[line["name"]] = line["example"] or None, float(line["width"])
        if "choices" in line:
            rules[line["name"]] = {
                "type": "list", "values": line["choices"], "error_title": line["name"], "error_message": "、".join(line["choices"]),
            }  # fmt: skip
    for year in short_years(notice):
        for category in notice.categories:
            name = f"{year}{category.short}"
            example[name], widths[name] = category.hours, float(hours["width"])
            rules[name] = {
                "type": "decimal", "criteria": "between", "min": low, "max": high, "error_title": name,
                "error_message": f"{low} 到 {high} 的数字；不知道就空着",
            }  # fmt: skip
    said, named = words()["explain"], words()["sheets"]
    lines = [*explanations(notice), (words()["template"]["example"], words()["template"]["example_says"])]
    text = Format().set_num_format("@")
    empty = dict.fromkeys(example)
    write_worksheets(
        [
            (named["template"], [example, *[empty] * _ROWS]),
            (named["columns"], [{said["column"]: name, said["says"]: says} for name, says in lines]),
        ],
        str(out),
        header_format=dict.fromkeys((named["template"], named["columns"]), head_format()),
        freeze_panes={named["template"]: {"row": 1, "col": 2}},
        column_widths={named["template"]: widths, named["columns"]: [18.0, 90.0]},
        column_formats={named["template"]: {name: text for name in example if name[:1] not in "12"}},
        data_validations={named["template"]: rules},
        page_setup={
            name: {"landscape": True, "fit_to_pages": (1, 0)}
            for name in named.values()
            if name in (named["template"], named["columns"])
        },
    )
