"""One web process: serves the application on a socket that its parent opened."""

import socket
import sys

import uvicorn

from adapters.tether import tether
from adapters.web.app import create


def main(descriptor: int) -> int:
    """Serve until told to stop; the socket stays the parent's, so a new process can go on with it."""
    config = uvicorn.Config(
        create(),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=16 * 1024,
    )
    tether()
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
