"""Notices of one's own: a folder in a setting or on the command line, the same for every command; what is wrong is one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.processes import run as xueshi
from tests.rules.texts import ORIGINAL, changed, moved_to, written

pytestmark = pytest.mark.slow

PERSON = {
    "review_year": 2026,
    "title_level": "junior",
    "sex": "male",
    "age": 30,
    "sector": "public_institution",
    "history": {},
}
READERS = [["assess"], ["read"], ["chat"], ["roster", "people.csv"], ["policy", "list"], ["run"]]


@pytest.fixture
def next_year(tmp_path: Path) -> Path:
    return written(tmp_path / "ours", next=moved_to(2026))


def lines(*words: str, **settings: str) -> list[dict[str, Any]]:
    done = xueshi(*words, given=json.dumps(PERSON).encode(), XUESHI_TODAY="2026-04-02", **settings)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_folder_of_the_setting_and_one_of_the_command_line_say_the_same(next_year: Path) -> None:
    (by_setting,) = lines("assess", XUESHI_POLICIES=str(next_year))
    (by_word,) = lines("assess", "--policies", str(next_year))
    assert by_setting == by_word
    assert by_setting["policy"] == {"id": "neimenggu/2026", "sha256": by_setting["policy"]["sha256"]}


def test_folders_add_up(next_year: Path, tmp_path: Path) -> None:
    later = written(tmp_path / "later", later=moved_to(2027))
    done = xueshi("policy", "list", "--policies", str(next_year), "--policies", str(later)).stdout.decode()
    assert [line.split("\t")[0] for line in done.splitlines() if not line.startswith("neimenggu/a")] == [
        "neimenggu/2025", "neimenggu/2026", "neimenggu/2027",
    ]  # fmt: skip
    assert done == xueshi("policy", "list", "--policies", str(later), XUESHI_POLICIES=f"{next_year}").stdout.decode()
    assert done == xueshi("policy", "list", XUESHI_POLICIES=f"{next_year}:{later}").stdout.decode()


@pytest.mark.parametrize("words", READERS, ids=lambda words: words[0])
def test_a_folder_that_is_not_there_ends_with_2_and_its_name(words: list[str], tmp_path: Path) -> None:
    said = xueshi(*words, "--policies", str(tmp_path / "nowhere"), XUESHI_DATA_DIR=str(tmp_path / "data"))
    assert said.returncode == 2
    assert str(tmp_path / "nowhere") in said.stderr.decode()
    assert len(said.stderr.decode().splitlines()) == 1


@pytest.mark.parametrize("words", READERS, ids=lambda words: words[0])
def test_a_notice_that_is_wrong_ends_with_2_and_its_file_and_line(words: list[str], tmp_path: Path) -> None:
    text = changed(moved_to(2026), ("general = 30", "general = -30"))
    folder = written(tmp_path / "wrong", next=text)
    said = xueshi(*words, XUESHI_POLICIES=str(folder), XUESHI_DATA_DIR=str(tmp_path / "data"))
    assert said.returncode == 2
    assert "next.toml: requirement.general: -30 is out of range" in said.stderr.decode()
    assert len(said.stderr.decode().splitlines()) == 1


def test_a_region_that_no_notice_is_of_ends_with_2(tmp_path: Path) -> None:
    said = xueshi("assess", XUESHI_REGION="hunan")
    assert said.returncode == 2
    assert "XUESHI_REGION" in said.stderr.decode()
    assert "hunan" in said.stderr.decode()


def test_the_region_of_the_setting_is_the_one_that_is_served(tmp_path: Path) -> None:
    other = changed(
        ORIGINAL, ('id = "neimenggu/2025"', 'id = "hunan/2025"'), ('region = "neimenggu"', 'region = "hunan"')
    )
    folder = written(
        tmp_path / "ours", hunan=changed(other, ("general = 30\n", "general = 20\n"), ("total = 90\n", ""))
    )
    facts = json.dumps({**PERSON, "review_year": 2025}).encode()

    def assessed(**settings: str) -> dict[str, object]:
        done = xueshi("assess", "--policies", str(folder), given=facts, **settings)
        found: dict[str, object] = json.loads(done.stdout)
        return found

    assert assessed()["needs"] == ["region"]
    assert assessed(XUESHI_REGION="hunan")["short"] == {"2025": {"general": 20, "professional": 60}}
    assert assessed(XUESHI_REGION="neimenggu")["short"] == {"2025": {"general": 30, "professional": 60}}
