"""Who is reached under which account, which codes are out, and who wants to hear nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, or_, select, union, update

from .campaign_tables import binding, invitation, silence
from .database import LOT, lots, upsert
from .store import Store
from .tables import session


@dataclass(frozen=True, slots=True)
class Reached:
    """The accounts of somebody, by channel, and whether they want no notices."""

    accounts: dict[str, str]
    silent: bool


class Taken(Exception):
    """The code was used by another account."""


class AddressBook:
    """Bindings, codes and silence of one store. `subject` is somebody of a roster, `person` an account's key."""

    def __init__(self, store: Store) -> None:
        self._database, self._clock = store.database, store.clock

    async def invite(self, codes: Sequence[tuple[str, str]]) -> None:
        """Keeps (hashed code, subject) for when a code comes back."""
        now = self._clock()
        rows = [{"code": code, "subject": subject, "at": now} for code, subject in codes]
        if rows:
            await self._database.write(lambda connection: connection.execute(invitation.insert(), rows))

    async def bind(self, code: str, channel: str, person: str) -> str | None:
        """Uses a code: the account is now where its subject is reached on that channel. None for an unknown code;
        the same account again gives the same answer.

        Raises: Taken.
        """
        now = self._clock()
        use = (
            update(invitation)
            .where(invitation.c.code == code, or_(invitation.c.used.is_(None), invitation.c.person == person))
            .values(used=now, person=person)
            .returning(invitation.c.subject)
        )
        known = select(invitation.c.subject).where(invitation.c.code == code)

        def bind(connection: Connection) -> str | None:
            subject = connection.scalar(use)
            if subject is None:
                if connection.scalar(known) is not None:
                    raise Taken
                return None
            row = {"subject": subject, "channel": channel, "person": person, "at": now}
            insert = upsert(connection, binding).values(row)
            connection.execute(
                insert.on_conflict_do_update(index_elements=["subject", "channel"], set_={"person": person, "at": now})
            )
            return str(subject)

        return await self._database.write(bind)

    async def subject_of(self, code: str) -> str | None:
        """Whose code it is, while nobody has used it."""
        query = select(invitation.c.subject).where(invitation.c.code == code, invitation.c.used.is_(None))
        found: str | None = await self._database.value(query)
        return found

    async def subjects(self, person: str) -> list[str]:
        """Who is reached under an account."""
        query = select(binding.c.subject).where(binding.c.person == person).order_by(binding.c.subject)
        return [row.subject for row in await self._database.rows(query)]

    async def silent(self, person: str) -> bool:
        """Whether an account, or somebody who is reached under it, wants no notices."""
        theirs = select(binding.c.subject).where(binding.c.person == person)
        query = select(silence.c.who).where(or_(silence.c.who == person, silence.c.who.in_(theirs)))
        return await self._database.value(query) is not None

    async def reach(self, subjects: Iterable[str]) -> dict[str, Reached]:
        """Where each is reached; somebody without an account, too."""
        wanted = list(subjects)

        def read(connection: Connection) -> dict[str, Reached]:
            accounts: dict[str, dict[str, str]] = {subject: {} for subject in wanted}
            quiet: set[str] = set()
            for some in lots(wanted):
                rows = connection.execute(
                    select(binding.c.subject, binding.c.channel, binding.c.person).where(binding.c.subject.in_(some))
                )
                for subject, channel, person in rows:
                    accounts[subject][channel] = person
                quiet |= set(connection.scalars(select(silence.c.who).where(silence.c.who.in_(some))))
                bound = select(binding.c.subject).join(silence, silence.c.who == binding.c.person)
                quiet |= set(connection.scalars(bound.where(binding.c.subject.in_(some))))
            return {subject: Reached(found, subject in quiet) for subject, found in accounts.items()}

        return await self._database.read(read)

    async def sessions(self, mark: bytes) -> list[tuple[str, bytes]]:
        """Every session that holds a mark, under its account's key."""
        query = select(session.c.person, session.c.session).where(session.c.session.is_not(None))

        def read(connection: Connection) -> list[tuple[str, bytes]]:
            rows = connection.execute(query.execution_options(yield_per=LOT))
            return [(row.person, bytes(row.session)) for row in rows if mark in bytes(row.session)]

        return await self._database.read(read)

    async def hush(self, who: str, quiet: bool) -> None:
        """An account or somebody of a roster wants no notices, or wants them again: honoured everywhere at once."""
        now = self._clock()
        theirs = select(binding.c.subject).where(binding.c.person == who)
        # Wanting them again undoes it wherever it was said: by mail, or on another account.
        everything = union(
            select(binding.c.subject.label("who")).where(or_(binding.c.person == who, binding.c.subject == who)),
            select(binding.c.person.label("who")).where(or_(binding.c.subject == who, binding.c.subject.in_(theirs))),
        ).subquery()

        def hush(connection: Connection) -> None:
            known = {who, *connection.scalars(select(everything.c.who))}
            if quiet:
                insert = upsert(connection, silence).on_conflict_do_nothing()
                connection.execute(insert, [{"who": one, "at": now} for one in sorted(known)])
            else:
                connection.execute(delete(silence).where(silence.c.who.in_(known)))

        await self._database.write(hush)

    async def forget(self, person: str) -> None:
        """Deletes what binds an account to anybody. That it wanted no notices stays known."""
        gone = delete(binding).where(binding.c.person == person)
        used = update(invitation).where(invitation.c.person == person).values(person="")
        await self._database.change(gone, used)
