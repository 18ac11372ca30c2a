"""Signatures and seals hold against an implementation of their own, and give way to nothing else."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.encryption import Seal, signature, signed
from tests.examples import examples
from tests.wechat import peer

KEY = peer.new_key()
SEAL = Seal(KEY, peer.APP_ID)


@examples(40)
@given(st.binary(max_size=400))
def test_what_either_side_seals_the_other_opens(text: bytes) -> None:
    assert SEAL.open(peer.seal(text, KEY, peer.APP_ID)) == text
    assert peer.unseal(SEAL.close(text), KEY) == (text, peer.APP_ID)


def test_the_same_text_is_never_sealed_alike() -> None:
    assert SEAL.close(b"x") != SEAL.close(b"x")


@examples(40)
@given(st.integers(0, 95), st.integers(1, 255))
def test_a_changed_byte_gives_other_bytes_or_is_refused_never_the_text(at: int, by: int) -> None:
    text = "男，1985年6月出生，报中级".encode()
    raw = bytearray(base64.b64decode(peer.seal(text, KEY, peer.APP_ID)))
    raw[at] ^= by
    try:
        opened = SEAL.open(base64.b64encode(bytes(raw)).decode())
    except ValueError:
        return
    assert opened != text or at < 16  # the head is random: what it was is not known


@pytest.mark.parametrize(
    ("sealed", "why"),
    [
        (peer.seal(b"x", KEY, "wxanother"), "another account"),
        (peer.seal(b"x", peer.new_key(), peer.APP_ID), "padding|account"),
        (base64.b64encode(b"x" * 24).decode(), "blocks"),
        ("", "blocks"),
        ("@@@@", "base64"),
        ("学时", "base64"),
    ],
    ids=["another account", "another key", "half a block", "nothing", "no base64", "no ASCII"],
)
def test_what_is_not_whole_or_of_another_account_is_refused(sealed: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        SEAL.open(sealed)


@examples(40)
@given(st.binary(max_size=200))
def test_no_bytes_whatever_do_more_than_be_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"base64|blocks|padding|short|account"):
        SEAL.open(base64.b64encode(data).decode())


def test_a_signature_holds_for_its_parts_in_any_order_and_for_no_others() -> None:
    assert signature("b", "a") == peer.sign("a", "b")
    assert signed(peer.sign("a", "b"), "b", "a")
    assert not signed(peer.sign("a", "b"), "a", "c")
    assert not signed("é" * 20, "a", "b")
