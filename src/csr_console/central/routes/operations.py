"""For those who run the service: is it alive, is it ready, how fast, which version."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from csr_console import __version__
from csr_console.central.routes.access import central_of

router = APIRouter(tags=["operations"])


class About(BaseModel):
    """Which service this is; asks nothing of the database, so that a desk may ask every few seconds."""

    service: str = "csr-console-central"
    version: str = __version__
    desk_minimum: str


class Health(BaseModel):
    status: str = "ok"


@router.get("/v1/about")
async def about(request: Request) -> About:
    """The version of the service and the oldest workstation it talks to."""
    return About(desk_minimum=central_of(request).settings.min_desk_version)


@router.get("/livez")
async def live() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz")
def ready(request: Request) -> Health:
    """The database answers too. 503 when it does not."""
    central_of(request).require_ready()
    return Health()


@router.get("/metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Prometheus metrics; they name kinds, routes and offices, never a person."""
    return Response(central_of(request).metrics.page(), media_type=CONTENT_TYPE_LATEST)
