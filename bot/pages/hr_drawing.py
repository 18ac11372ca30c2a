"""How the HR pages are drawn: the templates under `hr/`, with their words and the moments as our zone reads them."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import HTMLResponse, Response

from bot.channels.web.page import HEADERS
from bot.channels.web.safe_html import DRAWN_WITH
from bot.hr import Who
from bot.pages.entrance import UPLOAD_BYTES
from bot.roster.verdicts import levels, needed, words
from bot.telling import templates

_HERE = Path(__file__)
_ZONE = ZoneInfo("Asia/Shanghai")


def moment(at: datetime) -> str:
    return at.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M")


class Drawn:
    """Draws the HR templates."""

    def __init__(self, retention_days: int) -> None:
        self.words = tomllib.loads(_HERE.with_name("hr.toml").read_text(encoding="utf-8"))
        self._templates = templates(
            **DRAWN_WITH, moment=moment, retention_days=retention_days, statuses=words()["status"], levels=levels(),
            megabytes=UPLOAD_BYTES >> 20, **self.words,
        )  # fmt: skip
        self._templates.filters["needed"] = needed

    def __call__(self, template: str, who: Who | None, status: int = 200, **values: Any) -> HTMLResponse:
        """A page for somebody."""
        page = self._templates.get_template(f"hr/{template}.html.j2").render(who=who, **values)
        return HTMLResponse(page, status, HEADERS)

    def refuse(self, status: int, message: str, who: Who | None) -> Response:
        """A page that says why there is none."""
        return self("refused", who, status, message=message)
