"""Notices by e-mail: one letter a call over a connection that is kept, SMTP's answers as outcomes."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.messages import LIMITED, Delivery
from bot.post.outcomes import PUT_OFF
from bot.post.wording import NoticeText
from storage import Letter

TIMEOUT = 30.0
SLOTS = 4
LETTERS = 100  # over one connection; many servers close it then by themselves
SENDER_NAME: Final = "学时提醒"
UNACCEPTED = frozenset({530, 534, 535, 538, 550})  # to our own login or our own address


ACCOUNT: Final = Delivery("retry", reason="account")


class _Line(aiosmtplib.SMTP):
    """A connection that is used by one letter at a time."""

    letters = 0


class MailNotices:
    """One mailbox at one server."""

    channel = "email"

    def __init__(self, url: str, mail_from: str) -> None:
        place = urlsplit(url)
        self._tls = place.scheme == "smtps"
        self._host, self._port = place.hostname or "localhost", place.port or (465 if self._tls else 25)
        self._user, self._password = unquote(place.username or ""), unquote(place.password or "")
        self._name, self._from = parseaddr(mail_from)
        self._free: list[_Line] = []

    async def send(self, letter: Letter) -> Delivery:
        """One letter. Only a line that breaks after the letter was begun leaves a doubt."""
        said, address = NoticeText.read(letter.body), letter.person.partition(":")[2]
        message_id = f"<{said.token or 'notice'}@{self._from.rpartition('@')[2]}>"
        line, begun = None, False
        try:
            if (line := await self._line()) is None:
                return ACCOUNT
            await line.mail(self._from)
            await line.rcpt(address)
            begun = True
            await line.data(self._message(address, said, message_id).as_bytes())
        except aiosmtplib.SMTPResponseException as fault:  # the server has spoken, so nothing is in doubt
            if line is None:
                return Delivery("unreachable") if fault.code >= 500 else Delivery("retry", 5.0, LIMITED)
            self._free.append(line)
            ours = isinstance(fault, aiosmtplib.SMTPSenderRefused) and fault.code in UNACCEPTED
            return ACCOUNT if ours else _answer(fault)
        except (aiosmtplib.SMTPException, OSError):
            if line is not None:
                line.close()
            return Delivery("doubt", reason="no_answer") if begun else Delivery("unreachable")
        self._free.append(line)
        return Delivery("sent", platform_id=message_id)

    def _message(self, address: str, said: NoticeText, message_id: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = Address(self._name or SENDER_NAME, addr_spec=self._from)
        message["To"] = Address(addr_spec=address)
        message["Subject"] = said.subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = message_id  # the same letter again has the same one: mail programs show it once
        message["Auto-Submitted"] = "auto-generated"
        if said.stop_url:
            message["List-Unsubscribe"] = f"<{said.stop_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(said.text)
        if said.html:
            message.add_alternative(said.html, subtype="html")
        return message

    async def _line(self) -> _Line | None:
        """A connection that works, as far as one can know; None where the server does not accept our login.

        Raises: aiosmtplib.SMTPException, OSError.
        """
        while self._free:
            line = self._free.pop()
            line.letters += 1
            try:
                if line.letters < LETTERS:
                    await line.rset()
                    return line
            except (aiosmtplib.SMTPException, OSError):
                pass
            line.close()
        line = _Line(hostname=self._host, port=self._port, use_tls=self._tls, start_tls=None, timeout=TIMEOUT)
        await line.connect()
        try:
            if self._user:
                await line.login(self._user, self._password)
        except aiosmtplib.SMTPException as fault:
            line.close()
            wrong = isinstance(fault, aiosmtplib.SMTPAuthenticationError) and fault.code in UNACCEPTED
            if wrong or type(fault) is aiosmtplib.SMTPException:  # the server knows no way to log in
                return None
            raise
        return line

    async def close(self) -> None:
        lines, self._free = self._free, []
        for line in lines:
            try:
                async with asyncio.timeout(2):
                    await line.quit()
            except (aiosmtplib.SMTPException, OSError):
                line.close()


def _answer(fault: aiosmtplib.SMTPResponseException) -> Delivery:
    """A refusal: for now (4yz) or for good (5yz). A server that knows nobody yet, or a
    mailbox that is full, takes the letter later; only 421 is meant for every letter."""
    if fault.code == 421:
        return Delivery("retry", 5.0, LIMITED)
    if fault.code < 500 or "5.2.2" in fault.message:
        return Delivery("retry", 3.0, PUT_OFF)
    recipient = isinstance(fault, aiosmtplib.SMTPRecipientRefused) and not re.search(r"\b5\.7\.\d", fault.message)
    return Delivery("refused", reason="bad_address" if recipient else "refused")
