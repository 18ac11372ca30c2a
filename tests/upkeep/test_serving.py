"""The door holds: half requests, slow ones, crowds and floods end by themselves, and others are answered meanwhile."""

from __future__ import annotations

import resource
import socket
import stat
from pathlib import Path

import httpx
import pytest

from bot.channels.web import serving
from tests.upkeep.conftest import Service, running

pytestmark = pytest.mark.slow

WAITS = {"bot.channels.web.serving.HEAD_WITHIN": 2.0, "bot.channels.web.serving.SILENT": 3.0}  # of 10 and 15 s
HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: "


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory):
    with running(tmp_path_factory.mktemp("serving") / "data", tuned=WAITS) as service:
        yield service


def connected(service: Service, said: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", service.port), timeout=60)
    made.sendall(said)
    return made


def until_closed(one: socket.socket) -> bytes:
    answer = b""
    try:
        while part := one.recv(65_536):
            answer += part
    except ConnectionError:  # cut off, and not merely silent
        pass
    return answer


def test_eleven_hundred_half_requests_shut_no_door_and_none_is_held_for_ever(service: Service) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    half = [connected(service, HALF) for _ in range(1_100)]
    assert httpx.get(f"{service.address}/", timeout=30).status_code == 200
    answers = [until_closed(one) for one in half]
    assert all(answer.startswith(b"HTTP/1.1 408") for answer in answers)
    assert 'xueshi_connections_cut_total{reason="slow"}' in httpx.get(f"{service.address}/metrics").text


def test_who_connects_and_says_nothing_is_let_go(service: Service) -> None:
    assert until_closed(connected(service)) == b""


def test_a_body_that_stops_coming_is_cut_off(service: Service) -> None:
    one = connected(service, b"POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
    until_closed(one)


def test_headers_without_end_are_cut_off(service: Service) -> None:
    one = connected(service, HALF)
    try:
        for _ in range(200):
            one.sendall(b"x" * 1_000)
    except OSError:
        pass
    assert httpx.get(f"{service.address}/healthz").status_code == 200


def test_where_files_are_few_who_waits_without_a_whole_request_makes_room(tmp_path: Path) -> None:
    with running(tmp_path / "data", files=300) as service:
        half = [connected(service, HALF) for _ in range(400)]
        assert httpx.get(f"{service.address}/", timeout=60).status_code == 200
        assert 'reason="crowd"' in httpx.get(f"{service.address}/metrics", timeout=60).text
        for one in half:
            one.close()


def test_a_crowd_from_one_address_makes_room_among_itself() -> None:
    class One:
        answering = False

        def __init__(self, address: str) -> None:
            self.address, self.why = address, ""

        def late(self, now: float) -> bool:
            return False

        def cut(self, why: str) -> None:
            self.why = why

    crowd = serving.Crowd(most=10, each=3)
    theirs = [One("203.0.113.9") for _ in range(3)]
    theirs[0].answering = True
    other, last = One("203.0.113.10"), One("203.0.113.9")
    for one in (*theirs, other, last):
        crowd.enter(one)
    assert [one.why for one in (*theirs, other, last)] == ["", "crowd", "", "", ""]


def test_what_is_kept_is_the_owners_alone(service: Service) -> None:
    httpx.post(f"{service.address}/api/chat", json={"session": None, "message_id": "1", "text": "你好"})
    kept = [service.folder, *service.folder.rglob("*")]
    assert {place.name for place in kept} >= {"data", "xueshi.db", "xueshi.db-wal", "xueshi.db-shm", "secret.key"}
    assert [place for place in kept if stat.S_IMODE(place.stat().st_mode) & 0o077] == []
