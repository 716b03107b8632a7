"""What bill runs found over HTTP: unchanged it is not sent again, and another office sees nothing of it. What
waits for a second person says why a reader may not decide it, until it waits no more."""

from typing import Any

from csr_console.central.tables.billing import bill_exception
from csr_console.domain.accounts.commands import UpdateContact, VerifyCaller
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.billing.commands import SettleException
from csr_console.domain.billing.exceptions import ExceptionCode

RUN = "2026-08-30"


def find(edge: Any, account: str, *services: str) -> None:
    """What a run found of an account, as `run-bills` leaves it."""
    row = {"office": "main", "run": RUN, "account": account, "code": "high-use", "found_on": RUN}
    rows = [{**row, "service": service, "sentence": "66.7 a day."} for service in services]
    with edge.central.db.write() as connection:
        connection.execute(bill_exception.insert(), rows)


def settled(account: str, service: str) -> SettleException:
    code = ExceptionCode.HIGH_USE
    return SettleException(account=account, run=RUN, service=service, code=code, reason="Heat pump")


async def test_it_is_sent_whole_when_it_has_changed_and_only_then(edge: Any, numbers: list[str]) -> None:
    find(edge, numbers[0], "electric", "water")
    desk = await edge.sign_in("specialist")
    first = await desk.get("/v1/bill-exceptions?limit=1")
    assert [one["service"] for one in first.json()["items"]] == ["electric"]
    assert first.json()["counts"] == [{"code": "high-use", "waiting": 2}]

    async def again() -> Any:
        asked = {**desk.headers, "if-none-match": first.headers["etag"]}
        return await edge.http.get("/v1/bill-exceptions?limit=1", headers=asked)

    assert (await again()).status_code == 304
    # of what stands on the next page the first says so too
    command = settled(numbers[0], "water")
    done = await desk.do(command, expects={command.resource: 1})
    assert done.status_code == 201
    assert done.json()["result"]["versions"] == {command.resource: 2}
    changed = await again()
    assert (changed.status_code, changed.json()["counts"]) == (200, [{"code": "high-use", "waiting": 1}])
    which = await desk.get("/v1/bill-exceptions?which=settled")
    assert [(one["service"], one["settled_by"]) for one in which.json()["items"]] == [("water", "specialist")]


async def test_another_office_neither_reads_nor_settles_it(edge: Any, numbers: list[str]) -> None:
    find(edge, numbers[0], "electric")
    edge.hire("olga", "supervisor", "north")
    desk = await edge.sign_in("olga")
    assert (await desk.get("/v1/bill-exceptions?which=all")).json()["items"] == []
    command = settled(numbers[0], "electric")
    refused = await desk.do(command, expects={command.resource: 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "other-office")


async def test_what_is_asked_wrongly_is_not_understood(edge: Any, numbers: list[str]) -> None:
    desk = await edge.sign_in("auditor")
    for query in ("which=mine", "code=lost", "limit=0", "cursor=bm90aGluZw"):
        answer = await desk.get(f"/v1/bill-exceptions?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), query


async def test_the_list_of_approvals_says_who_may_not_and_ends_with_five_days(
    edge: Any, numbers: list[str]
) -> None:
    lead = await edge.sign_in("lead")
    fraud = numbers[3]
    await lead.do(VerifyCaller(account=fraud, factors=(Factor.PHOTO_ID,)))
    change = UpdateContact(account=fraud, email="new@example.org")
    assert (await lead.do(change, expects={f"contact:{fraud}": 1})).status_code == 202
    (own,) = (await lead.get("/v1/approvals")).json()["items"]
    assert own["why_not"] == "You entered this command yourself. Another person has to approve it."
    supervisor = await edge.sign_in("supervisor")
    (other,) = (await supervisor.get("/v1/approvals")).json()["items"]
    assert (other["why_not"], other["amount_cents"]) == ("", None)
    assert other["expires_at"].startswith("2026-09-04T")
    edge.clock.pass_(days=5, seconds=1)
    late = await edge.sign_in("manager")
    assert (await late.get("/v1/approvals")).json()["items"] == []
