"""The central REST API as an ASGI application."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

from fastapi import FastAPI

from csr_console import __version__
from csr_console.central import problems
from csr_console.central.gate import Gate
from csr_console.central.openapi import describe
from csr_console.central.routes import (
    accounts,
    approvals,
    audit,
    billing,
    commands,
    exceptions,
    feed,
    operations,
    outages,
    signin,
)
from csr_console.central.service import Central, Clock, open_central
from csr_console.central.settings import CentralSettings

AREAS = (signin, commands, accounts, outages, feed, approvals, audit, billing, exceptions, operations)


def create_app(settings: CentralSettings, *, clock: Clock | None = None) -> FastAPI:
    """The application on a prepared database (`service.prepare`). `clock` gives aware moments in the city's
    zone. Raises `SecretUnusable`."""
    return build_app(open_central(settings, clock=clock))


def create_app_from_environment() -> FastAPI:
    """The application of a worker process; the settings come from the environment of its parent."""
    return create_app(CentralSettings())


def build_app(central: Central) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with _streams_end_on_signals(central):
            yield
        await central.streams.stop()
        central.db.close()

    app = FastAPI(
        title="csr-console central",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.central = central
    for area in AREAS:
        app.include_router(area.router)
    problems.install(app)
    describe(app)
    app.add_middleware(
        Gate,
        log=central.log,
        metrics=central.metrics,
        min_desk_version=central.settings.min_desk_version,
    )
    return app


@contextmanager
def _streams_end_on_signals(central: Central) -> Iterator[None]:
    """End the streams as soon as the process is told to stop: the server waits for open responses before it
    ends the lifespan, and a stream never ends by itself. Its own handlers run after ours."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    def end() -> None:
        tasks.add(asyncio.create_task(central.streams.stop()))

    def chained(before: object) -> Callable[[int, FrameType | None], None]:
        def handle(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(end)
            if callable(before):
                before(number, frame)

        return handle

    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number, before in handlers.items():
        signal.signal(number, chained(before))
    try:
        yield
    finally:
        for number, before in handlers.items():
            signal.signal(number, before)
