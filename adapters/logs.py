"""Where do log lines go, and what may they hold?

To the standard error, as JSON or, for a person at a terminal, in colours. No line holds what somebody wrote, who they
are, or a secret: an exception is told by its type and place, never by its words; of what other libraries say only the
fixed beginning is kept; and an id of Meta's, which has the phone number inside, is told by its digest.
"""

import hashlib
import logging
import re
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict

LINES_MOST = 8
WORDS_MOST = 120

_WAMID = re.compile(r"wamid\.[\w+/=-]+")
_FIXED = re.compile(rf"[A-Za-z ,.'%_-]{{0,{WORDS_MOST}}}")


def configure() -> None:
    """Let every log line of this process, and of the libraries in it, go to the standard error."""
    at_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            _place_of_exception,
            _digest_of_ids,
            structlog.dev.ConsoleRenderer() if at_terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=_Stderr()),  # type: ignore[arg-type]  # all it needs
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)


class _Stderr:
    """The standard error; that nobody reads it any more must not stop the service."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


class _Libraries(logging.Handler):
    """What other libraries log, as lines of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        said = _FIXED.match(str(record.msg))
        place = f"{record.module}:{record.lineno}"
        structlog.get_logger().log(
            record.levelno,
            "library",
            library=record.name,
            says=said[0].strip() if said else "",
            place=place,
            exc_info=record.exc_info,
        )


def _place_of_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    found = given if isinstance(given, BaseException) else sys.exc_info()[1] if given is True else None
    if isinstance(given, tuple):
        found = given[1]
    if found is not None:
        frames = traceback.extract_tb(found.__traceback__)[-LINES_MOST:]
        event["error"] = type(found).__name__
        event["at"] = [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames]
    return event


def _digest_of_ids(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {name: _WAMID.sub(_digest, value) if isinstance(value, str) else value for name, value in event.items()}


def _digest(found: re.Match[str]) -> str:
    return f"wamid~{hashlib.blake2b(found[0].encode(), digest_size=6).hexdigest()}"
