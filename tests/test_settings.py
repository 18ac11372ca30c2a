"""Settings: what is wrong is named, where it stands, and nothing is passed over in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SettingsError, read_settings


def faults_of(path: Path, **environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment, path)
    return caught.value.faults


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / ".env"
    path.write_bytes(content)
    return path


def test_without_any_setting_the_service_has_all_it_needs(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path / ".env")
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.database_url == "sqlite:///data/xueshi.db"
    assert settings.trusted_proxies == ()


def test_a_file_of_settings_is_read_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "\ufeff# 注\r\nexport XUESHI_WEB_PORT = 81\r\nXUESHI_MAIL_FROM='a@b.cn'\r\nPOSTGRES_PASSWORD=x\r\n".encode(),
    )
    settings = read_settings({"XUESHI_WEB_PORT": "82"}, path)
    assert (settings.web_port, settings.mail_from) == (82, "a@b.cn")


def test_a_wrong_value_is_named_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, b"# one\n\nXUESHI_WEB_PORT=x\nXUESHI_TODAY=soon\n")
    first, second = faults_of(path, XUESHI_LOG_LEVEL="loud")[:2]
    assert first.startswith("XUESHI_WEB_PORT: is a whole number from 0 to 65535")
    assert first.endswith("line 3)")
    assert "XUESHI_LOG_LEVEL" in second


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("XUESHI_WEBPORT=81", "XUESHI_WEB_PORT"),
        ("XEUSHI_WEB_PORT=81", "XUESHI_WEB_PORT"),
        ("WEB_PORT=81", "XUESHI_WEB_PORT"),
        ("xueshi_web_port=81", "XUESHI_WEB_PORT"),
        ("XUESHI_TELEGRAM_TOKN=1", "XUESHI_TELEGRAM_TOKEN"),
        ("XUESHI_NOTHING_LIKE_IT=1", "no such setting"),
        ("XUESHI_WEB_PORT", "line 2"),
        ("XUESHI_WEB_PORT='81", "line 2"),
        ("XUESHI_WEB_PORT=81\nXUESHI_WEB_PORT=82", "lines 2 and 3"),
    ],
)
def test_a_misspelt_or_broken_line_is_told_by_its_number_and_what_was_meant(
    tmp_path: Path, line: str, says: str
) -> None:
    [fault] = faults_of(written(tmp_path, f"# first\n{line}\n".encode()))
    assert says in fault
    assert "line" in fault


@pytest.mark.parametrize("content", ["XUESHI_WEB_PORT=81".encode("utf-16"), "# 中文\n".encode("gbk"), b"XUESHI_\0=1"])
def test_a_file_that_is_no_utf_8_is_told_with_the_line(tmp_path: Path, content: bytes) -> None:
    [fault] = faults_of(written(tmp_path, content))
    assert "line 1" in fault
    assert "UTF-8" in fault


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    [fault] = faults_of(tmp_path / ".env")
    assert "cannot be read" in fault


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://x:port"),
        ("PUBLIC_URL", "ftp://x"),
        ("TRUSTED_PROXIES", "everybody"),
        ("ALLOWED_HOSTS", "a b"),
        ("METRICS_TOKEN", "short"),
        ("SECRET_KEY", "short"),
        ("WECHAT_AES_KEY", "x"),
        ("QUIET_HOURS", "night"),
        ("WEB_PORT", "٣"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    assert any(
        fault.startswith(f"XUESHI_{name}: ") for fault in faults_of(tmp_path / ".env", **{f"XUESHI_{name}": value})
    )


@pytest.mark.parametrize("host", ["not a host", "::zz", "a/b", "http://x"])
def test_a_machine_that_cannot_be_is_one_fault_and_not_also_one_of_the_address_made_of_it(host: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"XUESHI_WEB_HOST": host}, None)
    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["XUESHI_WEB_HOST"]


def test_the_newer_kind_of_address_stands_in_brackets_in_the_one_that_people_see() -> None:
    assert read_settings({"XUESHI_WEB_HOST": "::1"}, None).public_url == "http://[::1]:8080"


def test_of_a_broken_line_no_value_is_shown(tmp_path: Path) -> None:
    assert "hunter2" not in str(faults_of(written(tmp_path, b"XUESHI_SECRET_KEY='hunter2\nK='hunter2\n")))


def test_what_needs_something_beside_it_says_so(tmp_path: Path) -> None:
    faults = faults_of(tmp_path / ".env", XUESHI_SMTP_URL="smtp://localhost", XUESHI_TELEGRAM_WEBHOOK="1")
    assert [fault.partition(":")[0] for fault in faults] == ["XUESHI_TELEGRAM_TOKEN", "XUESHI_MAIL_FROM"]
