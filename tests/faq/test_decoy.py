"""Under a notice that nobody issued no answer says anything of the real one, and what that notice has or has not is said."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import rules
from bot.answering import Answer, Answers
from tests.rules.texts import changed, loaded, moved_to, relief, without

DECOY = Path(__file__).parent.parent / "decoy"
LIBRARY = rules.load(DECOY, shipped=False)
NOTICE = LIBRARY.notices[0]
REAL = next(notice for notice in rules.load().notices if notice.id == "neimenggu/2025")
ANSWERS = Answers(LIBRARY).of(NOTICE)
TODAY = date(2031, 6, 1)
ASKERS = (
    {},
    {"sex": "female", "age": 51, "title_level": "deputy_senior", "sector": "public_institution"},
    {"sex": "male", "birth": "1980-03", "title_level": "junior", "sector": "non_public", "grassroots": True},
    {"sector": "state_enterprise", "route": "exceptional", "tenure_start": "2030-05", "title_level": "full_senior"},
)
PLACES = (*REAL.platforms, *REAL.contacts)
NUMBERS = {
    *map(str, (*REAL.requirement.values(), REAL.total, REAL.minutes.a_hour, *REAL.thresholds)),
    *map(str, range(REAL.review_year - 3, REAL.review_year + 2)),
}
WORDS = {
    *(place.name for place in PLACES),
    *(urlsplit(place.url).hostname or place.name for place in PLACES),
    *(app for place in REAL.platforms for app in place.apps),
    *("七个", "近三年", "12月31日", "二十大", "内蒙古", REAL.source.number),
}


def real_ones(text: str) -> set[str]:
    """The values of the real notice in a text."""
    digits = re.sub(r"(?<=\d)[-()]+(?=\d)", "", text)
    phones = {phone for place in PLACES for phone in place.phones if re.sub(r"\D", "", phone) in digits}
    numbers = {number for number in NUMBERS if re.search(rf"(?<![\d-]){number}(?![\d-])", text)}
    return phones | numbers | {word for word in WORDS if word in text}


@pytest.mark.parametrize("hr", [False, True])
@pytest.mark.parametrize("facts", ASKERS)
def test_no_answer_says_a_number_a_platform_or_an_office_of_another_notice(facts, hr):
    for topic in ANSWERS.topics():
        answer = ANSWERS.topic(topic, facts=facts, hr=hr, today=TODAY)
        links = "".join(f"{link.label} {link.url}" for link in answer.links)
        labels = "".join(label for _, label in answer.near) + ANSWERS.label(topic)
        own = str(facts.get("age", ""))  # 女，51岁: what the asker told
        assert not real_ones(answer.text + links + labels) - {own}, topic


def text_of(asked: str, today: date = TODAY) -> str:
    answer = ANSWERS.ask(asked, facts={}, today=today)
    assert answer is not None, asked
    return answer.text


def test_hours_ages_and_years_are_those_of_the_notice():
    assert "公需科目不少于41学时，专业科目不少于53学时" in text_of("每年要学多少学时")
    assert "男满57、女满52" in text_of("多大岁数不看学时")
    assert "2030、2031年" in text_of("申报看哪几年的学时")
    assert "三个" in text_of("有哪些学习平台")


def test_what_the_notice_dropped_is_said_not_to_be_in_it():
    assert "本通知未规定" in text_of("博士后评职称要学时吗")
    assert "postdoc" not in ANSWERS.topics()


def test_a_clause_that_no_entry_knows_answers_with_its_own_sentence():
    text = text_of("中小学教师连续执教满八年还要学时吗")
    assert NOTICE.clauses["一(五)7"].says in text
    assert "一(五)7" in text


def test_its_platforms_are_recognised_and_those_of_another_notice_are_not_listed():
    assert "400-911-2233" in text_of("学林APP登不上去")
    assert "(0483)8111222" in text_of("mugeketang.cn 课看不了")
    assert "不在通知列出的平台里" in text_of("nmg.chinahrt.com登不上")


def test_a_deadline_that_is_past_is_called_past():
    assert "到2031年11月25日截止" in text_of("今年的课什么时候截止")
    assert "已经在2031年11月25日截止了" in text_of("课什么时候截止", date(2031, 12, 20))


@pytest.mark.parametrize(
    ("asked", "today"),
    [
        ("2032年评副高看哪几年", TODAY),
        ("明年评副高看哪几年", TODAY),
        ("公需课今年什么时候截止", date(2032, 1, 10)),
        ("公需课什么时候截止", date(2032, 11, 30)),
    ],
)
def test_a_year_without_a_notice_is_said_to_have_none(asked: str, today: date):
    assert "2032年度的通知还没有收到" in text_of(asked, today)


def test_the_year_of_the_notice_itself_needs_no_word():
    assert "还没有收到" not in text_of("2031年评副高看哪几年")


# ---------------------------------------------------------------- the real notice with one thing otherwise


def told(folder: Path, question: str, *changes: tuple[str, str], today: date = date(2026, 4, 2)) -> str:
    library = loaded(folder, shipped=True, next=changed(moved_to(2026), *changes))
    answer = Answers(library).of(library.by_id("neimenggu/2026")).ask(question, facts={}, today=today)
    assert answer is not None
    return answer.text


def test_a_relief_that_no_entry_knows_is_told_to_who_asks_for_its_people(tmp_path: Path) -> None:
    new = relief("skilled", 'kind = "lower", hours = { professional = 28 }', '{ fact = "highly_skilled", is = true }')
    library = loaded(tmp_path, shipped=True, next=changed(moved_to(2026), new))
    answer = (
        Answers(library)
        .of(library.by_id("neimenggu/2026"))
        .ask("高技能人才有什么优惠", facts={}, today=date(2026, 4, 2))
    )
    assert answer is not None
    assert next(each.says for each in library.by_id("neimenggu/2026").reliefs if each.id == "skilled") in answer.text


def test_what_a_level_is_asked_is_told_of_that_level(tmp_path: Path) -> None:
    own = ("[requirement]", "[requirement.by_level]\njunior = { general = 11, professional = 22 }\n\n[requirement]")
    assert "公需11、专业22" in told(tmp_path, "初级要看几年的学时", own)


def test_what_a_certificate_is_worth_is_told_where_the_notice_says_it(tmp_path: Path) -> None:
    own = ('id = "seminar"\n', 'id = "seminar"\nhours_an_event = 12\nat_most = 24\n')
    text = told(tmp_path, "高研班一张证书折多少学时", own)
    assert "每次折合12学时，一年最多计24学时" in text
    assert "没有规定" not in text


def test_years_that_end_before_the_review_year_are_called_so(tmp_path: Path) -> None:
    earlier = ("set = { look_back_ends = 0 }", "set = { look_back_ends = -1 }")
    other = ("set = { look_back_ends = -1 } }]", "set = { look_back_ends = 0 } }]")
    assert "申报年度之前的算：2023、2024、2025年" in told(tmp_path, "近三年是哪三年", other, earlier)


def test_a_year_with_a_notice_is_not_said_to_have_none(tmp_path: Path) -> None:
    library = loaded(tmp_path, shipped=True, next=moved_to(2026))
    answers = Answers(library).about("2025年要多少学时", library.by_id("neimenggu/2026"), date(2026, 4, 2))
    answer = answers.ask("2025年要多少学时", facts={}, today=date(2026, 4, 2))
    assert answer is not None
    assert "还没有收到" not in answer.text


# ---------------------------------------------------------------- a notice that calls and orders everything otherwise

APRIL = date(2026, 4, 2)
OTHER_NAMES = re.sub(r"一\((.)\)", r"第\1节", moved_to(2026))
DROPPED = without(moved_to(2026), "relief", "postdoc_senior")


def under(folder: Path, text: str, question: str, today: date = APRIL, about: str = "neimenggu/2026") -> Answer:
    library = loaded(folder, shipped=True, next=text)
    answer = Answers(library).about(question, library.by_id(about), today).ask(question, facts={}, today=today)
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("论坛一次算多少学时", "第四节4"),
        ("考证可以抵学时吗", "第四节5"),
        ("审验卡在哪打印", "第六节2"),
        ("公需学什么", "第一节"),
    ],
)
def test_an_entry_holds_wherever_its_rule_stands_whatever_the_clause_is_called(
    tmp_path: Path, question: str, clause: str
) -> None:
    answer = under(tmp_path, OTHER_NAMES, question)
    assert clause in answer.clauses
    assert "未规定" not in answer.text


def test_a_clause_of_the_same_name_that_says_something_else_is_not_quoted(tmp_path: Path) -> None:
    other = "参加评审的人员由所在单位统一安排食宿，往返交通费用自理，不得自行更改日程和地点"
    text = re.sub(r'(\[clauses\."一\(六\)1"\]\nsays = ")[^"]*', rf"\g<1>{other}", moved_to(2026))
    assert other in text
    assert other not in under(tmp_path, text, "培训计划怎么备案").text


def test_what_was_learned_in_another_year_is_answered_by_the_notice_of_the_case(tmp_path: Path) -> None:
    assert "本通知未规定" in under(tmp_path, DROPPED, "2025年学的博士后减免有吗").text


def test_what_another_notice_says_is_told_as_its_own(tmp_path: Path) -> None:
    text = under(tmp_path, moved_to(2026), "2025年评副高看哪几年").text
    assert text.startswith("这是2025年度的通知的规定，您这次按2026年度的通知算")


@pytest.mark.parametrize("question", ["2025年度还能报吗", "2025年的要求是多少"])
def test_a_notice_that_is_there_is_not_said_to_be_missing(tmp_path: Path, question: str) -> None:
    assert "还没有收到" not in under(tmp_path, moved_to(2026), question).text


def test_when_one_applies_is_not_answered_with_the_days_of_training(tmp_path: Path) -> None:
    text = changed(moved_to(2026), ("until = 2027-03-31", "until = 2027-02-15"))
    assert "2027年2月15日" in under(tmp_path, text, "申报什么时候截止").text


def test_a_platform_that_the_notice_dropped_is_said_to_be_none_of_its_own(tmp_path: Path) -> None:
    text = without(moved_to(2026), "platform", "chinahrt-com")
    for question in ("融学APP能用吗", "融学还能学吗"):
        assert "不在通知列出的平台里" in under(tmp_path, text, question).text


def test_a_way_of_learning_that_the_notice_dropped_is_not_offered(tmp_path: Path) -> None:
    text = without(without(moved_to(2026), "source_rule", "ce_base"), "source_rule", "unlisted_platform")
    assert "基地" not in under(tmp_path, text, "有哪些平台").text
    assert "我不算进去" in under(tmp_path, text, "没列出的平台算吗").text


def test_hours_enrolled_for_alone_are_not_promised_where_the_notice_asks_for_the_employer(tmp_path: Path) -> None:
    free = '[{ flag = "organised", isnt = false, only_reading = "A31", says = "要由单位组织参加" }]'
    text = changed(moved_to(2026), (free, '[{ flag = "organised", is = true, says = "要由单位组织参加" }]'))
    assert "自己报名的我不算进去" in under(tmp_path, text, "自学的算吗").text


def test_who_asks_for_a_kind_of_people_is_told_the_relief_of_theirs(tmp_path: Path) -> None:
    new = relief("less", 'kind = "lower", hours = { professional = 40 }', '{ fact = "school_teacher", is = true }')
    assert "另有一条减免" in under(tmp_path, changed(moved_to(2026), new), "老师要学多少").text


def test_before_the_training_opens_it_is_said_to_begin_later(tmp_path: Path) -> None:
    text = changed(moved_to(2026), ("opens = 2026-01-01", "opens = 2026-02-10"))
    assert "还没开始" in under(tmp_path, text, "现在能学吗", date(2026, 2, 1)).text


def test_a_matter_on_which_the_notice_speaks_is_not_called_unregulated(tmp_path: Path) -> None:
    text = moved_to(2026).replace("折算多少，通知没有写。", "学术论文每篇6学时。")
    assert "学术论文每篇6学时" in under(tmp_path, text, "论文算多少学时").text
