"""Notices as messages of a WeCom (企业微信) application: its token, its codes, and whom a message did not reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from bot.channels.wechat.tencent import Asked, TokenCalls
from bot.messages import Delivery
from bot.post.wording import NoticeText
from bot.settings.wordbook import words_beside
from storage import Letter

SLOTS = 8
UNKNOWN = Delivery("refused", reason="unknown")


class WecomNotices(TokenCalls):
    """One application of one company; a member's account is the end of their address."""

    channel = "wecom"
    ENDED = frozenset({40014, 41001, 42001})
    MEANS: ClassVar[Mapping[int, Delivery]] = {
        code: Delivery(**told["means"]) for told in words_beside(__file__, "answers.toml")["wecom"] for code in told["codes"]
    }  # fmt: skip

    def __init__(self, base: str, corp_id: str, agent_id: str, secret: str) -> None:
        super().__init__(base)
        self._corp_id, self._agent_id, self._secret = corp_id, agent_id, secret

    def token_call(self, *, force: bool) -> Asked:
        """The one that is in force, or a new one."""
        return "GET", "/cgi-bin/gettoken", {"corpid": self._corp_id, "corpsecret": self._secret}, None

    async def send(self, letter: Letter) -> Delivery:
        """One message; the same one within half an hour the platform shows once."""
        said, user = NoticeText.read(letter.body), letter.person.rpartition(":")[2]
        body = {
            "touser": user, "msgtype": "text", "agentid": int(self._agent_id), "text": {"content": said.text},
            "enable_duplicate_check": 1, "duplicate_check_interval": 1800,
        }  # fmt: skip
        answer = await self.called("/cgi-bin/message/send", body)
        if not isinstance(answer, Delivery) and answer.get("errcode") == 0:
            missed = f"{answer.get('invaliduser') or ''}|{answer.get('unlicenseduser') or ''}"
            if user.lower() in missed.lower().split("|"):
                return UNKNOWN
        return self.came(answer)
