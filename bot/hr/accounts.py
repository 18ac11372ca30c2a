"""Who may use the HR pages: invitations by one-time code, sessions that expire, and the log of what was done."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage import Store, hr

CODE_LASTS = timedelta(days=3)
IDLE = timedelta(days=3)
LONGEST = timedelta(days=30)
TOUCH_EVERY = timedelta(minutes=5)  # a look at a page is not worth a write
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 O 1 I: codes are read aloud
_CODE_LENGTH = 12  # 60 bits
_LONGEST_NAME = 40


class NotInvited(Exception):
    """No such code, or it was used, is too old, or its owner was revoked: which of them is not told."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody signed in. `csrf` stands in every form of theirs."""

    id: int
    name: str
    role: str
    csrf: str

    @property
    def manager(self) -> bool:
        """Whether this is a manager, who sees everybody's rosters, the log and the accounts."""
        return self.role == "manager"


class Accounts:
    """Invitations, sessions and the log over a store."""

    def __init__(self, store: Store, clock: Callable[[], datetime] | None = None) -> None:
        self._database = store.database
        self._clock = clock or (lambda: datetime.now(UTC))

    async def invite(self, name: str, role: str, by: str = "xueshi hr") -> str:
        """A one-time code for somebody, by name; inviting again gives a new code and opens a revoked account.

        Raises: ValueError for a name or role that cannot be.
        """
        name = " ".join(name.split())
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            raise ValueError(f"名字要写 1 到 {_LONGEST_NAME} 个字")
        if role not in ("staff", "manager"):
            raise ValueError("角色是 staff 或 manager")
        code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
        now = self._clock()
        await self._database.write(
            hr.invite, name=name, role=role, digest=_digest(code), expires=now + CODE_LASTS, now=now
        )
        await self.log(by, "invite", f"{name}（{role}）")
        return "-".join(code[at : at + 4] for at in range(0, _CODE_LENGTH, 4))

    async def invited(self, code: str) -> bool:
        """Whether the code would open a session."""
        digest, now = _digest(_plain(code)), self._clock()
        return await self._database.read(hr.redeemable, digest=digest, now=now)

    async def sign_in(self, code: str) -> tuple[Who, str]:
        """Who the code was for, and the token of the session that it opens.

        Raises: NotInvited.
        """
        plain = _plain(code)
        token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(16), self._clock()
        account = await self._database.write(
            hr.redeem, digest=_digest(plain), token=_digest(token), csrf=csrf, expires=now + LONGEST, now=now
        )
        if account is None:
            await self.log("—", "refused", "")
            raise NotInvited
        await self.log(account.name, "sign-in", "")
        return Who(account.id, account.name, account.role, csrf), token

    async def who(self, token: str) -> Who | None:
        """Who is signed in with this token, None for nobody."""
        if not token:
            return None
        now, digest = self._clock(), _digest(token)
        found = await self._database.read(hr.signed_in, token=digest, idle_since=now - IDLE, now=now)
        if found is None:
            return None
        if now - found.seen > TOUCH_EVERY:
            await self._database.write(hr.touch, token=digest, now=now)
        account = found.account
        return Who(account.id, account.name, account.role, found.csrf)

    async def sign_out(self, who: Who, token: str) -> None:
        """Ends the session."""
        await self._database.write(hr.sign_out, token=_digest(token))
        await self.log(who.name, "sign-out", "")

    async def everybody(self) -> Sequence[hr.Account]:
        """Everybody who was ever invited."""
        return await self._database.read(hr.accounts)

    async def revoke(self, id: int, by: str = "xueshi hr") -> bool:
        """Shuts an account at once; False where there is none that was open."""
        now = self._clock()
        shut = await self._database.write(hr.revoke, id=id, now=now)
        if shut:
            await self.log(by, "revoke", str(id))
        return shut

    async def log(self, who: str, action: str, subject: str) -> None:
        """Notes that somebody did something."""
        now = self._clock()
        await self._database.write(hr.note, who=who, action=action, subject=subject[:200].replace("\0", ""), now=now)

    async def looked(self, limit: int = 200, **wanted: str) -> Sequence[hr.Looked]:
        """The log, the newest first; `who`, `action` and `search` narrow it."""
        return await self._database.read(hr.looked, limit=limit, **wanted)


def _plain(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign in _LETTERS)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
