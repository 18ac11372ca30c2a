"""Every answer can be given, to everybody, and says nothing that it must not say."""

from __future__ import annotations

import re
from datetime import date

import pytest

import rules
from bot import faq
from bot.answering import Answers

TODAY = date(2025, 9, 1)
PACKS = rules.load()
ANSWERS = Answers.load(PACKS)
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
ASKERS = [
    {},
    {"sex": "female", "age": 52, "title_level": "deputy_senior", "sector": "public_institution"},
    {"sex": "male", "birth": "1974-03", "title_level": "junior", "sector": "non_public", "grassroots": True},
    {"sector": "state_enterprise", "route": "exceptional", "tenure_start": "2023-05", "title_level": "full_senior"},
]


@pytest.mark.parametrize("facts", ASKERS)
@pytest.mark.parametrize("hr", [False, True])
@pytest.mark.parametrize("topic", ANSWERS.topics())
def test_every_topic_has_an_answer_for_whoever_asks(topic, facts, hr):
    answer = ANSWERS.topic(topic, facts=facts, hr=hr, today=TODAY)
    assert answer.topic == topic
    assert len(answer.text) > 10
    assert "{" not in answer.text


@pytest.mark.parametrize("topic", ANSWERS.topics())
def test_no_mobile_number_is_shown_to_anybody_but_hr(topic):
    answer = ANSWERS.topic(topic, facts={}, today=TODAY)
    assert not MOBILE.search(answer.text + "".join(link.url for link in answer.links))


def test_hr_is_shown_the_line_for_the_transfer_of_records():
    assert MOBILE.search(ANSWERS.topic("data-transfer", facts={}, hr=True, today=TODAY).text)


def test_every_clause_that_an_entry_cites_is_in_the_pack():
    cited = {clause for entry in faq.entries() for clause in entry.clauses}
    assert cited <= set(PACKS.newest.clauses)


def test_every_clause_of_the_pack_is_cited_by_an_entry():
    cited = {clause for entry in faq.entries() for clause in entry.clauses}
    assert set(PACKS.newest.clauses) <= cited


def test_no_telephone_number_address_or_mailbox_is_typed_into_an_answer():
    for entry in faq.entries():
        assert not re.search(r"\d{7}|400-|@|\d{3,4}-\d{3}", entry.answer), entry.id
