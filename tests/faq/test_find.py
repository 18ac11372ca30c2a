"""Questions are found in the words people use; statements and junk are not taken for questions."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rules
from bot.answering import Answers, learner
from bot.answering.finder import Hit, finder
from tests.examples import examples
from tests.faq import report

PACKS = rules.load()
ANSWERS = Answers(PACKS).of(PACKS.by_id("neimenggu/2025"))
ROOT = Path(__file__).parents[2]
CHINESE = st.text(
    alphabet=st.sampled_from("学时公需专业审验卡吗不没多少怎么平台电话年岁女男50 ,。?？abc.cn\n"), max_size=60
)


@pytest.mark.parametrize(("name", "at_once", "reached"), [("platforms", 0.98, 1.0), ("held_out", 0.86, 0.95)])
def test_questions_in_the_words_of_people_are_found(name: str, at_once: float, reached: float):
    how = [report.outcome(ANSWERS, topic, question) for topic, question in report.questions(name)]
    right = sum(one in ("right", "both") for one in how)
    assert right >= at_once * len(how)
    assert right + sum(one in ("offered", "beside") for one in how) >= reached * len(how)


@pytest.mark.slow
def test_the_way_of_writing_changes_hardly_anything():
    sample = list(report.questions("held_out"))[::5]
    how = [report.outcome(ANSWERS, topic, said) for topic, question in sample for said in report.variants(question)]
    plain = [report.outcome(ANSWERS, topic, question) for topic, question in sample]
    right, usual = (sum(one in ("right", "both") for one in each) / len(each) for each in (how, plain))
    assert right >= usual - 0.03


def test_statements_results_and_junk_are_not_taken_for_questions():
    assert list(report.taken_for_questions(ANSWERS)) == []


@pytest.mark.slow
def test_the_weights_are_those_that_the_training_makes_of_the_wordings():
    shipped = files("bot.answering").joinpath("weights.json").read_text("utf-8")
    assert shipped == learner.written(), "python -m bot.answering.learner"


def test_a_problem_told_is_answered_like_a_question():
    for told, topic in [
        ("学时没到账", "time-to-account"),
        ("单位不给核定", "not-verified"),
        ("学时没了", "hours-gone"),
        ("交了钱课没开通", "paid-not-opened"),
        ("人社局说不归他们管", "not-ours"),
        ("审验卡上名字写错了", "card-error"),
    ]:
        assert ANSWERS.topic_of(told) == topic


def test_nobody_honest_is_accused():
    for asked in ("有没有啥办法", "还有啥办法没", "学时不够有什么办法", "有没有快点学完的办法", "没学够咋整啊"):
        assert ANSWERS.topic_of(asked) not in ("cheating", "change-hours", "injection", "abuse"), asked


def test_voice_input_that_mishears_is_understood_by_sound():
    for heard, topic in [
        ("申艳卡在哪打印", "print-card"),
        ("供需和专业有什么区别", "general-vs-professional"),
        ("破阁申报学时怎么算", "exceptional"),
    ]:
        assert ANSWERS.topic_of(heard) == topic


@given(
    st.one_of(
        st.text(max_size=200),
        CHINESE,
        st.binary(max_size=80).map(lambda raw: raw.decode("utf-8", "surrogatepass") if _decodes(raw) else ""),
    )
)
@examples(60)
def test_no_text_makes_it_fail_and_the_same_text_finds_the_same(text: str):
    first = ANSWERS.find(text)
    assert isinstance(first, Hit)
    assert ANSWERS.find(text) == first
    assert len(first.near) <= 3
    ANSWERS.topic_of(text)


@given(CHINESE)
@examples(40)
def test_what_is_found_exists(text: str):
    found = ANSWERS.find(text)
    assert {found.sure, *found.near} - {None} <= set(ANSWERS.topics())
    assert found.sure not in found.near


@pytest.mark.slow
def test_every_process_finds_the_same():
    program = (
        "import rules; from bot.answering import Answers; from tests.faq.report import questions\n"
        "packs = rules.load(); answers = Answers(packs).of(packs.by_id('neimenggu/2025'))\n"
        "print([answers.find(q) for _, q in list(questions('held_out'))])"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_a_long_text_takes_no_longer_than_its_first_lines():
    text = "我在乡镇卫生院上班，评职称要不要学时？"
    ANSWERS.find(text * 20)

    def cost(times: int) -> float:
        begin = time.process_time()
        for _ in range(20):
            ANSWERS.find(text * times)
        return time.process_time() - begin

    assert min(cost(500) for _ in range(3)) < 4 * min(cost(25) for _ in range(3)) + 0.02


def test_what_may_not_be_found_is_not_found():
    every = set(ANSWERS.topics())
    assert finder().find("审验卡在哪打印", every).sure == "print-card"
    found = finder().find("审验卡在哪打印", every - {"print-card"})
    assert "print-card" not in (found.sure, *found.near)


def _decodes(raw: bytes) -> bool:
    try:
        raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "words", "asks_in_general"),
    [
        ("女的50岁就可以还是得55", ["女的", "50岁"], True),
        ("女职工几岁可以只完成一年学时", ["女职工"], True),
        ("女,52,还要学时吗", ["女", "52"], False),
        ("我52女的还用学不", ["52", "女的"], False),
        ("事业单位的 审验卡在哪打", ["事业单位"], False),
        ("今年公需30专业没学够咋办", ["公需30"], False),
    ],
)
def test_what_stands_in_a_question_about_people_in_general_is_no_fact_of_the_asker(
    text: str, words: list[str], asks_in_general: bool
):
    general = ANSWERS.general(text)
    assert all(any(word in piece for piece in general) for word in words) is asks_in_general
