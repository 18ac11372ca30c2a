"""`xueshi notices …`: each command in a few lines over the office."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import orjson

from bot.commands import DONE, FAILED, USAGE, Fault, fast_loop, plainly, settings
from bot.post import books
from bot.post.audience import read_officers, sifted
from bot.post.notice_words import CampaignFault, reason_words, words
from bot.post.office import Draft, Office
from bot.post.quiet import ZONE
from bot.post.setup import links, office, try_out, worker
from bot.settings import Settings
from bot.telling import templates
from storage import Addressee


def run(options: argparse.Namespace) -> int:
    """Runs the command on an open store."""
    from bot.roster import UnreadableRoster

    chosen = settings()

    async def go() -> int:
        async with office(chosen) as at:
            return await getattr(Commands(options, chosen, at), options.act)() or DONE

    try:
        with plainly(), asyncio.Runner(loop_factory=fast_loop()) as runner:
            return runner.run(go())
    except (CampaignFault, UnreadableRoster) as wrong:
        raise Fault(str(wrong), USAGE) from None


def _say(what: str, **told: object) -> None:
    print(f"xueshi: {words()['commands'][what].format(**told)}", file=sys.stderr)


class Commands:
    """Each by its name, with what was typed after it: an exit code, or None for done."""

    def __init__(self, options: argparse.Namespace, chosen: Settings, at: Office) -> None:
        self.typed, self.chosen, self.at, self.today = options, chosen, at, chosen.today()

    async def _people(self) -> tuple[list[Addressee], Draft]:
        """Everybody that is asked about, and what a campaign of theirs would be made with. Raises: Fault, CampaignFault, OSError."""
        typed = {"asked": False, "title": "", "not_after": None, "wording": None, "at": None, **vars(self.typed)}
        source: Path | None = typed["roster"]
        if typed["asked"] == (source is not None):
            raise Fault("give a ROSTER, or --asked for those who asked to be reminded")
        owner = await self.at.office_of(typed["office"])
        people = await self.at.people(source, owner, self.today) if source else await self.at.asked(self.today)
        days = [day.replace(tzinfo=ZONE) for day in typed["at"] or ()]
        return people, Draft(typed["title"], owner, source, typed["not_after"], days, typed["wording"] or "")

    # ------------------------------------------------------------ before

    async def invite(self) -> None:
        """A binding code, link and QR picture for each person."""
        invited = await self.at.invite((await self._people())[0])
        books.write_codes(self.typed.out, invited, await links(self.chosen, [code for _, code in invited]))
        _say("invited", count=len(invited), out=self.typed.out)

    async def preview(self) -> None:
        """How many, who not and why, three real messages."""
        seen = await self.at.preview(*await self._people(), self.today)
        says = templates().get_template("notice/preview.j2")
        print(says.render(seen=seen, names=words()["channels"], why=reason_words).rstrip())

    async def create(self) -> None:
        """A campaign, or one for each moment given; prints the ids alone."""
        people, plan = await self._people()
        audience = [one for one in sifted(people, self.at.packs, self.today) if not one.out]
        warnings = await self.at.warnings(audience, plan, self.today)
        made = await self.at.create(people, plan, self.today)
        for warning in warnings:
            _say("mind", warning=warning)
        print("\n".join(one.id for one in made))

    async def test(self) -> int:
        """One real message, to oneself: what the first who is short would read."""
        said = await try_out(self.chosen, self.at, *await self._people(), self.typed.to)
        print(f"xueshi: {said}", file=sys.stderr)
        return DONE if said == words()["test"]["sent"] else FAILED

    async def follow(self) -> None:
        """A campaign made from the report of another: to who has not opened, or to each unit's officer; prints its id."""
        officers = None if self.typed.officers is None else read_officers(self.typed.officers)
        begins = self.typed.at and self.typed.at.replace(tzinfo=ZONE)
        print((await self.at.follow(self.typed.id, self.today, begins, officers, self.typed.days)).id)

    async def reword(self) -> None:
        """Other words for who has not been told yet."""
        await self.at.reword(self.typed.id, self.typed.wording.strip(), self.today)

    # ------------------------------------------------------------ while it goes

    async def send(self) -> int:
        """Sends until all that may go out has gone."""
        at, id = self.at, self.typed.id
        found = await at.get(id)
        if found.state in ("draft", "sending", "paused") and (said := await at.reread(found, self.today)):
            print(f"xueshi: {said}", file=sys.stderr)
        if self.typed.in_doubt == "resend":
            _say("resent", count=await at.again(id, "in_doubt"))
        if self.typed.not_told:
            _say("retold", count=await at.again(id, "not_told"))
        found = await at.start(id)
        if found.state == "paused":
            _say("paused", why=f"：{found.why}" if found.why else "")
            return FAILED if found.why else DONE
        if found.state == "sending":
            self._mind_links()
            await self._work([id], watched=id)
        after = await at.status(id)
        if after["state"] == "sending" and after["waiting"]:
            _say("still_waiting", **after)
        if after["state"] == "paused" and after.get("why"):
            _say("paused_itself", **after)
            return FAILED
        return DONE

    async def worker(self) -> None:
        """Every campaign that is being sent, until it is stopped: what `xueshi run` starts beside itself."""
        from bot.settings.logs import begin

        begin(self.chosen.log_level, self.chosen.log_format)
        await self._work(None)

    async def _work(self, campaigns: list[str] | None, watched: str = "") -> None:
        loop = asyncio.get_running_loop()
        async with worker(self.chosen, self.at, campaigns) as working:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, working.stop)
            if getattr(self.typed, "beside", False):
                threading.Thread(target=_to_the_end_of_input, args=(loop, working.stop), daemon=True).start()
            watching = asyncio.create_task(self._watch(watched))
            try:
                await working.run()
            finally:
                watching.cancel()

    async def _watch(self, id: str) -> None:
        """A progress line on a terminal."""
        while id and sys.stderr.isatty():
            now = await self.at.status(id)
            done = now["total"] - now["waiting"]
            width = 30 * done // max(1, now["total"])
            bar = "█" * width + "░" * (30 - width)
            print("\r" + words()["progress"].format(bar=bar, done=done, **now), end="", file=sys.stderr)
            await asyncio.sleep(1)

    async def status(self) -> None:
        """One object."""
        print(orjson.dumps(await self.at.status(self.typed.id)).decode())

    async def pause(self) -> None:
        """Nothing more goes out."""
        await self.at.move(self.typed.id, "paused")

    async def resume(self) -> None:
        """It goes on."""
        await self.at.move(self.typed.id, "sending")

    async def cancel(self) -> None:
        """Ends it; asks first where somebody is there to answer."""
        now = await self.at.status(self.typed.id)
        if sys.stdin.isatty() and now["state"] in ("draft", "sending", "paused"):
            print(words()["really"].format(**now), end="", file=sys.stderr)
            if (await asyncio.to_thread(sys.stdin.readline)).strip().lower() not in ("y", "yes", "是"):
                return
        await self.at.move(self.typed.id, "cancelled")

    async def skip(self) -> None:
        """One person hears no more of it."""
        if not await self.at.stop_for(self.typed.id, await self.at.line_of(self.typed.id, self.typed.who)):
            raise Fault(words()["commands"]["nobody_waits"].format(who=self.typed.who), FAILED)

    async def report(self) -> None:
        """A workbook: who was told when and how, who not and why, who opened, who has caught up."""
        found = await self.at.findings(await self.at.get(self.typed.id), self.today)
        books.write(self.typed.out, found, self.at.wordings)
        self._mind_links()

    def _mind_links(self) -> None:
        if not self.at.wordings.public_url:
            _say("mind", warning=words()["warnings"]["no_links"])


def _to_the_end_of_input(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    """Stops once the service that started us is gone, however and whenever it went: the pipe it holds ends with it."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    loop.call_soon_threadsafe(stop)
