"""What does Baton's webhook cost without deciding? Its own web process, which leaves every inbox to others.

`python -m tests.benchmarks.door_alone FD`
"""

import sys

from adapters.handle import Handler
from adapters.web.__main__ import main


async def leave(self: Handler, business: str, subject: str, owner: str = "") -> None:
    """Decide nothing: the event is durable, and another process would find it."""


if __name__ == "__main__":
    Handler.drain = leave  # type: ignore[method-assign]
    sys.exit(main(int(sys.argv[1])))
