"""XML from anybody: what WeChat writes is read, everything else is refused quickly, and what we write is read by others."""

from __future__ import annotations

import contextlib
import time
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.xml import document, fields
from tests.examples import examples
from tests.wechat import peer

XML_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=200)


@examples(40)
@given(XML_TEXT)
def test_a_text_comes_through_whatever_it_holds(text: str) -> None:
    assert fields(peer.document(Content=text)) == {"Content": text}
    assert fields(document({"Content": text, "CreateTime": 5})) == {"Content": text, "CreateTime": "5"}
    assert (ElementTree.fromstring(document({"Content": text})).findtext("Content") or "") == text


def test_the_end_of_a_cdata_section_in_a_text_ends_nothing() -> None:
    hostile = "]]></Content><MsgType>news</MsgType>"
    assert fields(document({"Content": hostile, "MsgType": "text"})) == {"Content": hostile, "MsgType": "text"}


@examples(40)
@given(st.text(max_size=60))
def test_characters_that_xml_cannot_hold_are_left_out_of_what_we_write(text: str) -> None:
    ElementTree.fromstring(document({"Content": text}))


def test_of_nested_elements_nothing_is_taken_for_a_field() -> None:
    body = b"<xml><Event>scancode_push</Event><ScanCodeInfo><MsgType>text</MsgType></ScanCodeInfo></xml>"
    assert "MsgType" not in fields(body)


LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(f'<!ENTITY a{n} "{"&a;" * 10}">' for n in range(9)) + "]>"


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><xml><Content>&e;</Content></xml>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x"><xml><Content>x</Content></xml>',
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]><xml><Content>x</Content></xml>',
        f"{LAUGHS}<xml><Content>&a8;</Content></xml>".encode(),
        b"<xml><Content>&undeclared;</Content></xml>",
        b"<xml>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</xml>",
        b"<xml>" + b"<a/>" * 5000 + b"</xml>",
        b"<xml><FromUserName>a</FromUserName><FromUserName>b</FromUserName></xml>",
        b"<xml><Content>cut",
        b"<xml></xml><xml></xml>",
        b"<other><Content>x</Content></other>",
        b"<xml><Content>\xff\xfe</Content></xml>",
        '<?xml version="1.0" encoding="utf-16"?><xml><Content>x</Content></xml>'.encode("utf-16"),
        b'{"MsgType": "text"}',
        b"",
    ],
)
def test_what_is_no_plain_message_is_refused_at_once(body: bytes) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match=r"document type|too deep|not an <xml>|twice|not UTF-8|not XML"):
        fields(body)
    assert time.process_time() - began < 0.5


@examples(40)
@given(st.binary(max_size=300))
def test_no_bytes_whatever_raise_anything_but_a_refusal(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        fields(body)
