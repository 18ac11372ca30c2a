"""The line that says which template is used, and which of its fields holds what."""

from __future__ import annotations

import pytest

from bot.settings import SettingsError, read_settings
from tests.notices.test_wechat import ID, LINE
from tests.wechat.peer import APP_ID, SECRET


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("thing1=hours", "begins with the template's id"),
        (ID, "has a field for the hours"),
        (f"{ID} thing1=title", "has a field for the hours"),
        (f"{ID} thing1=hour", "a field holds one of hours, deadline"),
        (f"{ID} thing1", "does not take ''"),
        (f"{ID} first=hours", "a field is named as on the platform"),
        (f"{ID} remark1=hours", "a field is named as on the platform"),
        (f"{ID} time1=hours", "hours is held by a field of the kind thing or number or character_string"),
        (f"{ID} thing1=hours thing1=title", "was there before"),
        (f"{ID} thing1=hours phrase2=继续教育学时", "does not take '继续教育学时'"),
        (f"{ID} thing1=hours thing2={'长' * 21}", "does not take"),
    ],
)
def test_a_line_that_is_wrong_is_refused_at_the_start_in_one_sentence(line: str, says: str) -> None:
    given = {
        "XUESHI_WECHAT_TOKEN": "t", "XUESHI_WECHAT_APP_ID": APP_ID, "XUESHI_WECHAT_APP_SECRET": SECRET, "XUESHI_WECHAT_TEMPLATE": line,
    }  # fmt: skip
    with pytest.raises(SettingsError) as caught:
        read_settings(given, dotenv=None)
    [fault] = caught.value.faults
    assert fault.startswith("XUESHI_WECHAT_TEMPLATE: ")
    assert says in fault


def test_a_template_without_the_account_is_refused_and_none_at_all_is_fine() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"XUESHI_WECHAT_TEMPLATE": LINE}, dotenv=None)
    assert "XUESHI_WECHAT_APP_SECRET" in caught.value.faults[0]
    assert read_settings({}, dotenv=None).wechat_template is None
