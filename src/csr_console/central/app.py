"""The central REST API as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from csr_console import __version__
from csr_console.central import problems
from csr_console.central.gate import Gate
from csr_console.central.openapi import describe
from csr_console.central.routes import (
    accounts,
    approvals,
    audit,
    commands,
    feed,
    operations,
    outages,
    signin,
)
from csr_console.central.service import Central, Clock, open_central
from csr_console.central.settings import CentralSettings


AREAS = (signin, commands, accounts, outages, feed, approvals, audit, operations)


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
