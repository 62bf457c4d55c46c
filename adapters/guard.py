"""What ends the store's server when its owner is gone?

`adapters/embedded.py` starts this file as a program between itself and the server, in a session of its own.
Its standard input is a pipe that only the owner holds: however the owner ends, the pipe closes, and the server is asked
to end too. Should the guard itself be killed, the Linux kernel asks the server to end.

Nothing of Baton is imported here, so that a guard costs ten milliseconds and a few megabytes.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

STDIN = 0
GRACE_SECONDS = 30
PR_SET_PDEATHSIG = 1
"""Of Linux: which signal a process gets when its parent dies. https://man7.org/linux/man-pages/man2/prctl.2.html"""


def main(command: list[str]) -> None:
    """Run the server until it ends, or until nobody holds the other end of standard input."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    server = subprocess.Popen(  # noqa: S603 - the command comes from adapters/embedded.py
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        close_fds=False,  # the server holds the lock of its folder for as long as it lives
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - there is no second thread yet
    )
    threading.Thread(target=_end_when_left, args=[server], daemon=True).start()
    server.wait()


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end_when_left(server: subprocess.Popen[bytes]) -> None:
    while os.read(STDIN, 1):
        pass
    server.terminate()
    try:
        server.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


if __name__ == "__main__":
    main(sys.argv[1:])
