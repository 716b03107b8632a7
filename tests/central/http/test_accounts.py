"""Reading and finding accounts, and uncovering what is masked."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from csr_console.central.tables import accounts
from csr_console.central.tables.journal import journal
from csr_console.domain.accounts.commands import AddNote


def journalled(edge: Any, act: str) -> list[dict[str, Any]]:
    with edge.central.db.read() as connection:
        rows = connection.execute(select(journal).where(journal.c.act == act).order_by(journal.c.id))
        return [dict(row) for row in rows.mappings()]


async def test_an_account_is_sent_again_only_when_it_changed(
    edge: Any, specialist: Any, numbers: list[str]
) -> None:
    first = await specialist.get(f"/v1/accounts/{numbers[0]}")
    tag = first.headers["etag"]
    assert first.json()["entry"]["account"] == numbers[0]
    assert first.headers["cache-control"] == "private, no-cache"
    for given in (tag, f"W/{tag}", f'"other", {tag}'):
        same = await specialist.get(f"/v1/accounts/{numbers[0]}", headers={"if-none-match": given})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    await specialist.do(AddNote(account=numbers[0], text="Gate code changed."))
    changed = await specialist.get(f"/v1/accounts/{numbers[0]}", headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_the_tag_is_the_reader_s_own(edge: Any, specialist: Any, numbers: list[str]) -> None:
    from csr_console.domain.accounts.commands import VerifyCaller
    from csr_console.domain.accounts.verification import Factor

    lead = await edge.sign_in("lead")
    tag = (await lead.get(f"/v1/accounts/{numbers[0]}")).headers["etag"]
    await lead.do(VerifyCaller(account=numbers[0], factors=(Factor.PHOTO_ID,)))
    verified = await lead.get(f"/v1/accounts/{numbers[0]}", headers={"if-none-match": tag})
    assert (verified.status_code, verified.json()["verified_level"]) == (200, 2)
    edge.clock.pass_(hours=2)
    lead = await edge.sign_in("lead")
    later = await lead.get(f"/v1/accounts/{numbers[0]}", headers={"if-none-match": verified.headers["etag"]})
    assert (later.status_code, later.json()["verified_level"]) == (200, 0)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"account": "10048277"}, [0]),
        ({"account": "100482"}, [0, 1, 2, 3, 4, 5]),
        ({"account": "999"}, []),
        ({"phone": "(850) 555-0142"}, [2]),
        ({"meter": "E1000001"}, [1]),
        ({"name": "PERSON 1"}, [1, 5]),
        ({"name": "person"}, [0, 4, 1, 5, 2, 3]),
        ({"name": "per%on"}, []),
        ({"name": "p_rson"}, []),
        ({"name": "erson"}, []),
        ({"name": "person", "limit": 2}, [0, 4]),
    ],
)
async def test_search_by_one_thing_the_caller_said(
    specialist: Any, numbers: list[str], search: dict[str, Any], found: list[int]
) -> None:
    answer = await specialist.post("/v1/accounts/search", search)
    assert answer.status_code == 200, answer.text
    assert [entry["account"] for entry in answer.json()["items"]] == [numbers[index] for index in found]


@pytest.mark.parametrize(
    "search", [{}, {"name": "P"}, {"name": "Person", "phone": "8505550142"}, {"account": "12"}, {"ssn": "1"}]
)
async def test_a_search_for_nothing_or_two_things_is_refused(specialist: Any, search: dict[str, Any]) -> None:
    assert (await specialist.post("/v1/accounts/search", search)).status_code == 422


async def test_names_of_other_alphabets_are_found_by_their_start(
    edge: Any, specialist: Any, numbers: list[str]
) -> None:
    with edge.central.db.write() as connection:
        connection.execute(
            insert(accounts.person).values(
                office="main", person="px", name="Ñandú Ærø", name_key="ñandú ærø", kind="residential"
            )
        )
        connection.execute(
            accounts.account.update().where(accounts.account.c.account == numbers[2]).values(person="px")
        )
    answer = await specialist.post("/v1/accounts/search", {"name": "ÑANDÚ  æ"})
    assert [entry["account"] for entry in answer.json()["items"]] == [numbers[2]]


async def test_searches_are_limited_and_journalled(edge: Any, specialist: Any, numbers: list[str]) -> None:
    answers = [await specialist.post("/v1/accounts/search", {"account": numbers[0]}) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert answers[-1].json()["code"] == "too-many"
    assert int(answers[-1].headers["retry-after"]) >= 1
    lines = journalled(edge, "account.searched")
    assert len(lines) == 30
    assert lines[0]["detail"] == f'{{"by":"account","found":["{numbers[0]}"]}}'
    lead = await edge.sign_in("lead")
    assert (await lead.post("/v1/accounts/search", {"account": numbers[0]})).status_code == 200


async def test_the_roster_goes_on_where_the_page_ended(specialist: Any, numbers: list[str]) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (
            await specialist.get(
                "/v1/accounts", params={"limit": 4, **({"cursor": cursor} if cursor else {})}
            )
        ).json()
        seen += [entry["account"] for entry in page["items"]]
        cursor = page["next"]
    assert seen == numbers


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/outages/reports", "/v1/audit", "/v1/snapshot"])
async def test_a_cursor_of_no_list_is_refused(edge: Any, path: str) -> None:
    desk = await edge.sign_in("supervisor")
    answer = await desk.get(path, params={"cursor": "bm90IGEgY3Vyc29y"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_a_revealed_field_is_journalled_before_it_is_shown(
    edge: Any, specialist: Any, numbers: list[str]
) -> None:
    asked = {"field": "phone_1", "reason": "Customer asks which number we call"}
    shown = await specialist.post(f"/v1/accounts/{numbers[2]}/reveal", asked)
    assert shown.json() == {"field": "phone_1", "value": "8505550142"}
    (line,) = journalled(edge, "account.revealed")
    assert (line["actor"], line["subject"], line["station"]) == ("specialist", numbers[2], "SSPECIA")
    assert "Customer asks" in line["detail"]
    assert "8505550142" not in line["detail"]
    without = await specialist.post(f"/v1/accounts/{numbers[2]}/reveal", {"field": "phone_1"})
    assert without.status_code == 422


async def test_auditors_read_the_journal_page_by_page(edge: Any, specialist: Any, numbers: list[str]) -> None:
    for _ in range(5):
        await specialist.post("/v1/accounts/search", {"account": numbers[0]})
    auditor = await edge.sign_in("auditor")
    first = (await auditor.get("/v1/audit/journal", params={"limit": 4})).json()
    second = (await auditor.get("/v1/audit/journal", params={"limit": 4, "cursor": first["next"]})).json()
    lines = first["items"] + second["items"]
    assert len({line["id"] for line in lines}) == 7
    assert sorted({line["act"] for line in lines}) == ["account.searched", "session.opened"]


async def test_auditors_read_the_log_as_it_is_chained(edge: Any, specialist: Any, numbers: list[str]) -> None:
    for index in range(3):
        await specialist.do(AddNote(account=numbers[0], text=f"Note {index}."))
    auditor = await edge.sign_in("auditor")
    first = (await auditor.get("/v1/audit", params={"limit": 2})).json()
    rest = (await auditor.get("/v1/audit", params={"limit": 2, "cursor": first["next"]})).json()
    rows = first["items"] + rest["items"]
    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert [row["prev_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:2]]
    assert rows[2]["body"]["envelope"]["command"]["text"] == "Note 2."
    assert rows[2]["outcome"]["state"] == "applied"
    head = (await auditor.get("/v1/audit/head")).json()
    assert (head["seq"], head["hash"]) == (3, rows[2]["hash"])
    second = (await auditor.get("/v1/audit/head", params={"seq": 2})).json()
    assert second["hash"] == rows[1]["hash"]
    beyond = await auditor.get("/v1/audit/head", params={"seq": 4})
    assert beyond.status_code == 404
