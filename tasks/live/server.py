"""`Server`: the application on a port of loopback, in a thread of its own.

`python -m tasks.live.server FOLDER` shows the one run whose process started it, over its channel.
"""

import os
import secrets
import sys
import threading
from functools import partial
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tasks.harness.player import page, player
from tasks.live.api import ROUTES
from tasks.live.attached import Attached
from tasks.live.channel import Channel
from tasks.live.description import openapi
from tasks.live.runs import Runs
from tasks.loopback import HOST, Guard, listening

ENDING_S = 1.0
"""How long pages get to read the last events when the server ends."""


class Server:
    """Serves within a `with` block; `link` leads to the list of runs, and `link_to` to a run."""

    def __init__(self, runs: Runs, port: int = 0) -> None:
        """Takes the port; 0 is any free one. Raises UsageError if it is taken."""
        self._runs = runs
        self._socket = listening(port)
        self.port: int = self._socket.getsockname()[1]
        self.token = secrets.token_urlsafe(24)
        config = uvicorn.Config(
            Guard(application(runs), self.token, self.port),
            log_level="error",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=int(ENDING_S),
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="server", daemon=True)

    @property
    def link(self) -> str:
        return f"http://{HOST}:{self.port}/?token={self.token}"

    def link_to(self, run: str) -> str:
        return f"http://{HOST}:{self.port}/runs/{run}?token={self.token}"

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._runs.close()
        self._server.should_exit = True
        self._thread.join(2 * ENDING_S + 1)
        self._socket.close()


def application(runs: Runs) -> Starlette:
    """The pages and the interface, without the guard."""
    routes = [Route(each.path, partial(each.handle, runs), methods=[each.method]) for each in ROUTES]
    pages = [Route("/", partial(_home, runs)), Route("/runs/{run}", partial(_run, runs))]
    description = Route("/api/openapi.json", _openapi)
    return Starlette(routes=[*pages, description, *routes], exception_handlers={404: _absent, 405: _absent})


async def _home(runs: Runs, request: Request) -> Response:
    return HTMLResponse(page(("runs",), "Screenhand", live=True, data="{}"))


async def _run(runs: Runs, request: Request) -> Response:
    name = request.path_params["run"]
    if runs.find(name) is None:
        return JSONResponse({"error": "There is no such run."}, 404)
    return HTMLResponse(player("Screenhand", home="/" if runs.starting else "", api=f"/api/runs/{name}"))


async def _openapi(request: Request) -> Response:
    return JSONResponse(openapi())


async def _absent(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "There is nothing at this address."}, 404)


def main() -> None:
    """Shows one run, in the folder that is named, to whoever has the link that goes over the channel."""
    folder = Path(sys.argv[1])
    channel = Channel.of_parent()
    attached = Attached(channel)
    runs = Runs(folder.parent, None, only=folder.name)
    runs.attach(folder.name, attached)
    with Server(runs) as server:
        channel.send("link", link=server.link_to(folder.name))
        attached.over.wait()


if __name__ == "__main__":
    main()
    os._exit(0)  # the threads of the channel may still wait
