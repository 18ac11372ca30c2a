"""The commands as they are called: exit codes, one plain sentence, streams that never stop."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import run as xueshi

pytestmark = pytest.mark.slow

FACTS = {
    "sex": "male",
    "birth": "1985-06",
    "title_level": "junior",
    "sector": "public_institution",
    "review_date": "2025-09-01",
}
BAD = [
    (b"nonsense", "invalid_json"),
    (b'{"age": NaN}', "invalid_json"),
    (b'{"sex": "male", "sex": "male"}', "invalid_json"),
    (b'{"history": {"2024": {"general": 1, "general": 1}}}', "invalid_json"),
    (b'{"id": "\\ud800"}', "invalid_json"),
    (b"[" * 100_000, "invalid_json"),
    (b"\xff", "invalid_json"),
    (b"{" + b" " * (1 << 20) + b"}", "invalid_json"),
    (b"[]", "invalid_type"),
    (b'{"height": 1}', "unknown_field"),
]


def test_a_bad_line_is_refused_in_its_place_and_the_rest_is_assessed() -> None:
    good = json.dumps({**FACTS, "id": "ok", "history": {}}).encode()
    given = b"\n\n".join(part for line, _ in BAD for part in (line, good)) + b"\r\n"
    done = xueshi("assess", given=given)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert done.stderr == b""
    assert [line.get("why") for line in lines[::2]] == [code for _, code in BAD]
    assert all(line["status"] == "short" for line in lines[1::2])
    assert all(line["message"] for line in lines[::2])


def test_what_excel_puts_before_the_first_line_is_passed_over() -> None:
    done = xueshi("assess", given=b"\xef\xbb\xbf" + json.dumps({**FACTS, "history": {}}).encode())
    assert json.loads(done.stdout)["status"] == "short"


def test_an_answer_leaves_as_soon_as_its_line_has_come() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "assess"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": str(number)}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == str(number)
        process.stdin.close()


def test_numbers_of_more_digits_than_a_float_keeps_are_compared_as_written() -> None:
    known = '"title_level":"junior","sex":"male","birth":"1985-06","sector":"government"'
    almost = "{" + known + ',"history":{"2025":{"general":29.9999999999999999999,"professional":60}}}'
    assert json.loads(xueshi("assess", given=almost.encode()).stdout)["status"] == "short"


@pytest.mark.parametrize(
    ("words", "settings", "says"),
    [
        (["assess", "--today", "20250901"], {}, "--today"),
        (["assess", "/no/such/file"], {}, "/no/such/file"),
        (["assess", "/"], {}, "Is a directory"),
        (["run"], {"XUESHI_WEB_HOST": "999.1.1.1"}, "XUESHI_WEB_HOST"),
        (["chat"], {"XUESHI_DATA_DIR": "/proc/nowhere"}, "XUESHI_DATA_DIR"),
        (["run"], {"XUESHI_WEB_PORT": "x", "XUESHI_LOG_LEVEL": "loud", "XUESHI_TODAY": "soon"}, "XUESHI_LOG_LEVEL"),
        (["policy", "explain", "九"], {}, "no clause"),
        (["policy", "show", "neimenggu/1999"], {}, "no notice"),
        (["policy", "explain", "一(五)1", "neimenggu/1999"], {}, "no notice"),
        (["nonsense"], {}, "invalid choice"),
        (["run"], {"XUESHI_POLICIES": "/nowhere"}, "XUESHI_POLICIES: /nowhere"),
        (["policy", "list"], {"XUESHI_POLICIES": "/nowhere"}, "XUESHI_POLICIES: /nowhere"),
    ],
)
def test_wrong_usage_and_wrong_settings_end_with_2_and_a_plain_sentence(
    words: list[str], settings: dict[str, str], says: str
) -> None:
    done = xueshi(*words, **settings)
    assert done.returncode == 2
    assert says in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["read", "chat", "assess"])
def test_a_command_without_an_input_says_so(command: str, tmp_path: Path) -> None:
    shell = f"exec <&-; exec {Path(sys.executable).parent}/xueshi {command}"
    done = subprocess.run(
        ["bash", "-c", shell], capture_output=True, env={"XUESHI_DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    )
    assert done.returncode == 2
    assert done.stderr.decode() == "xueshi: standard input: is closed\n"


def test_every_wrong_setting_is_named_at_once() -> None:
    done = xueshi("run", XUESHI_WEB_PORT="x", XUESHI_RETENTION_DAYS="0", XUESHI_SECRET_KEY="short", XUESHI_COLOUR="red")
    for name in ("XUESHI_WEB_PORT", "XUESHI_RETENTION_DAYS", "XUESHI_SECRET_KEY", "XUESHI_COLOUR"):
        assert name in done.stderr.decode()


README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["", *sorted(set(re.findall(r"`xueshi ([a-z]+)", README)))])
def test_help_is_there_for_every_command_that_the_readme_names(command: str) -> None:
    done = xueshi(*filter(None, [command]), "--help")
    assert done.returncode == 0
    assert done.stdout


def test_what_the_readme_types_into_assess_is_answered() -> None:
    (line, day) = re.findall(r"echo '(.*)' \| xueshi assess --today (\S+)", README)[0]
    done = xueshi("assess", "--today", day, given=line.encode())
    assert json.loads(done.stdout)["needs"] == ["history"]


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, bot.cli\ntry: bot.cli.main(['--help'])\nexcept SystemExit: pass\nprint(sorted(sys.modules), file=sys.stderr)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stderr.decode()
    for name in ("sqlalchemy", "jinja2", "starlette", "aiogram", "orjson", "asyncio", "rules"):
        assert f"'{name}'" not in loaded


def test_a_clause_is_explained_with_its_words_and_its_cases() -> None:
    done = xueshi("policy", "explain", "一(五)1").stdout.decode()
    assert "继续教育学时不作为限制性条件" in done
    assert "man-55-reached" in done
    assert "近三年是哪三年" in xueshi("policy", "explain", "A1").stdout.decode()


def test_a_transcript_can_be_piped_through(tmp_path: Path) -> None:
    done = xueshi("chat", given="私企\n都没有\n看结果\n".encode(), XUESHI_DATA_DIR=str(tmp_path))
    assert done.returncode == 0
    assert "学时不影响您评2025年度职称" in done.stdout.decode()


def test_a_pack_without_cases_reaches_none_of_its_reliefs(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "rules/notices/neimenggu/2025.toml").read_text(encoding="utf-8")
    for old, new in (('id = "neimenggu/2025"', 'id = "elsewhere/2025"'), ('"neimenggu"', '"elsewhere"')):
        text = text.replace(old, new)
    (tmp_path / "2025.toml").write_text(text, encoding="utf-8")
    done = xueshi("policy", "check", str(tmp_path))
    assert done.returncode == 1
    assert "elsewhere/2025: relief.age_full: no case reaches it" in done.stdout.decode()
