"""Where do the lines come from that somebody types?"""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

BOLD = "\001\033[1m\002{}\001\033[0m\002"
"""Bold letters, with marks that tell the line's editor that they take no room."""


def lines(
    prompt: str, completed: Callable[[str], list[str]], show: Callable[[str], None], *, styled: bool
) -> Iterator[str]:
    """Ask for lines until the input ends; those that come from a file or a pipe are shown, so that all can be read."""
    if not sys.stdin.isatty():
        if hasattr(sys.stdin, "reconfigure"):
            sys.stdin.reconfigure(errors="replace")
        for line in sys.stdin:
            show(line.strip())
            yield line.strip()
        return
    if _edits_with(completed) and styled:
        prompt = BOLD.format(prompt)
    with suppress(EOFError):
        while True:
            yield _readable(input(prompt)).strip()


def _readable(line: str) -> str:
    """Put a sign in place of what a terminal sent and is no text."""
    return line.encode("utf-8", "replace").decode("utf-8")


def _edits_with(completed: Callable[[str], list[str]]) -> bool:
    """Let the arrows edit and repeat lines, and the tab key complete them; tell whether Python was built with that."""
    try:
        import readline  # noqa: PLC0415 - importing it is what turns it on, for `input` in this command only
    except ImportError:
        return False
    readline.set_completer_delims("")
    readline.set_completer(lambda begun, at: next(iter(completed(begun)[at : at + 1]), None))
    is_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
    return True
