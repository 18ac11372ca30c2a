"""Who may speak: only who knows the token, only now, and a signature for one message only."""

from __future__ import annotations

import pytest

from bot.channels.wechat.admission import WINDOW, CallRefused, WechatGate
from tests.wechat import peer

NOW = 1_760_000_000.0
KEY = peer.new_key()
BODY = peer.document(MsgType="text", Content="男")


def account(key: str = "", at: float = NOW) -> peer.Account:
    return peer.Account("http://127.0.0.1/wechat", key=key, clock=lambda: at)


def gate(key: str = "") -> WechatGate:
    return WechatGate(peer.TOKEN, peer.APP_ID, key, clock=lambda: NOW)


def sealed(query: dict[str, str], body: bytes = BODY) -> tuple[dict[str, str], bytes]:
    secret = peer.seal(body, KEY, peer.APP_ID)
    proof = peer.sign(peer.TOKEN, query["timestamp"], query["nonce"], secret)
    return query | {"encrypt_type": "aes", "msg_signature": proof}, peer.document(ToUserName="gh", Encrypt=secret)


def test_the_echo_comes_back_for_the_right_signature_only() -> None:
    query = account().query(echostr="<5678>")
    assert gate().echo(query) == "<5678>"
    for wrong in ({"signature": "0" * 40}, {"nonce": "1"}, {"timestamp": "1"}, {"signature": ""}):
        with pytest.raises(CallRefused):
            gate().echo(query | wrong)


def test_a_message_in_the_clear_is_read() -> None:
    assert gate().open(account().query(), BODY)[0]["Content"] == "男"


def test_a_sealed_message_is_read_and_its_clear_text_is_what_is_kept() -> None:
    query, body = sealed(account().query())
    assert gate(KEY).open(query, body) == ({"MsgType": "text", "Content": "男"}, BODY)


@pytest.mark.parametrize("off", [-WINDOW - 5, WINDOW + 5])
def test_a_call_from_outside_the_window_is_refused(off: float) -> None:
    with pytest.raises(CallRefused, match="clock"):
        gate().open(account(at=NOW + off).query(), BODY)


@pytest.mark.parametrize("off", [5 - WINDOW, WINDOW - 5])
def test_clocks_may_differ_by_minutes(off: float) -> None:
    assert gate().open(account(at=NOW + off).query(), BODY)


@pytest.mark.parametrize("stamp", ["", "x", "1e9", "²", "9" * 40, "-5"])
def test_a_timestamp_that_is_no_number_is_refused_though_signed(stamp: str) -> None:
    query = {"signature": peer.sign(peer.TOKEN, stamp, "n"), "timestamp": stamp, "nonce": "n"}
    with pytest.raises(CallRefused):
        gate().open(query, BODY)


def test_a_signature_is_good_for_its_message_again_and_for_no_other() -> None:
    one, query = gate(), account().query()
    assert one.open(query, BODY) == one.open(query, BODY)
    with pytest.raises(CallRefused, match="another message"):
        one.open(query, peer.document(MsgType="text", Content="女"))


def test_a_call_that_was_refused_uses_no_signature_up() -> None:
    one, query = gate(), account().query()
    with pytest.raises(CallRefused):
        one.open(query | {"signature": "0" * 40}, peer.document(MsgType="text", Content="女"))
    assert one.open(query, BODY)


def test_with_a_key_nothing_is_taken_in_the_clear() -> None:
    with pytest.raises(CallRefused, match="clear"):
        gate(KEY).open(account().query(), BODY)


def test_a_seal_needs_its_own_signature() -> None:
    query, body = sealed(account().query())
    with pytest.raises(CallRefused, match="signature"):
        gate(KEY).open(query | {"msg_signature": query["signature"]}, body)


def test_a_document_type_within_a_seal_is_refused() -> None:
    query, body = sealed(account().query(), b'<!DOCTYPE x [<!ENTITY e "y">]><xml><Content>&e;</Content></xml>')
    with pytest.raises(CallRefused, match="document type"):
        gate(KEY).open(query, body)
