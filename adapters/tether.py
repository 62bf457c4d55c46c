"""End a child process when its parent is gone, even when the parent was killed."""

import os
import signal
import sys
import threading


def tether() -> None:
    """Watch the standard input, which the parent holds open: its end means that there is no parent any more."""
    threading.Thread(target=_watch, daemon=True, name="tether").start()


def _watch() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
