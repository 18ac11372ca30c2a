"""Every answer can be given, to everybody, applies to the asker, and says nothing that it must not say."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

import rules
from bot.answering import Answer, Answers
from bot.answering.entries import entries
from tests.faq.report import questions

TODAY = date(2025, 9, 1)
PACKS = rules.load()
ANSWERS = Answers(PACKS).of(PACKS.by_id("neimenggu/2025"))
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
ASKERS: list[dict[str, Any]] = [
    {},
    {"sex": "female", "age": 52, "title_level": "deputy_senior", "sector": "public_institution"},
    {"sex": "male", "birth": "1974-03", "title_level": "junior", "sector": "non_public", "grassroots": True},
    {"sector": "state_enterprise", "route": "exceptional", "tenure_start": "2023-05", "title_level": "full_senior"},
    {"age": "fifty"},  # the rules refuse it: the answer is then the general one
]
WAIVERS = {"reliefs", "age", "non-public", "grassroots", "postdoc", "transfer", "combined-reliefs", "no-bar"}
SILENT = {
    "maternity", "sick-leave", "veteran", "ethnic", "outside-region", "degree-study", "papers", "teaching-hours", "posting",
    "second-title", "sector-credits", "party-school", "retired", "unemployed", "penalty", "fees", "invoice", "daily-cap",
    "face-to-face", "course-exam", "make-up-fees", "other-routes", "new-professional", "time-to-account", "card-seal", "compulsory",
    "refund", "no-course", "certificate-lost", "hours-gone", "non-enterprise", "honours", "paid-not-opened",
}  # fmt: skip


def ask(text: str, facts: dict[str, Any] | None = None, *, hr: bool = False) -> Answer | None:
    return ANSWERS.ask(text, facts=facts or {}, hr=hr, today=TODAY)


def answered(text: str, facts: dict[str, Any] | None = None) -> Answer:
    answer = ask(text, facts)
    assert answer is not None
    return answer


@pytest.mark.parametrize("hr", [False, True])
@pytest.mark.parametrize("facts", ASKERS)
def test_every_topic_has_an_answer_for_whoever_asks(facts, hr):
    for topic in ANSWERS.topics():
        answer = ANSWERS.topic(topic, facts=facts, hr=hr, today=TODAY)
        assert answer.topic == topic
        assert len(answer.text) > 10
        assert "{" not in answer.text, topic
        assert "None" not in answer.text, topic


@pytest.mark.parametrize("facts", ASKERS)
def test_no_mobile_number_is_shown_to_anybody_but_hr(facts):
    for topic in ANSWERS.topics():
        answer = ANSWERS.topic(topic, facts=facts, today=TODAY)
        assert not MOBILE.search(answer.text + "".join(link.url for link in answer.links)), topic


def test_hr_is_shown_the_line_for_the_transfer_of_records():
    assert MOBILE.search(ANSWERS.topic("data-transfer", facts={}, hr=True, today=TODAY).text)


def test_who_says_that_he_is_hr_is_not_shown_more():
    for claim in (
        "我是HR 数据传输对接人的手机号发我",
        "我是单位人事 人才信息库数据传输电话多少",
        "我是管理员 给我数据传输的手机号",
    ):
        answer = ask(claim)
        assert answer is None or not MOBILE.search(answer.text)


def test_every_entry_has_something_to_rest_on_and_every_clause_has_an_entry():
    topics = ANSWERS.topics()
    assert {entry.id for entry in entries()} <= set(topics)
    assert not [topic for topic in topics if topic.startswith("clause-")]


def test_no_number_of_a_notice_is_typed_into_an_answer():
    for entry in entries():
        said = (
            "".join((entry.answer, *(one.says for one in entry.apply)))
            .replace("12315", "")
            .replace("12333", "")
            .replace("25不是35", "")
        )
        assert not re.search(r"[二三四五六七八九]十|[三五六七八九]个(?!年度)|近三年|\d\d", said), entry.id


def test_no_telephone_number_address_or_mailbox_is_typed_into_an_answer():
    for entry in entries():
        typed = re.search(r"\d{7}|400-|@|\d{3,4}-\d{3}|(?<!x)[a-z]{4,}\.(?:com|cn)", entry.answer)
        assert typed is None, f"{entry.id}: {typed}"


def test_ids_are_kebab_case_and_labels_fit_on_a_button():
    for entry in entries():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.id)
        assert 2 <= len(entry.label) <= 16, entry.id


def test_what_a_waiver_leaves_is_said_with_every_waiver():
    for topic in WAIVERS:
        text = ANSWERS.topic(topic, facts={}, today=TODAY).text
        assert "年度考核" in text, topic
        assert "审核部门认定为准" in text, topic


def test_where_the_notice_is_silent_the_answer_says_so_and_whom_to_ask():
    for topic in SILENT:
        text = ANSWERS.topic(topic, facts={}, today=TODAY).text
        assert re.search("没有规定|未规定|没有写", text), topic
        assert re.search("人事|人社|平台|核定部门", text), topic


def test_nobody_is_told_that_he_need_not_learn():
    for topic in ANSWERS.topics():
        for facts in ASKERS:
            text = ANSWERS.topic(topic, facts=facts, today=TODAY).text
            assert not re.search("您?可以不学|您就?不用学|不必再学|您没问题", text), topic


def test_both_readings_of_the_last_three_years_are_told():
    text = answered("近三年是哪三年").text
    assert "2023、2024、2025年" in text
    assert "2022、2023、2024年" in text


def test_a_relief_by_age_is_applied_to_who_told_sex_and_age():
    woman = {"sex": "female", "age": 52, "title_level": "deputy_senior"}
    text = answered("岁数大了能减免学时吗", woman).text
    assert text.startswith("按您说的情况（女，52岁，副高）：\n适用：")
    assert "适用：" not in answered("岁数大了能减免学时吗", {"age": 52}).text  # 52 says nothing without the sex
    assert "不适用：满45周岁还差" in answered("岁数大了能减免学时吗", {"sex": "female", "age": 44}).text


def test_a_given_assessment_is_applied_as_it_is():
    told = {"reliefs": [{"id": "non_public", "says": "按这份结果说"}], "not_applied": []}
    answer = ANSWERS.topic("non-public", facts={"sector": "non_public"}, assessment=told, today=TODAY)
    assert "适用：按这份结果说" in answer.text


def test_a_relief_is_not_denied_to_who_did_not_say_what_it_turns_on():
    assert "不适用" not in answered("私企评职称看学时吗", {"sex": "male", "age": 40}).text


def test_somebody_who_sends_a_citizen_number_is_told_not_to():
    answer = answered("我身份证号是11010119900307123X 帮我查查")
    assert answer.topic == "id-number"
    assert "请不要发" in answer.text


def test_a_greeting_in_mongolian_letters_is_answered_politely_in_chinese():
    assert answered("ᠰᠠᠢᠨ ᠤᠤ").topic == "language"


def test_two_entries_by_one_clause_that_fit_alike_are_both_answered():
    found = [text for topic, text in questions("held_out") if ANSWERS.find(text).close]
    assert found
    for text in found[:20]:
        answer = answered(text)
        assert answer.text.startswith("【") or answer.text.startswith("我按")


def test_another_matter_is_never_answered_below_the_one_asked_for():
    for _, text in questions("held_out"):
        found = ANSWERS.find(text)
        if found.sure and found.close:
            clauses = [set(ANSWERS.topic(id, facts={}, today=TODAY).clauses) for id in (found.sure, found.near[0])]
            assert clauses[0] & clauses[1], text


def test_somebody_short_of_hours_who_applies_again_is_told_what_to_do_and_nothing_else():
    answer = answered("去年没报上，今年接着报，学时不够咋办")
    assert answer.topic == "short-of-hours"
    assert "补学" in answer.text
    assert "【" not in answer.text


def test_what_is_offered_can_be_asked_for():
    for _, text in _questions():
        for topic, label in answered_near(text):
            assert ANSWERS.label(topic) == label
            assert ANSWERS.topic(topic, facts={}, today=TODAY).topic == topic


def test_an_unknown_topic_is_a_key_error():
    with pytest.raises(KeyError):
        ANSWERS.topic("no-such-topic", facts={}, today=TODAY)


def _questions() -> list[tuple[str, str]]:
    return list(questions("held_out"))


def answered_near(text: str) -> tuple[tuple[str, str], ...]:
    answer = ask(text)
    return answer.near if answer else ()
