"""One web process: serves the application on a socket that its parent opened."""

import socket
import sys

import uvicorn

from adapters import logs
from adapters.tether import tether
from adapters.web.app import create
from adapters.web.edge import Edge


def main(descriptor: int) -> int:
    """Serve until told to stop; the socket stays the parent's, so a new process can go on with it."""
    logs.configure()
    config = uvicorn.Config(
        create(),
        http=Edge,
        ws="none",
        proxy_headers=False,  # who forwards a request may claim anything; nothing here asks
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="error",
        timeout_graceful_shutdown=5,
    )
    tether()
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
