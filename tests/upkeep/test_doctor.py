"""`xueshi doctor` finds what is wrong, and says what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.processes import free_port
from tests.upkeep.conftest import running, xueshi

pytestmark = pytest.mark.slow


def test_of_a_healthy_service_nothing_has_to_be_done(folder: Path) -> None:
    with running(folder, XUESHI_ENCRYPTION_KEY="k" * 40) as service:
        done = xueshi(folder, "doctor", XUESHI_ENCRYPTION_KEY="k" * 40, XUESHI_WEB_PORT=str(service.port))
    assert (done.returncode, done.stderr) == (0, "")
    assert "要办" not in done.stdout
    for about in ("设置", "磁盘", "文件权限", "签名密钥", "加密", "数据库", "时钟", "政策包", "渠道", "正在运行"):
        assert about in done.stdout


def test_what_is_wrong_is_named_each_by_itself_with_what_to_do(folder: Path) -> None:
    assert xueshi(folder, "db", "upgrade").returncode == 0
    (folder / "secret.key").write_bytes(b"")
    (folder / "xueshi.db").chmod(0o644)
    with sqlite3.connect(folder / "xueshi.db") as other:
        other.execute("INSERT INTO seen VALUES ('clock', 1600000000000000)")
    done = xueshi(
        folder, "doctor", XUESHI_PUBLIC_URL="http://xueshi.example",
        XUESHI_TELEGRAM_TOKEN=f"1:{'a' * 30}", XUESHI_TELEGRAM_API_BASE=f"http://127.0.0.1:{free_port()}",
    )  # fmt: skip
    assert done.returncode == 1
    todo = [line for line in done.stdout.splitlines() if line.startswith("要办")]
    for about, says in (
        ("网址", "https"), ("文件权限", "chmod"), ("签名密钥", "备份"), ("时钟", "trust-clock"), ("Telegram", "XUESHI_TELEGRAM_API_BASE"),
    ):  # fmt: skip
        assert any(about in line and says in line for line in todo), (about, done.stdout)


def test_wrong_settings_are_all_named(folder: Path) -> None:
    done = xueshi(folder, "doctor", XUESHI_WEB_PORT="x", XUESHI_LOG_LEVEL="loud")
    assert done.returncode == 2
    assert "XUESHI_WEB_PORT" in done.stdout
    assert "XUESHI_LOG_LEVEL" in done.stdout


def test_a_database_of_another_version_is_told(folder: Path) -> None:
    assert xueshi(folder, "db", "upgrade").returncode == 0
    with sqlite3.connect(folder / "xueshi.db") as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    done = xueshi(folder, "doctor")
    assert done.returncode == 1
    assert "要办 数据库" in done.stdout
