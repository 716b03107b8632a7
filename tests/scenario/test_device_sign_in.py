"""Signing in without a password: the code on the screen, the provider on a socket, the desk afterwards."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.faults.issuer import CLIENT, Issuer, serving
from tests.scenario.others import offline, online, screen_name
from tests.scenario.test_call import open_caller
from tests.scenario.test_sign_in import set_pin, sign_in
from tests.scenario.town import Console, Town

from csr_console.demo.prepared import DemoCity


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    person = {"sub": "4711", "preferred_username": "colleague@example.gov"}
    with serving(Issuer(lambda: datetime.now(UTC), interval=1, person=person)) as issuer:
        yield issuer


@pytest.fixture
def town(city: DemoCity, tmp_path: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """The town, whose central knows the provider."""
    for name, value in (
        ("ISSUER", issuer.address),
        ("CLIENT_ID", CLIENT),
        ("NAME", "City ID"),
        ("SUFFIX", "@example.gov"),
    ):
        monkeypatch.setenv(f"CSR_CENTRAL_OIDC_{name}", value)
    with Town(city, tmp_path) as town:
        yield town


async def ask_for_a_code(console: Console) -> None:
    """F4 on the sign-in screen, once it says that there is another way in."""
    await console.until(lambda: "F4  without a password: City ID" in console.text)
    await console.press("f4")
    assert screen_name(console) == "DeviceScreen"


async def test_a_code_signs_in_and_everything_goes_on_as_with_a_password(town: Town, issuer: Issuer) -> None:
    issuer.answers = ["authorization_pending", "granted"]
    async with town.console() as console:
        await console.type("signout<")
        await ask_for_a_code(console)
        for words in ("Sign in with City ID", f"{issuer.address}/enter", "W D J B - M J H T", " left · Esc"):
            assert words in console.text
        await console.until(lambda: screen_name(console) == "HomeScreen")
        await console.until(lambda: "Sam Whitaker" in console.text)
        await set_pin(console)
        await offline(console, town)
        await console.type(f"{town.fact('caller')['phone']}_out_a_n<")
        await console.type("/lock<4417<")
        assert screen_name(console) == "WorkspaceScreen"
        await online(console, town)
        assert [(item.actor, item.state) for item in console.app.desk.queue()] == [("colleague", "applied")]


async def test_esc_leaves_the_code_and_a_late_yes_signs_nobody_in(town: Town, issuer: Issuer) -> None:
    issuer.answers = ["authorization_pending"]
    async with town.console() as console:
        await console.type("signout<")
        await ask_for_a_code(console)
        await console.press("escape")
        assert screen_name(console) == "SignInScreen"
        assert console.said == "Left: that code signs nobody in here any more."
        asked = issuer.paths("/token")
        issuer.answers = ["granted"]
        await sign_in(console, town, "demo")
        await console.until(lambda: "Dana Reyes" in console.text)
        assert issuer.paths("/token") == asked
        assert console.app.desk.actor is not None
        assert console.app.desk.actor.login == "demo"


async def test_at_the_lock_the_code_opens_it_for_whoever_it_is(town: Town) -> None:
    async with town.console() as console:
        person = await open_caller(console, town)
        await console.type("L")
        await ask_for_a_code(console)
        assert person["name"] not in console.text
        await console.until(lambda: screen_name(console) == "HomeScreen")
        await console.until(lambda: "Sam Whitaker" in console.text)
        assert person["name"] not in console.text


async def test_the_same_clerk_comes_back_to_where_they_were(town: Town, issuer: Issuer) -> None:
    issuer.person["preferred_username"] = "demo@example.gov"
    async with town.console() as console:
        person = await open_caller(console, town)
        await console.type("L")
        await ask_for_a_code(console)
        await console.until(lambda: screen_name(console) == "WorkspaceScreen")
        assert person["name"] in console.text


NOES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"answers": ["access_denied"]}, "The sign-in was declined at City ID. Begin again, or sign in with"),
    ({"answers": ["authorization_pending"], "expires_in": 2}, "The code has run out before it was entered."),
    ({"claims": {"aud": "another"}}, "What City ID sent cannot be verified: tell support."),
    (
        {"person": {"sub": "1", "preferred_username": "stranger@example.gov"}},
        "City ID knows you as stranger, but nobody may sign in as that here. Ask an administrator",
    ),
)


async def test_every_no_is_a_sentence(town: Town, issuer: Issuer) -> None:
    usual = {name: getattr(issuer, name) for changes, _ in NOES for name in changes}
    async with town.console() as console:
        await console.type("signout<")
        for changes, said in NOES:
            vars(issuer).update({**usual, **changes})
            await ask_for_a_code(console)
            await console.until(lambda said=said: console.said.startswith(said))  # type: ignore[misc]
            assert screen_name(console) == "SignInScreen"
            assert console.app.desk.actor is None


async def test_a_network_that_breaks_meanwhile_costs_nothing(town: Town, issuer: Issuer) -> None:
    async with town.console() as console:
        await console.type("signout<")
        await ask_for_a_code(console)
        town.set_weather("down")
        await console.until(lambda: "Central cannot be reached." in console.text)
        assert screen_name(console) == "DeviceScreen"
        town.set_weather("good")
        await console.until(lambda: "Sam Whitaker" in console.text)


async def test_without_the_network_f4_says_what_is_left(town: Town) -> None:
    async with town.console() as console:
        await offline(console, town)
        await console.type("signout<")
        await console.press("f4")
        assert console.said == "Central is not reached: only a PIN opens this desk now."
        assert "City ID" not in console.text
        await online(console, town)
        await ask_for_a_code(console)
