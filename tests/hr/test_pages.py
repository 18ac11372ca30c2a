"""The HR pages: who gets in, what is shown, and what others get: nothing."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from bot.conversation.reports import Reports
from bot.hr import NotInvited
from bot.hr.accounts import CODE_LASTS, IDLE, LONGEST
from bot.roster import MappingFile
from storage import hr, rosters
from tests.hr.conftest import House, a_roster, csrf, finished, uploaded
from tests.roster.books import HEADERS, TEMPLATE, changed, with_xlsxwriter

pytestmark = pytest.mark.slow

INSIDE = [
    "/hr/clauses",
    "/hr/help",
    "/hr/accounts",
    "/hr/log",
    "/hr/template.xlsx",
    "/hr/rosters/x",
    "/hr/rosters/x/people/2",
    "/hr/rosters/x/columns",
    "/hr/rosters/x/mapping.toml",
    "/hr/rosters/x/list.xlsx",
    "/hr/rosters/x/print",
    "/hr/rosters/x/against?other=y",
    "/hr/log.csv",
]
FORMS = [
    "/hr/rosters",
    "/hr/rosters/x/columns",
    "/hr/rosters/x/people/2/cells",
    "/hr/rosters/x/people/2/mark",
    "/hr/rosters/x/share",
    "/hr/ask",
    "/hr/sign-out",
    "/hr/accounts/invite",
    "/hr/accounts/revoke",
    "/hr/rosters/x/delete",
]


@pytest.mark.parametrize("address", INSIDE)
async def test_somebody_uninvited_is_only_asked_for_a_code(house: House, address: str) -> None:
    async with house.visitor() as client:
        answer = await client.get(address)
        assert answer.url.path == "/hr"
        assert "登录码" in answer.text
        assert "csrf" not in answer.text


@pytest.mark.parametrize("address", FORMS)
async def test_somebody_uninvited_can_send_nothing(house: House, address: str) -> None:
    async with house.visitor() as client:
        answer = await client.post(address, data={"csrf": "x", "name": "我", "role": "manager"})
        assert answer.url.path == "/hr"
    assert list(await house.accounts.everybody()) == []


async def test_a_code_works_once_within_its_days(house: House) -> None:
    code = await house.accounts.invite("小李", "staff")
    who, _ = await house.accounts.sign_in(f" {code.lower()} ")
    assert (who.name, who.manager) == ("小李", False)
    with pytest.raises(NotInvited):
        await house.accounts.sign_in(code)
    late = await house.accounts.invite("小王", "staff")
    house.clock.pass_by(seconds=CODE_LASTS.total_seconds())
    with pytest.raises(NotInvited):
        await house.accounts.sign_in(late)


async def test_a_wrong_code_is_refused_without_saying_why(house: House) -> None:
    async with house.visitor() as client:
        answer = await client.post("/hr/sign-in", data={"code": "AAAA-BBBB-CCCC"})
    assert answer.status_code == 403
    assert "不对、用过了，或者过期了" in answer.text


async def test_what_people_say_of_answers_is_for_managers(house: House) -> None:
    reports = Reports(house.store)
    await reports.add("kinds", "公需<b>和专业")
    await reports.add("feedback", "字太小")
    async with house.signed_in("老李", "manager") as client:
        page = (await client.get("/hr/reports")).text
        assert "公需&lt;b&gt;和专业" in page
        assert "字太小" in page
    async with house.signed_in("小李") as client:
        assert (await client.get("/hr/reports")).status_code == 403


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    async with house.visitor() as client:
        answer = await client.post(
            "/hr/sign-in", data={"code": await house.accounts.invite("小李", "staff")}, follow_redirects=False
        )
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/hr"))


async def test_guessing_codes_is_slowed_down(house: House) -> None:
    async with house.visitor() as client:
        statuses = [(await client.post("/hr/sign-in", data={"code": "x"})).status_code for _ in range(12)]
    assert statuses[:10] == [403] * 10
    assert statuses[-1] == 429


@pytest.mark.parametrize("passed", [IDLE, LONGEST])
async def test_a_session_ends_by_itself(house: House, passed: timedelta) -> None:
    async with house.signed_in() as client:
        assert "上传花名册" in (await client.get("/hr")).text
        if passed == LONGEST:  # in use every day, and over all the same
            for _ in range(LONGEST.days):
                assert "上传花名册" in (await client.get("/hr")).text
                house.clock.pass_by(days=1)
        else:
            house.clock.pass_by(seconds=passed.total_seconds() + 1)
        assert "登录码" in (await client.get("/hr")).text


async def test_somebody_revoked_is_out_at_once(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        [account] = await house.accounts.everybody()
        await house.accounts.revoke(account.id)
        for page in ("/hr", address, address + "/people/2", address + "/result.xlsx"):
            answer = await client.get(page)
            assert "登录码" in answer.text
            assert "还差的" not in answer.text


@pytest.mark.parametrize("address", ["/hr/accounts", "/hr/log"])
async def test_staff_on_a_managers_page_get_nothing(house: House, address: str) -> None:
    async with house.signed_in("小李") as client:
        answer = await client.get(address)
        assert answer.status_code == 403
        assert "不能看" in answer.text
        assert "邀请" not in answer.text
        token = csrf(answer.text)
        answer = await client.post("/hr/accounts/invite", data={"csrf": token, "name": "我", "role": "manager"})
        assert answer.status_code == 403
    assert [account.name for account in await house.accounts.everybody()] == ["小李"]


async def test_staff_see_their_own_rosters_and_managers_all(house: House, roster: Path) -> None:
    async with house.signed_in("小李") as owner, house.signed_in("小王") as other:
        address = await uploaded(owner, roster)
        for page in (address, address + "/people/2", address + "/result.xlsx"):
            assert (await other.get(page)).status_code == 404
        assert roster.name not in (await other.get("/hr")).text
        assert (
            await other.post(address + "/delete", data={"csrf": csrf((await other.get("/hr")).text)})
        ).status_code == 404
        async with house.signed_in("主任", "manager") as manager:
            assert "还差的" in (await manager.get(address)).text
        assert (await owner.get(address)).status_code == 200


async def test_a_form_without_the_sessions_token_or_from_another_site_changes_nothing(house: House) -> None:
    async with house.signed_in("主任", "manager") as client:
        token = csrf((await client.get("/hr")).text)
        wrong = {"csrf": "wrong", "name": "甲", "role": "staff"}
        assert (await client.post("/hr/accounts/invite", data=wrong)).status_code == 403
        right = wrong | {"csrf": token}
        for foreign in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            assert (await client.post("/hr/accounts/invite", data=right, headers=foreign)).status_code == 403
        assert len(await house.accounts.everybody()) == 1
        assert "登录码" in (await client.post("/hr/accounts/invite", data=right)).text
        assert len(await house.accounts.everybody()) == 2


async def test_a_roster_is_worked_through_filtered_opened_and_downloaded(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        page = (await client.get(address)).text
        assert "共 5 人" in page
        assert "&lt;b&gt;初级&lt;/b&gt;" in page
        assert "1975-13" in (await client.get(address + "/columns")).text
        for query, names in {
            "status=short": ["还差的", "初级"], "unit=二中": ["够了的", "初级"], "level=junior": ["初级"],
            "low=1": ["还差的", "读不出的", "初级"],
            "search=A3": ["免的"], "search=够": ["够了的"], "status=short&unit=二中&level=junior": ["初级"], "status=met&unit=一中": [],
        }.items():  # fmt: skip
            found = (await client.get(f"{address}?{query}")).text
            assert f"共 {len(names)} 人" in found
            assert all(name in found for name in names)
        person = (await client.get(address + "/people/2")).text
        for part in ("还差 20 学时", "2025", "从表里读到的", "一(二)", "以审验卡和审核部门认定为准"):
            assert part in person
        assert "F5" in (await client.get(address + "/people/5")).text
        for row in (99, 10**30):
            assert (await client.get(f"{address}/people/{row}")).status_code == 404
        answer = await client.get(address + "/result.xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["结果"]
        assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["A1", "A2", "A3", "A4", "A5"]
        assert "filename*=" in answer.headers["content-disposition"]


async def test_a_roster_sent_twice_out_of_one_form_is_one(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        desk = (await client.get("/hr")).text
        form = {"csrf": csrf(desk), "once": desk.split('name="once" value="')[1].split('"')[0]}
        file = {"file": (roster.name, roster.read_bytes())}
        answers = await asyncio.gather(*(client.post("/hr/rosters", data=form, files=file) for _ in range(3)))
        [address] = {answer.url.path for answer in answers}
        assert "共 5 人" in await finished(client, address)
        assert (await client.post("/hr/rosters", data=form, files=file)).url.path == address
        assert [line.action for line in await house.accounts.looked()].count("upload") == 1
        assert list((house.directory / "hr").iterdir()) == []


async def test_another_file_or_the_same_out_of_another_form_is_another_roster(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        desk = (await client.get("/hr")).text
        form = {"csrf": csrf(desk), "once": desk.split('name="once" value="')[1].split('"')[0]}
        file, other = (
            (roster.name, roster.read_bytes()),
            ("r.csv", "性别,出生年月,申报级别\n男,1985-05,初级\n".encode()),
        )
        sent = [(form, file), (form, other), (form | {"once": "x"}, file), ({"csrf": csrf(desk)}, file)] * 2
        answers = [await client.post("/hr/rosters", data=data, files={"file": file}) for data, file in sent]
        assert len({answer.url.path for answer in answers}) == 5  # out of no form of ours each is new


async def test_a_file_that_is_no_roster_says_so_on_the_page(house: House, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("甲,乙\n丙,丁\n", "utf-8")
    async with house.signed_in() as client:
        page = (await client.get(await uploaded(client, tmp_path / "r.csv"))).text
        assert "没有找到表头" in page
        answer = await client.post("/hr/rosters", data={"csrf": csrf(page)}, files={"file": ("r.exe", b"MZ")})
        assert answer.status_code == 400
        assert "不是 .xlsx 或 .csv" in answer.text


async def test_columns_taken_wrongly_are_corrected_on_the_page(house: House, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(
        "工号,性别,生于,申报级别,单位性质,2025公需,2025专业\n1,男,1985-05,初级,事业单位,3,6\n", "utf-8"
    )
    async with house.signed_in() as client:
        address = await uploaded(client, tmp_path / "r.csv")
        page = (await client.get(address)).text
        assert "没有“出生年月”" in page
        form = {"csrf": csrf(page), "column:生于": "出生年月"}
        seen = (await client.get(address + "/columns")).text
        assert "1985-05" in seen  # the first rows, as they were read
        assert '<select id="c1-3" name="column:生于">' in seen
        tried = (await client.post(address + "/columns", data=form | {"do": "try"})).text
        assert "1 人里有 1 人的结论会变：需补充变还差 1 人。" in tried
        assert "需补充" in (await client.get(address)).text  # nothing is changed by looking
        await client.post(address + "/columns", data=form)
        assert "还差" in await finished(client, address)
        assert "<option selected>出生年月</option>" in (await client.get(address + "/columns")).text


async def test_a_file_without_a_header_that_is_known_is_mapped_by_sight(house: House, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("甲,乙,丙,丁\nA1,女,1985-05,初级\n", "utf-8")
    async with house.signed_in() as client:
        address = await uploaded(client, tmp_path / "r.csv")
        page = (await client.get(address + "/columns")).text
        said = {"甲": "工号", "乙": "性别", "丙": "出生年月", "丁": "申报级别"}
        form = {"csrf": csrf(page)} | {f"column:{header}": name for header, name in said.items()}
        await client.post(address + "/columns", data=form)
        assert "共 1 人" in await finished(client, address)
        again = await uploaded(client, tmp_path / "r.csv")
        assert "已按上次同样的表读" in (await client.get(again)).text


async def test_a_cell_is_corrected_and_its_consequence_seen_first(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        person = address + "/people/2"
        page = (await client.get(person)).text
        form = {"csrf": csrf(page), "cell:Sheet1!R2": "60"}
        tried = (await client.post(person + "/cells", data=form | {"do": "try"})).text
        assert "还差的：还差 → 满足" in tried
        answer = await client.post(person + "/cells", data=form)
        assert answer.url.path == person
        assert "满足" in await finished(client, f"{address}?search=A1")
        assert '"Sheet1!R2" = "60"' in (await client.get(address + "/mapping.toml")).text
        other = await uploaded(client, roster)  # a cell of one file says nothing of the next
        assert "Sheet1" not in (await client.get(other + "/mapping.toml")).text


async def test_a_file_goes_by_the_name_it_was_uploaded_under(house: House, roster: Path, tmp_path: Path) -> None:
    (tmp_path / "坏的.xlsx").write_bytes(b"PK\3\4")
    async with house.signed_in() as client:
        assert "打不开“坏的.xlsx”" in (await client.get(await uploaded(client, tmp_path / "坏的.xlsx"))).text
        answer = await client.get(await uploaded(client, roster) + "/result.xlsx")
        summary = openpyxl.load_workbook(io.BytesIO(answer.content))["汇总"]
        assert [row[1] for row in summary.values if row[0] == "文件"] == [roster.name]


async def test_a_correction_that_no_process_can_be_given_does_not_leave_a_roster_waiting(
    house: House, roster: Path
) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        token = csrf((await client.get(address)).text)
        await client.post(address + "/people/2/cells", data={"csrf": token, "cell:Sheet1!B2": "甲\0乙"})
        await finished(client, address)
        assert "甲乙" in (await client.get(address)).text


async def test_an_account_that_cannot_be_is_not_revoked(house: House) -> None:
    async with house.signed_in("主任", "manager") as client:
        token = csrf((await client.get("/hr")).text)
        for account in ("9" * 30, "", "²", "-1"):
            answer = await client.post("/hr/accounts/revoke", data={"csrf": token, "account": account})
            assert answer.status_code == 200


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(house: House) -> None:
    async with house.signed_in() as client:
        answer = await client.post("/hr/rosters", content=b"x", headers={"content-length": str(100 << 20)})
        assert answer.status_code == 413


async def test_a_deleted_roster_is_gone_with_its_files(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        token = csrf((await client.get(address)).text)
        assert "一天内可以恢复" in (await client.post(address + "/delete", data={"csrf": token})).text
        assert (await client.get(address)).status_code == 404
        await client.post(address + "/bring-back", data={"csrf": token})
        assert (await client.get(address)).status_code == 200
        await client.post(address + "/delete", data={"csrf": token})
        house.clock.pass_by(hours=25)
        await house.store.purge(house.clock() - timedelta(days=30))
        assert roster.name not in (await client.get("/hr")).text
    assert await house.rosters.file(address.rsplit("/", 1)[1], "source") == b""


async def test_everything_is_deleted_after_the_retention_period(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        house.clock.pass_by(days=365 * 30)
        await house.store.purge(house.clock() - timedelta(days=30))
        assert await house.rosters.file(address.rsplit("/", 1)[1], "result") == b""
    assert list(await house.accounts.looked()) == []


async def test_the_log_says_who_looked_at_what(house: House, roster: Path) -> None:
    async with house.signed_in("小李") as client:
        address = await uploaded(client, roster)
        await client.get(address + "/people/2")
        await client.get(address + "/result.xlsx")
    async with house.signed_in("主任", "manager") as manager:
        page = (await manager.get("/hr/log")).text
    for part in ("小李", "看个人", "第2行 A1", "下载", "上传", "登录"):
        assert part in page
    lines = [(line.who, line.action) for line in await house.accounts.looked()]
    assert ("小李", "person") in lines
    assert ("小李", "download") in lines


async def test_the_log_says_which_roster_and_what_was_looked_for_in_plain_words(house: House, roster: Path) -> None:
    async with house.signed_in("小李") as client:
        address = await uploaded(client, roster)
        await client.get(f"{address}?status=short&unit=%E4%B8%80%E4%B8%AD&level=&search=&low=1")
    subject = next(line.subject for line in await house.accounts.looked() if line.action == "roster")
    assert subject.endswith(f"{roster.name} 还差 一中 有一年不够 第1页")


async def test_a_question_is_answered_as_for_hr(house: House) -> None:
    async with house.signed_in() as client:
        token = csrf((await client.get("/hr")).text)
        answer = await client.post("/hr/ask", data={"csrf": token, "text": "培训数据怎么传到人才信息库"})
        assert "data" in answer.text or "传输" in answer.text
        unknown = await client.post("/hr/ask", data={"csrf": token, "text": "qwzx"})
        assert "没有找到" in unknown.text


async def test_a_clause_is_found_by_its_name_and_by_its_words(house: House) -> None:
    async with house.signed_in() as client:
        assert "男满55" in (await client.get("/hr/clauses?q=一(五)1")).text
        found = (await client.get("/hr/clauses", params={"q": "破格"})).text
        assert "一(五)6" in found
        assert "一(四)7" not in found


async def test_the_template_is_the_one_of_the_command(house: House) -> None:
    async with house.signed_in() as client:
        book = openpyxl.load_workbook(io.BytesIO((await client.get("/hr/template.xlsx")).content))
    assert [cell.value for cell in book["花名册"][1]] == TEMPLATE


async def test_pages_forbid_scripts_frames_and_caches(house: House) -> None:
    async with house.signed_in() as client:
        headers = (await client.get("/hr")).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


async def test_work_that_was_cut_off_is_told_as_such(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        beat = house.clock().timestamp() - 1_000  # nobody has said anything since
        told = f'{{"state": "working", "done": 1, "total": 2, "header": [], "beat": {beat}}}'
        store = house.store.database
        await store.write(lambda connection: rosters.tell(connection, id=address.rsplit("/", 1)[1], state=told))
        assert "中断" in (await client.get(address)).text


async def test_work_is_whose_token_stands_in_the_database_until_nothing_is_heard_of_it(
    house: House, roster: Path
) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        id = address.rsplit("/", 1)[1]

        async def another_works_since(seconds: float) -> None:
            beat = house.clock().timestamp() - seconds
            told = f'{{"state": "working", "done": 1, "total": 2, "header": [], "beat": {beat}, "token": "another"}}'
            await house.store.database.write(lambda connection: rosters.tell(connection, id=id, state=told))

        async def whose() -> str:
            [kept] = await house.store.database.read(lambda connection: hr.rosters(connection, id=id))
            return str(json.loads(kept.state)["token"])

        await another_works_since(1)
        await house.rosters.again(id, roster.name, None)
        assert await whose() == "another"  # it is under way
        await another_works_since(1_000)
        await house.rosters.again(id, roster.name, None)
        assert await whose() != "another"
        await another_works_since(1)  # taken over, though this one still works
        await asyncio.gather(*house.rosters._tasks.values())
        assert await whose() == "another"
        await another_works_since(1_000)
        await house.rosters.again(id, roster.name, None)
        assert "共 5 人" in await finished(client, address)


async def test_a_wrong_correction_leaves_the_result_that_stands(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        [kept] = await house.rosters.mine(next(iter([await house.accounts.who(client.cookies["xueshi_hr"])])))
        await house.rosters.again(kept[0].id, kept[0].name, MappingFile({"没有的列": "申报级别"}))
        page = await finished(client, address)
        assert "重新核对没有成" in page
        assert "共 5 人" in page


async def test_somebody_is_the_same_person_in_next_months_file(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        first = await uploaded(client, roster)
        second = await uploaded(client, a_roster(roster.with_name("下月.xlsx")))
        people = [await house.rosters.everybody(address.rsplit("/", 1)[1]) for address in (first, second)]
        assert [one["person"] for one in people[0]] == [one["person"] for one in people[1]]
        assert len({one["person"] for one in people[0]}) == 5
        assert roster.name in (await client.get(f"{second}/people/2")).text


async def test_what_is_not_understood_is_answered_once_for_all_alike(house: House, tmp_path: Path) -> None:
    rows = [HEADERS, *[changed(工号=str(number), 单位性质="民办非企业") for number in range(3)]]
    async with house.signed_in() as client:
        address = await uploaded(client, with_xlsxwriter(tmp_path / "r.xlsx", rows))
        page = (await client.get(address)).text
        assert "有 1 处要您定一下" in page
        assert "单位性质“民办非企业” 3 人" in (await client.get(address + "/columns")).text
        form = {"csrf": csrf(page), "value:单位性质:民办非企业": "非公有制"}
        await client.post(address + "/columns", data=form)
        assert "不作限制" in await finished(client, address)
        assert "民办非企业" in (await client.get(address + "/mapping.toml")).text


async def test_what_is_filtered_is_sorted_taken_away_and_printed(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        page = (await client.get(f"{address}?order=-short_total")).text
        assert page.index("初级&lt;/b&gt;</a>") < page.index("还差的</a>")  # 30 hours missing before 20
        assert "2025公需 30" in page
        answer = await client.get(f"{address}/list.xlsx?status=short&unit=二中")
        rows = list(openpyxl.load_workbook(io.BytesIO(answer.content))["名单"].values)
        assert [row[0] for row in rows[1:]] == ["A5"]
        assert dict(zip(rows[0], rows[1], strict=True))["2025缺公需"] == 30
        printed = (await client.get(f"{address}/print?status=short")).text
        assert "2 人" in printed
        assert "够了的" not in printed
        slips = (await client.get(f"{address}/print?status=short&slips=1")).text
        assert slips.count('class="card slip"') == 2
        assert "12月31日前补2025年" in slips


async def test_units_and_levels_say_what_is_missing_and_what_is_asked(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        page = (await client.get(await uploaded(client, roster))).text
    units = page.split('id="units"')[1].split("</table>")[0]
    for part in ("二中", "初级", "公需 30", "专业 20"):
        assert part in units
    assert "出生年月 1 人" in page


async def test_a_month_is_held_against_another(house: House, roster: Path, tmp_path: Path) -> None:
    rows = [
        HEADERS, changed(工号="A1", 姓名="还差的", _2025专业=60), changed(工号="A2", 姓名="够了的", 单位="二中", _2025专业=10),
        changed(工号="A3", 姓名="免的", 性别="女", 出生年月="1970-01", _2025专业=60), changed(工号="A9", 姓名="新来的人"),
    ]  # fmt: skip
    async with house.signed_in() as client:
        first = await uploaded(client, roster)
        second = await uploaded(client, with_xlsxwriter(tmp_path / "十二月.xlsx", rows))
        page = (await client.get(f"{second}/against?other={first.rsplit('/', 1)[1]}")).text
        for turn in ("赶上了 1 人", "落下了 1 人", "新来的 1 人", "这份里没有了 2 人", "没有变的 1 人"):
            assert turn in page
        assert page.index("还差的") < page.index("够了的") < page.index("新来的人") < page.index("读不出的")


async def test_who_is_gone_is_marked_and_told_nothing(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        token = csrf((await client.get(address)).text)
        await client.post(address + "/people/2/mark", data={"csrf": token, "mark": "retired"})
        assert "已退休" in (await client.get(address)).text
        id = address.rsplit("/", 1)[1]
        assert "A1" not in [one["facts"]["id"] for one in await house.rosters.everybody(id)]
        again = await uploaded(client, a_roster(roster.with_name("下月.xlsx")))
        assert "已退休" in (await client.get(again)).text
        await client.post(address + "/people/2/mark", data={"csrf": token, "mark": ""})
        assert "已退休" not in (await client.get(again)).text


async def test_a_units_officer_sees_that_unit_alone_until_the_link_is_shut(house: House, roster: Path) -> None:
    async with house.signed_in() as client, house.visitor() as officer:
        address = await uploaded(client, roster)
        token = csrf((await client.get(address)).text)
        made = (await client.post(address + "/share", data={"csrf": token, "unit": "二中"})).text
        link = "/hr/unit/" + made.split("/hr/unit/")[1].split("<")[0]
        page = (await officer.get(link)).text
        assert "够了的" in page
        assert "还差的" not in page
        assert (await officer.get(link + "?unit=一中&status=short")).text.count("还差的") == 0
        assert (await officer.get("/hr/unit/x")).status_code == 404
        shut = (await client.get(address)).text.split('name="close" value="')[1].split('"')[0]
        await client.post(address + "/share", data={"csrf": token, "close": shut})
        assert (await officer.get(link)).status_code == 404
        other = (await client.post(address + "/share", data={"csrf": token, "unit": "三中"})).status_code
        assert other == 404
    async with house.signed_in("别人") as stranger:
        token = csrf((await stranger.get("/hr")).text)
        assert (await stranger.post(address + "/share", data={"csrf": token, "unit": "二中"})).status_code == 404


async def test_the_log_is_narrowed_and_taken_away(house: House, roster: Path) -> None:
    async with house.signed_in("小李") as client:
        await client.get(await uploaded(client, roster) + "/people/2")
    async with house.signed_in("主任", "manager") as manager:
        page = (await manager.get("/hr/log", params={"who": "小李", "action": "person"})).text
        assert "第2行 A1" in page
        assert '<td data-label="做了什么">上传</td>' not in page
        lines = (await manager.get("/hr/log.csv", params={"search": "第2行"})).text.splitlines()
    assert lines[0] == "\ufeff时间,谁,做了什么,对象"
    assert [line.split(",")[1:3] for line in lines[1:]] == [["小李", "看个人"]]


async def test_one_person_alone_is_told(house: House, roster: Path) -> None:
    async with house.signed_in() as client:
        address = await uploaded(client, roster)
        assert f"{address}/notice?only=2" in (await client.get(address + "/people/2")).text
