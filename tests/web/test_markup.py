"""Text is data: what becomes of replies on the page."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web.safe_html import followable, labelled, linked, telephone, unbroken
from tests.examples import examples

PIECES = st.sampled_from(
    [
        "<script>",
        "&amp;",
        '"',
        "'",
        "400-160-8686",
        "（0471）6944094",
        "a@b.cn",
        "nmg.chinahrt.com",
        "█░",
        "\n",
        "{{x}}",
    ]
)


@examples(60)
@given(st.lists(st.one_of(PIECES, st.text(max_size=12))).map("".join))
def test_a_text_reads_on_the_page_exactly_as_it_was_and_holds_no_tag_but_links_and_spans(text: str) -> None:
    for shown in (linked(text), labelled(text), unbroken(text)):
        assert html.unescape(re.sub(r"<[^>]*>", "", shown)) == html.unescape(html.escape(text))
        assert set(re.findall(r"</?([a-z]+)", shown)) <= {"a", "b", "span"}
        assert not re.search(r"<[^>]*\bon\w+=", shown)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("打400-015-0009问", "tel:4000150009"),
        ("电话（0471）6944094。", "tel:04716944094"),
        ("(0471) 6928486", "tel:04716928486"),
        ("0471-6923739", "tel:04716923739"),
        ("去nmg.chinahrt.com学", "https://nmg.chinahrt.com"),
        ("https://wlxy.nmgdj.gov.cn，进入", "https://wlxy.nmgdj.gov.cn"),
        ("见www.nmgrck.cn/jxjy。", "https://www.nmgrck.cn/jxjy"),
        ("发到rstzjc2021@126.com", "mailto:rstzjc2021@126.com"),
    ],
)
def test_numbers_and_addresses_can_be_tapped(text: str, url: str) -> None:
    assert re.findall(r'href="([^"]*)"', linked(text)) == [url]


@pytest.mark.parametrize("text", ["还差30-60学时", "2023-2025年", "1975-06-08", "48.5/60", "4001608686000", "工号0471"])
def test_hours_years_and_dates_are_no_telephone_numbers(text: str) -> None:
    assert "<a" not in linked(text)


def test_two_platforms_that_differ_in_their_ending_keep_it() -> None:
    found = re.findall(r'href="([^"]*)"', linked("nmg.chinahrt.com 和 nmg.chinahrt.cn"))
    assert found == ["https://nmg.chinahrt.com", "https://nmg.chinahrt.cn"]


def test_drawn_bars_are_not_read_aloud() -> None:
    assert linked("2024 ███░ 20/30") == '2024 <span aria-hidden="true" class="drawn">███░</span> 20/30'


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", " javascript:x", "data:text/html,x", "//evil.example", "tel:1\njavascript:x", "vbscript:x"],
)
def test_a_link_that_could_run_something_is_never_offered(url: str) -> None:
    assert not followable(url)


def test_pages_numbers_and_mail_are_offered() -> None:
    urls = ("https://nmg.chinahrt.com", "http://x.cn", telephone("（0471）6944094"), "mailto:a@b.cn", "/result")
    assert all(followable(url) for url in urls)
