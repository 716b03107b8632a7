"""Signing in, the lock screen, the PIN, and what survives them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.desk.fake_central import FakeCentral
from tests.desk.parts import Parts, note

from csr_console.desk.model import Unreachable
from csr_console.desk.session import WRONG_PINS_ALLOWED
from csr_console.domain.refusals import Refusal

Given = tuple[int, dict[str, str], bytes]


@pytest.fixture
async def parts(tmp_path: Path, central: FakeCentral) -> AsyncIterator[Parts]:
    made = Parts(tmp_path / "station", central)
    yield made
    await made.close()


async def test_nobody_enters_anything_before_signing_in(parts: Parts) -> None:
    with pytest.raises(Refusal, match="sign in"):
        parts.session.author()
    with pytest.raises(Refusal, match="Check the login"):
        await parts.sign_in("mlopez", "wrong")
    assert parts.session.actor is None


@pytest.mark.parametrize("login", ["", "Robert'); DROP", "a" * 99])
async def test_an_impossible_login_is_refused_without_asking(
    parts: Parts, central: FakeCentral, login: str
) -> None:
    with pytest.raises(Refusal, match="cannot be right"):
        await parts.sign_in(login, "x")
    assert central.requests == []


async def test_a_login_is_taken_in_any_case(parts: Parts) -> None:
    await parts.sign_in(" MLopez ", "correct horse")
    assert parts.session.author().actor.login == "mlopez"


async def test_behind_the_lock_screen_nothing_is_entered_but_the_queue_drains(
    parts: Parts, central: FakeCentral
) -> None:
    await parts.sign_in()
    one = parts.enter(note(1))
    parts.session.set_pin("4417")
    parts.session.lock()
    with pytest.raises(Refusal, match="Unlock"):
        parts.session.author()
    await parts.step()
    assert central.applied == [one]
    assert parts.session.unlock_by_pin("4417").login == "mlopez"
    assert parts.session.author().actor.login == "mlopez"


async def test_after_a_restart_the_pin_unlocks_and_the_kept_token_drains(
    parts: Parts, tmp_path: Path, central: FakeCentral
) -> None:
    await parts.sign_in()
    parts.session.set_pin("4417")
    one = parts.enter(note(1))
    session = parts.session.author().session
    parts.turn.give()
    again = Parts(tmp_path / "station", central)
    assert again.session.locked
    assert again.session.last_login == "mlopez"
    assert again.session.actor is None
    again.session.unlock_by_pin("4417")
    assert again.session.author().session == session
    await again.step()
    assert central.applied == [one]
    await again.close()


async def test_after_sign_out_a_pin_still_opens_the_desk_offline(parts: Parts, central: FakeCentral) -> None:
    await parts.sign_in()
    parts.session.set_pin("4417")
    await parts.session.sign_out()
    assert parts.session.actor is None
    assert not parts.session.can_send
    parts.session.unlock_by_pin("4417", "mlopez")
    one = parts.enter(note(1))
    await parts.sign_in("jdoe", "battery")
    await parts.step()
    assert central.applied == [one]


async def test_five_wrong_pins_erase_the_cache_and_keep_the_queue(parts: Parts, central: FakeCentral) -> None:
    erased: list[bool] = []
    parts.session._erase_cache = lambda: erased.append(True)
    await parts.sign_in()
    one = parts.enter(note(1))
    parts.session.set_pin("4417")
    parts.session.lock()
    for left in range(WRONG_PINS_ALLOWED - 1, 0, -1):
        with pytest.raises(Refusal, match=f"{left} more"):
            parts.session.unlock_by_pin("1234")
    assert erased == []
    with pytest.raises(Refusal, match="What is queued is kept"):
        parts.session.unlock_by_pin("1234")
    assert erased == [True]
    with pytest.raises(Refusal, match="no PIN"):
        parts.session.unlock_by_pin("4417")
    assert parts.state(one) == "queued"
    await parts.sign_in()
    await parts.step()
    assert central.applied == [one]


async def test_wrong_pins_are_counted_across_restarts_and_forgiven_by_the_right_one(
    parts: Parts, tmp_path: Path, central: FakeCentral
) -> None:
    await parts.sign_in()
    parts.session.set_pin("4417")
    with pytest.raises(Refusal, match="4 more"):
        parts.session.unlock_by_pin("1234")
    again = Parts(tmp_path / "station", central)
    with pytest.raises(Refusal, match="3 more"):
        again.session.unlock_by_pin("1234")
    again.session.unlock_by_pin("4417")
    with pytest.raises(Refusal, match="4 more"):
        again.session.unlock_by_pin("1234")
    await again.close()


@pytest.mark.parametrize("pin", ["", "123", "1111", "12a4", "1234567890123"])
async def test_a_pin_that_is_none_is_refused(parts: Parts, pin: str) -> None:
    await parts.sign_in()
    with pytest.raises(Refusal, match="four to twelve digits"):
        parts.session.set_pin(pin)
    assert not parts.session.has_pin()


async def test_a_lost_refresh_is_asked_again_with_the_old_token(parts: Parts, central: FakeCentral) -> None:
    await parts.sign_in()
    central.expire_tokens()

    async def lose(_method: str, path: str) -> Given | None:
        return (504, {"content-type": "text/plain"}, b"") if path.endswith("/refresh") else None

    central.after = lose
    with pytest.raises(Unreachable):
        await parts.session.refresh()
    central.after = None
    assert await parts.session.refresh()
    one = parts.enter(note(1))
    await parts.step()
    assert central.applied == [one]


async def test_one_refresh_serves_everybody_who_waits_for_it(parts: Parts, central: FakeCentral) -> None:
    import asyncio

    await parts.sign_in()
    central.expire_tokens()
    calls = [parts.session.authorized(lambda: parts.gateway.changes(0, 10)) for _ in range(4)]
    pages = await asyncio.gather(*calls)
    assert len(pages) == 4
    assert central.requests.count("POST /v1/sessions/refresh") == 1


async def test_what_the_station_keeps_is_not_readable_on_disk(parts: Parts, tmp_path: Path) -> None:
    await parts.sign_in()
    parts.session.set_pin("4417")
    stored = parts.session.shift
    assert stored is not None
    for file in (tmp_path / "station").iterdir():
        data = file.read_bytes()
        assert stored.refresh_token.encode() not in data
        assert stored.seal_key.hex().encode() not in data
        assert b"mlopez" not in data
