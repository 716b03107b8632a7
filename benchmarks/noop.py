"""Run as a program: a route that does nothing, served as central is; the floor of what HTTP can cost."""

import argparse
from uuid import UUID

import uvicorn
from fastapi import FastAPI, Response

app = FastAPI(openapi_url=None)


@app.put("/v1/commands/{command_id}")
def put_command(command_id: UUID) -> Response:
    return Response(b"{}", status_code=201, media_type="application/json")


@app.post("/v1/commands:batch")
def post_batch() -> Response:
    return Response(b"{}", media_type="application/json")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--uds", required=True)
    given, _ = parser.parse_known_args()
    uvicorn.run(app, uds=given.uds, log_level="warning", access_log=False)
