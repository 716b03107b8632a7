"""The demo's network does to bytes what it says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from csr_console.demo.network import CAPTIVE_PORTAL, FaultProxy, NetworkThread, Weather


@asynccontextmanager
async def echo_through(folder: Path, weather: Weather) -> AsyncIterator[tuple[FaultProxy, Path, list[bytes]]]:
    """A server that answers each line in capitals, behind a proxy with the given weather."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            heard.append(line)
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, str(folder / "up"))
    proxy = FaultProxy(folder / "down", folder / "up", weather=weather)
    await proxy.start()
    try:
        yield proxy, folder / "down", heard
    finally:
        await proxy.stop()
        server.close()
        await server.wait_closed()


async def ask(socket: Path, text: bytes = b"power\n") -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(socket))
    try:
        writer.write(text)
        await writer.drain()
        return await asyncio.wait_for(reader.readline(), 2)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What still comes before the connection ends, by whatever way it ends."""
    try:
        return await asyncio.wait_for(reader.read(), 2)
    except ConnectionError:
        return b""


async def test_good_weather_changes_nothing(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather()) as (_, socket, heard):
        assert await ask(socket) == b"POWER\n"
        assert heard == [b"power\n"]


async def test_a_lost_answer_reached_the_server(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather(lost_answer=1)) as (proxy, socket, heard):
        assert await ask(socket) == b""
        assert heard == [b"power\n"]
        assert proxy.lost_answers == 1


async def test_a_reset_did_not_reach_the_server(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather(reset=1)) as (_, socket, heard):
        assert await ask(socket) == b""
        assert heard == []


async def test_down_refuses_and_a_captive_portal_answers_for_itself(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather(down=True)) as (proxy, socket, heard):
        assert await ask(socket) == b""
        proxy.set_weather(Weather(captive=True))
        assert await ask(socket) == CAPTIVE_PORTAL.splitlines(keepends=True)[0]
        assert heard == []


async def test_half_open_stays_silent(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather(half_open=True)) as (_, socket, heard):
        reader, writer = await asyncio.open_unix_connection(str(socket))
        writer.write(b"power\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.2)
        assert heard == []
        writer.close()


async def test_trickle_sends_the_whole_answer_byte_by_byte(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather(trickle=0.001)) as (_, socket, _heard):
        assert await ask(socket) == b"POWER\n"


async def test_cutting_the_network_drops_what_is_open(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather()) as (proxy, socket, _):
        reader, writer = await asyncio.open_unix_connection(str(socket))
        writer.write(b"a\n")
        assert await reader.readline() == b"A\n"
        proxy.set_weather(Weather(down=True))
        assert await rest(reader) == b""
        writer.close()


def test_the_thread_serves_a_blocking_caller(tmp_path: Path) -> None:
    with NetworkThread(tmp_path / "down", tmp_path / "nowhere", weather=Weather()) as network:
        network.set_weather(Weather(down=True))
        assert (tmp_path / "down").is_socket()


async def test_a_request_that_arrives_twice_is_answered_once(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather(twice=1)) as (proxy, socket, heard):
        reader, writer = await asyncio.open_unix_connection(str(socket))
        for text in (b"a\n", b"b\n"):
            writer.write(text)
            assert await reader.readline() == text.upper()
        while len(heard) < 4:
            await asyncio.sleep(0.001)
        assert sorted(heard) == [b"a\n", b"a\n", b"b\n", b"b\n"]
        assert proxy.repeated == 2
        writer.close()
        assert await rest(reader) == b""


async def test_a_stale_answer_comes_before_the_one_that_was_asked_for(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather(stale_answer=1)) as (proxy, socket, heard):
        reader, writer = await asyncio.open_unix_connection(str(socket))
        writer.write(b"a\n")
        assert await reader.readline() == b"A\n"
        writer.write(b"b\n")
        assert [await reader.readline(), await reader.readline()] == [b"A\n", b"B\n"]
        assert (proxy.stale_answers, heard) == (1, [b"a\n", b"b\n"])
        writer.close()


async def test_delay_and_jitter_make_bytes_late_and_never_change_their_order(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather(delay=0.05, jitter=0.05)) as (_, socket, _heard):
        reader, writer = await asyncio.open_unix_connection(str(socket))
        clock = asyncio.get_running_loop().time
        began = clock()
        for serial in range(20):
            writer.write(b"%d\n" % serial)
            await asyncio.sleep(0.001)
        assert [await reader.readline() for _ in range(20)] == [b"%d\n" % serial for serial in range(20)]
        assert clock() - began >= 0.05
        writer.close()


async def test_an_open_connection_falls_silent_when_it_is_half_open_and_stays_so(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather()) as (proxy, socket, heard):
        reader, writer = await asyncio.open_unix_connection(str(socket))
        writer.write(b"a\n")
        assert await reader.readline() == b"A\n"
        proxy.set_weather(Weather(half_open=True))
        writer.write(b"b\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.1)
        proxy.set_weather(Weather())
        writer.write(b"c\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.1)
        assert heard == [b"a\n"]
        assert await ask(socket) == b"POWER\n"
        writer.close()


async def test_over_tcp_a_cut_is_a_reset(tmp_path: Path) -> None:
    async with echo_through(tmp_path, Weather()) as (_, _socket, _heard):
        proxy = FaultProxy(("127.0.0.1", 0), tmp_path / "up", weather=Weather())
        await proxy.start()
        assert isinstance(proxy.listen, tuple)
        reader, writer = await asyncio.open_connection(*proxy.listen)
        writer.write(b"a\n")
        assert await reader.readline() == b"A\n"
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 2)
        writer.close()
        await proxy.stop()
