"""Nobody is told anybody else's hours: who is who in two offices, over months of files, whatever numbers they share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from bot.post.office import Draft, Office
from storage import Store, hr
from storage.rosters import identify
from storage.tables import EPOCH, metadata
from tests.examples import examples
from tests.notices.conftest import TODAY, Bench
from tests.notices.test_office import Line, roster_of, sent

on_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def office(bench: Bench) -> Office:
    return bench.office


async def told_to(office: Office, bench: Bench, roster: Path, owner: int) -> list[str]:
    """The accounts that a campaign of a roster reaches."""
    people = await office.people(roster, owner, TODAY)
    [made] = await office.create(people, Draft("年终学时", owner, roster), TODAY)
    line = Line()
    await sent(office, bench, made.id, line)
    return sorted(person for person, _ in line.sent)


@on_sqlite
async def test_a_binding_made_in_one_office_opens_nothing_in_another(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    same = roster_of(tmp_path / "r.csv", ("001", "王伟", 10), ("002", "李娜", 10))  # to the letter the same people
    await bench.bound(same, 2, owner=1)
    assert await told_to(office, bench, same, 2) == []
    assert await told_to(office, bench, same, 0) == []
    assert await told_to(office, bench, same, 1) == ["telegram:bot:001", "telegram:bot:002"]


@on_sqlite
async def test_an_office_is_an_account_by_name_and_the_command_line_has_one_of_its_own(
    office: Office, store: Store
) -> None:
    account = await store.database.write(
        lambda connection: hr.invite(
            connection, name="小李", role="staff", digest="d", expires=store.clock(), now=store.clock()
        )
    )
    assert (await office.office_of(""), await office.office_of("小李")) == (0, account.id)
    with pytest.raises(Exception, match="小王"):
        await office.office_of("小王")


@on_sqlite
async def test_a_person_stays_the_same_from_month_to_month_and_a_successor_to_the_number_does_not_inherit(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    await bench.bound(roster_of(tmp_path / "一月.csv", ("001", "王伟", 10), ("002", "李娜", 10)), 2)
    later = roster_of(tmp_path / "二月.csv", ("002", "李娜", 20), ("001", "赵敏", 10))
    assert await told_to(office, bench, later, 0) == ["telegram:bot:002"]


@on_sqlite
async def test_rows_without_numbers_are_told_apart_by_name_never_by_row(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    first = roster_of(tmp_path / "a.csv", ("", "王伟", 10), ("", "李娜", 10))
    people = {one.name: one.subject for one in await office.people(first, 0, TODAY)}
    await bench.bind({people["王伟"]: "telegram:bot:w"})
    turned = roster_of(tmp_path / "b.csv", ("", "李娜", 10), ("", "王伟", 10))
    again = {one.name: one.subject for one in await office.people(turned, 0, TODAY)}
    assert again == people
    others = roster_of(tmp_path / "c.csv", ("", "赵敏", 10), ("", "王芳", 10))
    assert await told_to(office, bench, others, 0) == []


@on_sqlite
async def test_two_of_one_name_without_numbers_are_two_people_whom_no_other_file_knows(
    office: Office, tmp_path: Path
) -> None:
    def written(name: str, sexes: str) -> Path:
        roster = roster_of(tmp_path / name, ("", "王伟", 10), ("", "王伟", 20))
        head, one, other = roster.read_text(encoding="utf-8").splitlines()
        roster.write_text(f"{head}\n{one}\n{other.replace('男', sexes)}\n", encoding="utf-8")
        return roster

    first = [one.subject for one in await office.people(written("a.csv", "女"), 0, TODAY)]
    again = [one.subject for one in await office.people(written("a.csv", "女"), 0, TODAY)]
    assert first == again
    assert len(set(first)) == 2
    (tmp_path / "b.csv").write_text((tmp_path / "a.csv").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert not set(first) & {one.subject for one in await office.people(tmp_path / "b.csv", 0, TODAY)}


@on_sqlite
async def test_the_same_number_under_two_units_is_two_people_each_with_a_line_and_a_code(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = roster_of(tmp_path / "r.csv", ("001", "王伟", 10, "一院"), ("001", "李娜", 20, "二院"))
    people = await office.people(roster, 0, TODAY)
    assert len({one.subject for one in people}) == 2
    assert {one.unit for one in people} == {"一院", "二院"}


@on_sqlite
async def test_of_two_rows_of_one_person_that_contradict_each_other_none_is_believed_however_often_read(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    for name, rows in (("a.csv", (10, 30)), ("b.csv", (30, 10))):
        roster = roster_of(tmp_path / name, *(("001", "王伟", hours) for hours in rows))
        people = await office.people(roster, 0, TODAY)
        [made] = await office.create(people, Draft("年终学时", source=roster), TODAY)
        [row] = await office.campaigns.rows(made.id)
        assert (row.state, row.reason) == ("left_out", "needs")


@on_sqlite
async def test_everybody_of_the_roster_stands_in_exactly_one_line_also_rows_that_nobody_can_be_told_by(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    roster = roster_of(
        tmp_path / "r.csv", ("1", "王伟", 10), ("2", "李娜", 30), ("1", "王伟", 10), ("3", "王芳、赵敏", 10), ("4", "钱多", 10)
    )  # fmt: skip
    text = roster.read_text(encoding="utf-8").replace("4,钱多,某院,事业单位,男,1985-03", "4,钱多,某院,事业单位,,")
    roster.write_text(text, encoding="utf-8")
    [made] = await office.create(await office.people(roster, 0, TODAY), Draft("年终学时", source=roster), TODAY)
    rows = {row.label: (row.state, row.reason) for row in await office.campaigns.rows(made.id)}
    assert rows == {
        "1": ("waiting", ""), "2": ("left_out", "met"), "4": ("left_out", "needs"), "第5行": ("left_out", "unreadable"),
    }  # fmt: skip
    status = await office.status(made.id)
    assert status["total"] == status["waiting"] == 1


PEOPLE = st.fixed_dictionaries({
    "number": st.sampled_from(["001", "002"]), "unit": st.sampled_from(["一院", "二院", ""]),
    "name": st.sampled_from(["王伟", "李娜"]), "card": st.sampled_from(["", "C1", "C2"]),
})  # fmt: skip
MONTHS = st.lists(
    st.lists(PEOPLE, max_size=5, unique_by=lambda one: (one["card"] or repr(sorted(one.items())))), min_size=3, max_size=3
)  # fmt: skip


def keys_of(one: dict[str, str]) -> list[str]:
    """As the reader makes them: card, then number with unit and name."""
    return [*([f"c{one['card']}"] if one["card"] else []), f"i{one['number']}|{one['unit']}|{one['name']}"]


@examples(60)
@given(st.lists(st.tuples(st.sampled_from([1, 2]), MONTHS), min_size=1, max_size=2))
def test_over_months_of_files_one_person_is_nobody_else_and_offices_share_nobody(
    offices: list[tuple[int, list[list[dict[str, str]]]]],
) -> None:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    held: dict[str, set[tuple[int, str]]] = {}  # the cards, or numbers with names, that each person was ever seen with
    with engine.begin() as connection:
        for owner, months in offices:
            for month in months:
                people = [keys_of(one) for one in month]
                found = identify(connection, owner=owner, now=EPOCH, people=people)
                assert len(set(found)) == len(found)
                for who, keys in zip(found, people, strict=True):
                    held.setdefault(who, set()).update((owner, key) for key in keys)
    engine.dispose()
    for seen in held.values():
        assert len({owner for owner, _ in seen}) == 1
        assert len({key for _, key in seen if key.startswith("c")}) <= 1


def test_whoever_has_a_surer_mark_keeps_what_is_theirs_whatever_stands_first_in_the_file() -> None:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        [first] = identify(connection, owner=1, now=EPOCH, people=[["cA", "i001|甲|王"]])
        # another of that name took the number over; the first has moved to another unit
        moved = identify(connection, owner=1, now=EPOCH, people=[["cB", "i001|甲|王"], ["cA", "i007|乙|王"]])
        assert moved[1] == first
        assert moved[0] != first
        assert identify(connection, owner=1, now=EPOCH, people=[["cB"]]) == [moved[0]]
    engine.dispose()
