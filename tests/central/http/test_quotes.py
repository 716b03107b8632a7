"""Quotes over HTTP: the same cents as the book gives, for whoever may read an account."""

from typing import Any

MAY = {
    "book": "gru",
    "schedule": "E-RES",
    "from_read_on": "2015-04-29",
    "to_read_on": "2015-05-30",
    "usage": "903",
    "premise": {"location": "inside"},
}


async def test_a_quote_has_lines_taxes_and_reasons(specialist: Any) -> None:
    answer = await specialist.post("/v1/quotes", MAY)
    assert answer.status_code == 200
    assert (answer.json()["total_cents"], answer.json()["taxes_cents"]) == (13374, 896)
    assert answer.json()["lines"][3]["why"]["arithmetic"] == "153 kWh × 0.084 = 12.852 → 12.85"


async def test_what_cannot_be_quoted_is_a_problem(edge: Any, specialist: Any) -> None:
    for changed, status, code in (
        ({"book": "none"}, 404, "not-found"),
        ({"schedule": "E-NONE"}, 404, "not-found"),
        ({"premise": {}}, 409, "not-rated"),
        ({"usage": 903.5}, 422, "invalid"),
        ({"usage": "-1"}, 409, "not-rated"),
        ({"to_read_on": "2015-04-29"}, 422, "invalid"),
        ({"more": "1"}, 422, "invalid"),
    ):
        answer = await specialist.post("/v1/quotes", MAY | changed)
        assert (answer.status_code, answer.json()["code"]) == (status, code), changed
    administrator = await edge.sign_in("administrator")
    assert (await administrator.post("/v1/quotes", MAY)).status_code == 403
