"""Signing in, the lock, and one desk handed from clerk to clerk."""

from tests.scenario.others import offline, online, screen_name
from tests.scenario.test_call import open_caller
from tests.scenario.town import Console, Town


async def set_pin(console: Console, pin: str = "4417") -> None:
    await console.type(f"/pin<{pin}<{pin}<")
    await console.until(lambda: "The PIN is set" in console.said)


async def sign_in(console: Console, town: Town, login: str) -> None:
    """Login and password, key by key; a password may hold any sign."""
    await console.press("ctrl+u", *login, "enter", *town.city.passwords[login], "enter")


async def test_a_wrong_password_is_said_and_the_right_one_lets_in(town: Town) -> None:
    async with town.console() as console:
        await console.type("signout<")
        assert screen_name(console) == "SignInScreen"
        await console.type("lead<wrong-password<")
        assert "Check the login and the password." in console.said
        assert "wrong-password" not in console.text
        assert screen_name(console) == "SignInScreen"
        await console.press(*town.city.passwords["lead"], "enter")
        assert screen_name(console) == "HomeScreen"
        await console.until(lambda: "Robin Akers · lead" in console.text)


async def test_the_lock_hides_the_customer_and_the_pin_brings_the_screen_back(town: Town) -> None:
    async with town.console() as console:
        person = await open_caller(console, town)
        await set_pin(console)
        await console.type("L")
        assert screen_name(console) == "LockScreen"
        for secret in (person["name"], person["street"], person["phone"][-4:]):
            assert secret not in console.text
        assert "Locked · Dana Reyes" in console.text
        await console.type("1111<")
        assert "That PIN does not fit; 4 more tries" in console.said
        await console.type("4417<")
        assert screen_name(console) == "WorkspaceScreen"
        assert person["name"] in console.text


async def test_without_a_pin_the_password_unlocks(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("L")
        await console.press(*town.city.passwords["demo"], "enter")
        assert screen_name(console) == "WorkspaceScreen"


async def test_the_pin_unlocks_without_the_network(town: Town) -> None:
    async with town.console() as console:
        await set_pin(console)
        await offline(console, town)
        await console.type("lock<4417<")
        assert screen_name(console) == "HomeScreen"
        assert not console.app.desk.locked


async def test_without_pin_and_network_the_lock_says_what_is_needed(town: Town) -> None:
    async with town.console() as console:
        await offline(console, town)
        await console.type("lock<")
        await console.press(*town.city.passwords["demo"], "enter")
        assert console.said == (
            "Central is not reached: a password needs the network, and demo has no PIN here yet."
        )
        assert screen_name(console) == "LockScreen"


async def test_no_key_leads_past_the_lock(town: Town) -> None:
    async with town.console() as console:
        person = await open_caller(console, town)
        await console.type("L")
        for key in (
            "f9",
            "ctrl+k",
            "ctrl+p",
            "f5",
            "f6",
            "ctrl+z",
            "escape",
            "f3",
            "f12",
            "f1",
            "grave_accent",
        ):
            await console.press(key)
            assert screen_name(console) == "LockScreen"
            assert person["name"] not in console.text


async def test_what_central_says_meanwhile_is_not_said_on_the_lock(town: Town) -> None:
    async with town.console() as console:
        person = await open_caller(console, town)
        await offline(console, town)
        await console.type("/note_dog_in_yard<")
        await console.type("L")
        await online(console, town)
        assert person["name"] not in console.text
        assert "dog" not in console.text


async def test_two_pins_that_differ_are_not_taken(town: Town) -> None:
    async with town.console() as console:
        await console.type("pin<12<")
        assert "Four to twelve digits." in console.text
        await console.press("ctrl+u")
        await console.type("4417<4418<")
        assert "That is another PIN." in console.text
        await console.press("escape")
        assert not console.app.desk.has_pin()


async def test_a_shift_change_shows_nothing_of_the_clerk_before(town: Town) -> None:
    async with town.console() as console:
        person = await open_caller(console, town)
        await console.type("/note_dog_in_yard<")
        await console.type("/signout<")
        await sign_in(console, town, "colleague")
        await console.until(lambda: "Sam Whitaker" in console.text)
        assert person["name"] not in console.text
        assert "No customer is open." in console.text
        assert console.app.lines == []
        await console.press("f9")
        assert console.said == "No customer is open."


async def test_a_colleague_takes_over_at_the_lock(town: Town) -> None:
    async with town.console() as console:
        person = await open_caller(console, town)
        await console.type("L")
        await console.press("shift+tab")
        await sign_in(console, town, "colleague")
        assert screen_name(console) == "HomeScreen"
        await console.until(lambda: "Sam Whitaker" in console.text)
        assert person["name"] not in console.text


async def test_a_queue_left_over_is_said_to_who_comes_and_goes_out_under_them(town: Town) -> None:
    async with town.console() as console:
        await set_pin(console)
        await console.type("signout<")
        await sign_in(console, town, "colleague")
        await console.until(lambda: screen_name(console) == "HomeScreen")
        await offline(console, town)
        await console.type(f"{town.fact('caller')['phone']}_out_a_n<")
        await console.type("/signout<")
        await console.press(*"demo", "enter", *"4417", "enter")
        assert screen_name(console) == "HomeScreen"
        assert console.said == (
            "1 command left here in the queue: q shows them. A password sends them, a PIN does not."
        )
        town.set_weather("good")
        await console.until(lambda: "online" in console.lines[-1])
        await console.type("signin<")
        await sign_in(console, town, "demo")
        await console.until(lambda: [item.state for item in console.app.desk.queue()] == ["applied"])
        assert console.app.desk.queue()[0].actor == "colleague"
