"""Serving the page on this machine: the loopback address only, a free port, one process.

Accepted: this is a workplace's page, not a public site. Over a network it stands behind a TLS proxy or a tunnel.
"""

from __future__ import annotations

from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

HOST = "127.0.0.1"
# Connections at a time; what comes beyond is told to come back.
MOST_CONNECTIONS = 256


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[int], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(None)
        if self.started:
            self._ready(int(self.servers[0].sockets[0].getsockname()[1]))


def serve(app: ASGIApp, ready: Callable[[int], None], *, port: int = 0) -> None:
    """Serve until interrupted; ready is called with the port once the page can be reached. port 0 is any free one."""
    config = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=5,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=32 * 1024,
        ws="none",
        lifespan="off",
    )
    _Server(config, ready).run()
